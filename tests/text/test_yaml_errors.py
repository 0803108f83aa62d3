"""What every mistake in a YAML text is called, and where it is."""

import pytest
from rule_ids import RULE_IDS

from slm_net.text.mending import applied
from slm_net.text.yaml12 import read_yaml


@pytest.mark.parametrize(
    ("text", "rule", "place", "words"),
    [
        ("a: [1, 2\nb: 3\n", "syntax", (2, 2), "the [ opened at 1:4 is not closed"),
        ("a: {b: 1", "syntax", (1, 9), "the { opened at 1:4 is not closed"),
        ("a: 1\n   b: 2\n", "syntax", (2, 5), "a key stands where none can be"),
        ("a: [1]\n   b: 2\n", "syntax", (2, 4), "the indentation fits to nothing"),
        ("a:\n\tb: 1\n", "syntax", (2, 1), "a tab where the indentation is"),
        ("a: b: c\n", "syntax", (1, 5), "a key stands where none can be"),
        ("- 1\nb: 2\n", "syntax", (2, 1), "the indentation fits to no list"),
        ("a: 'x", "syntax", (1, 6), "the quoted text opened at 1:4 is never closed"),
        ('a: "\\q"', "syntax", (1, 5), "an invalid escape"),
        ("a: 1\nb:2\nc: 3\n", "syntax", (2, 3), "a space is missing after the colon"),
        ("type:MLPNet\nb: 3\n", "syntax", (1, 6), "a space is missing after the colon"),
        ("a:\n  b:2\n  c: 3\n", "syntax", (2, 5), "a space is missing after the colon"),
        ("- a: 1\n- b:2\n  c: 3\n", "syntax", (2, 5), "a space is missing after the colon"),
        ("a: {b: ${lr}}\n", "syntax", (1, 8), "a variable in { } without quotes"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n", "syntax", (2, 1), "a marker of a merge conflict"),
        ("a: @x", "syntax", (1, 4), "a text cannot begin with @"),
        ("a: !e!x 1", "tag-not-allowed", (1, 4), "this tag is not allowed"),
        ("[" * 60 + "@", "syntax", (1, 61), "a text cannot begin with @"),
    ],
)
def test_one_syntax_error_with_place_and_words(text, rule, place, words):
    found, *others = read_yaml(text).problems
    assert len(others) == text.startswith("[[")  # where the brackets are not closed either
    assert (found.rule, (found.line, found.column)) == (RULE_IDS[rule], place)
    assert found.message.startswith(words)


SEVERAL = """\
type:MLPNet,
hid_layers: [8],  # c
act = relu
// no
clip: @x
optim: {lr: ${lr}}
tick: `a "b"`
"""


def test_slips_on_a_line_are_all_told_and_can_be_cured():
    reading = read_yaml(SEVERAL)
    assert reading.data == {
        "type": "MLPNet",
        "hid_layers": [8],
        "act": "relu",
        "clip": "@x",
        "optim": {"lr": "${lr}"},
        "tick": 'a "b"',
    }
    assert sorted((problem.line, problem.message[:20]) for problem in reading.problems) == [
        (1, "a comma at the end o"),
        (1, "a space is missing a"),
        (2, "a comma at the end o"),
        (3, "= between key and va"),
        (4, "// does not begin a "),
        (5, "a text cannot begin "),
        (6, "a variable in { } wi"),
        (7, "a text cannot begin "),
    ]
    after = read_yaml(applied(SEVERAL, [edit.value for problem in reading.problems for edit in problem.fix]))
    assert (after.problems, after.data) == ((), reading.data)
    for path in (("optim", "lr"), ("tick",)):
        assert SEVERAL[reading.places.find(path).start] in "$`"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 0.5,\nb: null,\nc: x,\n", {"a": 0.5, "b": None, "c": "x"}),
        ('"a": 1,\n"b": "x",\n"c": [1]\n', {"a": 1, "b": "x", "c": [1]}),
    ],
)
def test_lines_that_end_with_commas_as_in_json(text, data):
    reading = read_yaml(text)
    assert reading.data == data
    assert all("comma" in problem.message and problem.fix for problem in reading.problems)
    assert read_yaml(applied(text, [edit.value for problem in reading.problems for edit in problem.fix])).data == data


@pytest.mark.parametrize("text", ["a: first, second,\n", "a: 'x,'\n", "a: >\n  x,\n", "a: ','\n", "a: [x, y,]\n"])
def test_a_comma_that_may_be_meant_stays(text):
    assert read_yaml(text).problems == ()


def test_tabs_are_spaces_if_nothing_else_indents():
    reading = read_yaml("a:\n\tb:\n\t\tc: 1\n\td: 2\n")
    (problem,) = reading.problems
    assert reading.data == {"a": {"b": {"c": 1}, "d": 2}}
    assert len(problem.fix) == 3
    for mixed in ("a:\n\tb: 1\nc:\n  d: 1\n", "a:\n\tb: |\n\t\tx\n"):
        (problem,) = read_yaml(mixed).problems
        assert problem.message == "a tab where the indentation is" and not problem.fix


def test_what_is_json_is_told_to_be_json():
    reading = read_yaml('{\n  // c\n\t"a": [1, 2,],\n}\n')
    (problem,) = reading.problems
    assert reading.data == {"a": [1, 2]}
    assert problem.message.startswith("this is JSON") and problem.line > 1


def test_of_several_documents_the_first_is_read():
    reading = read_yaml("a: 1\n---\nb: 2\n")
    (problem,) = reading.problems
    assert (reading.data, problem.line) == ({"a": 1}, 2)
    assert problem.message.startswith("a second document")


def test_a_text_of_slips_is_not_read_for_ever():
    reading = read_yaml("a:1\n" * 100_000)
    assert len(reading.problems) < 10
