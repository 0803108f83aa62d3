import dataclasses
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_ids import RULE_IDS

from slm_net.problems import RULES, Problem, Rule, SpecError, SpecWarning, has_errors, pointer
from slm_net.text.places import WRONG_TYPE
from slm_net.wording.values import what


def test_rules_have_one_id_and_one_name_each():
    assert len(RULE_IDS) == len(RULES)
    assert all(re.fullmatch(r"SN\d{3}", rule) and re.fullmatch(r"[a-z0-9-]+", RULES[rule].name) for rule in RULES)
    with pytest.raises(ValueError, match="SN003 is taken, by syntax"):
        Rule("SN003", "another", what="", why="")


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem("a.json", 3, 5, "/gpu", rule="SN104", message="wrong", hint="so"),
            "a.json:3:5 /gpu: error SN104 [wrong-type] wrong (so)",
        ),
        (Problem(rule="SN100", message="empty"), "error SN100 [not-a-spec] empty"),
        (Problem("a.json", rule="SN001", message="none"), "a.json: error SN001 [file-not-readable] none"),
        (Problem(pointer="/x", severity="warning", rule="SN102", message="m"), "/x: warning SN102 [unused-key] m"),
        (
            Problem("re\x1bd", pointer="/\u202e", rule="SN104", message="m"),
            "re\\x1bd /\\u202e: error SN104 [wrong-type] m",
        ),
    ],
)
def test_a_problem_in_one_line(problem, text):
    assert str(problem) == text


def test_a_problem_is_frozen_sorted_by_place_and_json_ready():
    first, second = Problem("a", 2, 9, "/z"), Problem("a", 10, 1, "/a")
    assert sorted([second, first]) == [first, second]
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.line = 3
    row = json.loads(json.dumps(Problem("a", 1, 2, "/p", rule="SN101", message="m", spec="s").as_dict()))
    assert row["rule_name"] == "unknown-key" and row["line"] == 1 and row["spec"] == "s"


def test_a_spec_error_holds_everything_sorted():
    problems = [Problem("a", 3, 1, message="b"), Problem("a", 1, 1, message="a")]
    error = SpecError(iter(problems))
    assert error.problems == sorted(problems)
    assert str(error).splitlines() == [str(problem) for problem in sorted(problems)]
    assert isinstance(error, ValueError)
    assert str(SpecWarning(problems[0])) == str(problems[0])
    assert has_errors(problems) and not has_errors([Problem(severity="warning")])


def test_a_notebook_shows_the_problems_alone():
    problems = [Problem("a", 3, 1, message="b"), Problem("a", 1, 1, message="a", hint="c")]
    lines = SpecError(problems)._render_traceback_()
    assert lines == ["SpecError: a:1:1: error  [] a (c)", "a:3:1: error  [] b"]


KEYS = st.text(max_size=6) | st.integers(0, 20)


@given(st.lists(KEYS, max_size=4))
def test_a_problem_has_its_path_and_the_pointer_of_it(path):
    problem = WRONG_TYPE.at(path, "wrong")
    assert (problem.path, problem.pointer, problem.rule) == (tuple(path), pointer(path), "SN104")
    moved = problem.at(("net", *path))
    assert (moved.path, moved.pointer) == (("net", *path), "/net" + pointer(path))


def test_things_by_name():
    assert what(("a", "net", "conv_hid_layers", 0, 1)) == "kernel_size of row 1 of conv_hid_layers"
    assert what(("conv_hid_layers", 0, 3, 1)) == "entry 2 of padding of row 1 of conv_hid_layers"
    assert what(("conv_hid_layers", 0, 8)) == "entry 9 of row 1 of conv_hid_layers"
    assert what(("critic_hid_layers", 1, 0)) == "layer 1 of the body of critic_hid_layers"
    assert what(("hid_layers", 0, 1)) == "head 2 of hid_layers"
    assert what((0, 1)) == "entry 2 of entry 1 of the net"
    assert "\x1b" not in what(("\x1b",))
