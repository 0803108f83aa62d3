"""What was found in files → text for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from slm_net import __version__
from slm_net.cli.excerpt import Excerpts
from slm_net.cli.terminal import has_colour, paint, width
from slm_net.problems import ERROR, Problem, visible

#: Longer messages than this are no messages.
LIMIT = 2000


@dataclass(frozen=True)
class FileReport:
    """The problems of one file, and its text if there are any: what every report is made from."""

    file: str
    problems: tuple[Problem, ...] = ()
    text: str = ""


def text_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """Each problem with its line of the file and a hint, then one line of numbers unless `quiet`."""
    for report in reports:
        write_problems(report, out)
    if not quiet:
        print(_total(reports, has_colour(out)), file=out)


def json_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One JSON object: version, files, errors, warnings, problems."""
    import json

    problems = [problem for report in reports for problem in report.problems]
    errors = _errors(problems)
    numbers = {"files": len(reports), "errors": errors, "warnings": len(problems) - errors}
    found = [problem.as_dict() for problem in problems]
    print(json.dumps({"version": __version__, **numbers, "problems": found}, indent=2), file=out)


#: How a report is called on the command line.
REPORTS: dict[str, Callable[[Sequence[FileReport], TextIO, bool], None]] = {"text": text_report, "json": json_report}


def write_problems(report: FileReport, out: TextIO) -> None:
    """The problems of one file as text."""
    colour = has_colour(out)
    excerpts = Excerpts(report.text, width(out), colour)
    for problem in report.problems:
        print("\n".join(_lines(problem, excerpts, colour)), file=out)


def _lines(problem: Problem, excerpts: Excerpts, colour: bool) -> Iterator[str]:
    place = [visible(problem.file, LIMIT), *(str(part) for part in (problem.line, problem.column) if part)]
    kind = paint(problem.severity, problem.severity, colour)
    rule = paint(f"{problem.rule} [{problem.rule_name}]", "quiet", colour)
    message = visible(problem.message, LIMIT)
    yield f"{paint(':'.join(filter(None, place)), 'strong', colour)}: {kind} {rule} {message}".removeprefix(": ")
    yield from excerpts.at(problem.line, problem.column, problem.severity)
    if problem.hint:
        yield f"    {paint('hint:', 'hint', colour)} {visible(problem.hint, LIMIT)}"


def _total(reports: Sequence[FileReport], colour: bool) -> str:
    problems = [problem for report in reports for problem in report.problems]
    files = counted(len(reports), "file")
    if not problems:
        return paint(f"{files} fine", "good", colour)
    errors = _errors(problems)
    numbers = [(errors, "error"), (len(problems) - errors, "warning")]
    words = ", ".join(paint(counted(number, kind), kind, colour) for number, kind in numbers if number)
    hit = sum(1 for report in reports if report.problems)
    return f"{words} in {hit:,} of {files}" if len(reports) > 1 else words


def _errors(problems: Iterable[Problem]) -> int:
    return sum(problem.severity == ERROR for problem in problems)


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "file"), counted(2000, "error")
    ('1 file', '2,000 errors')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
