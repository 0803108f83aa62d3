"""Layers that leave the sizes: what they need all the same, and what they do to integers."""

import pytest
from small_layers import misfit, of, output, told


@pytest.mark.parametrize(
    ("name", "integer"), [("ReLU", True), ("Tanh", False), ("Identity", True), ("Hardtanh", True), ("Sigmoid", False)]
)
def test_integers_stay_or_become_floats(name, integer):
    assert output(name, {}, of(8, integer=True)) == of(8, integer=integer)


@pytest.mark.parametrize("name", ["GELU", "Dropout", "Softmax", "PReLU"])
def test_integers_are_refused(name):
    assert str(misfit(name, {}, of(8, integer=True))) == "gets integers, and needs floats"


def test_a_tuple_goes_through_identity():
    assert output("Identity", {}, (of(8), of(4))) == (of(8), of(4))


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax", "Softmin", "GLU"])
def test_nothing_goes_over_the_batch(name):
    why = misfit(name, {"dim": 0}, of(8))
    assert (str(why), why.argument, why.fits, why.batch) == (
        *("gets (batch, 8), and mixes the samples of the batch", "dim"),
        *(1, True),
    )


def test_softmax_without_a_dim_is_over_the_last():
    assert output("Softmax", {}, of(4, 8)) == of(4, 8)
    assert misfit("Softmax", {}, of()).batch


def test_a_dimension_that_is_not_there():
    assert told("Softmax", {"dim": 2}, of(8)) == ("gets (batch, 8), which has no dimension 2", "dim", 1)
    assert told("Softmax", {"dim": -3}, of(8, batch=1)) == ("gets (8, batch), which has no dimension -3", "dim", 0)


def test_whole_samples_are_not_dropped():
    why = misfit("Dropout1d", {}, of(8))
    assert (why.hint, why.batch) == ("use Dropout", True)
    assert output("Dropout1d", {}, of(4, 8)) == of(4, 8)


def test_one_slope_for_all_or_one_a_channel():
    assert output("PReLU", {}, of(8)) == of(8)
    assert told("PReLU", {"num_parameters": 3}, of(8, 3))[1:] == ("num_parameters", 8)


def test_a_gate_halves():
    assert output("GLU", {}, of(4, 8)) == of(4, 4)
    assert "an even size in dimension 1" in str(misfit("GLU", {}, of(7)))


def test_softmax_over_channels_needs_an_image():
    assert output("Softmax2d", {}, of(3, 8, 8)) == of(3, 8, 8)
    assert misfit("Softmax2d", {}, of(8, 8)).batch
    assert not misfit("Softmax2d", {}, of(8)).batch
