"""out_dim: what the nets of an algorithm give."""

from types import SimpleNamespace

import pytest
from space_helpers import (
    MLP,
    box,
    discrete,
    infer_dims,
    multi_binary,
    multi_discrete,
    refused,
    v4,
    v5,
)

from slm_net import validate
from slm_net.document.algorithms import RECIPES


@pytest.mark.parametrize("algorithm", ["PPO", "Reinforce", "SoftActorCritic"])
@pytest.mark.parametrize("key", ["log_std_init", "actor_log_std_init"])
def test_discrete_actions_have_no_standard_deviation(algorithm, key):
    spec = v5(algorithm, {**MLP, key: 0.0}, "CartPole-v1")
    assert refused("dims-do-not-fit", spec).pointer == f"/agent/net/{key}"
    infer_dims(v5(algorithm, {**MLP, key: 0.0}, "Pendulum-v1"))
    infer_dims(v5(algorithm, {**MLP, key: None}, "CartPole-v1"))


def test_validate_says_so_too():
    net = {**MLP, "hid_layers": [8], "hid_layers_activation": "relu", "log_std_init": 0.0}
    [problem] = validate(v5("Reinforce", net, "CartPole-v1"))
    assert (problem.pointer, problem.rule_name) == ("/agent/net/log_std_init", "dims-do-not-fit")


@pytest.mark.parametrize("algorithm", [name for name in RECIPES if RECIPES[name].gives in ("policy", "actor")])
@pytest.mark.parametrize(
    ("action", "out_dim", "heads"),
    [
        (discrete(4), 4, [4, 1]),
        (multi_discrete(3, 2), [3, 2], [3, 2, 1]),
        (multi_binary(5), 5, [5, 1]),
        (box(1), 2, [2, 1]),
        (box(), 2, [2, 1]),
        (box(3), [3, 3], [3, 3, 1]),
        (box(2, 3), [6, 6], [6, 6, 1]),
    ],
)
def test_out_dim_of_a_policy(algorithm, action, out_dim, heads):
    env = SimpleNamespace(observation_space=box(8), action_space=action)
    for spec in (v4, v5):
        shared = infer_dims(spec(algorithm, {**MLP, "shared": True}), env=env)
        assert infer_dims(spec(algorithm, {**MLP, "shared": False}), env=env).out_dim == out_dim
        assert shared.out_dim == (heads if RECIPES[algorithm].gives == "actor" else out_dim)
    assert infer_dims(MLP, env=env).out_dim == out_dim


@pytest.mark.parametrize("algorithm", [name for name in RECIPES if RECIPES[name].gives == "q"])
def test_out_dim_of_q_values(algorithm):
    assert infer_dims(v4(algorithm, {**MLP, "shared": True}, "CartPole-v0")).out_dim == 2
    for action in (box(1), multi_discrete(3, 2), multi_binary(2)):
        problem = refused("dims-do-not-fit", v4(algorithm, MLP), env=(box(8), action))
        assert problem.pointer == "/agent/0/algorithm/name"
        assert "PPO" in problem.hint and "SoftActorCritic" in problem.hint


@pytest.mark.parametrize(
    "pdtype", ["default", "Normal", "Beta", "Argmax", "Categorical", "MultiCategorical", "Bernoulli"]
)
def test_a_distribution_that_cannot_act_is_refused(pdtype):
    for env, wrong in (("Pendulum-v1", "ArgmaxMultiCategoricalBernoulli"), ("CartPole-v1", "NormalBeta")):
        spec = v5("PPO", MLP, env, action_pdtype=pdtype)
        if pdtype in wrong:
            problem = refused("dims-do-not-fit", spec)
            assert problem.pointer == "/agent/algorithm/action_pdtype"
            assert '"default"' in problem.hint
        else:
            assert infer_dims(spec).out_dim == 2


def test_a_misnamed_algorithm_gets_the_right_name():
    assert "did you mean 'SoftActorCritic'?" in refused("dims-unknown", v5("SAC", MLP, "CartPole-v1")).hint
