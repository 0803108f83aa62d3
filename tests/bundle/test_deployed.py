"""What is exported acts as the bundle acts, under names that say what is what, and leaves the bundle alone."""

import json

import numpy as np
import pytest
import torch
from exported_nets import ARC, CHOICE, HYDRA, MLP, NETS, RNN, TORQUE, VECTOR, agent, compare, env_of, of
from gymnasium import spaces

from slm_net import build_net
from slm_net.bundle.deployed import Deployed, contract


def ends(dtype, low, high):
    return spaces.Box(np.array(low, dtype), np.array(high, dtype), dtype=dtype)


ACTIONS = {
    "discrete": CHOICE,
    "multi-discrete": spaces.MultiDiscrete([[2, 3], [4, 1]], start=[[1, 0], [-2, 7]]),
    "multi-binary": spaces.MultiBinary((2, 2)),
    "no bounds": spaces.Box(-np.inf, np.inf, (2,)),
    "half of the bounds": ends(np.float64, [-np.inf, -0.01], [0.01, np.inf]),
    "a matrix": spaces.Box(-0.01, 0.01, (2, 2)),
    "float16": ends(np.float16, [-0.01, -9], [0.01, 9]),
    **{dtype: ends(dtype, [0, 0], [1, 5]) for dtype in ("int8", "uint8", "int32", "int64")},
    "uint64": ends(np.uint64, [0, 2**63], [1, 2**64 - 1]),
}


SQUASHED = [(kind, True) for kind, space in ACTIONS.items() if isinstance(space, spaces.Box)]


@pytest.mark.parametrize(("kind", "squashed"), [*((kind, False) for kind in ACTIONS), *SQUASHED])
def test_the_action_is_that_of_act(kind, squashed):
    bundle = of(MLP, does=ACTIONS[kind])
    bundle.action_pdtype = "NormalTanh" if squashed else "default"
    with torch.no_grad():
        for parameter in bundle.model.parameters():
            parameter.mul_(10)  # far enough to meet the bounds
    deployed = Deployed(bundle)
    for batch in (1, 3, 17):
        obs = np.random.default_rng(batch).uniform(-1, 1, (batch, 4)).astype(np.float32)
        got, want = deployed({"observation": torch.from_numpy(obs)})["action"], bundle.act(obs, deterministic=True)
        assert np.array_equal(got.numpy(), want) and got.numpy().dtype == want.dtype
        assert all(ACTIONS[kind].contains(one) for one in got.numpy()) or kind == "discrete"


@pytest.mark.parametrize("name", NETS)
def test_every_type_gives_what_the_bundle_gives(name):
    bundle = NETS[name]()
    deployed = Deployed(bundle)
    said = contract(deployed, bundle)
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    compare(bundle, said, deployed)


NAMES = {
    "MLPNet": (["observation"], ["mean", "log_std", "action"]),
    "MLPNet, its Q": (["state_action"], ["q_value"]),
    "DuelingMLPNet": (["observation"], ["q_values", "action"]),
    "HydraMLPNet": (["observation.action", "front camera"], ["logits", "action"]),
    "QConvNet": (["state", "action"], ["q_value"]),
    "RecurrentNet": (["observation", "state_h"], ["logits", "action", "next_state_h"]),
    "RecurrentNet, LSTM": (
        ["observation", "state_h", "state_c"],
        ["logits", "action", "next_state_h", "next_state_c"],
    ),
    "RecurrentNet, RNN": (["observation"], ["logits", "action"]),
    "TorchArcNet": (["image", "speed"], ["logits", "action"]),
}
MORE = {
    "a shared critic": (
        lambda: agent("PPO", {**MLP, "shared": True, "use_same_optim": True})["net"],
        ["observation"],
        "logits value action",
    ),
    "a critic": (
        lambda: agent("PPO", {**MLP, "shared": False, "use_same_optim": True})["critic_net"],
        ["observation"],
        "value",
    ),
    "dims alone": (lambda: build_net(HYDRA, [3, 2], [2, 2]), ["x0", "x1"], "output0 output1"),
    "a tuple": (lambda: of(HYDRA, spaces.Tuple([VECTOR, VECTOR])), ["x0", "x1"], "logits action"),
    "several choices": (
        lambda: of(MLP, does=spaces.MultiDiscrete([2, 3])),
        ["observation"],
        "logits0 logits1 action",
    ),
    "two environments": (
        lambda: build_net(HYDRA, env=[env_of(VECTOR, CHOICE), env_of(VECTOR, CHOICE)]),
        ["x0", "x1"],
        "logits0 logits1 action.0 action.1",
    ),
    "one value per action": (lambda: agent("SoftActorCritic", MLP)["q1_net"], ["observation"], "q_values"),
    "state and action by name": (
        lambda: build_net({**ARC, "arc": PAIR}, {"state": 4, "action": 2}, 1),
        ["state", "action"],
        "output",
    ),
}
PAIR = {
    "modules": {"cat": "MergeConcat"},
    "graph": {"input": ["state", "action"], "modules": {"cat": [["state", "action"]]}, "output": "cat"},
}


