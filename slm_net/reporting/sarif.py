"""Problems as SARIF 2.1.0, for code scanning: with the page of every rule."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, TextIO

from slm_net import __version__
from slm_net.problems import Problem
from slm_net.reporting.report import FileReport, as_json, problems_of
from slm_net.reporting.reporters import LIMIT
from slm_net.rules.pages import page, rules, summary
from slm_net.words import visible

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One run with every rule and one result per problem."""
    driver = {"name": "slm-net", "semanticVersion": __version__, "rules": _sarif_rules()}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem) for problem in problems_of(reports)],
    }
    print(as_json({"$schema": SARIF, "version": "2.1.0", "runs": [run]}), file=out)


def _sarif_rules() -> list[dict[str, Any]]:
    return [
        {
            "id": rule.id,
            "name": "".join(word.capitalize() for word in rule.name.split("-")),
            "shortDescription": {"text": rule.name.replace("-", " ")},
            "fullDescription": {"text": summary(rule)},
            "help": {"text": page(rule), "markdown": page(rule)},
        }
        for rule in rules().values()
    ]


def _result(problem: Problem) -> dict[str, Any]:
    hint = f" ({problem.hint})" if problem.hint else ""
    return {
        "ruleId": problem.rule,
        "ruleIndex": list(rules()).index(problem.rule),
        "level": problem.severity,
        "message": {"text": visible(problem.message + hint, LIMIT)},
        "locations": [_location(problem)],
    }


def _location(problem: Problem) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line:
        physical["region"] = {"startLine": problem.line, "startColumn": max(1, problem.column)}
    location: dict[str, Any] = {"physicalLocation": physical}
    if problem.pointer:
        name = visible(problem.pointer, 1000)
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "member"}]
    return location


def _uri(file: str) -> str:
    """A file as a URI, relative to where the command runs if it was given so."""
    from urllib.parse import quote

    path = PurePath(file)
    if path.is_absolute():
        return path.as_uri() if os.fsencode(file).isascii() else "file://" + quote(os.fsencode(path.as_posix()))
    return quote(os.fsencode(path.as_posix()))


#: The report of this module by what it is called on the command line.
REPORTS = {"sarif": sarif_report}
