"""Actions in the environment's own form, within its space, chosen as asked for."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net import build_net, build_nets
from slm_net.bundle.acting import is_switched
from slm_net.document.exploration import Exploration
from slm_net.spaces import Action, known_environments

spaces = pytest.importorskip("gymnasium").spaces

LINEAR = {"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}
CONV = {
    "type": "ConvNet",
    "normalize": False,
    "conv_hid_layers": [[2, 3, 2]],
    "fc_hid_layers": [],
    "hid_layers_activation": "relu",
}
SHARED = {**LINEAR, "shared": False, "use_same_optim": True}
RNN = {"type": "RecurrentNet", "fc_hid_layers": [], "hid_layers_activation": None, "rnn_hidden_size": 5, "seq_len": 3}
HYDRA = {"type": "HydraMLPNet", "hid_layers": [[[4]], [4], []], "hid_layers_activation": "relu"}


def q_net(env="CartPole-v1", net=LINEAR, **algorithm):
    agent = {"algorithm": {"name": "DQN", **algorithm}, "net": net}
    return build_net({"agent": agent, "env": {"name": "CartPole-v1"}}, env=env, seed=0)


# --- every space

DTYPES = (np.float16, np.float32, np.float64, np.int8, np.uint8, np.int32, np.int64, np.uint64)
small = st.integers(1, 3)


@st.composite
def boxes(draw):
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = tuple(draw(st.lists(small, max_size=2)))
    limits = np.iinfo(dtype) if dtype.kind in "iu" else np.finfo(np.float16)
    one = st.integers(int(limits.min), int(limits.max)) if dtype.kind in "iu" else st.floats(-100, 100)
    count = math.prod(shape)
    low, high = np.sort(np.array([draw(st.lists(one, min_size=count, max_size=count)) for _ in "ab"], dtype), axis=0)
    if dtype.kind == "f":
        low = np.where(draw(st.lists(st.booleans(), min_size=count, max_size=count)), -np.inf, low)
        high = np.where(draw(st.lists(st.booleans(), min_size=count, max_size=count)), np.inf, high)
    return spaces.Box(low.reshape(shape).astype(dtype), high.reshape(shape).astype(dtype), shape, dtype)


@st.composite
def multi_discretes(draw):
    nvec = np.array(draw(st.sampled_from([[2], [3, 2], [[2, 3], [4, 1]]])))
    return spaces.MultiDiscrete(nvec, start=draw(st.sampled_from([0, -2, 5])) + np.zeros_like(nvec))


discretes = st.builds(spaces.Discrete, st.integers(2, 5), start=st.integers(-3, 3))
switches = st.builds(spaces.MultiBinary, st.sampled_from([1, 3, (2, 2)]))
actions = st.one_of(discretes, multi_discretes(), switches, boxes())
vectors = st.one_of(
    discretes,
    multi_discretes(),
    st.builds(lambda n: spaces.Box(-1, 1, (n,), np.float64), small),
    st.just(spaces.Box(0, 1, ())),
)
images = st.sampled_from(
    [
        spaces.Box(0, 255, (12, 12, 3), np.uint8),
        spaces.Box(0, 255, (3, 12, 12), np.uint8),
        spaces.Box(0, 255, (12, 12), np.uint8),
        spaces.Box(0, 1, (20, 16, 1)),
    ]
)
several = st.one_of(
    st.builds(lambda a, b: spaces.Dict(b=a, a=b), vectors, vectors),
    st.builds(lambda a, b: spaces.Tuple([a, b]), vectors, vectors),
)


@st.composite
def pairs(draw):
    """A net block, and spaces that it is for."""
    net, seen = draw(st.sampled_from([(LINEAR, vectors), (CONV, images), (HYDRA, several), (RNN, vectors)]))
    return net, draw(seen), draw(actions)


@settings(deadline=None, max_examples=150)
@given(pairs(), st.sampled_from(["default", "NormalTanh"]), st.booleans(), st.integers(0, 3))
def test_every_action_is_one_of_the_space(pair, pdtype, deterministic, seed):
    from gymnasium.vector.utils import batch_space

    net, seen, space = pair
    torch.manual_seed(seed)
    bundle = build_net(net, env=SimpleNamespace(observation_space=seen, action_space=space))
    if pdtype in ("default",) or bundle.action.kind == "continuous":
        bundle.action_pdtype = pdtype
    with torch.no_grad():
        for parameter in bundle.model.parameters():
            parameter.mul_(10)  # far enough to meet the bounds
    seen.seed(seed)
    state = ()
    for _ in range(2):
        action, *state = as_tuple(bundle.act(seen.sample(), *state, deterministic=deterministic), net)
        assert space.contains(action), action
        assert np.asarray(action).dtype == space.dtype
    several, whole = batch_space(seen, 3), batch_space(space, 3)
    several.seed(seed)
    action, *_ = as_tuple(bundle.act(several.sample(), deterministic=deterministic), net)
    assert len(action) == 3 and all(space.contains(np.asarray(one)) for one in action)
    assert action.dtype == space.dtype and action.shape == whole.shape


def as_tuple(acted, net):
    return acted if net is RNN else (acted,)


@pytest.mark.parametrize("name", sorted({known[:2]: name for name, known in known_environments().items()}.values()))
def test_every_environment_of_the_table_is_acted_in(name):
    known = known_environments()[name]
    net = CONV if len(known.observation.shape) == 3 else LINEAR
    bundle = build_net(net, env=name, seed=0)
    one = np.zeros(() if known.observation.one_hot else np.atleast_1d(bundle.in_dim), known.observation.dtype)
    if known.observation.one_hot:
        one = one.astype(int)
    for act in ({}, {"deterministic": True}):
        check(bundle.act(one, **act), known.action)
        for action in bundle.act(np.stack([one, one]), **act):
            check(action, known.action)


def check(action, known):
    if known.kind == "discrete":
        assert action.dtype == np.int64 and 0 <= action < known.sizes[0]
        return
    low, high = np.float32(known.low or -np.inf), np.float32(known.high or np.inf)
    assert action.dtype == np.float32 and action.shape == known.sizes
    assert (low <= action).all() and (action <= high).all()


# --- how an action is chosen


def test_a_policy_draws_from_its_distribution_and_takes_its_mode():
    bundle, obs = build_net(LINEAR, env="CartPole-v1", seed=0), np.ones((2000, 4), np.float32)
    torch.manual_seed(1)
    drawn = bundle.act(obs)
    torch.manual_seed(1)
    policy = bundle.distribution(bundle.model(torch.ones(2000, 4)))
    assert np.array_equal(drawn, policy.sample().numpy())
    assert set(bundle.act(obs, deterministic=True)) == {int(policy.probs[0].argmax())}
    assert bundle.act(obs[0]).shape == () and isinstance(bundle.act(obs[0]), np.int64)


@pytest.mark.parametrize("pdtype", ["Categorical", "Argmax", "GumbelSoftmax"])
def test_each_distribution_of_choices_gives_integers(pdtype):
    bundle = build_net(LINEAR, env="Acrobot-v1", seed=0)
    bundle.action_pdtype = pdtype
    drawn = bundle.act(np.ones((50, 6), np.float32))
    assert drawn.dtype == np.int64 and set(drawn) <= {0, 1, 2}
    assert (len(set(drawn)) == 1) == (pdtype == "Argmax")


def test_continuous_actions_are_clipped_or_stretched():
    bounds = np.float32([-2, 0, -np.inf]), np.float32([2, 5, 7])
    bundle = build_net(LINEAR, env=(spaces.Box(-1, 1, (4,)), spaces.Box(*bounds)), seed=0)
    obs = torch.ones(4)
    for value, clipped, stretched in (
        (10.0, [2, 5, 7], [2, 5, 1]),
        (-10.0, [-2, 0, -10], [-2, 0, -1]),
        (0.0, [0, 0, 0], [0, 2.5, 0]),
    ):
        with torch.no_grad():
            for tail in bundle.model.model_tails:
                tail[0].weight.zero_()
                tail[0].bias.fill_(value)
        bundle.action_pdtype = "default"
        assert bundle.act(obs, deterministic=True) == pytest.approx(clipped)
        bundle.action_pdtype = "NormalTanh"
        assert bundle.act(obs, deterministic=True) == pytest.approx(stretched, abs=1e-4)


def test_the_greatest_integers_are_within_their_bounds():
    high = np.iinfo(np.int64).max
    bundle = build_net(LINEAR, env=(spaces.Box(-1, 1, (4,)), spaces.Box(high - 1, high, (1,), np.int64)))
    assert bundle.act(np.zeros(4)) in (high - 1, high)


def test_q_values_are_followed_greedily():
    bundle, obs = q_net(), np.random.default_rng(0).standard_normal((64, 4), np.float32)
    best = bundle.model(torch.from_numpy(obs)).argmax(dim=-1).numpy()
    assert np.array_equal(bundle.act(obs), best)
    assert np.array_equal(bundle.act(obs, deterministic=True), best)
    state = torch.random.get_rng_state()
    bundle.act(obs)
    assert torch.equal(state, torch.random.get_rng_state())


def test_epsilon_is_drawn_for_each_environment():
    bundle, obs = q_net("Acrobot-v1"), np.ones((3000, 6), np.float32)
    best = bundle.act(obs[0])
    torch.manual_seed(0)
    others = (bundle.act(obs, epsilon=0.3) != best).mean()
    assert others == pytest.approx(0.3 * 2 / 3, abs=0.03)
    everything = np.bincount(bundle.act(obs, epsilon=1)) / 3000
    assert everything == pytest.approx([1 / 3] * 3, abs=0.04)


def test_several_q_values_explore_together():
    obs, space = spaces.Tuple([spaces.Box(-1, 1, (2,))] * 2), spaces.MultiDiscrete([3, 3])
    agent = {"algorithm": {"name": "HydraDQN"}, "net": HYDRA}
    bundle = build_net({"agent": [agent], "env": [{"name": "CartPole-v1"}]}, env=(obs, space), seed=0)
    batch = (np.zeros((4000, 2)), np.zeros((4000, 2)))
    best = bundle.act(batch)[0]
    torch.manual_seed(0)
    apart = bundle.act(batch, epsilon=0.5) != best
    assert apart.any(axis=1).mean() == pytest.approx(0.5 * 8 / 9, abs=0.04)


def test_a_frame_is_that_of_the_schedule():
    linear = {"name": "linear_decay", "start_val": 1.0, "end_val": 0.0, "start_step": 0, "end_step": 100}
    bundle, obs = q_net("Acrobot-v1", explore_var_spec=linear), np.ones((3000, 6), np.float32)
    assert bundle.exploration == Exploration("epsilon_greedy", "linear_decay", 1.0, 0.0, 0, 100)
    torch.manual_seed(0)
    half = bundle.act(obs, epsilon=0.5)
    torch.manual_seed(0)
    assert np.array_equal(bundle.act(obs, frame=50), half)
    assert len(set(bundle.act(obs, frame=100))) == 1


def test_boltzmann_divides_by_the_temperature():
    schedule = {"name": "no_decay", "start_val": 0.5}
    bundle, obs = q_net(action_policy="boltzmann", explore_var_spec=schedule), np.ones((2000, 4), np.float32)
    chances = (bundle.model(torch.ones(4)[None]) / 0.5).softmax(dim=-1)[0].tolist()
    torch.manual_seed(0)
    assert bundle.act(obs, frame=3).mean() == pytest.approx(chances[1], abs=0.04)
    assert len(set(bundle.act(obs))) == 1


def test_random_actions_are_those_of_the_space():
    bundle, obs = q_net(action_policy="random"), np.ones((2000, 4), np.float32)
    assert bundle.act(obs, frame=3).mean() == pytest.approx(0.5, abs=0.04)


def test_a_frame_is_no_matter_to_a_policy_that_draws():
    agent = {"algorithm": {"name": "Reinforce"}, "net": LINEAR}
    bundle = build_net({"agent": agent, "env": {"name": "CartPole-v1"}}, seed=0)
    assert bundle.act(np.zeros(4), frame=7) in (0, 1)


@pytest.mark.parametrize(
    ("make", "options", "says"),
    [
        (q_net, {"frame": 3}, "explore_var_spec"),
        (q_net, {"epsilon": 1.5}, "from 0 to 1"),
        (q_net, {"epsilon": 0.1, "frame": 3}, "give one of them"),
        (q_net, {"epsilon": 0.1, "deterministic": True}, "give one of them"),
        (lambda: build_net(LINEAR, env="CartPole-v1"), {"epsilon": 0.1}, "nets of Q-values"),
        (lambda: build_net(LINEAR, env="CartPole-v1"), {"frame": 1}, "there is none"),
        (lambda: build_net(LINEAR, env="CartPole-v1"), {"state": torch.zeros(1)}, "MLPNet has no state"),
        (lambda: build_net(LINEAR, env="CartPole-v1"), {"starts": True}, "MLPNet has no state"),
        (lambda: build_net(LINEAR, 4, 2), {}, "bundle.action ="),
    ],
)
def test_what_does_not_fit_is_refused(make, options, says):
    with pytest.raises(ValueError, match=says):
        make().act(np.zeros(4), **options)


def test_critics_do_not_act():
    spec = {"agent": {"algorithm": {"name": "SoftActorCritic"}, "net": LINEAR}}
    nets = build_nets({**spec, "env": {"name": "Pendulum-v1"}})
    assert nets.act(np.zeros(3)).shape == (1,)
    for name in ("q1_net", "target_q1_net"):
        with pytest.raises(ValueError, match="does not act: act with the agent's first net"):
            nets[name].act(np.zeros(4))
    with pytest.raises(ValueError, match="does not act"):
        build_net({**LINEAR, "type": "QMLPNet", "hid_layers": [4]}, [4, 2], 1).act(np.zeros(4))
    critic = build_nets({"agent": {"algorithm": {"name": "PPO"}, "net": SHARED}, "env": {"name": "CartPole-v1"}})
    assert critic["critic_net"].model(critic["critic_net"].observe(np.zeros(4))).shape == (1, 1)
    with pytest.raises(ValueError, match="the value of a state and"):
        critic["critic_net"].act(np.zeros(4))


@pytest.mark.parametrize("deterministic", [True, False])
@pytest.mark.parametrize("env", ["CartPole-v1", "Pendulum-v1"])
def test_numbers_that_are_none_are_no_actions(env, deterministic):
    bundle = build_net(LINEAR, env=env)
    with pytest.raises(ValueError, match="not numbers"):
        bundle.act(np.full(bundle.in_dim, np.nan), deterministic=deterministic)
    with pytest.raises(ValueError, match="not numbers"):
        q_net().act(np.full(4, np.nan))


@pytest.mark.parametrize("env", ["CartPole-v1", "Pendulum-v1"])
def test_nor_are_they_where_distributions_do_not_look_at_numbers(env, monkeypatch):
    monkeypatch.setattr(torch.distributions.Distribution, "_validate_args", False)  # as skrl has it
    bundle = build_net(LINEAR, env=env)
    with pytest.raises(ValueError, match="not numbers"):
        bundle.act(np.full(bundle.in_dim, np.nan))


def test_actions_of_several_spaces_come_in_their_places():
    two = spaces.Dict(a=spaces.Box(-1, 1, (2,)), b=spaces.Discrete(3))
    moves = spaces.Dict(turn=spaces.Discrete(3, start=-1), both=spaces.Tuple([spaces.Discrete(2), spaces.Discrete(2)]))
    net = {**HYDRA, "hid_layers": [[[4]], [4], []]}
    bundle = build_net(net, env=(two, moves), seed=0)
    assert moves.contains(bundle.act(two.sample()))
    action = bundle.act({"a": np.zeros((5, 2)), "b": np.zeros(5, int)})
    assert action["turn"].shape == action["both"][1].shape == (5,)
    games = build_net(net, env=["CartPole-v1", "Acrobot-v1"], seed=0)
    left, right = games.act([np.zeros(4), np.zeros(6)])
    assert left in range(2) and right in range(3)


# --- as in evaluation


def test_acting_is_as_in_evaluation_and_changes_nothing():
    body = {"hid_layers": [16], "hid_layers_activation": "relu", "dropout": 0.5, "normalize_obs": "running"}
    body["batch_norm"] = True
    bundle, obs = build_net({"type": "MLPNet", **body}, env="CartPole-v1", seed=0), np.ones((2, 4), np.float32)
    before = {key: value.clone() for key, value in bundle.model.state_dict().items()}
    modes = [module.training for module in bundle.model.modules()]
    bundle.action_pdtype = "Argmax"
    assert len({tuple(bundle.act(obs)) for _ in range(20)}) == 1
    assert [module.training for module in bundle.model.modules()] == modes
    assert all(torch.equal(value, before[key]) for key, value in bundle.model.state_dict().items())
    with pytest.raises(ValueError):
        bundle.act(np.full((2, 4), np.nan))
    assert [module.training for module in bundle.model.modules()] == modes
    bundle.model.eval()
    bundle.act(obs)
    assert not any(module.training for module in bundle.model.modules())
    assert not any(parameter.grad is not None for parameter in bundle.model.parameters())


def test_only_modules_that_care_are_switched():
    careless = [nn.Linear(2, 2), nn.ReLU(), nn.LayerNorm(2), nn.Conv2d(1, 1, 1), nn.GRU(2, 2), nn.Sequential()]
    careful = [nn.BatchNorm1d(2), nn.Dropout(), nn.GRU(2, 2, 2, dropout=0.1), nn.RReLU(), nn.InstanceNorm1d(2)]

    class Mine(nn.Module):
        pass

    assert not any(map(is_switched, careless))
    assert all(map(is_switched, [*careful, Mine(), nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2))]))


def test_a_net_of_another_place_is_acted_with():
    bundle = build_net(LINEAR, env="CartPole-v1", seed=0)
    first = bundle.act(np.ones(4), deterministic=True)
    bundle.model = nn.Sequential(nn.Flatten(), bundle.model)
    assert bundle.act(np.ones(4), deterministic=True) == first
    bundle.model = bundle.model[1].double()
    assert bundle.act(np.ones(4), deterministic=True) == first
    bundle.action = Action("discrete", (2,), start=(7,))
    assert bundle.act(np.ones(4), deterministic=True) == first + 7


# --- recurrent nets


def walk(bundle, observations, starts=None, state=None):
    """The likeliest actions of each step, and the last state."""
    actions = []
    for obs, start in zip(observations, starts or itertools.repeat(None), strict=False):
        action, state = bundle.act(obs, state, starts=start, deterministic=True)
        actions.append(action)
    return np.array(actions), state


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN"])
def test_state_carries_over_and_starts_anew(cell):
    bundle = build_net({**RNN, "cell_type": cell, "rnn_num_layers": 2}, env="Pendulum-v1", seed=0)
    steps = np.random.default_rng(0).standard_normal((6, 2, 3), np.float32)
    with torch.no_grad():
        whole = bundle.model(torch.from_numpy(steps[:3]).transpose(0, 1))
    actions, state = walk(bundle, steps)
    assert actions[2] == pytest.approx(whole.numpy()[:, :1], abs=1e-6)
    again, _ = walk(bundle, steps[3:], state=None)
    starts = [None, None, None, [True, False], None, None]
    both, _ = walk(bundle, steps, starts)
    assert both[3:, 0] == pytest.approx(again[:, 0], abs=1e-6)
    assert both[3:, 1] == pytest.approx(actions[3:, 1], abs=1e-6)
    alone, _ = walk(bundle, steps[:, 0])
    assert alone == pytest.approx(actions[:, 0], abs=1e-6)
    with pytest.raises(ValueError, match="state= has the shape"):
        bundle.act(steps[0, 0], state)
    with pytest.raises(ValueError, match="for each of 2"):
        bundle.act(steps[0], state, starts=[True])


def test_a_bidirectional_net_reads_whole_sequences():
    bundle = build_net({**RNN, "bidirectional": True}, env="CartPole-v1", seed=0)
    with pytest.raises(ValueError, match='"bidirectional": false'):
        bundle.act(np.zeros(4))
    action, state = bundle.act(np.zeros((2, 3, 4)))
    assert action.shape == (2,) and state is None


def test_an_environment_that_shows_sequences_has_no_state():
    bundle = build_net(RNN, env=(spaces.Box(-1, 1, (3, 4)), spaces.Discrete(2)), seed=0)
    action, state = bundle.act(np.zeros((3, 4)))
    assert action in (0, 1) and state is None
    assert bundle.act(np.zeros((5, 3, 4)))[0].shape == (5,)


def test_vector_environments_take_the_actions():
    gymnasium = pytest.importorskip("gymnasium")
    for name in ("CartPole-v1", "Pendulum-v1", "FrozenLake-v1"):
        envs, one = gymnasium.make_vec(name, num_envs=3), gymnasium.make(name)
        bundle = build_net(LINEAR, env=envs, seed=0)
        obs, _ = envs.reset(seed=0)
        for _ in range(5):
            obs, *_ = envs.step(bundle.act(obs))
        obs, _ = one.reset(seed=0)
        one.step(bundle.act(obs))
        envs.close()
        one.close()
