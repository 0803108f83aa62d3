"""`slm-net validate`: every problem in spec files, each at its place, with what to write instead."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TextIO

from slm_net.cli.files import STDIN, Exclude, Input, find_files, read_input, spelled
from slm_net.cli.fix import fix, rewrite, unified_diff
from slm_net.cli.ignores import MARK, without_ignored
from slm_net.cli.parser import OK, SPEC_ERROR, UsageError, count, exit_code, one_of, size
from slm_net.cli.report import FileReport, counted, json_report, problems_of, statistics, text_report
from slm_net.cli.reporters import github_report, junit_report, sarif_report
from slm_net.cli.settings import Settings, listed, project_settings, selected
from slm_net.cli.terminal import is_terminal, shown, with_progress
from slm_net.document.specs import Document, looks_like_spec, read_document
from slm_net.problems import Problem, has_errors
from slm_net.text.comments import UNUSED_IGNORE, strict_problems
from slm_net.text.files import FILE_NOT_READABLE, NOT_UTF8_TEXT, head_of
from slm_net.text.limits import FILE_TOO_LARGE, MAX_PARAMETERS
from slm_net.text.source import Source, is_yaml
from slm_net.validation import Given, examine

#: How a report is called on the command line.
REPORTS: dict[str, Callable[[Sequence[FileReport], TextIO, bool], None]] = {
    "text": text_report,
    "json": json_report,
    "github": github_report,
    "sarif": sarif_report,
    "junit": junit_report,
}
#: Problems of files that are not looked at, at least not as a whole.
UNTOLD = {FILE_TOO_LARGE.id, NOT_UTF8_TEXT.id}
#: A forked process starts in milliseconds, with all that has been imported; others import it again, 0.1 to 0.5 s long.
START = "fork" if sys.platform == "linux" else None
#: Files per process at least, so that what they take is more than that; how many it gets at once; most processes.
PER_PROCESS = 150 if START else 400
CHUNK = 20
MOST = 16
EPILOG = """\
examples:
  slm-net validate specs/dqn.json specs/ppo.yaml
  slm-net validate specs/ --strict --exclude 'old_*'
  slm-net validate specs/ --fix --diff
  slm-net validate net.json --in-dim 4,84,84 --out-dim 6
  cat dqn.json | slm-net validate - --stdin-filename dqn.json -o json

Directories are searched for *.json *.jsonc *.yaml *.yml; files in them without
anything of a spec are passed over. Sizes are checked with --in-dim and
--out-dim, else with those of the spec's environment if it is well known.

RULES are ids, names or the beginning of ids: SN101,unknown-name,SN2. A comment
"slm-net: ignore SN101" hides a problem on its line, or on the next if it stands
alone. [tool.slm-net] in pyproject.toml has the keys select, ignore, exclude,
strict, strict-json and max-params.

exit codes: 0 no errors, 1 errors, 2 wrong usage or an unreadable file; with
  --diff 1 also if there is something to fix
"""


class Options(NamedTuple):
    """How to check; `rules` are the ids that count, `fix` is "", "write" or "diff"."""

    rules: frozenset[str]
    name: str | None = None
    in_dim: Any = None
    out_dim: Any = None
    strict: bool = False
    strict_json: bool = False
    max_params: int = MAX_PARAMETERS
    stdin_name: str = "<stdin>"
    fix: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help='a file, a directory, a pattern, or "-" for standard input')
    formats = tuple(REPORTS)
    how = f"how to report: {', '.join(formats)} (default: text)"
    add("-o", "--output", type=one_of("format", *formats), default="text", metavar="FORMAT", help=how)
    add("--name", metavar="SPEC", help="look only at this spec of the files")
    add("--select", action="append", default=[], metavar="RULES", help="report only these rules")
    add("--ignore", action="append", default=[], metavar="RULES", help="do not report these rules")
    add("--exclude", action="append", default=[], metavar="GLOB", help="leave out of directories and patterns")
    add("--strict", action="store_true", help="make warnings errors")
    add("--strict-json", action="store_true", help="refuse comments, trailing commas and BOMs in JSON")
    add("--fix", action="store_true", help="fix slips that can only mean one thing, and what --strict-json refuses")
    add("--diff", action="store_true", help="show what --fix would do, and write nothing")
    add("--in-dim", type=size, metavar="SIZE", help="what goes into the net: 4, or 4,84,84")
    add("--out-dim", type=size, metavar="SIZE", help="what comes out: 2, or 2,1 for two outputs")
    most = f"refuse nets of more parameters (default: {MAX_PARAMETERS:.0e})"
    add("--max-params", type=count, metavar="COUNT", help=most)
    add("--stdin-filename", default="<stdin>", metavar="NAME", help='what "-" is called in the report')
    add("--statistics", action="store_true", help="count how often each rule was broken")
    add("-q", "--quiet", action="store_true", help="no line of numbers at the end")


def run(arguments: argparse.Namespace) -> int:
    """Check the files and report; the exit code."""
    settings = project_settings()
    if settings.notice:
        _note(f"warning: {settings.notice}")
    options = options_of(arguments, settings)
    if options.fix == "write" and STDIN in arguments.files:
        raise UsageError("--fix writes files, and standard input is none; --diff shows what it would do")
    excludes = [Exclude(pattern, settings.folder) for pattern in settings.exclude]
    excludes += [Exclude(pattern, os.getcwd()) for pattern in arguments.exclude]
    files = find_files(arguments.files, excludes)
    reports = list(with_progress(checked(files, options, processes_for(len(files))), len(files)))
    return _report(reports, arguments, options)


def options_of(arguments: argparse.Namespace, settings: Settings) -> Options:
    """How to check: what the command line says on top of the project's settings, a --select in place of theirs."""
    select = listed(arguments.select) or settings.select
    return Options(
        rules=selected(select, (*settings.ignore, *listed(arguments.ignore))),
        name=arguments.name,
        in_dim=arguments.in_dim,
        out_dim=arguments.out_dim,
        strict=arguments.strict or settings.strict,
        strict_json=arguments.strict_json or settings.strict_json,
        max_params=arguments.max_params or settings.max_params,
        stdin_name=spelled(arguments.stdin_filename),
        fix="diff" if arguments.diff else "write" if arguments.fix else "",
    )


