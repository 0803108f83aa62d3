"""Actions in the environment's own form, within its space, chosen as asked for."""

import itertools
import math

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
CONV = {"type": "ConvNet", "normalize": False, "conv_hid_layers": [[2, 3, 2]], "fc_hid_layers": [], "hid_layers_activation": "relu"}
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
    discretes, multi_discretes(), st.builds(lambda n: spaces.Box(-1, 1, (n,), np.float64), small), st.just(spaces.Box(0, 1, ()))
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
    st.builds(lambda a, b: spaces.Dict(b=a, a=b), vectors, vectors), st.builds(lambda a, b: spaces.Tuple([a, b]), vectors, vectors)
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
    bundle = build_net(net, env=(seen, space))
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
    assert len(action) == 3 and all(space.contains(one) for one in action)
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
