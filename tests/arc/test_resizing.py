"""Padding and stretching: what cannot be filled, and modes for other images."""

import pytest
from small_layers import misfit, of, output, told


def test_padding_that_the_image_can_fill():
    assert told("ReflectionPad1d", {"padding": 3}, of(1, 3))[1:] == ("padding", 2)
    assert told("CircularPad2d", {"padding": [1, 1, 1, 4]}, of(1, 3, 5))[1:] == ("padding", [5, 5, 3, 3])
    assert output("ReplicationPad1d", {"padding": 3}, of(1, 1)) == of(1, 7)


def test_constants_go_around_the_last_dimensions():
    assert output("ConstantPad1d", {"padding": [1, 2], "value": 0}, of(8)) == of(11)
    assert output("ZeroPad2d", {"padding": [1, 0, -2, 0]}, of(4, 8, 8)) == of(4, 6, 9)
    assert misfit("ZeroPad2d", {"padding": 1}, of(8)).batch
    assert "leaves nothing" in str(misfit("ZeroPad1d", {"padding": -4}, of(8)))


def test_modes_know_their_dimensions():
    said = "gets (batch, 4, 8), and needs (batch, channels, height, width) for bilinear"
    assert told("Upsample", {"mode": "bilinear", "size": 4}, of(4, 8)) == (said, "mode", "linear")
    assert misfit("Upsample", {"size": 4}, of(8)).fits is None


@pytest.mark.parametrize(("arguments", "argument"), [({}, ""), ({"size": 4, "scale_factor": 2}, "scale_factor")])
def test_a_size_or_a_factor(arguments, argument):
    assert told("Upsample", arguments, of(4, 8))[:2] == ("needs either size or scale_factor", argument)


def test_factors_round_down():
    assert output("Upsample", {"scale_factor": [1.5, 0.5]}, of(4, 5, 5)) == of(4, 7, 2)
    assert "leaves nothing" in str(misfit("Upsample", {"scale_factor": 0.1}, of(4, 5, 5)))


def test_channels_become_pixels_and_back():
    assert output("PixelShuffle", {"upscale_factor": 2}, of(8, 3, 3)) == of(2, 6, 6)
    assert output("PixelUnshuffle", {"downscale_factor": 2}, of(2, 6, 6)) == of(8, 3, 3)
    assert misfit("PixelShuffle", {"upscale_factor": 2}, of(3, 3)).batch
    assert misfit("PixelUnshuffle", {"downscale_factor": 2}, of(2, 5, 6)).argument == "downscale_factor"
    assert told("ChannelShuffle", {"groups": 3}, of(8, 4))[1:] == ("groups", 2)
