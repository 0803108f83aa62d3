"""What a file holds, told apart by its shape, and choosing one spec of it."""

import json

import numpy as np
import pytest

from slm_net import SpecError, load_spec, validate
from slm_net.document.specs import NetBlock, read_document

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
V5 = {"agent": {"algorithm": {"name": "DQN"}, "net": NET}, "env": {"name": "CartPole-v1"}}
V4 = {"agent": [V5["agent"]], "env": [V5["env"]]}


@pytest.mark.parametrize(
    ("data", "kind", "names"),
    [
        (NET, "net", [""]),
        ({"hid_layers": [4]}, "net", [""]),
        ({**NET, "$schema": "net.schema.json"}, "net", [""]),
        (V4, "spec", [""]),
        (V5, "spec", [""]),
        ({**V5, "name": "demo"}, "spec", ["demo"]),
        ({**V5, "name": 3}, "spec", [""]),
        ({"demo": V4}, "file", ["demo"]),
        ({"a": V4, "b": V5, "$schema": "x", "_defaults": {"net": NET}}, "file", ["a", "b"]),
        ({"type": V5}, "file", ["type"]),
        ({"agent": V5}, "file", ["agent"]),
        ({"gpu": V4, "name": V5}, "file", ["gpu", "name"]),
        ({"agent": V5, "env": V4}, "file", ["agent", "env"]),
        ({"demo": 3}, "file", []),
        ({"demo": {}}, "file", ["demo"]),
        ({}, "", []),
        ({"$schema": "x"}, "", []),
        ({"_anchors": NET}, "", []),
        ({"a": V4, "x-net": NET, ".net": NET, "// why": "", "defaults": {"lr": 1}}, "file", ["a"]),
        ({"a": V4, "defaults": V5}, "file", ["a", "defaults"]),
        ({"defaults": {"lr": 1}}, "file", ["defaults"]),
        ({"// why": "", **NET, "_comment": ["a", "b"]}, "net", [""]),
        ({"type": "TorchArcNet", "arc": {"agent": {}, "env": {}}}, "net", [""]),
    ],
)
def test_the_shape_tells_what_a_file_is(data, kind, names):
    for source in (data, json.dumps(data)):
        document = read_document(source)
        assert document.kind == kind
        assert [spec.name for spec in document.specs] == names


@pytest.mark.parametrize("text", ["[]", "[1]", "{", "{} x"])
def test_other_texts_are_no_documents(text):
    assert read_document(text).kind == ""


def test_a_value_that_is_missing_leaves_its_key():
    """The text is read on behind the mistake, which alone is told."""
    document = read_document(
        '{"a": , "b": {"agent": {"algorithm": {"name": "Random"}, "net": {}}, "env": {"name": "x"}}}'
    )
    assert (document.kind, [spec.name for spec in document.specs]) == ("file", ["b"])
    assert [problem.rule_name for problem in validate(document.source.text)] == ["syntax"]


def test_net_blocks_of_every_shape():
    [block] = read_document(NET).choose().net_blocks()
    assert block == NetBlock((), NET)
    for data, path in [(V4, ("agent", 0, "net")), (V5, ("agent", "net")), ({"demo": V4}, ("demo", "agent", 0, "net"))]:
        document = read_document(data)
        assert list(document.choose().net_blocks()) == [NetBlock(path, NET, "DQN")]


def test_a_critic_net_is_a_block_too_and_an_empty_one_is_none():
    agent = {"algorithm": {"name": "CrossQ"}, "net": {}, "critic_net": NET}
    document = read_document({"agent": [agent, agent], "env": []})
    assert [block.path for block in document.choose().net_blocks()] == [
        ("agent", 0, "critic_net"),
        ("agent", 1, "critic_net"),
    ]


def test_the_only_spec_needs_no_name_and_others_do():
    assert read_document({"demo": V4}).choose().name == "demo"
    document = read_document({"dqn_cartpole": V4, "ppo_pong": V5})
    assert document.choose("ppo_pong").data == V5
    with pytest.raises(SpecError) as error:
        document.choose()
    [problem] = error.value.problems
    assert (problem.message, problem.hint) == ("there are 2 specs here", "choose one by name: dqn_cartpole, ppo_pong")


