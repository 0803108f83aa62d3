"""Problems for programs: annotations of GitHub Actions, JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from slm_net.problems import Problem
from slm_net.reporting.report import FileReport, by_severity, problems_of, total
from slm_net.words import disarmed, visible

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: GitHub cuts longer messages; whoever reads the others has no use for longer ones.
LIMIT = 4000
#: What XML 1.0 cannot hold, not even escaped.
NOT_XML = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def github_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One annotation per problem, then one line of numbers unless `quiet`; GitHub shows ten of each kind."""
    for problem in problems_of(reports):
        print(annotation(problem), file=out)
    if not quiet:
        print(total(reports), file=out)


def annotation(problem: Problem) -> str:
    """One problem as a workflow command.

    >>> print(annotation(Problem("a,b.json", 3, 5, rule="SN104", message="100% wrong", hint="write 1")))
    ::error file=a%2Cb.json,line=3,col=5,title=SN104 wrong-type::100%25 wrong%0Ahint: write 1
    """
    places = {"file": problem.file, "line": problem.line, "col": problem.column}
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


def junit_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One test case per file: each error fails it, warnings are its output."""
    from xml.etree import ElementTree as ET

    checked = [report for report in reports if not report.skipped]
    errors = [by_severity(report.problems)[0] for report in checked]
    numbers = {"tests": str(len(checked)), "failures": str(sum(map(bool, errors))), "errors": "0"}
    suites = ET.Element("testsuites", {"name": "slm-net", **numbers})
    more = {"name": "slm-net validate", **numbers, "assertions": str(sum(map(len, errors)))}
    suite = ET.SubElement(suites, "testsuite", more)
    for report in checked:
        _case(suite, report)
    ET.indent(suites)
    print('<?xml version="1.0" encoding="UTF-8"?>', file=out)
    print(disarmed(ET.tostring(suites, encoding="unicode"), "&#58;", "&#35;"), file=out)


def _case(suite: Element, report: FileReport) -> None:
    from xml.etree import ElementTree as ET

    case = ET.SubElement(suite, "testcase", name=_xml(report.file), classname="slm-net", file=_xml(report.file))
    errors, warnings = by_severity(report.problems)
    if errors:
        first = errors[0]
        title = first.message if len(errors) == 1 else f"{len(errors)} errors, the first: {first.message}"
        failure = ET.SubElement(case, "failure", type=first.rule, message=_xml(title))
        failure.text = "\n".join(_xml(str(problem)) for problem in errors)
    if warnings:
        ET.SubElement(case, "system-out").text = "\n".join(_xml(str(problem)) for problem in warnings)


def _xml(text: str) -> str:
    return re.sub(NOT_XML, "?", visible(text, LIMIT))


#: The reports of this module by what they are called on the command line.
REPORTS = {"github": github_report, "junit": junit_report}
