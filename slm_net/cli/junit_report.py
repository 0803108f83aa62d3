"""Problems as JUnit XML, which GitLab, Jenkins and others show beside the tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO
from xml.etree import ElementTree as ET

from slm_net.cli.report import FileReport
from slm_net.problems import ERROR, Problem
from slm_net.words import visible

#: What XML 1.0 cannot hold, not even escaped.
_not_xml = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(reports: Sequence[FileReport], out: TextIO, quiet: bool = False) -> None:
    """One test case per file: each error fails it, warnings are its output."""
    checked = [report for report in reports if not report.skipped]
    failures = sum(_counts(report)[0] for report in checked)
    suites = ET.Element("testsuites", name="slm-net")
    suite = ET.SubElement(suites, "testsuite", name="slm-net validate", tests=str(len(checked)))
    for element in (suites, suite):
        element.set("tests", str(len(checked)))
        element.set("failures", str(sum(bool(_counts(report)[0]) for report in checked)))
        element.set("errors", "0")
    suite.set("assertions", str(failures))
    for report in checked:
        _case(suite, report)
    ET.indent(suites)
    print('<?xml version="1.0" encoding="UTF-8"?>', file=out)
    print(ET.tostring(suites, encoding="unicode"), file=out)


def _case(suite: ET.Element, report: FileReport) -> None:
    case = ET.SubElement(suite, "testcase", name=_xml(report.file), classname="slm-net", file=_xml(report.file))
    errors = [problem for problem in report.problems if problem.severity == ERROR]
    if errors:
        first = errors[0]
        title = first.message if len(errors) == 1 else f"{len(errors)} errors, the first: {first.message}"
        failure = ET.SubElement(case, "failure", type=first.rule, message=_xml(title))
        failure.text = "\n".join(map(_line, errors))
    if warnings := [problem for problem in report.problems if problem.severity != ERROR]:
        ET.SubElement(case, "system-out").text = "\n".join(map(_line, warnings))


def _counts(report: FileReport) -> tuple[int, int]:
    errors = sum(problem.severity == ERROR for problem in report.problems)
    return errors, len(report.problems) - errors


def _line(problem: Problem) -> str:
    return _xml(str(problem))


def _xml(text: str) -> str:
    return _not_xml.sub("?", visible(text, 4000))
