"""Dims of a TorchArcNet: a Dict observation by the names of its graph's inputs, state and action of a Q net."""

from types import SimpleNamespace

import pytest

from slm_net import SpecError, build_net, build_nets
from slm_net.spaces import infer_dims, spec_of


def box(*shape, dtype="float32"):
    return SimpleNamespace(shape=shape, dtype=dtype)


ACTION = SimpleNamespace(shape=(), n=3, start=0)
BOTH = SimpleNamespace(spaces={"image": box(84, 84, 3, dtype="uint8"), "speed": box(4), "more": box(2)})


def arc(inputs):
    modules = {name: {"Sequential": ["Flatten", {"LazyLinear": {"out_features": 4}}]} for name in ("a", "b")}
    nodes = {name: [source] for name, source in zip(modules, inputs, strict=False)}
    called = {name: modules[name] for name in nodes}
    merge = {"cat": [[*nodes]]} if len(nodes) > 1 else {"cat": [["a"]]}
    graph = {"input": inputs if len(inputs) > 1 else inputs[0], "modules": nodes | merge, "output": "cat"}
    return {"modules": called | {"cat": "MergeConcat"}, "graph": graph}


def net(*inputs, **keys):
    return {"type": "TorchArcNet", "arc": arc(list(inputs)), **keys}


def dims(spec, observation, action=ACTION):
    return infer_dims(spec_of(spec), env=(observation, action))


def test_a_dict_observation_goes_in_by_name():
    found = dims(net("image", "speed"), BOTH)
    assert (found.in_dim, found.out_dim) == ({"image": (3, 84, 84), "speed": 4}, 3)
    assert "2 parts of what the environment shows" in found.notes[0]
    assert any("transpose" in note for note in found.notes)
    bundle = build_net(net("speed", "more"), env=(BOTH, ACTION))
    assert bundle.in_dim == {"speed": 4, "more": 2}


def test_one_input_may_be_a_part_of_a_dict_observation():
    assert dims(net("speed"), BOTH).in_dim == {"speed": 4}


def test_one_observation_goes_in_as_it_is():
    assert dims(net("x"), box(4)).in_dim == 4
    assert dims(net("x", seq_len=5), box(4)).in_dim == (5, 4)


@pytest.mark.parametrize(
    ("spec", "observation", "message"),
    [
        (net("image", "sped"), BOTH, "shows no 'sped'"),
        (net("image", "speed"), box(4), "shows one observation"),
        (net("x"), BOTH, "shows no 'x'"),
    ],
)
def test_inputs_that_the_environment_does_not_show(spec, observation, message):
    with pytest.raises(SpecError, match=message) as caught:
        dims(spec, observation)
    [problem] = caught.value.problems
    assert (problem.pointer, problem.rule_name) == ("/arc/graph/input", "dims-do-not-fit") and problem.hint


def test_a_known_environment_shows_one_observation():
    with pytest.raises(SpecError, match="CartPole-v1 shows one observation"):
        build_net(net("image", "speed"), env="CartPole-v1")


def sac(critic, env="Pendulum-v1"):
    agent = {"name": "SAC", "algorithm": {"name": "SoftActorCritic"}, "memory": {"name": "Replay"}}
    return {"agent": {**agent, "net": net("x"), "critic_net": critic}, "env": {"name": env}, "meta": {}}


@pytest.mark.filterwarnings("ignore")
def test_a_q_net_gets_state_and_action_apart_or_as_one():
    apart = build_nets(sac(net("state", "action")))
    assert apart["q1_net"].in_dim == {"state": 3, "action": 1} and apart["q1_net"].out_dim == 1
    assert build_nets(sac(net("x")))["q1_net"].in_dim == 4
    discrete = build_nets(sac(net("x"), "CartPole-v1"))
    assert (discrete["q1_net"].in_dim, discrete["q1_net"].out_dim) == (4, 2)
