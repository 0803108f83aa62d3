"""Reports for programs: GitHub annotations, SARIF, JUnit."""

import io
import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from slm_net.cli import validate
from slm_net.problems import Problem
from slm_net.reporting import report as reports_of_text
from slm_net.reporting import reporters, sarif
from slm_net.reporting.report import FileReport
from slm_net.reporting.reporters import annotation
from slm_net.rules.pages import rules

#: The schema of the OASIS standard as the npm package @microsoft/jest-sarif (MIT) ships it.
SARIF = Draft4Validator(json.loads((Path(__file__).parents[1] / "data" / "sarif-2.1.0-rtm.5.json").read_text()))
REPORTS = {**reports_of_text.REPORTS, **reporters.REPORTS, **sarif.REPORTS}
TEXTS = st.text(max_size=20)
PROBLEMS = st.builds(
    Problem,
    file=st.sampled_from(["a.json", "dir/b c.yaml", "/abs/\u00e4,:%.json", "x\udcff.json"]),
    line=st.integers(0, 9), column=st.integers(0, 9), pointer=TEXTS,
    severity=st.sampled_from(["error", "warning"]), rule=st.sampled_from(list(rules())), message=TEXTS, hint=TEXTS,
)  # fmt: skip
ERROR = Problem("a.json", 3, 5, "/net/gpu", rule="SN104", message="wrong", hint="write true")
WARNING = Problem("a.json", 4, 1, "/net/x", "warning", "SN102", "not used")
SEVERITIES = (("error", 1), ("warning", 0))
MISSING = Problem("b.json", rule="SN001", message="there is no such file")
REPORT = [FileReport("a.json", (ERROR, WARNING)), FileReport("b.json", (MISSING,)), FileReport("c.json")]


def report(form, reports, quiet=True):
    out = io.StringIO()
    REPORTS[form](reports, out, quiet)
    return out.getvalue()


def test_every_report_of_the_command_is_there():
    assert REPORTS.keys() == validate.REPORTS.keys()


def test_github_annotations_and_the_numbers():
    assert report("github", REPORT, quiet=False).splitlines() == [
        "::error file=a.json,line=3,col=5,title=SN104 wrong-type::wrong%0Ahint: write true",
        "::warning file=a.json,line=4,col=1,title=SN102 unused-key::not used",
        "::error file=b.json,title=SN001 file-not-readable::there is no such file",
        "2 errors, 1 warning in 2 of 3 files",
    ]


@given(PROBLEMS)
def test_an_annotation_is_one_line_that_cannot_be_broken_out_of(problem):
    line = annotation(problem)
    assert "\n" not in line and "\r" not in line
    properties, _, _ = line[2:].partition("::")
    assert properties.count(":") == 0
    assert {part.partition("=")[0] for part in properties.partition(" ")[2].split(",")} <= {
        "file",
        "line",
        "col",
        "title",
    }


def test_sarif():
    log = json.loads(report("sarif", REPORT))
    SARIF.validate(log)
    (run,) = log["runs"]
    listed = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in listed] == list(rules())
    assert listed[10]["fullDescription"]["text"]
    first, second, third = run["results"]
    assert (first["ruleId"], first["level"], second["level"]) == ("SN104", "error", "warning")
    assert listed[first["ruleIndex"]]["id"] == "SN104"
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a.json"},
                "region": {"startLine": 3, "startColumn": 5},
            },
            "logicalLocations": [{"fullyQualifiedName": "/net/gpu", "kind": "member"}],
        }
    ]
    assert "region" not in third["locations"][0]["physicalLocation"]


@settings(deadline=None)
@given(st.lists(PROBLEMS, max_size=4))
def test_every_sarif_log_fits_the_schema(problems):
    SARIF.validate(json.loads(report("sarif", [FileReport("a.json", tuple(problems))])))


def test_junit():
    root = ET.fromstring(report("junit", [*REPORT, FileReport("package.json", skipped=True)]))
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "2")
    a, b, c = root.iter("testcase")
    assert (a.get("name"), a.find("failure").get("type"), a.find("failure").get("message")) == (
        "a.json",
        "SN104",
        "wrong",
    )
    assert a.find("failure").text.startswith("a.json:3:5 /net/gpu: error SN104")
    assert "SN102" in a.find("system-out").text
    assert b.find("failure") is not None
    assert list(c) == []


