"""Small nets of every type, each with spaces, and observations for them."""

from types import SimpleNamespace

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from slm_net import build_net, build_nets
from slm_net.training.amp import without_autocast

RELU = {"hid_layers_activation": "relu"}
MLP = {"type": "MLPNet", "hid_layers": [8], **RELU}
CONV = {"type": "ConvNet", "conv_hid_layers": [[2, 3, 2]], "fc_hid_layers": [5], "normalize": True, **RELU}
RNN = {"type": "RecurrentNet", "fc_hid_layers": [6], "rnn_hidden_size": 5, "seq_len": 3, **RELU}
HYDRA = {"type": "HydraMLPNet", "hid_layers": [[[4]], [6], []], **RELU}
ARC = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {
            "see": {"Sequential": [{"LazyConv2d": {"out_channels": 2, "kernel_size": 3}}, "ReLU", "Flatten"]},
            "cat": "MergeConcat",
            "fc": {"LazyLinear": {"out_features": 6}},
        },
        "graph": {
            "input": ["image", "speed"],
            "modules": {"see": ["image"], "cat": [["see", "speed"]], "fc": ["cat"]},
            "output": "fc",
        },
    },
}
VECTOR, IMAGE = spaces.Box(-1, 1, (4,)), spaces.Box(0, 255, (12, 12, 3), np.uint8)
CHOICE, TORQUE = spaces.Discrete(3, start=2), spaces.Box(-2, 2, (1,))


def of(net, seen=VECTOR, does=CHOICE, **options):
    """The bundle of a net in an environment with these spaces."""
    return build_net(net, env=env_of(seen, does), seed=0, **options)


def env_of(seen, does):
    """What has these spaces."""
    return SimpleNamespace(observation_space=seen, action_space=does)


def agent(algorithm, net, seen=VECTOR, does=CHOICE):
    """The nets of an agent."""
    spec = {"agent": {"algorithm": {"name": algorithm}, "net": net}, "env": {"name": "CartPole-v1"}}
    return build_nets(spec, env=env_of(seen, does), seed=0)


#: One of each type, and what else goes another way through the exporter.
NETS = {
    "MLPNet": lambda: of({**MLP, "normalize_obs": "running"}, does=TORQUE),
    "MLPNet, SAC": lambda: agent("SoftActorCritic", MLP, does=TORQUE)["net"],
    "MLPNet, its Q": lambda: agent("SoftActorCritic", MLP, does=TORQUE)["q1_net"],
    "MLPNet, amp, norms": lambda: of({**MLP, "amp": "bf16", "weight_norm": True, "batch_norm": True}),
    "DuelingMLPNet": lambda: agent("DQN", {**MLP, "type": "DuelingMLPNet"})["net"],
    "HydraMLPNet": lambda: of(HYDRA, spaces.Dict({"front camera": VECTOR, "action": spaces.Discrete(3)})),
    "ConvNet": lambda: of({**CONV, "batch_norm": True}, IMAGE),
    "DuelingConvNet": lambda: agent("DQN", {**CONV, "type": "DuelingConvNet"}, IMAGE)["net"],
    "QMLPNet": lambda: build_net({**MLP, "type": "QMLPNet", "normalize_obs": "running"}, (4, 2), 1, seed=0),
    "QConvNet": lambda: build_net({**CONV, "type": "QConvNet"}, ((3, 12, 12), 2), 1, seed=0),
    "FiLMQConvNet": lambda: build_net({**CONV, "type": "FiLMQConvNet"}, ((3, 12, 12), 2), 1, seed=0),
    "RecurrentNet": lambda: of(RNN),
    "RecurrentNet, LSTM": lambda: of({**RNN, "cell_type": "LSTM", "rnn_num_layers": 2, "normalize_obs": "running"}),
    "RecurrentNet, RNN": lambda: of({**RNN, "cell_type": "RNN", "bidirectional": True}),
    "DuelingRecurrentNet": lambda: agent("DQN", {**RNN, "type": "DuelingRecurrentNet"})["net"],
    "TorchArcNet": lambda: of(
        {**ARC, "normalize_obs": "running"}, spaces.Dict(speed=VECTOR, image=spaces.Box(0, 1, (1, 6, 6)))
    ),
}


def observations(space, batch, seed=0):
    """A batch of observations, as a vector environment shows them."""
    several = batch_space(space, batch)
    several.seed(seed)
    return several.sample()


def inputs_for(said, batch, seed=0):
    """What an exported net takes, by name, at random."""
    torch.manual_seed(seed)
    found = {}
    for one in said["inputs"]:
        sizes = [batch if size == "batch" else size for size in one["shape"]]
        if one["dtype"] == "uint8":
            found[one["name"]] = torch.randint(0, 256, sizes, dtype=torch.uint8)
        else:
            found[one["name"]] = torch.randn(sizes)
    return found


STATE = ("state_h", "state_c")


def expected(bundle, inputs):
    """What the bundle itself makes of these inputs, by name: by its model, `policy_params` and `act`."""
    xs = {name: x for name, x in inputs.items() if name not in STATE}
    parts = [x for name, x in inputs.items() if name in STATE]
    state = tuple(parts) if len(parts) > 1 else parts[0] if parts else None
    one = next(iter(xs.values()))
    several = dict(zip(bundle.in_dim, xs.values(), strict=True)) if isinstance(bundle.in_dim, dict) else [*xs.values()]
    seen = one if len(xs) == 1 else several
    with torch.no_grad():
        if state is not None:
            outputs, after = bundle.model(one[:, None], state, return_hidden=True)
        elif set(xs) == {"state", "action"}:
            outputs, after = bundle.model(**xs), ()
        else:
            outputs, after = bundle.model(seen), ()
    nexts = zip(("next_state_h", "next_state_c"), after if len(parts) > 1 else [after], strict=False)
    found = dict(nexts) if parts else {}
    if bundle.gives in ("soft-q", "value") or bundle.action is None:
        return found | {"q_value": outputs}
    acted = bundle.act(seen, deterministic=True) if state is None else bundle.act(one, state, deterministic=True)[0]
    found["action"] = torch.from_numpy(acted[0] if isinstance(acted, tuple) else acted)
    if bundle.gives == "q":
        return found | {"q_values": outputs}
    params = bundle.policy_params(outputs)
    scale = None if params.scale is None else params.scale.log()
    named = {"mean": params.loc, "log_std": scale, "logits": params.logits, "value": params.value}
    return found | {name: one for name, one in named.items() if one is not None}


def compare(bundle, said, run):
    """Hold an exported net, `run` on tensors by name, to the bundle, for several sizes of batch."""
    without_autocast(bundle.model).eval()  # a net in 16 bits is exported in 32
    for batch in (1, 3, 17):
        inputs = inputs_for(said, batch, seed=batch)
        got, want = run(inputs), expected(bundle, inputs)
        assert [*got] == [one["name"] for one in said["outputs"]]
        assert got.keys() == want.keys()
        torch.testing.assert_close(got, {name: want[name] for name in got}, rtol=1e-5, atol=1e-5)