@pytest.mark.parametrize("name", [*NAMES, *MORE])
def test_inputs_and_outputs_have_names(name):
    if name in NAMES:
        make, (inputs, outputs) = NETS[name], NAMES[name]
    else:
        make, inputs, outputs = MORE[name]
        outputs = outputs.split()
    bundle = make()
    said = contract(Deployed(bundle), bundle)
    assert [one["name"] for one in said["inputs"]] == inputs
    assert [one["name"] for one in said["outputs"]] == outputs
    assert [*said["actions"]] == [one for one in outputs if one.partition(".")[0] == "action"]


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN"])
def test_steps_are_the_sequence(cell):
    bundle = of({**RNN, "cell_type": cell, "rnn_num_layers": 2})
    step, whole = Deployed(bundle), Deployed(bundle, sequence=True)
    xs, named, state = torch.randn(5, 3, 4), step.example(5), None
    for index in range(3):
        got = step({**named, "observation": xs[:, index]})
        named = {name.removeprefix("next_"): one for name, one in got.items() if name.startswith("next_")}
        acted, state = bundle.act(xs[:, index], state, deterministic=True)
        assert np.array_equal(got["action"].numpy(), acted)
    for name, one in whole({"observation": xs}).items():
        torch.testing.assert_close(got[name], one)


def test_what_cannot_step_takes_sequences():
    windows = spaces.Box(-1, 1, (3, 4))
    for bundle in (of({**RNN, "bidirectional": True}), of(RNN, windows)):
        deployed = Deployed(bundle)
        assert deployed.states == () and deployed.example()["observation"].shape == (2, 3, 4)


@pytest.mark.parametrize("change", [{}, {"amp": "bf16"}, {"cell_type": "LSTM", "amp": "bf16"}])
def test_the_net_stays_as_it_was(change):
    net = {**(RNN if "cell_type" in change else MLP), "dropout": 0.5, "normalize_obs": "running", **change}
    bundle = of(net)
    bundle.model.train().double()
    before = {name: one.clone() for name, one in bundle.model.state_dict().items()}
    forward = bundle.model.forward
    deployed = Deployed(bundle)
    deployed(deployed.example())
    assert bundle.model.training and not deployed.net.training
    assert {one.dtype for one in deployed.parameters()} == {torch.float32}
    assert all(torch.equal(one, before[name]) for name, one in bundle.model.state_dict().items())
    assert all(one.dtype is torch.float64 and one.requires_grad for one in bundle.model.parameters())
    assert "forward" not in vars(deployed.net) and bundle.model.forward == forward


def test_what_the_action_may_be_is_said():
    squashed = agent("SoftActorCritic", MLP, does=ends(np.float32, [-1, 0], [3, 1]))["net"]
    choices = of(MLP, spaces.MultiDiscrete([3, 4], start=[1, 0]), CHOICE)
    image = of({**NETS["ConvNet"]().spec, "normalize_obs": None}, spaces.Box(0, 255, (12, 12, 3), np.uint8))
    said = [contract(Deployed(bundle), bundle) for bundle in (squashed, choices, image)]
    assert said[0]["actions"]["action"] == {
        "kind": "continuous",
        "path": [],
        "distribution": "NormalTanh",
        "squashing": "tanh",
        "scale": [2.0, 0.5],
        "offset": [1.0, 0.5],
        "low": [-1.0, 0.0],
        "high": [3.0, 1.0],
    }
    assert said[1]["actions"]["action"] == {
        "kind": "discrete",
        "path": [],
        "distribution": "Categorical",
        "choices": [3],
        "start": [2],
    }
    seen = said[1]["inputs"][0]["observation"]
    assert seen["one_hot"] == [{"choices": 3, "start": 1}, {"choices": 4, "start": 0}] and seen["shape"] == [2]
    assert said[2]["inputs"][0]["dtype"] == "uint8" and said[2]["inputs"][0]["observation"]["channels_last"]
    assert {one["spec_hash"] for one in said} & {"", None} == set() and len({one["spec_hash"] for one in said}) == 2


def test_what_cannot_be_exported_is_refused():
    with pytest.raises(ValueError, match="on the meta device has no weights"):
        Deployed(build_net(MLP, 4, 2, device="meta"))
    with pytest.raises(ValueError, match="sequence= is for recurrent nets: MLPNet"):
        Deployed(of(MLP), sequence=True)
    bundle = of(MLP, does=TORQUE)
    with torch.no_grad():
        next(bundle.model.parameters())[0] = float("nan")
    with pytest.raises(ValueError, match="weights that are not finite"):
        Deployed(bundle)
