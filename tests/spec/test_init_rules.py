"""Init functions against activations: what torch has a gain for, and what has to be said."""

import pytest
import torch

import slm_net
from slm_net.nets.init import TORCH_GAINS
from slm_net.spec.init_rules import WITH_GAIN

XAVIER = ["orthogonal_", "xavier_uniform_", "xavier_normal_"]
KAIMING = ["kaiming_uniform_", "kaiming_normal_"]


def problems(init_fn, activation):
    spec = {"type": "MLPNet", "hid_layers": [8, 8], "hid_layers_activation": activation, "init_fn": init_fn}
    return [(problem.severity, problem.pointer, problem.rule_name) for problem in slm_net.validate(spec)]


@pytest.mark.parametrize("init_fn", XAVIER)
@pytest.mark.parametrize("activation", ["gelu", "elu", "SiLU", "softplus"])
def test_a_gain_of_one_is_a_guess_and_said_to_be_one(init_fn, activation):
    assert problems(init_fn, activation) == [("warning", "/init_fn", "init-without-gain")]
    assert problems({"name": init_fn, "gain": 1.0}, activation) == []


@pytest.mark.parametrize("init_fn", KAIMING)
@pytest.mark.parametrize("activation", ["gelu", "sigmoid", "mish"])
def test_kaiming_must_be_told_what_to_take_the_activation_for(init_fn, activation):
    assert problems(init_fn, activation) == [("error", "/init_fn", "init-without-gain")]
    told = {"name": init_fn, "nonlinearity": "relu"}
    assert problems(told, activation) == []
    spec = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": activation, "init_fn": told}
    assert slm_net.build_net(spec, 4, 2).model(torch.ones(1, 4)).isfinite().all()


@pytest.mark.parametrize("activation", ["relu", "leakyrelu", "tanh", "selu", None, "identity"])
@pytest.mark.parametrize("init_fn", [*XAVIER, *KAIMING, "normal_", "zeros_"])
def test_no_word_where_torch_knows_the_gain_or_none_is_needed(init_fn, activation):
    assert problems(init_fn, activation) == []


def test_one_layer_of_a_list_is_enough():
    assert problems("orthogonal_", ["relu", "gelu"]) == [("warning", "/init_fn", "init-without-gain")]
    assert problems("orthogonal_", ["relu", {"name": "leakyrelu", "negative_slope": 0.1}]) == []


def test_the_rule_and_the_builder_know_the_same_activations():
    assert set(TORCH_GAINS) == WITH_GAIN
    for name in WITH_GAIN:
        spec = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": name, "init_fn": "orthogonal_"}
        assert slm_net.build_net(spec, 4, 2)
