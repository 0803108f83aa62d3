"""States as JSON and tensors, and what is refused before a file is written."""

import json
import math
import os
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import slm_net
from slm_net import SpecError
from slm_net.bundle.saving import pack, random_state, set_random_state, unpack
from slm_net.text.folder import TRAINING, last_step

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.floats()).map(torch.tensor)
KEYS = st.text(max_size=5) | st.sampled_from(["$tensor", "a/b", "$dict"]) | st.integers()
STATES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner), max_leaves=12
)


def same(one, other):
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one.nan_to_num(7), other.nan_to_num(7))
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other)) and type(one) is type(other)
    return type(one) is type(other) and one == other


@given(STATES)
def test_a_state_comes_back_as_it_was(state):
    tensors = {}
    text = json.dumps(pack(state, tensors), allow_nan=False)
    assert same(state, unpack(json.loads(text), tensors))


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j, b"x", np.zeros(2)])
def test_what_is_neither_number_nor_tensor_is_refused(value):
    with pytest.raises(ValueError, match=r"^a/0 is a "):
        pack({"a": [value]}, {})


def test_nothing_is_written_for_a_net_that_cannot_be_built_again(tmp_path):
    bundle = slm_net.build_net(MLP, 4, 2)
    bundle.model = torch.nn.Linear(4, 2)
    with pytest.raises(ValueError, match="the Linear of net is not the MLPNet of slm_net that its spec builds"):
        bundle.save(tmp_path / "run")
    bundle = slm_net.NetBundle(torch.nn.Linear(4, 2), None, torch.nn.MSELoss())
    with pytest.raises(ValueError, match="has no spec to build it from"):
        bundle.save(tmp_path / "run")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("keep", [-1, 1.5, True, "3"])
def test_keep_is_a_count(keep, tmp_path):
    with pytest.raises(ValueError, match="keep is how many older steps stay"):
        slm_net.build_net(MLP, 4, 2).save(tmp_path, keep=keep)


def test_random_numbers_go_on(tmp_path):
    bundle = slm_net.build_net(MLP, 4, 2)
    bundle.save(tmp_path, rng=True)
    drawn = torch.rand(3), random.random(), np.random.rand(3)
    slm_net.load(tmp_path)
    assert not torch.equal(torch.rand(3), drawn[0])
    slm_net.load(tmp_path, rng=True)
    again = torch.rand(3), random.random(), np.random.rand(3)
    assert torch.equal(drawn[0], again[0])
    assert drawn[1] == again[1]
    assert (drawn[2] == again[2]).all()
    bundle.save(tmp_path)
    with pytest.raises(SpecError, match="has no random numbers"):
        slm_net.load(tmp_path, rng=True)


def test_random_states_are_packed():
    before, tensors = random_state(), {}
    again = unpack(json.loads(json.dumps(pack(before, tensors))), tensors)
    first = torch.rand(1), random.random()
    set_random_state(again)
    assert (torch.rand(1), random.random()) == first


def test_a_state_of_other_nets_is_refused(tmp_path):
    slm_net.build_net(MLP, 4, 2).save(tmp_path)
    step = last_step(tmp_path)
    for text in ("[]", "{}", '{"bundles": []}', '{"bundles": {"net": {"$tensor": "x"}}}', '{"bundles": {"net": 1}}'):
        forge(step, TRAINING, text.encode())
        with pytest.raises(SpecError, match="training_state"):
            slm_net.load(step.path)


def forge(step, name, data):
    """Write a file, and its checksum."""
    import hashlib

    with open(os.path.join(step.path, name), "wb") as file:
        file.write(data)
    digests = {**step.digests, name: hashlib.sha256(data).hexdigest()}
    with open(os.path.join(step.path, "checksums.json"), "w") as file:
        json.dump({"sha256": digests}, file)
    os.path.exists(pointer := os.path.join(os.path.dirname(step.path), "latest.json")) and os.unlink(pointer)