@pytest.mark.parametrize(
    ("data", "name", "message", "hint"),
    [
        (
            {"dqn_cartpole": V4, "ppo_pong": V5},
            "dqn-cartpole",
            "there is no spec 'dqn-cartpole'",
            "mean 'dqn_cartpole'?",
        ),
        ({"dqn_cartpole": V4, "ppo_pong": V5}, "zzz", "there is no spec 'zzz'", "expected dqn_cartpole, ppo_pong"),
        (NET, "x", "there is no spec 'x'", "leave the name out: this is one net block"),
        (V5, "x", "there is no spec 'x'", "leave the name out: this is one spec"),
        ({}, None, "there is no spec here", "add one: "),
    ],
)
def test_a_name_that_is_not_there(data, name, message, hint):
    with pytest.raises(SpecError) as error:
        read_document(data).choose(name)
    [problem] = error.value.problems
    assert (problem.rule_name, problem.message) == ("which-spec", message)
    assert hint in problem.hint


def test_tuples_and_numpy_values_are_read_as_lists_and_numbers():
    data = {**NET, "hid_layers": (np.int64(64), 32), "dropout": np.float32(0.5)}
    assert read_document(data).specs[0].data == {**NET, "hid_layers": [64, 32], "dropout": 0.5}


def test_the_callers_dict_is_not_the_documents():
    data = {"demo": {"agent": [{"net": dict(NET)}]}}
    read_document(data).specs[0].data["agent"][0]["net"]["type"] = "changed"
    assert data["demo"]["agent"][0]["net"]["type"] == "MLPNet"


def test_a_block_that_only_looks_like_a_spec():
    hydra = {"type": "HydraMLPNet", "hid_layers": {"heads": [], "body": [], "tails": []}}
    assert read_document(hydra).kind == "net"


def test_a_net_block_under_a_key_is_told_from_a_spec():
    [problem] = validate({"net": {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}})
    assert problem.pointer == "/net" and problem.hint.startswith("this is a net block: write it without the key")


ANCHORED = """
base: &base
  gamma: 0.99
nets:
  small: &small {hid_layers: [8], hid_layers_activation: relu}
dqn: &dqn
  agent:
    name: DQN
    algorithm: {name: DQN, <<: *base}
    net: {type: MLPNet, <<: *small}
  env: {name: CartPole-v1}
again: {<<: *dqn}
"""


def test_blocks_that_only_hold_anchors_are_no_specs():
    document = read_document(ANCHORED)
    assert [spec.name for spec in document.specs] == ["dqn", "again"]
    assert not any(problem.severity == "error" for problem in validate(ANCHORED))
    without = ANCHORED.replace("&base", "").replace(", <<: *base", "")
    assert [problem.pointer for problem in validate(without) if problem.severity == "error"] == ["/base"]
    misspelt = ANCHORED.replace("  agent:", "  agnet:")
    assert "/dqn/agnet" in [problem.pointer for problem in validate(misspelt)]


def test_an_anchor_beside_the_keys_of_one_net_is_no_key_and_hides_none():
    net = "_opt: &opt {name: Adam}\ntype: MLPNet\nhid_layers: &h [8]\nhid_layers_activation: relu\noptim_spec: *opt\n"
    assert validate(net) == []
    assert [p.pointer for p in validate(net.replace("hid_layers: &h", "hid_layrs: &h"))] == ["/hid_layrs"]
    assert [p.pointer for p in validate({**NET, "_hid_layers": [8]})] == ["/_hid_layers"]


def test_comments_are_no_keys_wherever_they_stand():
    optimizer = {"name": "Adam", "_comment": "as in the paper"}
    net = {"//": "small", **NET, "optim_spec": optimizer, "$comment": "for editors"}
    spec = {"agent": {**V5["agent"], "net": net, "// gamma": 0.9}, "env": {**V5["env"], "_comment2": ["a"]}}
    assert [p.pointer for p in validate({"a": spec, "_comment": "two"}) if p.severity == "error"] == []
    assert load_spec({"a": spec})["agent"]["net"]["optim_spec"] == {"name": "Adam"}
    assert [p.pointer for p in validate({**NET, "comment": "x", "/": 1})] == ["/comment", "/~1"]
