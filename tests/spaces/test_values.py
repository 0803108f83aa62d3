"""Spaces of anything that looks like gymnasium's, as plain values."""

from types import SimpleNamespace

import pytest
from space_helpers import MLP, box, discrete, infer_dims, multi_discrete, refused

from slm_net.spaces import Action, given_spaces, known_environments

KNOWN = known_environments()


def test_vector_environments_count_as_one_of_theirs():
    gymnasium = pytest.importorskip("gymnasium")
    env = gymnasium.make_vec("CartPole-v1", num_envs=3)
    spaces = given_spaces(env)
    env.close()
    assert spaces.observation.shape == (4,)
    assert spaces.action == Action("discrete", (2,))


def test_a_made_environment_is_called_by_its_id():
    spaces = KNOWN["CartPole-v1"]
    space = SimpleNamespace(shape=spaces.observation.shape)
    env = SimpleNamespace(
        observation_space=space, action_space=SimpleNamespace(n=2), spec=SimpleNamespace(id="Mine-v0")
    )
    assert given_spaces(env).name == "Mine-v0"


def test_a_vector_environment_counts_as_one_of_its_environments():
    env = SimpleNamespace(
        observation_space=box(16, 4),
        action_space=multi_discrete(*[2] * 16),
        single_observation_space=box(4),
        single_action_space=discrete(2),
    )
    assert infer_dims(MLP, env=env).in_dim == 4
    assert infer_dims(MLP, env=env).out_dim == 2


@pytest.mark.parametrize(
    "env",
    [
        3,
        object(),
        SimpleNamespace(observation_space=box(3)),
        (box(3),),
        (SimpleNamespace(spaces={"a": box(3)}), discrete(2)),
        (box(3), SimpleNamespace(spaces=(discrete(2), discrete(3)))),
        (SimpleNamespace(shape=None), discrete(2)),
        (box(0), discrete(2)),
        (box(3), discrete("2")),
        (box(3), multi_discrete(2, 0)),
    ],
)
def test_environments_without_usable_spaces(env):
    assert "in_dim=" in refused("dims-unknown", MLP, env=env).hint
