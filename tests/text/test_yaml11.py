"""What a parser of YAML 1.1 reads otherwise: put right or refused, never other data than YAML 1.2 says."""

import pytest

from slm_net.problems import has_errors
from slm_net.text.yaml12 import read_yaml

REFUSED = {
    "[?x]": (1, 2, "begins with ?"),
    "{ ?foo: bar }": (1, 3, "begins with ?"),
    "[a, ?b]": (1, 5, "begins with ?"),
    "a: [1, {?b: 1}]": (1, 9, "begins with ?"),
    "{?&a x: 1}": (1, 2, "begins with ?"),
    "a: {?<<: {}}": (1, 5, "begins with ?"),
    "a: &an:chor value": (1, 4, "goes on with ':'"),
    "a: !!str &an:chor value": (1, 10, "goes on with ':'"),
    "&an:chor value": (1, 1, "goes on with ':'"),
    "a: &b c\n*b: 1": (2, 1, "goes on with ':'"),
    "a: x\u2028y": (1, 5, "U+2028 ends a line in YAML 1.1"),
    "a: 1 # x\x85b: 2": (1, 9, "U+0085 ends a line in YAML 1.1"),
    "a: '\u2029'": (1, 5, "U+2029 ends a line in YAML 1.1"),
    "> \n# c\n": (1, 1, "a block of text and nothing else"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_be_read_otherwise_is_refused(text):
    problem = next(problem for problem in read_yaml(text).problems if problem.severity == "error")
    assert (problem.line, problem.column) == REFUSED[text][:2]
    assert REFUSED[text][2] in problem.message and problem.hint


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("- |+\n   ", ["\n"]),
        ("foo: |\n  x\n   ", {"foo": "x\n \n"}),
        ("foo: |\n  x\n   \n", {"foo": "x\n \n"}),
        ("a: |+\n  x\n  ", {"a": "x\n\n"}),
        ("a: >-\n  x \n    ", {"a": "x \n  "}),
        ("a: |\n  x", {"a": "x"}),
        ("a: |\n  x  \n  y  ", {"a": "x  \ny  "}),
        ("a: >\n  x  \n  y\n \n", {"a": "x   y\n"}),
        ("a: 1\n   ", {"a": 1}),
        ("[? x : y]", [{"x": "y"}]),
        ("?a: ?b", {"?a": "?b"}),
        ("? a\n: b", {"a": "b"}),
        ("[a?x, b?]", ["a?x", "b?"]),
        ("{a?: 1}", {"a?": 1}),
        ("# why?\na: 1", {"a": 1}),
        ("[&a x, *a, &b]", ["x", "x", None]),
        ("a: &b\n  c: 1\nd: {<<: *b}", {"a": {"c": 1}, "d": {"c": 1}}),
        ("a: & b", None),
        ('a: "x\\u2028y"', {"a": "x\u2028y"}),
    ],
)
def test_what_both_versions_read_alike_is_read(text, data):
    reading = read_yaml(text)
    assert reading.data == data
    assert has_errors(reading.problems) == (data is None)
