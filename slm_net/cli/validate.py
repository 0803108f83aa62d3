"""`slm-net validate`: every problem in spec files, each at its place, with what to write instead."""

from __future__ import annotations

import argparse
import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType

from slm_net.cli.cache import FOLDER, Cache
from slm_net.cli.output import show_patch
from slm_net.cli.parser import (
    OK,
    SPEC_ERROR,
    USAGE_RULES,
    UsageError,
    add_choices,
    count,
    exit_code,
    lab_version,
    limit,
    one_of,
    reason,
)
from slm_net.project.excludes import Exclude
from slm_net.project.files import STDIN, Input, find_files, spelled
from slm_net.project.settings import Options, Projects, Settings, agreed, listed
from slm_net.reporting.progress import with_progress
from slm_net.reporting.report import FileReport, by_severity, counted, problems_of, statistics, told_once
from slm_net.reporting.terminal import say
from slm_net.text.limits import MAX_PARAMETERS
from slm_net.words import visible

#: How a report is called on the command line → the module that writes it.
REPORTS = {
    **dict.fromkeys(("text", "json"), "reporting.report"),
    **dict.fromkeys(("github", "junit"), "reporting.reporters"),
    "sarif": "reporting.sarif",
}
EPILOG = """\
examples:
  slm-net validate specs/dqn.json specs/ppo.yaml
  slm-net validate specs/ --strict --exclude 'old_*'
  slm-net validate specs/ --fix --diff
  slm-net validate net.json --in-dim 4,84,84 --out-dim 6
  cat dqn.json | slm-net validate - --stdin-filename dqn.json -o json

Directories are searched for *.json *.jsonc *.yaml *.yml, but for hidden ones,
those of tools (venv, node_modules, build) and what .gitignore names; files in
them without anything of a spec are passed over. Sizes are checked with --in-dim
and --out-dim, else with those of the spec's environment if it is well known.

RULES are ids, names or the beginning of ids: SN101,unknown-name,SN2. A comment
"slm-net: ignore SN101" hides a problem on its line, or on the next if it stands
alone. [tool.slm-net] in pyproject.toml has the keys select, ignore, exclude,
strict, strict-json, max-params and for; for each file the nearest counts.
Results are kept in .slm_net_cache, and used again for files that have not
changed.

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
    add("--fix", action="store_true", help="fix what can only mean one thing, and what --strict-json refuses")
    add("--unsafe-fixes", action="store_true", help="with --fix or --diff: fix what may get another meaning, too")
    add("--diff", action="store_true", help="show what --fix would do, and write nothing")
    hidden = "write comments that hide what is wrong"
    add("--add-ignore", type=reason, metavar="REASON", help=f"{hidden}; also without =REASON")
    add("--baseline", metavar="FILE", help="report only what is not in this baseline")
    add("--write-baseline", metavar="FILE", help="write a baseline of what is wrong now, and exit with 0")
    add_choices(parser, "--in-dim", "--out-dim")
    most = f"refuse nets of more parameters (default: {MAX_PARAMETERS:.0e})"
    add("--max-params", type=count, metavar="COUNT", help=most)
    few = "exit with 1 if there are more warnings than this"
    add("--max-warnings", type=limit, metavar="COUNT", help=few)
    lab = "tell what fails or differs in SLM Lab itself: slm-lab-4 or slm-lab-5"
    add("--for", type=lab_version, dest="for_", metavar="LAB", help=lab)
    add("--no-cache", action="store_true", help="read and write no results of earlier runs")
    add("--cache-dir", default=FOLDER, metavar="DIR", help=f"where results are kept (default: {FOLDER})")
    add("--stdin-filename", default="<stdin>", metavar="NAME", help='what "-" is called in the report')
    add("--statistics", action="store_true", help="count how often each rule was broken")
    add("-q", "--quiet", action="store_true", help="no line of numbers at the end")


def run(arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> int:
    """Check the files and report; the exit code.

    `part` imports the module that checks files, if not all of their reports are in the cache.
    """
    _refuse_contradictions(arguments)
    projects = Projects()
    own = [Exclude(pattern, os.getcwd()) for pattern in arguments.exclude]
    own += [_itself(path) for path in (arguments.baseline, arguments.write_baseline) if path]

    @cache
    def excludes(folder: str) -> list[Exclude]:
        settings = projects.settings(folder)
        return [*(Exclude(pattern, settings.folder) for pattern in settings.exclude), *own]

    @cache
    def options(folder: str) -> Options:
        return options_of(arguments, projects.settings(folder))

    files = find_files(arguments.files, excludes)
    names = [arguments.stdin_filename if file.path == STDIN else file.path for file in files]
    tasks = [(file, options(os.path.dirname(name))) for file, name in zip(files, names, strict=True)]
    for notice in projects.notices():
        _note(f"warning: {notice}")
    if arguments.add_ignore is not None and any(options.strict_json for _, options in tasks):
        raise UsageError("--add-ignore writes comments, and --strict-json refuses them")
    reports = list(with_progress(_reports(tasks, arguments, part), len(tasks)))
    if arguments.write_baseline is not None:
        return _write_baseline(reports, arguments, part)
    if arguments.baseline is not None:
        reports = _without_known(reports, [options for _, options in tasks], arguments, part)
    return _report(told_once(reports), arguments, part)


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    writes = "--fix" if arguments.fix else "--add-ignore" if arguments.add_ignore is not None else ""
    if writes and not arguments.diff and STDIN in arguments.files:
        raise UsageError(f"{writes} writes files, and standard input is none; --diff shows what it would do")
    if arguments.unsafe_fixes and not (arguments.fix or arguments.diff):
        raise UsageError("--unsafe-fixes goes with --fix, or with --diff")
    if arguments.fix and arguments.add_ignore is not None:
        raise UsageError("--add-ignore writes comments, and --fix changes what they would hide")
    if arguments.baseline is not None and arguments.write_baseline is not None:
        raise UsageError("give --baseline or --write-baseline, not both")


def _itself(baseline: str) -> Exclude:
    """A baseline is no spec."""
    folder, name = os.path.split(os.path.abspath(baseline))
    return Exclude("/" + glob.escape(name), folder)


def _write_baseline(
    reports: Sequence[FileReport], arguments: argparse.Namespace, part: Callable[[str], ModuleType]
) -> int:
    """Write what is wrong into a baseline; what cannot be in one is reported."""
    unread = [
        report._replace(problems=tuple(problem for problem in report.problems if problem.rule in USAGE_RULES))
        for report in reports
    ]
    if problems_of(unread):
        part(REPORTS[arguments.output]).REPORTS[arguments.output](unread, sys.stdout, True)
    count = part("baseline").write(arguments.write_baseline, reports)
    _note(f"{counted(count, 'problem')} written to {visible(arguments.write_baseline, 300)}")
    return exit_code(problems_of(unread))


#: Entries of a baseline that are gone and are named.
NAMED = 5


def _without_known(
    reports: Sequence[FileReport],
    options: Sequence[Options],
    arguments: argparse.Namespace,
    part: Callable[[str], ModuleType],
) -> list[FileReport]:
    """The reports without what is in the baseline; what is gone is told."""
    baseline = part("baseline")
    done = baseline.apply(arguments.baseline, reports)
    if done.known and not arguments.quiet:
        _note(f"{counted(done.known, 'problem')} known from {visible(arguments.baseline, 300)}")
    if done.left:
        gone = baseline.gone(arguments.baseline, done, options, part("project.selection"))
        entries = "1 entry is" if len(gone) == 1 else f"{len(gone):,} entries are"
        more = [f"and {len(gone) - NAMED:,} more"] if len(gone) > NAMED else []
        named = ", ".join([*(visible(str(entry), 200) for entry in gone[:NAMED]), *more])
        if gone:
            _note(f"{entries} gone from the files, --write-baseline forgets them: {named}")
    return list(done.reports)


def _reports(
    tasks: Sequence[tuple[Input, Options]], arguments: argparse.Namespace, part: Callable[[str], ModuleType]
) -> Iterator[FileReport]:
    """The reports of the files, in their order: those of earlier runs where nothing has changed."""
    if arguments.no_cache or arguments.fix or arguments.diff or arguments.add_ignore is not None:
        yield from part("check").checked(tasks)
        return
    known = Cache(arguments.cache_dir)
    reports = [known.report(*task) for task in tasks]
    others = [task for task, report in zip(tasks, reports, strict=True) if report is None]
    found = part("check").checked(others) if others else iter(())
    for kept in reports:
        report = kept or next(found)
        if not kept:
            known.add(report)
        yield report
    known.write()


def options_of(arguments: argparse.Namespace, settings: Settings) -> Options:
    """How to check: what the command line says on top of the project's settings, a --select in place of theirs."""
    own = agreed(settings)
    return own._replace(
        select=listed(arguments.select) or own.select,
        ignore=(*own.ignore, *listed(arguments.ignore)),
        name=arguments.name,
        in_dim=arguments.in_dim,
        out_dim=arguments.out_dim,
        strict=arguments.strict or own.strict,
        strict_json=arguments.strict_json or own.strict_json,
        max_params=arguments.max_params or own.max_params,
        stdin_name=spelled(arguments.stdin_filename),
        fix="diff" if arguments.diff else "write" if arguments.fix or arguments.add_ignore is not None else "",
        lab=arguments.for_ or own.lab,
        unsafe_fixes=arguments.unsafe_fixes,
        add_ignore=arguments.add_ignore,
    )


def _report(reports: Sequence[FileReport], arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> int:
    problems, fixed = problems_of(reports), sum(report.fixed for report in reports)
    unsafe = sum(report.unsafe for report in reports)
    more = f", {unsafe:,} more with --unsafe-fixes" if unsafe else ""
    done = "fixed" if arguments.add_ignore is None else "ignored"
    code = exit_code(problems)
    if arguments.diff:
        for report in reports:
            show_patch(report.diff)
        _note(f"{counted(fixed, 'problem')} can be {done}{more}, {len(problems):,} left")
        return code or (SPEC_ERROR if fixed else OK)
    part(REPORTS[arguments.output]).REPORTS[arguments.output](reports, sys.stdout, arguments.quiet)
    if arguments.statistics and problems:
        print(statistics(reports), file=sys.stdout if arguments.output == "text" else sys.stderr)
    if fixed or more:
        _note(f"{counted(fixed, 'problem')} {done}{more}")
    warnings, most = len(by_severity(problems)[1]), arguments.max_warnings
    if most is not None and warnings > most:
        _note(f"{counted(warnings, 'warning')}, at most {most:,} allowed")
        return code or SPEC_ERROR
    return code


def _note(text: str) -> None:
    say(f"slm-net: {text}", sys.stderr)
