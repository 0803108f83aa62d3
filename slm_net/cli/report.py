"""What was found in files → text for people, JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TextIO

from slm_net import __version__
from slm_net.cli.terminal import has_colour, paint, width
from slm_net.problems import ERROR, RULES, Problem
from slm_net.words import visible

if TYPE_CHECKING:
    from slm_net.cli.excerpt import Excerpts

#: Longer messages than this are no messages, and longer pointers point at nothing that anybody wrote.
LIMIT = 2000


class FileReport(NamedTuple):
    """The problems of one file, and its text if there are any: what every report is made from."""

    file: str
    problems: tuple[Problem, ...] = ()
    text: str = ""
    #: a file of a directory that has nothing of a spec: it was not checked
    skipped: bool = False
    #: how many problems `--fix` has cured, and what that changes in the text
    fixed: int = 0
    diff: str = ""


def text_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """Each problem with its line of the file and a hint, then one line of numbers unless `quiet`."""
    for report in reports:
        write_problems(report, out)
    if not quiet:
        print(total(reports, has_colour(out)), file=out)


def json_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One JSON object: version, files, skipped, errors, warnings, problems."""
    import json

    problems = [problem for report in reports for problem in report.problems]
    errors = _errors(problems)
    skipped = sum(report.skipped for report in reports)
    numbers = {"files": len(reports) - skipped, "skipped": skipped}
    numbers |= {"errors": errors, "warnings": len(problems) - errors}
    found = [{key: _short(value) for key, value in problem.as_dict().items()} for problem in problems]
    print(json.dumps({"version": __version__, **numbers, "problems": found}, indent=2), file=out)


def _short(value: str | int) -> str | int:
    return value if isinstance(value, int) or len(value) <= LIMIT else value[: LIMIT - 3] + "..."


def _github(reports: Sequence[FileReport], out: TextIO, quiet: bool) -> None:
    from slm_net.cli.github_report import github_report

    github_report(reports, out, quiet)


def _sarif(reports: Sequence[FileReport], out: TextIO, quiet: bool) -> None:
    from slm_net.cli.sarif_report import sarif_report

    sarif_report(reports, out, quiet)


def _junit(reports: Sequence[FileReport], out: TextIO, quiet: bool) -> None:
    from slm_net.cli.junit_report import junit_report

    junit_report(reports, out, quiet)


#: How a report is called on the command line; those for programs are imported when one is asked for.
REPORTS: dict[str, Callable[[Sequence[FileReport], TextIO, bool], None]] = {
    "text": text_report,
    "json": json_report,
    "github": _github,
    "sarif": _sarif,
    "junit": _junit,
}


def write_problems(report: FileReport, out: TextIO) -> None:
    """The problems of one file as text."""
    if not report.problems:
        return
    from slm_net.cli.excerpt import Excerpts

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


def total(reports: Sequence[FileReport], colour: bool = False) -> str:
    """The line of numbers at the end of a report."""
    problems = [problem for report in reports for problem in report.problems]
    checked = sum(not report.skipped for report in reports)
    files, skipped = counted(checked, "file"), len(reports) - checked
    more = f" ({counted(skipped, 'file')} without a spec skipped)" if skipped else ""
    if not problems:
        return paint(f"{files} fine", "good", colour) + more
    errors = _errors(problems)
    numbers = [(errors, "error"), (len(problems) - errors, "warning")]
    words = ", ".join(paint(counted(number, kind), kind, colour) for number, kind in numbers if number)
    hit = sum(1 for report in reports if report.problems)
    return (f"{words} in {hit:,} of {files}" if checked > 1 else words) + more


def statistics(reports: Sequence[FileReport]) -> str:
    """How often each rule was broken, the most frequent first.

    >>> print(statistics([FileReport("a", (Problem(rule="SN101"), Problem(rule="SN104"), Problem(rule="SN101")))]))
        2  SN101  unknown-key
        1  SN104  wrong-type
    """
    counts = Counter(problem.rule for report in reports for problem in report.problems)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"{count:>5,}  {rule}  {RULES[rule].name}" for rule, count in ordered)


def _errors(problems: Iterable[Problem]) -> int:
    return sum(problem.severity == ERROR for problem in problems)


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "file"), counted(2000, "error")
    ('1 file', '2,000 errors')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
