"""Dims from environment and algorithm, or given: every refusal with its cure."""

from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from space_helpers import (
    CONV,
    MLP,
    RNN,
    box,
    discrete,
    infer_dims,
    multi_binary,
    multi_discrete,
    refused,
    unplanned,
    v4,
    v5,
)

from slm_net.plan import plan_net
from slm_net.spaces import Dims, known_environments

# which environment, which dims are given


def test_the_notes_say_how_each_was_found():
    dims = infer_dims(v4("DQN", CONV, {"name": "PongNoFrameskip-v4", "frame_op": "concat", "frame_op_len": 4}))
    why = "the images of PongNoFrameskip-v4, grey and scaled to 84x84, 4 of them end to end"
    assert dims == Dims((4, 84, 84), 6, why, "one Q-value per action of PongNoFrameskip-v4 (DQN)")
    assert dims.notes == (f"in_dim (4, 84, 84): {why}", f"out_dim 6: {dims.why_out}")


@pytest.mark.parametrize("spec", [v4, v5])
def test_the_argument_wins_over_the_environment_of_the_spec(spec):
    whole = spec("DQN", MLP, "CartPole-v1")
    assert infer_dims(whole, env="Acrobot-v1").in_dim == 6
    assert infer_dims(whole, env=(box(9), discrete(5))).out_dim == 5


def test_given_dims_win():
    spec = v4("DQN", MLP, "CartPole-v0")
    assert infer_dims(spec, in_dim=7, out_dim=5) == Dims(7, 5, "given", "given")
    assert infer_dims(spec, in_dim=7).notes == (
        "in_dim 7: given",
        "out_dim 2: one Q-value per action of CartPole-v0 (DQN)",
    )
    assert infer_dims(spec, out_dim=5).in_dim == 4
    assert infer_dims({"type": "Mine"}, in_dim=[2, 3, 4, 5, 6], out_dim=[3]).in_dim == (2, 3, 4, 5, 6)
    assert infer_dims(v4("Random", {}, "${env}"), in_dim=3, out_dim=(4, 1)).out_dim == [4, 1]


@pytest.mark.parametrize(
    ("net", "in_dim", "expected"),
    [
        (CONV, [4, 84, 84], (4, 84, 84)),
        (RNN, [4, 8], (4, 8)),
        ({"type": "HydraMLPNet"}, [4, 6], [4, 6]),
        ({"type": "QConvNet"}, [[3, 24, 24], 2], [(3, 24, 24), 2]),
    ],
)
def test_given_dims_take_the_form_of_the_net(net, in_dim, expected):
    assert infer_dims(net, in_dim=in_dim, out_dim=2).in_dim == expected


