"""Offsets as editors count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm_net.server.positions import Point, Positions

TEXT = "a\r\n\U0001f600b\rc\n\u00e9\u6f22"


@pytest.mark.parametrize(("encoding", "b", "last"), [("utf-8", 4, 5), ("utf-16", 2, 2), ("utf-32", 1, 2)])
def test_each_encoding(encoding, b, last):
    positions = Positions(TEXT, encoding)
    assert positions.point(TEXT.index("b")) == Point(1, b)
    assert positions.point(len(TEXT)) == Point(3, last)


@given(
    st.text(alphabet='ab\n\r\U0001f600\u00e9\u2028\x0c{"', max_size=30), st.sampled_from(["utf-8", "utf-16", "utf-32"])
)
def test_there_and_back(text, encoding):
    positions = Positions(text, encoding)
    for offset in range(len(text) + 1):
        if text[max(offset - 1, 0) : offset + 1] != "\r\n":
            assert positions.offset(positions.point(offset)) == offset


def test_what_is_behind_the_end_is_the_end():
    positions = Positions("ab\ncd")
    assert positions.offset(Point(0, 99)) == 2
    assert positions.offset(Point(9, 0)) == 5


def test_half_an_emoji_is_before_it():
    assert Positions("\U0001f600").offset(Point(0, 1)) == 0


def test_what_a_problem_is_about():
    positions = Positions('{"lr": "high"}\nx')
    assert positions.culprit(1, 8) == (7, 13)
    assert positions.culprit(0, 0) == (0, 0)
    assert positions.culprit(9, 1) == (0, 0)
