"""A misspelt name does not hide what is wrong beside it."""

import pytest

from slm_net import validate
from slm_net.wording.schema_problems import with_names

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def found_in(source, **dims):
    return [(problem.pointer, problem.rule_name) for problem in validate(source, **dims)]


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (
            {**NET, "type": "MLPNett", "hid_layers": ["8"], "normalise": True},
            {("/type", "unknown-name"), ("/hid_layers/0", "wrong-type"), ("/normalise", "unknown-key")},
        ),
        (
            {**NET, "optim_spec": {"name": "adamm", "momentum": 1, "lr": "x"}},
            {
                ("/optim_spec/name", "unknown-name"),
                ("/optim_spec/momentum", "unknown-key"),
                ("/optim_spec/lr", "wrong-type"),
            },
        ),
        (
            {**NET, "lr_scheduler_spec": {"name": "StepLr", "gama": 1}},
            {
                ("/lr_scheduler_spec/name", "unknown-name"),
                ("/lr_scheduler_spec/gama", "unknown-key"),
                ("/lr_scheduler_spec", "missing-key"),
            },
        ),
        (
            {**NET, "hid_layers_activation": {"name": "leakyreluu", "slope": 1}},
            {("/hid_layers_activation/name", "unknown-name"), ("/hid_layers_activation/slope", "unknown-key")},
        ),
        # two misspelt names, one of them only known to be one with the other put right
        (
            {**NET, "type": "MLPNetz", "loss_spec": {"name": "MSEloss_", "reduction": "men"}},
            {("/type", "unknown-name"), ("/loss_spec/name", "unknown-name"), ("/loss_spec/reduction", "unknown-name")},
        ),
        # nothing is near: nothing else is known
        ({**NET, "optim_spec": {"name": "quux", "momentum": "x"}}, {("/optim_spec/name", "unknown-name")}),
    ],
)
def test_what_stands_beside_a_misspelt_name_is_checked(net, expected):
    assert set(found_in(net)) == expected
    whole = {"a": {"agent": {"algorithm": {"name": "DQN"}, "net": net}, "env": {"name": "CartPole-v1"}}}
    assert set(found_in(whole)) == {(f"/a/agent/net{pointer}", rule) for pointer, rule in expected}


def test_rules_see_the_name_that_was_meant():
    net = {"type": "ConvNett", "conv_hid_layers": [[8, 9, 1]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}
    assert ("/conv_hid_layers/0", "convolution-does-not-fit") in found_in(net, in_dim=(1, 8, 8), out_dim=2)


def test_the_data_stay_as_they_are():
    data = {"net": {"type": "x"}, "list": [{"name": "y"}]}
    assert with_names(data, {("list", 0, "name"): "z"}) == {"net": {"type": "x"}, "list": [{"name": "z"}]}
    assert data["list"] == [{"name": "y"}]
