"""Spaces of anything that looks like gymnasium's, as plain values."""

import json
from types import SimpleNamespace

import pytest
from space_helpers import MLP, box, discrete, infer_dims, multi_discrete, refused

from slm_net.spaces import Action, Observation, given_spaces, known_environments
from slm_net.spaces.values import read_action, read_observation

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


@pytest.mark.parametrize(
    ("observation", "action"),
    [
        (box(3, 4), multi_discrete(2, 2, 2)),
        (box(3, 4), box(3, 1)),
        (box(3, 96, 96, 3, dtype="uint8"), box(3, 3)),
        (box(4, 8), SimpleNamespace(shape=(4, 2), nvec=[[2, 3]] * 4)),
    ],
)
def test_the_spaces_of_a_whole_vector_environment_are_refused(observation, action):
    problem = refused("dims-unknown", MLP, env=(observation, action))
    assert f"of {observation.shape[0]} environments at once" in problem.message
    assert "single_observation_space" in problem.hint
    # what looks alike is taken from an environment, as the hint says
    made = SimpleNamespace(observation_space=box(3, 4), action_space=multi_discrete(2, 2, 2))
    assert infer_dims({"type": "ConvNet"}, env=made).in_dim == (3, 4)


@pytest.mark.parametrize(
    ("observation", "action"),
    [
        (box(4, 84, 84), multi_discrete(2, 3, 2, 3)),
        (box(4, 84, 84), box(4)),
        (box(1, 84, 84), multi_discrete(2)),
        (box(5, 84, 84), multi_discrete(2, 2, 2)),
    ],
)
def test_spaces_of_one_environment_are_no_batch(observation, action):
    assert infer_dims({"type": "ConvNet"}, env=(observation, action)).in_dim == observation.shape


def test_a_batch_of_gymnasium():
    gymnasium = pytest.importorskip("gymnasium")
    vector = gymnasium.make_vec("CartPole-v1", num_envs=3)
    problem = refused("dims-unknown", MLP, env=(vector.observation_space, vector.action_space))
    assert "of 3 environments at once" in problem.message
    assert infer_dims(MLP, env=(vector.single_observation_space, vector.single_action_space)).in_dim == 4
    vector.close()


def test_the_form_of_actions_and_observations():
    spaces = pytest.importorskip("gymnasium").spaces
    np = pytest.importorskip("numpy")
    assert read_action(spaces.Discrete(3, start=-1)) == Action("discrete", (3,), start=(-1,))
    nested = spaces.MultiDiscrete(np.array([[2, 3], [4, 5]]), start=np.array([[0, 0], [7, 0]]))
    assert read_action(nested) == Action("multi-discrete", (2, 3, 4, 5), (0, 0, 7, 0), (2, 2))
    seen = read_observation(nested, ("door",))
    assert seen == Observation((14,), "float32", True, (2, 2), (2, 3, 4, 5), (0, 0, 7, 0), ("door",))
    assert read_action(spaces.MultiBinary((2, 3))) == Action("multi-binary", (6,), shape=(2, 3))
    box = spaces.Box(np.float32([[-0.4, 0], [-np.inf, 0]]), np.float32([[0.4, np.inf], [np.inf, 9]]))
    assert read_action(box) == Action(
        "continuous", (4,), shape=(2, 2), low=(-0.4, 0.0, None, 0.0), high=(0.4, None, None, 9.0)
    )
    whole = read_action(spaces.Box(0, 2**63 - 1, (), np.int64))
    assert whole == Action("continuous", (1,), shape=(), low=(0,), high=(2**63 - 1,), dtype="int64")
    assert read_action(spaces.Box(-np.inf, np.inf, (2,), np.float32)) == Action("continuous", (2,))


def test_the_records_are_plain_values():
    np = pytest.importorskip("numpy")
    spaces = pytest.importorskip("gymnasium").spaces
    action = read_action(spaces.Box(np.float64([-np.inf, 0]), np.float64([0.1, 1]), dtype=np.float64))
    assert json.loads(json.dumps(action, allow_nan=False)) == [
        *("continuous", [2], [], None, [None, 0.0], [0.1, 1.0], "float64", [], [])
    ]
    json.dumps(read_observation(spaces.MultiDiscrete(np.array([2, 3]))), allow_nan=False)


def test_the_agents_of_pettingzoo_have_spaces_of_their_own():
    class Game:  # with the methods of pettingzoo.ParallelEnv
        possible_agents = ("north", "south")

        def observation_space(self, agent):
            return box(3)

        def action_space(self, agent):
            return discrete(2)

    game = Game()
    problem = refused("dims-unknown", MLP, env=game)
    assert "several agents" in problem.message
    assert "env=(env.observation_space('north'), env.action_space('north'))" in problem.hint
    assert infer_dims(MLP, env=(game.observation_space("north"), game.action_space("north"))).in_dim == 3


def test_the_entry_of_a_registry_is_called_by_its_id():
    gymnasium = pytest.importorskip("gymnasium")
    problem = refused("dims-unknown", MLP, env=gymnasium.spec("CartPole-v1"))
    assert "env='CartPole-v1'" in problem.hint
