"""What an algorithm asks of its net, found without building, each at its line."""

import pytest
from small_nets import NETS

from slm_net import unregister, validate
from slm_net.document.algorithms import Part, register_algorithm

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
CONV = {"conv_hid_layers": [[4, 3]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}
RNN = {"fc_hid_layers": [], "hid_layers_activation": None, "rnn_hidden_size": 8, "type": "RecurrentNet"}


def found(algorithm, env="CartPole-v1", net=MLP, **keys):
    """(severity, rule, key, message, hint) of each problem."""
    spec = {"agent": {"algorithm": {"name": algorithm}, "net": {**net, **keys}}, "env": {"name": env}}
    return [
        (p.severity, p.rule_name, p.pointer.removeprefix("/a/agent"), p.message, p.hint) for p in validate({"a": spec})
    ]


@pytest.mark.parametrize("algorithm", ["ActorCritic", "PPO", "SIL", "PPOSIL"])
def test_an_actor_critic_says_whether_it_shares(algorithm):
    ((*what, hint),) = found(algorithm, use_same_optim=False)
    assert what[:3] == ["error", "missing-for-algorithm", "/net"]
    assert '"shared": false' in hint
    for shared in (False, True):
        assert found(algorithm, shared=shared, use_same_optim=False) == []
        ((*what, hint),) = found(algorithm, shared=shared)
        assert what[:3] == ["warning", "missing-for-algorithm", "/net"]
        assert '"use_same_optim": false' in hint
    assert found("Reinforce") == found("DQN") == []


@pytest.mark.parametrize("algorithm", ["Reinforce", "PPO", "SoftActorCritic", "CrossQ", "SIL"])
@pytest.mark.parametrize("kind", ["DuelingMLPNet", "QMLPNet"])
def test_values_are_no_policy(algorithm, kind):
    shared = {"shared": False, "use_same_optim": False} if algorithm in ("PPO", "SIL") else {}
    ((*what, hint),) = found(algorithm, type=kind, **shared)
    assert what[:3] == ["error", "net-does-not-fit-algorithm", "/net/type"]
    assert "write MLPNet" in hint


def test_dueling_nets_are_for_q_values():
    assert found("DQN", type="DuelingMLPNet") == found("SARSA", type="DuelingMLPNet") == []
    conv = {**CONV, "type": "DuelingConvNet", "normalize": True}
    assert found("DoubleDQN", env="ALE/Pong-v5", net=conv) == []
    assert "write ConvNet" in found("Reinforce", env="ALE/Pong-v5", net=conv)[0][-1]
    assert "QMLPNet takes a state and an action" in found("DQN", type="QMLPNet")[0][3]


@pytest.mark.parametrize("algorithm", ["VanillaDQN", "SARSA", "Reinforce", "CrossQ"])
@pytest.mark.parametrize("key", ["update_type", "update_frequency", "polyak_coef"])
def test_updates_without_a_target(algorithm, key):
    value = {"update_type": "replace", "update_frequency": 10, "polyak_coef": 0.1}[key]
    ((*what, hint),) = found(algorithm, **{key: value})
    assert what[:3] == ["warning", "unused-key", f"/net/{key}"]
    assert hint == ("remove it, or use DQN" if algorithm == "VanillaDQN" else "remove it")
    rest = {"polyak_coef": {"update_type": "polyak"}, "update_type": {"update_frequency": 10}}.get(key, {})
    assert found("DQN", **{key: value, **rest}) == found("SoftActorCritic", **{key: value, **rest}) == []


def test_the_other_misfits_of_net_and_environment():
    assert found("DQN", env="Pendulum-v1")[0][1:3] == ("dims-do-not-fit", "/algorithm/name")
    assert found("DQN", env="ALE/Pong-v5")[0][1:3] == ("dims-do-not-fit", "/net/type")
    assert found("DQN", net=RNN)[0][1:3] == ("missing-key", "/net")
    assert "seq_len" in found("DQN", net=RNN)[0][3]
    assert found("DQN", net={**RNN, "seq_len": 4}) == []


@pytest.mark.parametrize("key", ["log_std_init", "actor_init_std"])
def test_what_shapes_a_policy_does_nothing_for_q_values(key):
    ((*what, _),) = found("DQN", **{key: 0.5})
    assert what[:3] == ["error", "net-does-not-fit-algorithm", f"/net/{key}"]
    assert found("Reinforce", env="MountainCarContinuous-v0", **{key: 0.5}) == []


def test_keys_of_a_critic_that_would_be_ignored_are_named():
    own = {"critic_optim_spec": {"name": "SGD"}}
    assert found("PPO", shared=False, use_same_optim=False, **own) == []
    (shared,) = found("PPO", shared=True, use_same_optim=False, **own)
    assert shared[:3] == ("warning", "unused-key", "/net/critic_optim_spec")
    (same,) = found("PPO", shared=False, use_same_optim=True, **own)
    assert same[:3] == ("warning", "unused-key", "/net/critic_optim_spec")
    (layers,) = found("PPO", shared=True, use_same_optim=False, critic_hid_layers=[4])
    assert layers[:3] == ("warning", "unused-key", "/net/critic_hid_layers")
    std = {"shared": False, "use_same_optim": False, "log_std_init": 0.0, "critic_log_std_init": 0.5}
    assert [problem[2] for problem in found("PPO", env="Pendulum-v1", **std)] == ["/net/critic_log_std_init"]


def test_problems_stand_at_their_lines():
    text = """{"ppo": {
      "agent": [{"algorithm": {"name": "PPO"},
        "net": {
          "type": "DuelingMLPNet",
          "hid_layers": [8], "hid_layers_activation": "relu"}}],
      "env": [{"name": "CartPole-v1"}]}}"""
    assert {(problem.rule, problem.line) for problem in validate(text)} == {("SN402", 3), ("SN401", 4)}


def test_an_algorithm_of_ones_own_has_the_rules_of_its_nets():
    register_algorithm("MyPPO", "PPO", Part("my_net", copies="net"))
    try:
        assert found("MyPPO")[0][1] == "missing-for-algorithm"
        assert found("MyPPO", shared=False, update_type="replace", update_frequency=9, critic_dropout=0.1) == []
    finally:
        unregister("algorithm", "MyPPO")


@pytest.mark.parametrize("kind", ["QMLPNet", "QConvNet", "FiLMQConvNet", "DuelingMLPNet", "DuelingConvNet"])
def test_algorithms_make_their_q_nets_themselves(kind):
    spec = {"agent": [{"algorithm": {"name": "SoftActorCritic"}, "net": {"type": kind, **NETS[kind][0]}}]}
    problems = validate({"sac": spec | {"env": [{"name": "Pendulum-v1"}]}})
    assert ("error", "/sac/agent/0/net/type") in [(problem.severity, problem.pointer) for problem in problems]
