"""Norms: the features that they are made for, and where the batch may be."""

import pytest
from small_layers import made, misfit, of, output, told


@pytest.mark.parametrize(
    ("written", "shape", "fits"),
    [(16, of(8), 8), ([16], of(8), [8]), ([4, 16], of(4, 8), [4, 8]), ([4, 8], of(8), [8])],
)
@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm"])
def test_the_right_shape_in_the_form_that_was_written(name, written, shape, fits):
    why = misfit(name, {"normalized_shape": written}, shape)
    assert (why.argument, why.fits, why.hint) == ("normalized_shape", fits, f"write {fits}")


def test_what_a_norm_over_the_last_dimensions_says():
    assert str(misfit("LayerNorm", {"normalized_shape": 16}, of(8))) == "gets (batch, 8), and is made for (…, 16)"
    assert misfit("LayerNorm", {"normalized_shape": 8}, of(8, batch=1)).batch


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchRenorm1d", "SyncBatchNorm"])
def test_features_of_a_batch_norm(name):
    said = "gets (batch, 4), and is made for 6 features"
    assert told(name, {"num_features": 6}, of(4)) == (said, "num_features", 4)


def test_dimensions_of_a_batch_norm():
    said = "gets (batch, 4, 8, 8), and needs (batch, channels) or (batch, channels, length)"
    assert str(misfit("BatchNorm1d", {"num_features": 4}, of(4, 8, 8))) == said
    assert str(misfit("LazyBatchNorm2d", {}, of(4))) == "gets (batch, 4), and needs (batch, channels, height, width)"
    assert output("BatchRenorm1d", {"num_features": 4}, of(4, 8, 8)) == of(4, 8, 8)
    assert misfit("BatchNorm1d", {"num_features": 4, "affine": False}, of(4, batch=1)).batch


def test_a_norm_that_learns_nothing_takes_any_features():
    nothing = {"num_features": 4, "affine": False, "track_running_stats": False}
    assert made("BatchNorm1d", nothing, of(8)) == (of(8), 0)
    assert misfit("BatchNorm1d", nothing, of(8, batch=1)).batch


def test_instance_norm_needs_more_than_one_number():
    said = "gets (batch, 4, 1), and needs more than one number a channel"
    assert str(misfit("InstanceNorm1d", {"num_features": 4}, of(4, 1))) == said


def test_groups_divide_the_channels():
    said = "has 3 groups, which do not divide 8 channels"
    assert told("GroupNorm", {"num_groups": 3, "num_channels": 8}, None) == (said, "num_groups", 2)
    assert told("GroupNorm", {"num_groups": 2, "num_channels": 8}, of(6))[1:] == ("num_channels", 6)
    assert misfit("GroupNorm", {"num_groups": 2, "num_channels": 8}, of(8, batch=1)).batch


def test_neighbours_are_channels():
    assert output("LocalResponseNorm", {"size": 2}, of(4, 8)) == of(4, 8)
    assert misfit("LocalResponseNorm", {"size": 2}, of(4, 8, batch=1)).batch
