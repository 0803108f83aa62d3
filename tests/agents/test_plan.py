"""Which agents cannot be built, said at the place; environments and versions that are given."""

from types import SimpleNamespace

import pytest
from agent_helpers import CONV, MLP, RNN, box, dims, discrete, multi_discrete, spec_of

from slm_net import SpecError, build_net, build_nets, validate

ARC = {"type": "TorchArcNet", "arc": {"modules": {}, "graph": {"input": "x", "modules": {}, "output": "x"}}}
HUGE = spec_of("PPO", shared=False, critic_hid_layers=[10**9, 10**9])


def test_another_environment_stands_in_for_one_that_does_not_fit():
    spec = spec_of("DQN", env="Pendulum-v1")
    assert dims(build_nets(spec, env="CartPole-v1")) == {"net": (4, 2), "target_net": (4, 2)}
    assert build_net(spec_of("DQN", env="ALE/Pong-v5"), env="CartPole-v1").in_dim == 4


def test_another_environment_beside_an_override():
    spec = spec_of("DQN", env="Pendulum-v1")
    nets = build_nets(spec, env="CartPole-v1", overrides={"agent.net.hid_layers": [3]})
    assert dims(nets)["net"] == (4, 2) and nets["net"].spec["hid_layers"] == [3]


def test_the_version_can_be_given():
    spec = spec_of("SoftActorCritic", 5, env="Pendulum-v1")
    assert build_nets(spec)["q1_net"].in_dim == 4
    assert build_nets(spec, slm_lab_version=4)["q1_net"].in_dim == [3, 1]
    assert "old_net" in build_nets(spec_of("PPO", 5, shared=True), slm_lab_version=4)
    with pytest.raises(ValueError, match="4 or 5"):
        build_nets(spec, slm_lab_version=6)


@pytest.mark.parametrize("action", [discrete(2), multi_discrete(3, 3), SimpleNamespace(shape=(2,), n=2)])
def test_log_std_init_is_for_continuous_actions(action):
    with pytest.raises(SpecError) as caught:
        build_nets(spec_of("PPO", shared=False, use_same_optim=False, actor_log_std_init=0.0), env=(box(4), action))
    (problem,) = caught.value.problems
    assert problem.pointer == "/agent/net/actor_log_std_init" and "continuous" in problem.message


@pytest.mark.parametrize(
    ("spec", "env", "rule", "pointer"),
    [
        (MLP, "CartPole-v1", "not-a-spec", ""),
        (spec_of("PPO"), None, "missing-for-algorithm", "/agent/net"),
        (spec_of("PPO", 4), None, "missing-for-algorithm", "/agent/0/net"),
        (spec_of("DQN", env="Pendulum-v1"), None, "dims-do-not-fit", "/agent/algorithm/name"),
        (spec_of("DQN", env="ALE/Pong-v5"), None, "dims-do-not-fit", "/agent/net/type"),
        (spec_of("DQM"), None, "dims-unknown", "/agent/algorithm/name"),
        (spec_of("DQN", env="${env}"), None, "unset-variable", "/env/name"),
        (HUGE, None, "model-too-large", "/agent/net/critic_hid_layers"),
        (spec_of("SoftActorCritic", 4, net=RNN), None, "net-does-not-fit-algorithm", "/agent/0/net/type"),
        (spec_of("DQN", net=ARC), None, "wrong-length", "/agent/net/arc/modules"),
    ],
)
def test_what_cannot_be_built_is_said_at_its_place(spec, env, rule, pointer):
    with pytest.raises(SpecError) as caught:
        build_nets(spec, env=env)
    errors = [problem for problem in caught.value.problems if problem.severity == "error"]
    assert errors[0].rule_name == rule
    assert errors[0].pointer == pointer
    assert errors[0].hint
    assert "out_dim=" not in errors[0].hint


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        (
            spec_of("PPO", env="ALE/Pong-v5", net=CONV, shared=False, critic_conv_hid_layers=[[4, 90]]),
            "/agent/net/critic_",
        ),
        (spec_of("PPO", net=RNN, shared=False, critic_seq_len=9), "/agent/net/critic_seq_len"),
        (spec_of("PPO", shared=False, critic_net=CONV), "/agent/critic_net/type"),
        (spec_of("ActorCritic", 4, shared=False, critic_hid_layers=[10**9, 10**9]), "/agent/0/net/critic_hid_layers"),
        (spec_of("SoftActorCritic", 4, net=RNN), "/agent/0/net/type"),
        (spec_of("CrossQ", env="Pendulum-v1", net=RNN), "/agent/net/type"),
        (spec_of("SoftActorCritic", net=CONV, env="CartPole-v1"), "/agent/net/type"),
    ],
)
def test_validate_finds_what_build_nets_refuses(spec, pointer):
    with pytest.raises(SpecError) as caught:
        build_nets(spec)
    refused = {problem for problem in caught.value.problems if problem.severity == "error"}
    assert refused and all(problem.pointer.startswith(pointer) for problem in refused)
    assert {problem for problem in validate(spec) if problem.severity == "error"} == refused


def test_variables_choose_and_fill():
    spec = spec_of("DQN", env="${env}")
    assert build_nets(spec, variables={"env": "Acrobot-v1"})["net"].in_dim == 6
    spec["spec_params"] = {"env": ["CartPole-v1", "Acrobot-v1"]}
    assert build_nets(spec, variables={"env": "CartPole-v1"})["net"].in_dim == 4


def test_an_override_may_name_the_algorithm():
    spec, name = spec_of("Random"), "agent.algorithm.name"
    assert build_nets(spec_of("DQN"), overrides={name: "Random"}).algorithm == "Random"
    assert list(build_nets(spec_of("DQN"), overrides={name: "VanillaDQN"})) == ["net"]
    with pytest.raises(SpecError, match="bad-override"):
        build_nets(spec, overrides={"algorithm.name": "DQN"})
