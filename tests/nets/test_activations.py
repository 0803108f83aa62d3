import warnings

import pytest
import torch
from torch import nn

from slm_net.nets.activations import ACTIVATIONS, make_activation, per_layer
from slm_net.registry import RegistryError

REQUIRED = {"Threshold": {"threshold": 0.1, "value": -1.0}}


@pytest.mark.parametrize("name", ACTIVATIONS.names())
def test_every_activation_builds_and_keeps_the_shape(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        activation = make_activation({"name": name, **REQUIRED.get(name, {})})
        y = activation(torch.randn(3, 5))
    assert isinstance(activation, ACTIVATIONS[name])
    assert y.shape == (3, 5)
    assert name == ACTIVATIONS[name].__name__


def test_null_is_no_module():
    assert make_activation(None) is None


@pytest.mark.parametrize("written", [{}, {"dim": None}])
@pytest.mark.parametrize("name", ["Softmax", "Softmin", "LogSoftmax"])
def test_softmax_family_sums_over_the_features(name, written):
    y = make_activation({"name": name, **written})(torch.randn(4, 3))
    y = y.exp() if name == "LogSoftmax" else y
    torch.testing.assert_close(y.sum(dim=-1), torch.ones(4))


def test_written_arguments_reach_torch():
    assert make_activation({"name": "LeakyReLU", "negative_slope": 0.2}).negative_slope == 0.2
    assert make_activation({"name": "Softmax", "dim": 0}).dim == 0
    assert make_activation({"name": "PReLU", "num_parameters": 3, "init": 0.1}).weight.tolist() == pytest.approx(
        [0.1] * 3
    )


@pytest.mark.parametrize("name", ["Module", "Dropout", "GLU", "relu"])
def test_only_registered_names_build(name):
    with pytest.raises(RegistryError, match="no activation"):
        make_activation({"name": name})


def test_per_layer():
    relu, tanh = {"name": "ReLU"}, {"name": "Tanh"}
    assert per_layer(relu, 3, "key") == [relu] * 3
    assert per_layer(None, 2, "key") == [None, None]
    assert per_layer([relu, None, tanh], 3, "key") == [relu, None, tanh]
    with pytest.raises(ValueError, match="hid_layers_activation lists 1 activations for 2 layers"):
        per_layer([relu], 2, "hid_layers_activation")


def test_every_call_gives_a_new_module():
    spec = {"name": "PReLU"}
    first, second = make_activation(spec), make_activation(spec)
    assert isinstance(first, nn.PReLU)
    assert first is not second
    assert spec == {"name": "PReLU"}