def _report(reports: Sequence[FileReport], arguments: argparse.Namespace, options: Options) -> int:
    problems, fixed = problems_of(reports), sum(report.fixed for report in reports)
    code = exit_code(problems)
    if options.fix == "diff":
        for report in reports:
            _show(report.diff)
        _note(f"{counted(fixed, 'problem')} can be fixed, {len(problems):,} left")
        return code or (SPEC_ERROR if fixed else OK)
    REPORTS[arguments.output](reports, sys.stdout, arguments.quiet)
    if arguments.statistics and problems:
        print(statistics(reports), file=sys.stdout if arguments.output == "text" else sys.stderr)
    if fixed:
        _note(f"{counted(fixed, 'problem')} fixed")
    return code


def _show(diff: str) -> None:
    """A patch as it is; on a terminal without control characters."""
    if is_terminal(sys.stdout):
        diff = "".join(f"{shown(line)}\n" for line in diff.split("\n")[:-1])
    print(diff, end="")


def _note(text: str) -> None:
    if sys.stderr is not None:
        print(f"slm-net: {text}", file=sys.stderr)


def checked(files: Sequence[Input], options: Options, processes: int) -> Iterator[FileReport]:
    """The reports of the files, in their order; the first and standard input are always read in this process."""
    if processes == 1:
        yield from (check(file, options) for file in files)
        return
    import multiprocessing

    # what the first file makes this process import and read, forked workers have from the start
    here = {file: check(file, options) for file in files if file == files[0] or file.path == STDIN}
    others = [file for file in files if file not in here]
    try:
        pool = multiprocessing.get_context(START).Pool(processes, _quiet)
    except (ImportError, OSError):  # a place without semaphores, or without another process
        yield from (here[file] if file in here else check(file, options) for file in files)
        return
    with pool:
        found = pool.imap(partial(check, options=options), others, CHUNK)
        for file in files:
            yield here[file] if file in here else next(found)


def processes_for(files: int) -> int:
    """How many processes to use: more than one when there are files enough to pay for their start."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST, files // PER_PROCESS))


def _quiet() -> None:
    """Ctrl-C ends the workers through the process that started them."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def check(file: Input, options: Options) -> FileReport:
    """What is wrong with one file, after it was fixed if that is asked for."""
    if file.fault:
        return FileReport(file.path, (_unreadable(file.path, file.fault),))
    document = read_input(file.path, options.stdin_name)
    source = document.source
    if file.searched and not looks_like_spec(_text_of(file, source)):
        return FileReport(file.path, skipped=True)
    problems = problems_in(document, options)
    report = _report_of(source, problems, options)
    untold = has_errors(problem for problem in problems if problem.rule in UNTOLD)
    return _fixed(document, problems, report, options) if options.fix and source.text and not untold else report


def _report_of(source: Source, problems: Sequence[Problem], options: Options) -> FileReport:
    wanted = tuple(problem for problem in problems if problem.rule in options.rules)
    return FileReport(source.file, wanted, source.text if wanted else "")


def _text_of(file: Input, source: Source) -> str:
    """The text of a file that was come across, or what can be seen of one that is too large or in another encoding."""
    if source.text or not {problem.rule for problem in source.problems} & UNTOLD:
        return source.text
    return head_of(file.path)


def problems_in(document: Document, options: Options) -> list[Problem]:
    """All problems of a document that no comment hides, sorted: a fix must make none worse, wanted or not."""
    source = document.source
    given = Given(options.in_dim, options.out_dim, max_params=options.max_params)
    problems = examine(document, given, options.name, options.strict).problems
    if options.strict_json:
        problems = sorted((*problems, *_beyond_json(source)))
    if MARK in source.text and source.readable:
        found = without_ignored(problems, source, options.strict)
        # a comment may be about another spec of the file, or about what is not looked at in a text with mistakes
        unused = options.name is None and not source.mended
        problems = [problem for problem in found if unused or problem.rule != UNUSED_IGNORE.id]
    return problems


def _beyond_json(source: Source) -> Iterator[Problem]:
    """What is not JSON in a file that says to be JSON: not in one called .jsonc, nor in YAML."""
    jsonc = source.file.lower().endswith(".jsonc")
    if source.readable and not source.mended and not jsonc and not is_yaml(source.file, source.text):
        for problem in strict_problems(source.text, source.bom):
            yield replace(problem, file=source.file)


def _fixed(document: Document, problems: list[Problem], unfixed: FileReport, options: Options) -> FileReport:
    def find(text: str, bom: bool) -> tuple[Document, list[Problem]]:
        again = read_document("\ufeff" * bom + text, document.source.file)
        return again, problems_in(again, options)

    fixed = fix(document, problems, find, options.rules)
    if not fixed.fixes:
        return unfixed
    before, after = document.source, fixed.document.source
    report = _report_of(after, fixed.problems, options)._replace(fixed=fixed.fixes)
    if options.fix == "diff":
        return report._replace(diff=unified_diff(before, after))
    if fault := rewrite(before, after):
        return unfixed._replace(problems=(_unreadable(before.file, fault), *unfixed.problems))
    return report


def _unreadable(path: str, fault: str) -> Problem:
    return Problem(file=path, rule=FILE_NOT_READABLE.id, message=fault)
