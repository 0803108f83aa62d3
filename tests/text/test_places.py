"""Lines and columns of offsets, and back, in texts of several blocks and with every kind of line break."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from slm_net.text.places import BLOCK, Lines

PIECES = st.lists(st.sampled_from(["\r", "\n", "\r\n", "a", "bc", "é\U0001f600"]), max_size=12).map("".join)


@settings(max_examples=200, deadline=None)
@given(PIECES, st.integers(BLOCK - 8, BLOCK + 2), PIECES, st.sampled_from(["", "\n", "\r"]))
def test_positions_are_those_of_a_walk_over_the_text(start, size, end, filler):
    text = start + ("x" * 7 + (filler or "x")) * (size // 8) + "x" * (size % 8) + end
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    lines = Lines(text)
    assert lines.count == len(starts)
    assert [lines.start(line) for line in (0, len(starts), len(starts) + 1)] == [None, starts[-1], None]
    for offset in {*range(30), *range(BLOCK - 20, BLOCK + 20), len(text)}:
        if offset > len(text) or text[offset - 1 : offset + 1] == "\r\n":
            continue
        line = sum(begin <= offset for begin in starts)
        assert lines.position(offset) == (line, offset - starts[line - 1] + 1)
        assert lines.start(line) == starts[line - 1]


def test_inside_a_line_break_is_its_begin():
    assert Lines("a\r\nb").position(2) == Lines("a\r\nb").position(1) == (1, 2)
