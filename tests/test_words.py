"""Texts that are safe to print, near names, lists in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm_net.words import did_you_mean, listing, nearest, visible


@given(st.text(max_size=200))
def test_visible_texts_are_printable_and_short(text):
    shown = visible(text, 40)
    assert shown.isprintable() and len(shown) <= 400
    assert not (text.isprintable() and len(text) <= 40) or shown == text


@pytest.mark.parametrize(
    ("word", "choices", "guess"),
    [
        ("Adma", ["SGD", "Adamax", "Adam"], "Adam"),
        ("adam", ["AdamW", "Adam"], "Adam"),
        ("hid layers", ["fc_hid_layers", "hid_layers"], "hid_layers"),
        ("", ["a"], None),
        ("zzz", ["a"], None),
        ("a" * 10**6, ["a"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_choice(word, choices, guess):
    assert nearest(word, choices) == guess


def test_aliases_come_first_if_they_are_choices():
    assert nearest("Swish", ["silu", "swash"], {"swish": "silu"}) == "silu"
    assert nearest("Swish", ["swash"], {"swish": "silu"}) == "swash"


def test_hints_and_lists():
    assert did_you_mean("relux", ["relu", "tanh"]) == "did you mean 'relu'?"
    assert did_you_mean("zzz", ["relu", "tanh"]) == "expected relu, tanh"
    assert did_you_mean("zzz", []) == ""
    assert listing([str(n) for n in range(15)]).endswith(", 11 and 3 more")
