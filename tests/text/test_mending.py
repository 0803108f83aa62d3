"""Changes of a text, and where its characters stood before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm_net.text.mending import Change, Mended, applied


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ([], "abcdef"),
        ([Change(4, 5, ""), Change(0, 1, "xyz")], "xyzbcdf"),
        ([Change(2, 2, "-"), Change(2, 3, "C")], "ab-Cdef"),
        ([Change(1, 4, "x"), Change(2, 3, "y")], "axef"),
    ],
)
def test_applied(changes, after):
    assert applied("abcdef", changes) == after


@st.composite
def rounds(draw):
    """Changes that are made one after the other, as the reader makes them."""
    return draw(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4), st.text("xyz", max_size=3)), max_size=8))


@given(rounds())
def test_what_was_there_before_is_found_where_it_stood(steps):
    text = "abcdefghijklmnopqrstuvw"
    mended = Mended(text)
    for at, size, new in steps:
        start = min(at, len(mended.text))
        mended.change([Change(start, min(start + size, len(mended.text)), new)])
    for offset, char in enumerate(mended.text):
        assert 0 <= mended.origin(offset) <= len(text)
        if char not in "xyz":
            assert text[mended.origin(offset)] == char


@given(rounds())
def test_changes_of_one_round_are_given_back_at_the_offsets_of_the_file(steps):
    mended = Mended("0123456789" * 4)
    made, least = [], 0
    for at, size, new in sorted(steps):
        start = max(at, least)
        made.append(Change(start, start + size, new))
        least = start + size + 1
    assert mended.change(made) == tuple(made)
    assert mended.text == applied("0123456789" * 4, made)
