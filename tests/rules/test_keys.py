"""Slips and misplaced keys around the nets, and specs that are half of SLM Lab 4 and half of SLM Lab 5."""

import pytest

from slm_net import validate

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
ENV = {"name": "NoSuchEnvironment-v0"}


def found_in(agent=None, algorithm=None, **spec):
    agent = {"algorithm": {"name": "DQN", **(algorithm or {})}, "net": NET, **(agent or {})}
    problems = validate({"a": {"agent": agent, "env": ENV, **spec}})
    return [(problem.pointer, problem.rule_name, problem.severity, problem.hint) for problem in problems]


@pytest.mark.parametrize(
    ("parts", "pointer", "hint"),
    [
        ({"metas": {}}, "/a/metas", "'meta'"),
        ({"Search": {}}, "/a/Search", "'search'"),
        ({"spec_param": {}}, "/a/spec_param", "'spec_params'"),
        ({"agent": {"memry": {}}}, "/a/agent/memry", "'memory'"),
        ({"agent": {"mem": {}}}, "/a/agent/mem", "'memory'"),
        ({"agent": {"critic_nett": NET}}, "/a/agent/critic_nett", "'critic_net'"),
    ],
)
def test_a_slip_of_a_known_key(parts, pointer, hint):
    assert found_in(**parts) == [(pointer, "unknown-key", "warning", f"did you mean {hint}?")]


def test_another_word_for_the_environment():
    [problem] = validate({"agent": {"algorithm": {"name": "DQN"}, "net": NET}, "enviroment": ENV})
    assert (problem.pointer, problem.hint) == ("/enviroment", "did you mean 'env'?")


@pytest.mark.parametrize(
    "parts",
    [
        {"note": "ours"},
        {"agent": {"seed": 3, "name": "mine"}},
        {"algorithm": {"gamma": 0.99, "training_frequency": 4, "tau_of_ours": 1}},
        {"meta": {"metas": 1}},
    ],
)
def test_keys_of_ones_own_are_left_alone(parts):
    assert found_in(**parts) == []


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("optim_spec", "the net block"),
        ("hid_layers", "the net block"),
        ("shared", "the net block"),
        ("critic_optim_spec", "the net block"),
        ("learning_rate", "optim_spec of the net, as lr"),
    ],
)
def test_a_key_of_the_net_in_the_algorithm(key, place):
    found = found_in(algorithm={key: 1})
    assert found == [(f"/a/agent/algorithm/{key}", "unused-key", "warning", f"write it into {place}")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("SAC", "SoftActorCritic"), ("Dqn", "DQN"), ("A2C", "ActorCritic"), ("Reinforc", "Reinforce")],
)
def test_an_algorithm_by_another_name(written, meant):
    found = found_in(algorithm={"name": written})
    assert found == [("/a/agent/algorithm/name", "unknown-name", "warning", f"did you mean {meant!r}?")]


def test_an_algorithm_of_ones_own_is_left_alone():
    assert found_in(algorithm={"name": "RainbowWithHats"}) == []


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
