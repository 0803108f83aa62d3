"""Several inputs for a HydraMLPNet: several environments, Dict and Tuple observations."""

from types import SimpleNamespace

import pytest

from slm_net import spaces
from slm_net.problems import SpecError
from slm_net.spaces import Action

HYDRA = {"type": "HydraMLPNet"}


def infer_dims(spec, *arguments, **options):
    return spaces.infer_dims(spaces.spec_of(spec), *arguments, **options)


def box(*shape):
    return SimpleNamespace(shape=shape, dtype="float32")


def discrete(n):
    return SimpleNamespace(shape=(), n=n)


def parts(**spaces):
    return SimpleNamespace(spaces=spaces)


def v4(*names, **frames):
    agent = {"algorithm": {"name": "HydraDQN"}, "net": HYDRA}
    return {"agent": [agent], "env": [{"name": name, **frames} for name in names]}


def test_one_input_and_output_per_environment():
    dims = infer_dims(v4("CartPole-v0", "LunarLander-v2"))
    assert (dims.in_dim, dims.out_dim) == ([4, 8], [2, 4])
    assert dims.action == Action("multi-discrete", (2, 4))
    assert dims.notes[0] == "in_dim [4, 8]: 2 observations of CartPole-v0, LunarLander-v2"
    stacked = infer_dims(v4("CartPole-v0", "CartPole-v0", frame_op="concat", frame_op_len=3))
    assert (stacked.in_dim, stacked.out_dim) == ([12, 12], [2, 2])


def test_environments_of_the_argument():
    made = SimpleNamespace(observation_space=box(5), action_space=discrete(3))
    dims = infer_dims(v4("CartPole-v0"), env=[made, "Acrobot-v1", made])
    assert (dims.in_dim, dims.out_dim) == ([5, 6, 5], [3, 3, 3])


def test_the_parts_of_an_observation():
    nested = parts(a=box(3), b=SimpleNamespace(spaces=(discrete(4), box(2))))
    dims = infer_dims(HYDRA, env=(nested, discrete(6)))
    assert (dims.in_dim, dims.out_dim) == ([3, 4, 2], 6)
    assert infer_dims(HYDRA, env=(nested, box(2))).out_dim == [2, 2]
    two = infer_dims(v4("CartPole-v0"), env=(nested, SimpleNamespace(spaces=(discrete(2), discrete(3)))))
    assert two.out_dim == [2, 3]
    agent = {"algorithm": {"name": "PPO"}, "net": {**HYDRA, "shared": True}}
    assert infer_dims({"agent": agent}, env=(nested, discrete(6))).out_dim == [6, 1]


def test_spaces_of_gymnasium():
    gymnasium = pytest.importorskip("gymnasium")
    spaces = gymnasium.spaces
    observation = spaces.Dict(position=spaces.Box(-1, 1, (3,)), door=spaces.Discrete(2))
    dims = infer_dims(HYDRA, env=(observation, spaces.MultiDiscrete([2, 3])))
    assert dims.in_dim == [sum(space.shape) or space.n for space in observation.spaces.values()]
    assert dims.out_dim == [2, 3]
    if "Blackjack-v1" in gymnasium.registry:  # an id whose observation is a Tuple
        assert infer_dims(HYDRA, env="Blackjack-v1").in_dim == [32, 11, 2]


@pytest.mark.parametrize(
    ("spec", "env", "words"),
    [
        (v4("CartPole-v0"), None, "takes a list of observation sizes"),
        (v4("CartPole-v0", "${env}"), None, "a variable without a value"),
        (v4("CartPole-v0", "Pendulum-v0"), None, "not all discrete"),
        (HYDRA, 3, "without observation_space"),
        (HYDRA, None, "has no environment"),
        ({"agent": [{"algorithm": {"name": "DQN"}, "net": HYDRA}], "env": [{}, {}]}, None, "no environment"),
    ],
)
def test_inputs_that_do_not_go_together(spec, env, words):
    with pytest.raises(SpecError) as caught:
        infer_dims(spec, env)
    assert words in caught.value.problems[0].message
    assert caught.value.problems[0].hint


def test_a_problem_stands_at_its_environment():
    with pytest.raises(SpecError) as caught:
        infer_dims(v4("CartPole-v0", "${env}"))
    assert caught.value.problems[0].pointer == "/env/1/name"
