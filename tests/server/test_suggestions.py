"""What can be written at a place: what fits, and only that."""

import json

import pytest

import slm_net
from slm_net import validate
from slm_net.server.cursor import cursor_at
from slm_net.server.suggestions import suggestions

DQN = '{"dqn": {"agent": {"algorithm": {"name": "DQN"}, "net": {%s}}, "env": {"name": "CartPole-v1"}}}'
ARC = '{"type": "TorchArcNet", "arc": {"modules": {"a": {%s}}}}'
PPO = DQN.replace("DQN", "PPO")


def offered(text, file="a.json"):
    """What is offered where the text has a |."""
    offset = text.index("|")
    cursor = cursor_at(file, text.replace("|", ""), offset)
    return {found.label: found for found in suggestions(cursor)}


def taken(text, label, file="a.json"):
    """The text with what is offered in the place of the word."""
    offset = text.index("|")
    text = text.replace("|", "")
    cursor = cursor_at(file, text, offset)
    [found] = (found for found in suggestions(cursor) if found.label == label)
    return text[: cursor.start] + found.text + text[cursor.end :]


@pytest.mark.parametrize(
    ("text", "some", "none"),
    [
        (DQN % '"type": "|"', ["MLPNet", "DuelingMLPNet"], ["QMLPNet"]),
        (PPO % '"type": "|"', ["MLPNet", "RecurrentNet"], ["QMLPNet", "DuelingMLPNet"]),
        (
            DQN % '"type": "MLPNet", "|"',
            ["hid_layers", "polyak_coef"],
            ["type", "actor_hid_layers", "log_std_init", "shared"],
        ),
        (PPO % '"type": "MLPNet", "|"', ["hid_layers", "critic_hid_layers", "shared"], ["type", "update_type"]),
        (DQN % '"type": "ConvNet", "|"', ["conv_hid_layers"], ["hid_layers", "rnn_hidden_size"]),
        (DQN % '"type": "MLPNet", "hid_layers": [64], "|"', ["dropout"], ["hid_layers"]),
        (DQN % '"type": "MLPNet", "optim_spec": {"name": "|"}', ["Adam", "SGD"], ["MSELoss", "ReLU"]),
        (DQN % '"type": "MLPNet", "optim_spec": {"name": "Adam", "lr": 1, "|"}', ["betas"], ["lr", "name", "momentum"]),
        (DQN % '"type": "MLPNet", "optim_spec": {"name": "SGD", "|"}', ["momentum"], ["betas"]),
        (DQN % '"type": "MLPNet", "hid_layers_activation": "|"', ["relu", "tanh"], ["Adam"]),
        (DQN % '"type": "MLPNet", "layer_norm": |', ["true", "false"], ["null"]),
        (DQN % '"type": "MLPNet", "update_type": "|"', ["replace", "polyak"], []),
        (DQN.replace("CartPole-v1", "|"), ["CartPole-v1", "ALE/Pong-v5"], ["Pendulum-v1"]),
        (PPO.replace("CartPole-v1", "|"), ["CartPole-v1", "Pendulum-v1"], []),
        (DQN.replace('"DQN"', '"|"'), ["DQN", "PPO"], []),
        (DQN.replace('"name": "DQN"', '"name": "DQN", "|"'), ["gamma"], ["clip_eps_spec", "name"]),
        (ARC % '"|"', ["LazyLinear", "ReLU"], ["type"]),
        (
            '{"type": "TorchArcNet", "arc": {"modules": {"a": {"LazyLinear": {"|"}}}}}',
            ["out_features"],
            ["in_features"],
        ),
    ],
)
def test_what_fits(text, some, none):
    found = offered(text.replace("%s", ""))
    assert set(some) <= found.keys()
    assert not set(none) & found.keys()


def test_needed_keys_come_first():
    found = list(offered(DQN % '"type": "MLPNet", "|"').values())
    assert [part.label for part in found if part.detail == "needed"] == [part.label for part in found[:2]]


NET = '{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"%s}'


def test_every_key_of_a_net_can_be_taken_as_it_is():
    text = NET % ", |"
    for label in offered(text):
        if label.startswith(("actor_", "critic_", "shared", "use_same")):
            continue
        assert [p for p in validate(json.loads(taken(text, label))) if p.severity == "error"] == [], label


@pytest.mark.parametrize(
    ("key", "text"),
    [("dropout", '{\n  |\n  "type": "MLPNet"}'), ("dropout", '{"dro|": 0.5, "type": "MLPNet"}')],
)
def test_a_key_brings_its_value_and_its_comma_if_they_are_not_there(key, text):
    data = json.loads(taken(text, key))
    assert list(data) == [key, "type"]


def test_yaml_is_written_without_quotes():
    text = "type: MLPNet\nhid_layers: [64]\nhid_layers_activation: relu\n|"
    assert "optim_spec: {name: " in taken(text, "optim_spec", "a.yaml")
    assert validate(taken(text, "optim_spec", "a.yaml")) == []
    assert taken("type: |\n", "MLPNet", "a.yaml") == "type: MLPNet\n"
    assert "'" not in taken("type: ML|\nhid_layers: [64]\n", "MLPNet", "a.yaml")
    listed = "type: MLPNet\nhid_layers: [64]\nhid_layers_activation:\n  - r|\n"
    assert validate(taken(listed, "relu", "a.yaml")) == []


def test_what_is_registered_is_offered():
    slm_net.register_optimizer("Adamish", schema={"description": "Mine.", "properties": {}})(lambda parameters: None)
    try:
        assert offered(DQN % '"type": "MLPNet", "optim_spec": {"name": "|"}')["Adamish"].about == "Mine."
    finally:
        slm_net.unregister("optimizer", "Adamish")


def test_snippets_are_escaped():
    [found] = (part for part in offered(NET % ", |").values() if part.label == "optim_spec")
    assert found.snippet.endswith("\\}}")
