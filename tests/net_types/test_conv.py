"""Convolution arithmetic against torch's own."""

import re

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net import validate
from slm_net.net_types.conv import ConvolutionError, conv_layer, conv_output_shape, conv_shapes, smallest_image

CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}


@st.composite
def rows_and_inputs(draw):
    """(channels, *sizes), and rows that may or may not fit."""
    rank = draw(st.integers(1, 3))
    in_dim = (draw(st.integers(1, 4)), *draw(st.lists(st.integers(1, 14), min_size=rank, max_size=rank)))

    def sizes(low, high):
        return st.integers(low, high) | st.lists(st.integers(low, high), min_size=rank, max_size=rank)

    rows = []
    for _ in range(draw(st.integers(1, 3))):
        row = [draw(st.integers(1, 4)), draw(sizes(1, 5)), draw(sizes(1, 3))]
        row += [draw(sizes(0, 3) | st.sampled_from(["same", "valid"])), draw(sizes(1, 3)), draw(st.integers(1, 3))]
        rows.append(row[: draw(st.integers(2, 6))])
    return in_dim, rows


def torch_shape(in_dim, rows):
    x = torch.zeros(1, *in_dim)
    with torch.no_grad():
        for row in rows:
            arguments = [tuple(entry) if isinstance(entry, list) else entry for entry in row]
            x = CONVOLUTIONS[len(in_dim) - 1](x.shape[1], *arguments)(x)
    return tuple(x.shape[1:])


@settings(max_examples=200, deadline=None)
@given(rows_and_inputs())
def test_shapes_are_those_of_torch_and_so_are_refusals(case):
    in_dim, rows = case
    try:
        shape = conv_output_shape(in_dim, rows)
    except ConvolutionError as error:
        assert conv_output_shape(in_dim, rows[: error.row])
        with pytest.raises((ValueError, RuntimeError)):
            torch_shape(in_dim, rows[: error.row + 1])
    else:
        assert shape == torch_shape(in_dim, rows)


@settings(max_examples=200, deadline=None)
@given(rows_and_inputs())
def test_what_a_hint_suggests_really_fits(case):
    in_dim, rows = case
    try:
        conv_output_shape(in_dim, rows)
    except ConvolutionError as error:
        mended = [list(row) for row in rows[: error.row + 1]]
        reached = conv_output_shape(in_dim, mended[:-1])
        assume("fits" in error.hint)
        kernel = re.search(r"a kernel of at most ([0-9x]+) fits", error.hint)
        padding = re.search(r"padding of ([0-9]+)", error.hint)
        if kernel:  # in each dimension the largest that fits
            largest = [int(size) for size in kernel[1].split("x")]
            smaller = [
                min(pair) for pair in zip(largest, conv_layer(mended[-1], len(largest)).kernel_size, strict=True)
            ]
            assert conv_output_shape(reached, [[mended[-1][0], smaller, *mended[-1][2:]]])
            assert str(max(reached[1:])) in str(error)
        padded = (mended[-1] + [1, 0])[:3] if len(mended[-1]) < 3 else mended[-1][:3]
        assert conv_output_shape(reached, [[*padded, int(padding[1]), *mended[-1][4:]]])


@pytest.mark.parametrize(
    ("in_dim", "rows", "shape"),
    [
        ((4, 84, 84), [], (4, 84, 84)),
        ((4, 84, 84), [[32, 8, 4, 0, 1], [64, 4, 2, 0, 1], [64, 3, 1, 0, 1]], (64, 7, 7)),
        ((3, 10), [[8, 3]], (8, 8)),
        ((1, 6, 6, 6), [[8, [2, 3, 4], 2]], (8, 3, 2, 2)),
        ((4, 20, 30), [[8, 5, 1, "same", 2]], (8, 20, 30)),
        ((4, 20, 30), [[8, [3, 5], [1, 2], [1, 0]]], (8, 20, 13)),
    ],
)
def test_known_shapes(in_dim, rows, shape):
    assert conv_output_shape(in_dim, rows) == shape


@pytest.mark.parametrize(
    ("in_dim", "rows", "row", "entry", "message", "hint"),
    [
        (
            (4, 10, 10),
            [[8, 4], [8, 9]],
            1,
            None,
            "a kernel of 9x9 does not fit into the 7x7 that reaches row 2",
            "7x7 fits, or padding of 1",
        ),
        ((4, 10, 10), [[8, 4, 1, 0, 4]], 0, None, "with dilation 4x4 (reaching over 13x13)", "at most 3x3 fits"),
        ((4, 10, 3), [[8, 9, 1, 1]], 0, None, "into the 10x3 (padded to 12x5)", "at most 12x5 fits, or padding of 3"),
        ((4, 10, 10), [[6, 3, 1, 0, 1, 4]], 0, 5, "4 groups do not divide 4 input and 6 output channels", "use 2 or 1"),
        ((4, 10, 10), [[8, 3, 2, "same"]], 0, 3, 'padding "same" needs a stride of 1', "make the stride 1"),
        ((4, 10), [[8, [3, 3]]], 0, 1, "2 sizes for a 1-d convolution", "give one number"),
        ((4, 10, 10), [[8, 3, 1, [1]]], 0, 3, "1 size for a 2-d convolution", "or 2 of them"),
    ],
)
def test_a_row_that_does_not_fit_says_why_and_what_would(in_dim, rows, row, entry, message, hint):
    with pytest.raises(ConvolutionError) as error:
        list(conv_shapes(in_dim, rows))
    assert (error.value.row, error.value.entry) == (row, entry)
    assert message in str(error.value) and hint in error.value.hint


def test_the_problem_stands_at_the_row():
    net = {"type": "ConvNet", "conv_hid_layers": [[8, 4], [8, 9]], "fc_hid_layers": [], "hid_layers_activation": "relu"}
    [problem] = validate(net, in_dim=(4, 10, 10))
    assert (problem.pointer, problem.rule_name) == ("/conv_hid_layers/1", "convolution-does-not-fit")


def test_huge_sizes_are_only_numbers():
    assert conv_output_shape((10**9, 10**9), [[10**12, 3]]) == (10**12, 10**9 - 2)


def test_the_smallest_image_has_the_channels_that_groups_need():
    assert smallest_image([[8, 3, 2, 1, 1, 4], [8, 3, 1, "same"]]) == (4, 1)
    assert smallest_image([]) == (1, 1)
