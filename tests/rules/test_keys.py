"""Keys that nothing reads, and specs that are half of SLM Lab 4 and half of SLM Lab 5."""

import pytest

from slm_net import validate

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
ENV = {"name": "NoSuchEnvironment-v0"}


AGENT = {"algorithm": {"name": "DQN"}, "net": NET}


@pytest.mark.parametrize(
    ("agent", "env", "hint"), [([AGENT], ENV, "put it into a list"), (AGENT, [ENV], "take it out")]
)
def test_lists_and_objects_are_not_mixed(agent, env, hint):
    [problem] = validate({"a": {"agent": agent, "env": env}})
    assert (problem.pointer, problem.rule_name, problem.severity) == ("/a/env", "mixed-layouts", "error")
    assert hint in problem.hint


def test_a_body_belongs_to_lists():
    body = {"product": "outer", "num": 1}
    [problem] = validate({"agent": AGENT, "env": ENV, "body": body})
    assert (problem.pointer, problem.rule_name, problem.severity) == ("/body", "mixed-layouts", "warning")
    assert validate({"agent": [AGENT], "env": [ENV], "body": body}) == []


@pytest.mark.parametrize(
    "source", [{"agent": AGENT, "env": ENV}, {"agent": [AGENT], "env": [ENV]}, {"agent": AGENT}, NET]
)
def test_one_layout_is_fine(source):
    assert not [problem for problem in validate(source) if problem.rule_name == "mixed-layouts"]


@pytest.mark.parametrize("keys", [{}, {"search": {"agent.net.hid_layers__choice": [[8], [16]]}}])
def test_a_key_is_not_read_where_actor_and_critic_have_their_own(keys):
    own = {"actor_hid_layers": [4], "critic_hid_layers": [4], "shared": False, "use_same_optim": True}
    net = {**own, "type": "MLPNet", "hid_layers_activation": "relu", **({} if keys else {"hid_layers": [8]})}
    agent = {"algorithm": {"name": "PPO"}, "net": net}
    [problem] = validate({"agent": agent, "env": ENV, **keys})
    assert (problem.rule_name, problem.severity) == ("unused-key", "warning")
    assert problem.message == "hid_layers is not used, as actor_hid_layers and critic_hid_layers are there"
    one = {key: value for key, value in {**net, "hid_layers": [8]}.items() if key != "actor_hid_layers"}
    assert not validate({"agent": {**agent, "net": one}, "env": ENV, **keys})
