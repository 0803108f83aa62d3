"""Pools: windows that do not fit, and where the images may be."""

import pytest
from small_layers import misfit, of, output, told

HALF = {"kernel_size": 2}


def test_the_largest_window_that_fits():
    arguments = {"kernel_size": 12}
    assert told("MaxPool2d", arguments, of(4, 10, 10)) == ("gets 10x10, and has a kernel of 12x12", "kernel_size", 10)
    assert told("AvgPool2d", {"kernel_size": [12, 3]}, of(4, 10, 10))[1:] == ("kernel_size", [10, 10])


def test_a_pool_needs_images():
    said = "gets (batch, 6), and needs (batch, channels, height, width)"
    assert str(misfit("MaxPool2d", HALF, of(6))) == said
    assert misfit("MaxPool2d", HALF, of(4, 8, batch=2)).batch


def test_an_image_without_channels_is_pooled_sample_by_sample():
    assert output("MaxPool2d", HALF, of(8, 8)) == of(4, 4)
    assert output("AvgPool1d", HALF, of(8)) == of(4)


def test_ceil_mode_lets_a_window_stand_over():
    assert output("MaxPool1d", HALF, of(1, 7)) == of(1, 3)
    assert output("MaxPool1d", {**HALF, "ceil_mode": True}, of(1, 7)) == of(1, 4)


def test_padding_is_half_a_window_at_most():
    said = "has a padding of more than half of its kernel of 2"
    assert told("AvgPool1d", {**HALF, "padding": 2}, of(1, 8)) == (said, "padding", 1)
    wide = {"kernel_size": 3, "padding": 2, "dilation": 2}  # which counts without its gaps
    assert told("MaxPool2d", wide, of(1, 8, 8)) == (said.replace("2", "3x3"), "padding", 1)


def test_integers_are_pooled_but_in_one_dimension():
    both = {**HALF, "return_indices": True}
    assert output("MaxPool2d", HALF, of(1, 8, 8, integer=True)).integer
    assert all(shape.integer for shape in output("MaxPool1d", both, of(1, 8, integer=True)))
    assert "needs floats" in str(misfit("MaxPool1d", HALF, of(1, 8, integer=True)))


def test_indices_are_integers():
    both = output("MaxPool1d", {**HALF, "return_indices": True}, of(1, 8))
    assert both == (of(1, 4), of(1, 4, integer=True))
    assert output("MaxUnpool1d", HALF, *both) == of(1, 8)
    assert misfit("MaxUnpool1d", HALF, both[0], both[0]).source == 1
    assert misfit("MaxUnpool1d", HALF, of(1, 3), both[1]).source == 1


@pytest.mark.parametrize(("size", "sizes"), [(3, (3, 3)), ([2, 5], (2, 5)), ([None, 5], (8, 5))])
def test_adaptive_sizes_are_as_asked(size, sizes):
    assert output("AdaptiveAvgPool2d", {"output_size": size}, of(4, 8, 9)) == of(4, *sizes)


def test_a_fractional_pool_of_three_dimensions_leaves_the_last_place_out():
    most = {"kernel_size": 2, "output_size": 2}
    assert output("FractionalMaxPool3d", most, of(1, 4, 4, 4)) == of(1, 2, 2, 2)
    assert told("FractionalMaxPool3d", {**most, "output_size": 3}, of(1, 4, 4, 4))[1:] == ("output_size", 2)
    assert told("FractionalMaxPool3d", {"kernel_size": 4, "output_size": 1}, of(1, 4, 4, 4))[1:] == ("kernel_size", 3)


def test_a_size_or_a_ratio():
    assert output("FractionalMaxPool2d", {**HALF, "output_ratio": 0.5}, of(4, 8, 8)) == of(4, 4, 4)
    assert "either output_size or output_ratio" in str(misfit("FractionalMaxPool2d", HALF, of(4, 8, 8)))
    assert told("FractionalMaxPool2d", {**HALF, "output_size": 8}, of(4, 8, 8))[1:] == ("output_size", 7)
