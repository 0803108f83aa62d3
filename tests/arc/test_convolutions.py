"""Convolutions: what is too small for them, and groups, padding and channels that do not go together."""

import pytest
from small_layers import made, misfit, of, output, told

CONV = {"in_channels": 3, "out_channels": 4, "kernel_size": 3}
LAZY = {"out_channels": 4, "kernel_size": 3}


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("LazyConv1d", "(batch, channels, length)"),
        ("LazyConv2d", "(batch, channels, height, width)"),
        ("LazyConvTranspose3d", "(batch, channels, depth, height, width)"),
    ],
)
def test_a_vector_is_no_image(name, needs):
    why = misfit(name, LAZY, of(6))
    assert (str(why), why.batch) == (f"gets (batch, 6), and needs {needs}", False)


@pytest.mark.parametrize("shape", [of(3, 8, 8, batch=1), of(3, 8, 8, batch=3), of(8, 8, batch=1)])
def test_the_batch_comes_first(shape):
    assert misfit("LazyConv2d", LAZY, shape).batch


def test_the_largest_kernel_that_fits():
    square, list_of_two = {**LAZY, "kernel_size": 9}, {**LAZY, "kernel_size": [3, 9]}
    assert told("LazyConv2d", square, of(3, 8, 6)) == ("gets 8x6, and has a kernel of 9x9", "kernel_size", 6)
    assert told("LazyConv2d", list_of_two, of(3, 8, 6))[1:] == ("kernel_size", [8, 6])
    assert misfit("LazyConv2d", square, of(3, 8, 6)).hint == "write at most 6"


def test_padding_and_dilation_are_said_if_they_matter():
    arguments = {**LAZY, "kernel_size": 9, "padding": 1, "dilation": 2}
    said = "gets 8x6 (padded to 10x8), and has a kernel of 9x9 with dilation 2x2"
    assert told("LazyConv2d", arguments, of(3, 8, 6)) == (said, "kernel_size", 4)


def test_channels():
    assert told("Conv2d", CONV, of(4, 8, 8)) == ("gets (batch, 4, 8, 8), and is made for 3 channels", "in_channels", 4)


@pytest.mark.parametrize(("outputs", "fits", "hint"), [(4, 1, "write 1"), (9, 3, "write 3 or 1")])
def test_groups_divide_all_channels(outputs, fits, hint):
    why = misfit("LazyConv2d", {**LAZY, "out_channels": outputs, "groups": 2}, of(3, 8, 8))
    said = f"has 2 groups, which do not divide 3 input and {outputs} output channels"
    assert (str(why), why.argument, why.fits, why.hint) == (said, "groups", fits, hint)


def test_arguments_against_each_other_are_told_without_an_input():
    assert misfit("Conv2d", {**CONV, "groups": 2}, None).argument == "groups"
    assert misfit("Conv2d", {**CONV, "padding": "same", "stride": 2}, None).argument == "padding"


def test_padding_that_keeps_the_size():
    assert output("LazyConv2d", {**LAZY, "kernel_size": [2, 5], "padding": "same"}, of(3, 8, 8)) == of(4, 8, 8)
    assert output("LazyConv2d", {**LAZY, "padding": "valid"}, of(3, 8, 8)) == of(4, 6, 6)


@pytest.mark.parametrize(("mode", "most"), [("reflect", 1), ("circular", 2)])
def test_padding_that_the_image_can_fill(mode, most):
    arguments = {**LAZY, "padding": 3, "padding_mode": mode}
    assert told("LazyConv1d", arguments, of(3, 2))[1:] == ("padding", most)
    assert output("LazyConv1d", {**arguments, "padding_mode": "replicate"}, of(3, 2)) == of(4, 6)


def test_a_transposed_convolution_takes_padding_away():
    said = "gets 1, makes 3 of it, and takes 2 away on each side"
    assert told("LazyConvTranspose1d", {**LAZY, "padding": 2}, of(3, 1)) == (said, "padding", 1)
    assert told("LazyConvTranspose1d", {**LAZY, "output_padding": 2, "stride": 2}, of(3, 8))[1:] == (
        "output_padding",
        1,
    )
    assert made("LazyConvTranspose1d", {**LAZY, "output_padding": 1, "stride": 2}, of(3, 8)) == (of(4, 18), 40)


def test_patches_and_back():
    patches = output("Unfold", {"kernel_size": 3}, of(2, 8, 8))
    assert patches == of(18, 36)
    assert output("Fold", {"kernel_size": 3, "output_size": 8}, patches) == of(2, 8, 8)
    assert told("Fold", {"kernel_size": 3, "output_size": 9}, patches)[:2] == (
        *("gets (batch, 18, 36), and needs 49 places for an image of 9x9",),
        *("output_size",),
    )
    assert misfit("Fold", {"kernel_size": 5, "output_size": 8}, patches).argument == "kernel_size"
    assert misfit("Unfold", {"kernel_size": 3}, of(8, 8)).batch
