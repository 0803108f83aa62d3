"""What every mistake in a YAML text is called, and where it is."""

import pytest
from rule_ids import RULE_IDS

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
