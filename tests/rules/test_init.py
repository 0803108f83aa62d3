"""Init functions against activations: what torch has a gain for, and what has to be said."""

import pytest
import torch

import slm_net
from slm_net.nets.init import TORCH_GAINS
from slm_net.rules.init import WITH_GAIN

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


CONV = {"type": "ConvNet", "conv_hid_layers": [[8, 3], [4, 3]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def of_net(net, init_fn):
    return [(p.severity, p.pointer, p.rule_name) for p in slm_net.validate({**net, "init_fn": init_fn})]


def test_dirac_is_for_convolutions():
    assert of_net(CONV, "dirac_") == []
    for net in (MLP, {**CONV, "conv_hid_layers": []}):
        assert of_net(net, "dirac_") == [("error", "/init_fn", "argument-conflict")]
        assert of_net(net, {"name": "dirac_"}) == [("error", "/init_fn", "argument-conflict")]


@pytest.mark.parametrize("groups", [1, 2, 3, 4, 8])
def test_the_groups_of_dirac_divide_the_channels_of_each_convolution(groups):
    init_fn = {"name": "dirac_", "groups": groups}
    fits = groups in (1, 2, 4)
    assert of_net(CONV, init_fn) == ([] if fits else [("error", "/init_fn/groups", "argument-conflict")])
    if fits:
        slm_net.build_net({**CONV, "init_fn": init_fn}, (2, 9, 9), 3)


@pytest.mark.parametrize("name", ["xavier_uniform_", "xavier_normal_"])
def test_a_gain_is_not_negative(name):
    assert of_net(MLP, {"name": name, "gain": -1}) == [("error", "/init_fn/gain", "value-out-of-range")]
    assert of_net(MLP, {"name": name, "gain": 0}) == []
    assert of_net(MLP, {"name": "orthogonal_", "gain": -1}) == []


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ({"mean": 3, "std": 0.001}, "mean"),
        ({"mean": 3, "std": 0.02}, "mean"),
        ({"mean": 2.0000001, "std": 1e-7}, "mean"),
        ({"mean": -9, "std": 0.001, "a": -1, "b": 1}, "mean"),
        ({"mean": 1e7, "std": 1, "a": 0, "b": 1e-7}, "mean"),
        ({"a": 5000, "b": 5001}, ""),
        ({"mean": 0.1, "std": 1e-8, "a": -0.5, "b": -0.5}, "a"),
        ({"a": 1, "b": 1}, "a"),
        ({"std": 0}, "std"),
    ],
)
def test_numbers_that_torch_would_draw_for_ever(arguments, key):
    [(severity, pointer, _)] = of_net(MLP, {"name": "trunc_normal_", **arguments})
    assert (severity, pointer) == ("error", f"/init_fn/{key}".rstrip("/"))


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        ({}, False),
        ({"std": 1e-8}, False),
        ({"std": 1e8}, False),
        ({"mean": 2, "std": 1e-6}, False),
        ({"mean": 2.5, "std": 0.3}, False),
        ({"mean": 3, "std": 0.4}, True),
        ({"mean": 9, "std": 1, "a": -1, "b": 1}, True),
        ({"mean": 0, "a": 1e-9, "b": 2e-9}, False),
        ({"mean": 900, "std": 1, "a": 0, "b": 0.001}, True),
    ],
)
def test_numbers_that_torch_finds(arguments, warned):
    init_fn = {"name": "trunc_normal_", **arguments}
    assert of_net(MLP, init_fn) == ([("warning", "/init_fn/mean", "value-out-of-range")] if warned else [])
    torch.nn.init.trunc_normal_(torch.empty(200, 50), **arguments)
