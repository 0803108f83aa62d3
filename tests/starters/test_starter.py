"""A spec for each algorithm and kind of environment: right without a warning, built, and trained a step."""

import math
from pathlib import Path

import pytest
import torch

import slm_net
from slm_net.diff.specs import compared_documents
from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import read_document
from slm_net.starters.starter import TYPES, NoStarter, algorithm_called, starter

SPECS = Path(__file__).parents[2] / "specs"
#: Numbers with choices and with continuous actions, images with both, and a number that is one of many.
ENVIRONMENTS = {
    "CartPole-v1": "discrete",
    "Pendulum-v1": "continuous",
    "ALE/Pong-v5": "discrete image",
    "CarRacing-v3": "continuous image",
    "FrozenLake-v1": "discrete",
}
CONTINUOUS = ("PPO", "PPOSIL", "ActorCritic", "SIL", "Reinforce", "SoftActorCritic", "CrossQ", "Random")


def can(algorithm, kind):
    return (algorithm in CONTINUOUS or "continuous" not in kind) and (algorithm != "HydraDQN" or "image" not in kind)


def problems(spec):
    return [str(problem) for problem in slm_net.validate(spec)]


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("algorithm", list(RECIPES))
def test_every_algorithm_in_every_kind_of_environment(algorithm, env):
    if can(algorithm, ENVIRONMENTS[env]):
        assert problems(starter(algorithm, env)[0]) == []
    else:
        with pytest.raises(NoStarter, match="PPO"):
            starter(algorithm, env)


def trained(spec):
    """Build the nets and train each a step; the names of those that moved."""
    nets = slm_net.build_nets(spec, seed=0, device="cpu")
    moved = []
    for name, bundle in nets.items():
        if name in nets.sources:
            continue
        before = [parameter.detach().clone() for parameter in bundle.model.parameters()]
        observation = bundle.in_dim
        parts = observation if isinstance(observation, list) else [observation]
        inputs = [torch.rand(4, *(part if isinstance(part, tuple) else (part,))) for part in parts]
        outputs = bundle.model(inputs) if type(bundle.model).__name__.startswith("Hydra") else bundle.model(*inputs)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        loss = bundle.train_step(sum(output.square().mean() for output in outputs), frame=1)
        assert math.isfinite(float(loss))
        after = list(bundle.model.parameters())
        if any(not torch.equal(old, new) for old, new in zip(before, after, strict=True)):
            moved.append(name)
    return moved, [name for name in nets if name not in nets.sources]


QUICK = [("PPO", "CartPole-v1"), ("DQN", "CartPole-v1"), ("SoftActorCritic", "Pendulum-v1"), ("CrossQ", "Pendulum-v1")]
SLOW = [
    (algorithm, env)
    for env in ("CartPole-v1", "Pendulum-v1", "ALE/Pong-v5")
    for algorithm in RECIPES
    if can(algorithm, ENVIRONMENTS[env]) and algorithm != "Random" and (algorithm, env) not in QUICK
    and (env != "ALE/Pong-v5" or algorithm in ("PPO", "DQN", "SoftActorCritic"))
]  # fmt: skip


@pytest.mark.parametrize(
    ("algorithm", "env"), [*QUICK, *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]
)
def test_each_trains(algorithm, env):
    moved, trainable = trained(starter(algorithm, env)[0])
    assert moved == trainable


@pytest.mark.parametrize("env", ["CartPole-v1", "Pendulum-v1"])
def test_recurrent_nets(env):
    data, _ = starter("PPO", env, recurrent=True)
    assert problems(data) == []
    [spec] = data.values()
    assert spec["agent"]["net"]["type"] == "RecurrentNet"
    with pytest.raises(NoStarter, match="RecurrentNet cannot take"):
        starter("PPO", "ALE/Pong-v5", recurrent=True)


@pytest.mark.parametrize("kind", TYPES)
def test_net_types(kind):
    env = "ALE/Pong-v5" if "Conv" in kind else "CartPole-v1"
    data, _ = starter("DQN", env, net=kind)
    assert problems(data) == []
    [spec] = data.values()
    assert spec["agent"]["net"]["type"] == kind
    with pytest.raises(NoStarter):
        starter("DQN", "CartPole-v1" if "Conv" in kind else "ALE/Pong-v5", net=kind)


@pytest.mark.parametrize("algorithm", ["PPO", "DQN", "SoftActorCritic"])
def test_the_layout_of_version_4(algorithm):
    data, _ = starter(algorithm, "ALE/Pong-v5", lab=4)
    [spec] = data.values()
    assert spec["env"][0]["name"] == "PongNoFrameskip-v4"
    assert spec["env"][0]["frame_op"] == "concat"
    assert isinstance(spec["agent"], list)
    errors = [problem for problem in slm_net.validate(data, for_="slm-lab-4") if problem.severity == "error"]
    assert errors == []
    with pytest.raises(NoStarter, match="SLM Lab 4 has no CrossQ"):
        starter("CrossQ", "Pendulum-v1", lab=4)


def test_the_layout_of_version_5_runs_in_it():
    for algorithm, env in (("PPO", "Hopper-v5"), ("DoubleDQN", "ALE/Pong-v5"), ("SoftActorCritic", "Pendulum-v1")):
        found = slm_net.validate(starter(algorithm, env)[0], for_="slm-lab-5")
        assert [problem for problem in found if problem.severity == "error"] == []


@pytest.mark.parametrize(
    ("algorithm", "env"),
    [
        *(("PPO", "CartPole-v1"), ("PPO", "Acrobot-v1"), ("PPO", "LunarLander-v3"), ("DQN", "CartPole-v1")),
        *(("DoubleDQN", "LunarLander-v3"), ("SoftActorCritic", "Pendulum-v1")),
    ],
)
def test_what_has_learned_is_what_is_given_out(algorithm, env):
    """Its nets, and what trains them; the algorithm's own settings but for constants that are written otherwise."""
    data, made = starter(algorithm, env)
    [found] = compared_documents(read_document(SPECS / f"{made.learned}.json"), read_document(data)).specs
    nets = [
        change
        for net in found.nets
        if net.name == "net" or "critic" in net.name or net.name.startswith("q")
        for change in net.changes
        if change.what != "gpu"
    ]
    assert nets == []
    changed = {change.what.partition(".")[0] for change in found.around if change.part in ("algorithm", "memory")}
    assert changed <= {"clip_eps_spec"}
    frames = {change.what for change in found.around if change.part == "env"}
    assert frames <= {"num_envs"}


def test_names_that_are_nearly_right():
    assert algorithm_called("SAC") == "SoftActorCritic"
    with pytest.raises(NoStarter, match="did you mean 'PPO'"):
        algorithm_called("PP0")
    with pytest.raises(NoStarter, match="did you mean 'CartPole-v1'"):
        starter("PPO", "CartPole-v11")
    with pytest.raises(NoStarter, match="did you mean 'ALE/Breakout-v5'"):
        starter("DQN", "Breakout-v5")
    with pytest.raises(NoStarter, match="would import a Python module"):
        starter("PPO", "os:system")


def test_an_environment_of_an_older_gym_is_that_of_today():
    [spec] = starter("PPO", "CartPole-v0")[0].values()
    assert spec["env"]["name"] == "CartPole-v1"
