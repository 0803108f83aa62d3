"""What a schema cannot say, at the key that it is about."""

import pytest
from small_nets import found

from slm_net import validate
from slm_net.rules import CHECKS

ARC = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU"]}},
        "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
    },
}
NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def spec(net, algorithm="DQN"):
    return {"agent": {"algorithm": {"name": algorithm}, "net": net}, "env": {"name": "NoSuchEnvironment-v0"}}


def found_in(source, **dims):
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in validate(source, **dims)]


@pytest.mark.parametrize(
    ("net", "pointer", "rule", "severity"),
    [
        ({**NET, "normalize": True}, "/normalize", "unused-key", "warning"),
        ({**NET, "seq_len": "x"}, "/seq_len", "unused-key", "warning"),
        ({**NET, "update_frequency": 0.9}, "/update_frequency", "value-out-of-range", "warning"),
        ({**NET, "batch_norm": True, "layer_norm": True}, "/layer_norm", "argument-conflict", "error"),
        ({"type": "TorchArcNet"}, "", "missing-key", "error"),
        ({**ARC, "arc_file": "arc.yaml"}, "/arc_file", "unused-key", "warning"),
        ({**ARC, "dropout": 0.1}, "/dropout", "unused-key", "warning"),
        ({**ARC, "tails": False, "critic_init_std": 1.0}, "/critic_init_std", "unused-key", "error"),
        (
            {**NET, "optim_spec": {"name": "SGD", "nesterov": True}},
            "/optim_spec/nesterov",
            "argument-conflict",
            "error",
        ),
        (
            {**NET, "optim_spec": {"name": "Lookahead", "optimizer": "SGD", "nesterov": True}},
            "/optim_spec/nesterov",
            "argument-conflict",
            "error",
        ),
        (
            {**NET, "optim_spec": {"name": "SGD", "nesterov": True, "momentum": 1, "dampening": 1}},
            "/optim_spec/nesterov",
            "argument-conflict",
            "error",
        ),
        (
            {**NET, "critic_optim_spec": {"name": "SGD", "nesterov": True}},
            "/critic_optim_spec/nesterov",
            "argument-conflict",
            "error",
        ),
        (
            {**NET, "optim_spec": {"name": "AdamW", "foreach": True, "fused": True}},
            "/optim_spec/fused",
            "argument-conflict",
            "error",
        ),
        (
            {**NET, "lr_scheduler_spec": {"name": "OneCycleLR", "max_lr": 1, "epochs": 2}},
            "/lr_scheduler_spec/max_lr",
            "argument-conflict",
            "error",
        ),
        ({**NET, "init_fn": {"name": "uniform_", "a": 2}}, "/init_fn/a", "argument-conflict", "error"),
        (
            {**NET, "hid_layers_activation": [{"name": "hardtanh", "max_val": -1}]},
            "/hid_layers_activation/0",
            "argument-conflict",
            "error",
        ),
        ({**NET, "hid_layers_activation": ["relu", "relu"]}, "/hid_layers_activation", "list-does-not-fit", "error"),
    ],
)
def test_a_broken_rule_is_one_problem(net, pointer, rule, severity):
    assert found_in(net) == [(pointer, rule, severity)]


@pytest.mark.parametrize(
    "change",
    [
        {"optim_spec": {"name": "SGD", "nesterov": True, "momentum": 0.9}},
        {"optim_spec": {"name": "Adam", "foreach": True, "fused": False}},
        {"lr_scheduler_spec": {"name": "OneCycleLR", "max_lr": 1, "epochs": 2, "steps_per_epoch": 3}},
        {"lr_scheduler_spec": {"name": "CyclicLR", "base_lr": [0.1], "max_lr": 1}},
        {"hid_layers_activation": {"name": "RReLU", "lower": 0.2, "upper": 0.2}},
        {"init_fn": {"name": "uniform_", "a": -1, "b": 1}},
        {"update_frequency": 100.0},
    ],
)
def test_what_fits_is_no_problem(change):
    assert found_in({**NET, **change}) == []


def test_keys_of_an_actor_where_there_is_none():
    assert found_in(spec({**NET, "actor_dropout": 0.1})) == [("/agent/net/actor_dropout", "unused-key", "warning")]
    assert found_in(spec({**NET, "actor_dropout": 0.1, "shared": False, "use_same_optim": False}, "PPO")) == []


def test_keys_of_two_nets_do_not_stand_in_for_those_of_one():
    net = {"type": "MLPNet", "hid_layers_activation": "relu", "actor_hid_layers": [4], "critic_hid_layers": [4]}
    assert ("/agent/net", "missing-key", "error") in found_in(spec(net))
    assert found_in(net) == []


@pytest.mark.parametrize(
    "change",
    [
        {"layer_norm": "x"},
        {"batch_norm": None},
        {"optim_spec": {"name": "SGD", "nesterov": 1}},
        {"lr_scheduler_spec": {"name": "OneCycleLR"}},
        {"init_fn": {"name": "uniform_", "a": "x"}},
        {"update_frequency": "x"},
        {"hid_layers_activation": [{"name": "hardtanh", "min_val": []}]},
    ],
)
def test_rules_leave_wrong_values_to_the_schema(change):
    assert len(found_in({**NET, **change}, in_dim=4, out_dim=2)) == 1


def test_every_rule_says_what_it_is_about():
    assert len(set(CHECKS)) == len(CHECKS)
    assert all(rule.__doc__ for rule in CHECKS)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_number_that_is_none_is_no_crash(value):
    assert ("/update_frequency", "non-finite-number", "error") in found_in({**NET, "update_frequency": value})


@pytest.mark.parametrize("kind", ["DuelingMLPNet", "HydraMLPNet", "QMLPNet"])
def test_one_norm(kind):
    assert found(kind, batch_norm=True, layer_norm=True) == [("error", "/layer_norm", "argument-conflict")]


def test_nothing_is_claimed_about_an_unknown_algorithm():
    assert found_in(spec({**NET, "actor_optim_spec": {"name": "Adam"}}, "DDPG")) == []
