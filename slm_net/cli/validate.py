"""`slm-net validate`: every problem in spec files, each at its place, with what to write instead."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence

from slm_net.cli.check import Options, check
from slm_net.cli.excludes import Exclude
from slm_net.cli.exits import OK, SPEC_ERROR, UsageError, exit_code
from slm_net.cli.inputs import STDIN, Input, find_files
from slm_net.cli.parser import count, one_of, size
from slm_net.cli.progress import with_progress
from slm_net.cli.report import REPORTS, FileReport, counted, statistics
from slm_net.cli.selection import listed, selected
from slm_net.cli.settings import Settings, project_settings
from slm_net.cli.terminal import is_terminal, shown
from slm_net.text.limits import MAX_PARAMETERS

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
    add("--fix", action="store_true", help="fix typos with one candidate, and what --strict-json refuses")
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
    reports = list(with_progress(_checked(files, options), len(files)))
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
        stdin_name=arguments.stdin_filename,
        fix="diff" if arguments.diff else "write" if arguments.fix else "",
    )


def _checked(files: Sequence[Input], options: Options) -> Iterator[FileReport]:
    from slm_net.cli.parallel import checked, processes_for

    processes = processes_for(len(files))
    if processes > 1:
        yield from checked(files, options, processes)
    else:
        yield from (check(file, options) for file in files)


def _report(reports: Sequence[FileReport], arguments: argparse.Namespace, options: Options) -> int:
    fixed = counted(sum(report.fixed for report in reports), "problem")
    some = any(report.fixed for report in reports)
    code = exit_code(problem for report in reports for problem in report.problems)
    if options.fix == "diff":
        for report in reports:
            _show(report.diff)
        _note(f"{fixed} can be fixed, {sum(len(report.problems) for report in reports):,} left")
        return code or (SPEC_ERROR if some else OK)
    REPORTS[arguments.output](reports, sys.stdout, arguments.quiet)
    if arguments.statistics and any(report.problems for report in reports):
        print(statistics(reports), file=sys.stdout if arguments.output == "text" else sys.stderr)
    if some:
        _note(f"{fixed} fixed")
    return code


def _show(diff: str) -> None:
    """A patch as it is; on a terminal without control characters."""
    if is_terminal(sys.stdout):
        diff = "".join(f"{shown(line)}\n" for line in diff.split("\n")[:-1])
    print(diff, end="")


def _note(text: str) -> None:
    if sys.stderr is not None:
        print(f"slm-net: {text}", file=sys.stderr)
