"""Problems as annotations of a pull request: the workflow commands of GitHub Actions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TextIO

from slm_net.cli.report import FileReport, total
from slm_net.problems import Problem
from slm_net.words import visible

#: GitHub cuts longer messages.
LIMIT = 4000


def github_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One annotation per problem, then one line of numbers unless `quiet`; GitHub shows ten of each kind."""
    for report in reports:
        for problem in report.problems:
            print(annotation(problem), file=out)
    if not quiet:
        print(total(reports), file=out)


def annotation(problem: Problem) -> str:
    """One problem as a workflow command.

    >>> print(annotation(Problem("./a,b.json", 3, 5, rule="SN104", message="100% wrong", hint="write 1")))
    ::error file=a%2Cb.json,line=3,col=5,title=SN104 wrong-type::100%25 wrong%0Ahint: write 1
    """
    places = {"file": PurePath(problem.file).as_posix(), "line": problem.line, "col": problem.column}
    properties = {name: str(place) for name, place in places.items() if place}
    properties["title"] = f"{problem.rule} {problem.rule_name}"
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    hint = f"\nhint: {visible(problem.hint, LIMIT)}" if problem.hint else ""
    return f"::{problem.severity} {listed}::{_data(visible(problem.message, LIMIT) + hint)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    # of control characters a file name may have, only line breaks can be written so that GitHub reads them
    text = "".join(char if char.isprintable() or char in "\r\n" else visible(char) for char in text)
    return _data(text).replace(":", "%3A").replace(",", "%2C")
