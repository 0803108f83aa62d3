"""Boxes do not lie on each other, and arrows lead down from edge to edge."""

from hypothesis import given, settings
from hypothesis import strategies as st

from slm_net.drawing.layout import BELOW, BESIDE, laid_out


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 14))
    sizes = draw(st.lists(st.tuples(st.integers(20, 200), st.integers(20, 90)), min_size=count, max_size=count))
    pairs = [(start, end) for end in range(count) for start in range(end)]
    return sizes, sorted(draw(st.sets(st.sampled_from(pairs), max_size=2 * count))) if pairs else []


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_nothing_lies_on_something_else(graph):
    sizes, arrows = graph
    laid = laid_out(sizes, arrows)
    boxes = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(laid.corners, sizes, strict=True)]
    for index, (left, top, right, bottom) in enumerate(boxes):
        assert -0.01 <= left <= right <= laid.width + 0.01
        assert -0.01 <= top <= bottom <= laid.height + 0.01
        for a, b, c, d in boxes[:index]:
            assert c + BESIDE <= left + 0.01 or right + BESIDE <= a + 0.01 or bottom < b or d < top
    for (start, end), points in laid.ways.items():
        ys = [y for _, y in points]
        assert ys == sorted(ys)
        assert ys[0] == boxes[start][3] and ys[-1] == boxes[end][1]
        assert boxes[end][0] <= points[-1][0] <= boxes[end][2]


def test_a_chain_is_straight_and_heads_stand_beside_each_other():
    laid = laid_out([(80, 30), (120, 50), (60, 30), (60, 30)], [(0, 1), (1, 2), (1, 3)])
    assert laid.corners[0][0] + 40 == laid.corners[1][0] + 60
    assert laid.corners[2][1] == laid.corners[3][1] == 30 + BELOW + 50 + BELOW
    assert laid.corners[3][0] - laid.corners[2][0] == 60 + BESIDE


def test_ends_stand_last_and_what_is_late_above_them():
    laid = laid_out([(10, 10)] * 5, [(0, 1), (1, 2), (0, 3), (4, 3)], ends=[3], late=[4])
    tops = [y for _, y in laid.corners]
    assert tops[3] == tops[2]
    assert tops[4] == tops[1]


def test_nothing_at_all():
    assert laid_out([], []).width == 0
