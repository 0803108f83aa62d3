"""Nets that are too large, found by counting."""

import pytest

from slm_net import validate
from slm_net.document.nets import resolve
from slm_net.net_types import NET_TYPES
from slm_net.net_types.conv import smallest_image

ACT = {"hid_layers_activation": "relu"}
MLP = {"type": "MLPNet", "hid_layers": [100, 100], **ACT}
HUGE = 10**7
CONV = {"conv_hid_layers": [[8, 3, 1], [HUGE, 3, 1]], "fc_hid_layers": [HUGE], **ACT}
HUGE_NETS = [
    {"type": "MLPNet", "hid_layers": [HUGE, HUGE], **ACT},
    {"type": "DuelingMLPNet", "hid_layers": [HUGE, HUGE], **ACT},
    {"type": "QMLPNet", "hid_layers": [HUGE, HUGE], **ACT},
    {"type": "RecurrentNet", "fc_hid_layers": [], "rnn_hidden_size": HUGE, "seq_len": 4, **ACT},
    {"type": "DuelingRecurrentNet", "fc_hid_layers": [], "rnn_hidden_size": HUGE, "seq_len": 4, **ACT},
    {"type": "HydraMLPNet", "hid_layers": [[[8], [HUGE, HUGE]], [8], [[8], [8], [8]]], **ACT},
    *({"type": kind, **CONV} for kind in ("ConvNet", "DuelingConvNet", "QConvNet", "FiLMQConvNet")),
]


@pytest.mark.parametrize("net", HUGE_NETS, ids=[net["type"] for net in HUGE_NETS])
def test_a_huge_net_is_found_without_dims(net):
    [problem] = [problem for problem in validate(net) if problem.severity == "error"]
    assert problem.rule_name == "model-too-large" and "at least" in problem.message


def test_every_type_is_counted():
    assert {net["type"] for net in HUGE_NETS} == set(NET_TYPES)


@pytest.mark.parametrize("net", HUGE_NETS, ids=[net["type"] for net in HUGE_NETS])
def test_the_smallest_dims_are_dims_of_the_type(net):
    takes = NET_TYPES[net["type"]].takes
    assert takes.fits(takes.smallest(net))


def test_the_limit_is_counted_in_parameters():
    spec = resolve(MLP)
    count = sum(NET_TYPES["MLPNet"].parameters(spec, 4, 2).values())
    assert validate(MLP, in_dim=4, out_dim=2, max_params=count) == []
    [problem] = validate(MLP, in_dim=4, out_dim=2, max_params=count - 1)
    assert problem.message == f"the net would have {count:,} parameters"
    assert f"{count - 1:,}" in problem.hint


def test_without_dims_nothing_is_refused_that_a_small_input_makes_fit():
    spec = resolve(MLP)
    least = sum(NET_TYPES["MLPNet"].parameters(spec, None, None).values())
    assert validate(MLP, max_params=least) == []
    assert validate(MLP, max_params=least - 1) != []


def test_the_limit_holds_for_actor_and_critic():
    net = {**MLP, "shared": False, "critic_hid_layers": [1000, 1000]}
    spec = {"agent": {"algorithm": {"name": "PPO"}, "net": net}, "env": {"name": "CartPole-v1"}}
    [problem] = validate(spec, max_params=100_000)
    assert problem.pointer == "/agent/net/critic_hid_layers"


@pytest.mark.parametrize("key", ["bidirectional", "layer_norm", "rnn_num_layers", "cell_type"])
def test_a_size_of_the_wrong_type_is_one_problem(key):
    net = {"type": "RecurrentNet", "fc_hid_layers": [8], "rnn_hidden_size": 8, "seq_len": 4, **ACT, key: "no"}
    [problem] = validate(net, in_dim=(4, 3), out_dim=2)
    assert problem.pointer == f"/{key}"


def test_the_smallest_image_has_the_channels_that_groups_need():
    assert smallest_image([[8, 3, 2, 1, 1, 4], [8, 3, 1, "same"]]) == (4, 1)
    assert smallest_image([]) == (1, 1)


@pytest.mark.parametrize("width", [1e308, 10**18])
def test_enormous_numbers_are_shown_as_powers_of_ten(width):
    problems = validate({"type": "MLPNet", "hid_layers": [width], **ACT})
    assert all(len(problem.message) < 120 for problem in problems)
    assert any("e+" in problem.message for problem in problems)
