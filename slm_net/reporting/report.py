"""What was found in files → text for people, JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TextIO

from slm_net import __version__
from slm_net.problems import ERROR, NAMES, Problem
from slm_net.reporting.terminal import Excerpts, has_colour, paint, say, width
from slm_net.words import disarmed, visible

#: Longer messages than this are no messages, and longer pointers point at nothing that anybody wrote.
LIMIT = 2000
#: Paths are never cut, so that they are the same everywhere.
LONGEST_PATH = 4096


class FileReport(NamedTuple):
    """The problems of one file, and its text if there are any: what every report is made from."""

    file: str
    problems: tuple[Problem, ...] = ()
    text: str = ""
    #: a file of a directory that has nothing of a spec: it was not checked
    skipped: bool = False
    #: how many problems `--fix` has cured, how many more `--unsafe-fixes` would, and what changes in the text
    fixed: int = 0
    unsafe: int = 0
    diff: str = ""
    #: what a cache may keep it under
    key: str = ""
    #: the offsets where values that problems are at begin and end, where these are no words as JSON has them
    ends: tuple[tuple[int, int], ...] = ()


def problems_of(reports: Sequence[FileReport]) -> list[Problem]:
    """All problems, file by file."""
    return [problem for report in reports for problem in report.problems]


def told_once(reports: Sequence[FileReport]) -> list[FileReport]:
    """The reports, of which only one tells a problem of a file that others extend: its own, else the first."""

    def what(problem: Problem) -> tuple[Any, ...]:
        return problem.file, problem.line, problem.column, problem.severity, problem.rule, problem.message

    told = {what(problem) for report in reports for problem in report.problems if problem.file == report.file}
    left = []
    for report in reports:
        new = tuple(p for p in report.problems if p.file == report.file or what(p) not in told)
        left.append(report._replace(problems=new))
        told.update(map(what, new))
    return left


def by_severity(problems: Sequence[Problem]) -> tuple[list[Problem], list[Problem]]:
    """The errors and the warnings."""
    errors = [problem for problem in problems if problem.severity == ERROR]
    return errors, [problem for problem in problems if problem.severity != ERROR]


def text_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """Each problem with its line of the file and a hint, then one line of numbers unless `quiet`."""
    for report in reports:
        write_problems(report, out)
    if not quiet:
        print(total(reports, has_colour(out)), file=out)


def json_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One JSON object: version, files, skipped, errors, warnings, problems."""
    problems = problems_of(reports)
    errors, warnings = by_severity(problems)
    skipped = sum(report.skipped for report in reports)
    numbers = {"files": len(reports) - skipped, "skipped": skipped, "errors": len(errors), "warnings": len(warnings)}
    found = [{**{key: _short(value) for key, value in p.as_dict().items()}, "file": p.file} for p in problems]
    print(as_json({"version": __version__, **numbers, "problems": found}), file=out)


def as_json(data: Any) -> str:
    """Data as JSON that no CI system takes for commands."""
    import json

    return disarmed(json.dumps(data, indent=2, allow_nan=False), number=r"\u0023")


def _short(value: str | int) -> str | int:
    return value if isinstance(value, int) or len(value) <= LIMIT else value[: LIMIT - 3] + "..."


def write_problems(report: FileReport, out: TextIO | None) -> None:
    """The problems of one file as text; nothing where the stream is closed."""
    if not report.problems:
        return
    colour = has_colour(out)
    excerpts = Excerpts(report.text, width(out), colour, dict(report.ends))
    for problem in report.problems:
        say("\n".join(_lines(problem, excerpts if problem.file == report.file else None, colour)), out)


def _lines(problem: Problem, excerpts: Excerpts | None, colour: bool) -> Iterator[str]:
    place = [visible(problem.file, LONGEST_PATH), *(str(part) for part in (problem.line, problem.column) if part)]
    kind = paint(problem.severity, problem.severity, colour)
    rule = paint(f"{problem.rule} [{problem.rule_name}]", "quiet", colour)
    message = visible(problem.message, LIMIT)
    yield f"{paint(':'.join(filter(None, place)), 'strong', colour)}: {kind} {rule} {message}".removeprefix(": ")
    if excerpts:
        yield from excerpts.at(problem.line, problem.column, problem.severity)
    if problem.hint:
        yield f"    {paint('hint:', 'hint', colour)} {visible(problem.hint, LIMIT)}"


def total(reports: Sequence[FileReport], colour: bool = False) -> str:
    """The line of numbers at the end of a report."""
    checked = sum(not report.skipped for report in reports)
    files, skipped = counted(checked, "file"), len(reports) - checked
    more = f" ({counted(skipped, 'file')} without a spec skipped)" if skipped else ""
    errors, warnings = by_severity(problems_of(reports))
    if not errors and not warnings:
        return paint(f"{files} fine", "good", colour) + more
    numbers = [(len(errors), "error"), (len(warnings), "warning")]
    words = ", ".join(paint(counted(number, kind), kind, colour) for number, kind in numbers if number)
    hit = sum(1 for report in reports if report.problems)
    return (f"{words} in {hit:,} of {files}" if checked > 1 else words) + more


def statistics(reports: Sequence[FileReport]) -> str:
    """How often each rule was broken, the most frequent first.

    >>> print(statistics([FileReport("a", (Problem(rule="SN101"), Problem(rule="SN104"), Problem(rule="SN101")))]))
        2  SN101  unknown-key
        1  SN104  wrong-type
    """
    counts = Counter(problem.rule for problem in problems_of(reports))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"{count:>5,}  {rule}  {NAMES[rule]}" for rule, count in ordered)


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "file"), counted(2000, "error")
    ('1 file', '2,000 errors')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


#: The reports of this module by what they are called on the command line.
REPORTS = {"text": text_report, "json": json_report}