@settings(deadline=None)
@given(st.lists(PROBLEMS, max_size=4))
def test_every_junit_report_is_xml(problems):
    text = report("junit", [FileReport("a.json", tuple(problems))])
    ET.fromstring(text.encode("utf-8"))


COMMANDS = ("::error::x", " ::error::x", "##[error]x", "a ##[error]x", "a##[b", "::")
LIKE_COMMANDS = st.sampled_from(COMMANDS)
OBEYED = re.compile(r"(?:^|[\r\n])\s*::|##\[")


@pytest.mark.parametrize("form", sorted(REPORTS.keys() - {"github"}))
@given(LIKE_COMMANDS, LIKE_COMMANDS, LIKE_COMMANDS, LIKE_COMMANDS)
def test_no_report_holds_commands_of_github(form, file, message, hint, line):
    problems = [Problem(file, 1, column, message, severity, "SN104", message, hint) for severity, column in SEVERITIES]
    reports = [FileReport(file, tuple(problems * 2), f"{line}\n{line}"), FileReport("a.json", (problems[0],))]
    text = report(form, reports)
    assert not OBEYED.search(text)
    if form == "json":  # which is the same data
        assert {(p["file"], p["message"], p["hint"]) for p in json.loads(text)["problems"]} == {(file, message, hint)}
    if form == "junit":
        assert ET.fromstring(text.encode()).find("testsuite/testcase").get("file") == file


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_no_command_prints_commands_of_github(cli, spec_file, tmp_path):
    net = {"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}
    spec = {"agent": {"algorithm": {"name": "Random"}, "net": {}}, "env": {"name": "Pendulum-v1"}}
    spec_file({**net, "##[error]x": 1}, "::error::x.json")
    spec_file("::error::x\n##[error]x", "::error::y.json")
    spec_file({"::error::x": spec}, "::error::z.json")
    names = sorted(path.name for path in tmp_path.glob("*.json"))
    runs = [("validate", *names), ("validate", *names, "--statistics"), ("validate", "##[x]", "::error::")]
    runs += [("build", name) for name in (*names, "::error::")] + [("build", "a.json", "##[x]"), ("##[x]",)]
    runs += [("validate", names[0], option, "##[x]") for option in ("--baseline", "--name", "--select", "--##[x]")]
    for words in runs:
        done = cli(*words)
        assert not OBEYED.search(done.out) and not OBEYED.search(done.err), words
        assert "error" in done.out + done.err or done.code == 0


@pytest.mark.parametrize("action", ["", "true"])
def test_a_patch_stays_one_and_github_obeys_none_of_its_lines(cli, spec_file, monkeypatch, action):
    monkeypatch.setenv("GITHUB_ACTIONS", action)
    spec_file(
        '{"type": "MLPNet",\n"hid_layers": [4], /*\n::error::x\n*/\n"hid_layers_activation": "reluu"}\n', "a.json"
    )
    lines = cli("validate", "a.json", "--diff").out.splitlines()
    begin, end = lines.index("--- a.json"), lines.index('+"hid_layers_activation": "relu"}')
    assert " ::error::x" in lines[begin:end]
    around = lines[:begin] + lines[end + 1 :]
    if action:
        word = around[0].removeprefix("::stop-commands::")
        assert len(word) >= 32 and around == [f"::stop-commands::{word}", f"::{word}::"]
    else:
        assert around == []
    spec_file('{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "reluu"}\n', "a.json")
    assert cli("validate", "a.json", "--diff").out.startswith("--- a.json")


@pytest.mark.parametrize("form", ["github", "sarif", "junit", "json"])
def test_each_works_on_the_command_line(cli, spec_file, form):
    spec_file({"type": "MLPNet", "hid_layers": 64, "hid_layers_activation": "relu"}, "net.json")
    done = cli("validate", "net.json", "-o", form)
    assert done.code == 1
    assert "SN104" in done.out
    assert done.err == ""