def test_numbers_of_numpy_become_ints():
    np = pytest.importorskip("numpy")
    block = {"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}
    dims = plan_net(block, np.int64(4), np.array([2, 3])).dims
    assert type(dims.in_dim) is int
    assert [type(size) for size in dims.out_dim] == [int, int]
    spaces = (box(np.int32(3)), SimpleNamespace(shape=(2, 2), nvec=np.array([[2, 3], [4, 5]])))
    assert infer_dims(MLP, env=spaces).out_dim == [2, 3, 4, 5]
    assert infer_dims(MLP, env=(box(3), discrete(np.int64(2)))).out_dim == 2


@pytest.mark.parametrize("bad", [0, -1, True, 1.5, "4", [], [4, 0], [4, None], {}, float("nan"), float("inf")])
def test_given_dims_that_are_no_sizes(bad):
    assert "in_dim" in refused("dims-do-not-fit", {"type": "Mine"}, in_dim=bad, out_dim=2).message
    assert "out_dim" in refused("dims-do-not-fit", {"type": "Mine"}, in_dim=2, out_dim=bad).message


# refusals


@pytest.mark.parametrize(
    ("net", "in_dim", "cure"),
    [
        (MLP, (4, 84, 84), "ConvNet takes"),
        ({"type": "DuelingMLPNet"}, (4, 8), "DuelingRecurrentNet takes"),
        (CONV, 8, "MLPNet takes"),
        ({"type": "DuelingConvNet"}, (2,), "(channels, height, width)"),
        (CONV, (1, 2, 3, 4, 5), "(channels, height, width)"),
        (RNN, (4, 84, 84), "ConvNet takes"),
        (RNN, 8, "MLPNet takes 8"),
        (RNN, (3, 8), "write 3"),
    ],
)
def test_dims_that_do_not_fit_the_net(net, in_dim, cure):
    for spec, pointer in ((net, "/type"), (v4("PPO", net), "/agent/0/net/type"), (v5("PPO", net), "/agent/net/type")):
        given = unplanned(spec, in_dim=in_dim, out_dim=2)
        assert given.pointer in (pointer, pointer.replace("type", "seq_len"))
        assert cure in given.hint


@pytest.mark.parametrize(("net", "env"), [(MLP, "ALE/Pong-v5"), (CONV, "CartPole-v1"), (RNN, "ALE/Pong-v5")])
def test_environments_that_do_not_fit_the_net_are_refused_in_the_words_of_given_dims(net, env):
    problem = unplanned(v5("PPO", net, env))
    dims = infer_dims(v5("PPO", net, env))
    given = unplanned(v5("PPO", net), in_dim=dims.in_dim, out_dim=dims.out_dim)
    assert (problem.message, problem.hint, problem.pointer) == (given.message, given.hint, given.pointer)


@pytest.mark.parametrize(
    ("spec", "message", "pointer"),
    [
        (MLP, "no environment", ""),
        (v4("DQN", MLP), "no environment", "/env"),
        (v5("DQN", MLP), "no environment", "/env"),
        (v5("DQN", MLP, {"max_t": None}), "no environment", "/env"),
        (v4("DQN", MLP, "${env}"), "variable", "/env/0/name"),
        (v5("DQN", MLP, "os:Env-v0"), "import", "/env/name"),
        (v5("DQN", MLP, {"name": 3}), "'3', not an id", "/env/name"),
        (v4("Random", {}, "CartPole-v0"), "Random agent has no net", "/agent/0/net"),
        (v4("Random", MLP, "CartPole-v0"), "Random agent has no net", "/agent/0/net"),
        (v5("DQN", {}, "CartPole-v1"), "DQN agent has no net", "/agent/net"),
        ({"agent": [], "env": [{"name": "CartPole-v0"}]}, "no net", "/agent/net"),
        ({"agent": [{"net": MLP}] * 2, "env": []}, "2 agents", "/agent"),
        ({"agent": [{"net": MLP}], "env": [{"name": "CartPole-v0"}] * 2}, "2 environments", "/env"),
        (v4("DQN", {"type": "RecurrentNet"}, "CartPole-v0"), "length of its sequences", "/agent/0/net"),
        ({"agent": {"net": MLP}, "env": {"name": "CartPole-v0"}}, "no algorithm", "/agent/algorithm"),
        (v5("SAC", MLP, "CartPole-v1"), "'SAC'", "/agent/algorithm/name"),
    ],
)
def test_what_is_not_known(spec, message, pointer):
    problem = refused("dims-unknown", spec)
    assert message in problem.message
    assert problem.pointer == pointer
    assert any(cure in problem.hint for cure in ("in_dim=", "out_dim=", "seq_len"))


# properties

sizes = st.integers(1, 50)
observations = st.one_of(
    st.builds(box, sizes), st.builds(box, sizes, sizes), st.builds(box, sizes, sizes, sizes), st.builds(discrete, sizes)
)
actions = st.one_of(
    st.builds(discrete, sizes),
    st.builds(multi_binary, sizes),
    st.builds(box, sizes),
    st.lists(sizes, min_size=1, max_size=5).map(lambda nvec: multi_discrete(*nvec)),
)


def batched(observation, action):
    """What `test_values.py` shows to be refused."""
    nvec = getattr(action, "nvec", [])
    return len(observation.shape) > 1 and 1 < observation.shape[0] == len(nvec) and len(set(nvec)) == 1


@given(observations, actions, st.booleans(), st.sampled_from(["Reinforce", "PPO", "SoftActorCritic"]))
def test_any_spaces_give_dims_of_as_many_numbers(observation, action, shared, algorithm):
    assume(not batched(observation, action))
    net = {"type": "MLPNet" if len(observation.shape) < 2 else "ConvNet", "shared": shared}
    dims = infer_dims(v5(algorithm, net), env=(observation, action))
    shape = (dims.in_dim,) if isinstance(dims.in_dim, int) else dims.in_dim
    assert sorted(shape) == sorted(observation.shape or (observation.n,))
    heads = dims.out_dim if isinstance(dims.out_dim, list) else [dims.out_dim]
    assert all(type(size) is int and size > 0 for size in (*shape, *heads))
    critic = shared and algorithm == "PPO"
    numbers = sum(action.nvec) if hasattr(action, "nvec") else getattr(action, "n", None) or 2 * action.shape[0]
    assert sum(heads) == numbers + critic
    assert len(dims.notes) >= 2


@given(st.sampled_from(sorted(known_environments())), st.sampled_from([v4, v5]))
def test_every_known_environment_gives_dims_to_its_net(name, spec):
    net = CONV if len(known_environments()[name].observation.shape) == 3 else MLP
    dims = infer_dims(spec("PPO", {**net, "shared": True}, name))
    assert dims.out_dim[-1] == 1
    assert all(name in note for note in (dims.notes[0], dims.notes[-1]))
