from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch

from slm_net.nets import FiLMQConvNet, HydraMLPNet, Net, QConvNet, QMLPNet

SHARED = {
    "hid_layers_activation": {"name": "Tanh"},
    "out_layer_activation": None,
    "init_fn": None,
    "layer_norm": False,
    "dropout": 0.0,
    "log_std_init": None,
    "actor_init_std": None,
    "critic_init_std": None,
}
SPECS = {
    "MLPNet": {**SHARED, "hid_layers": [12, 9], "batch_norm": False},
    "ConvNet": {
        **SHARED,
        "conv_hid_layers": [[6, 3, 2], [8, 3, 1, 1]],
        "fc_hid_layers": [10],
        "normalize": False,
        "batch_norm": False,
    },
    "RecurrentNet": {
        **SHARED,
        "cell_type": "GRU",
        "fc_hid_layers": [7],
        "rnn_hidden_size": 6,
        "rnn_num_layers": 1,
        "bidirectional": False,
        "seq_len": 4,
    },
}
SPECS |= {
    "DuelingMLPNet": SPECS["MLPNet"],
    "DuelingConvNet": SPECS["ConvNet"],
    "DuelingRecurrentNet": SPECS["RecurrentNet"],
    "HydraMLPNet": {**SHARED, "hid_layers": [[[7], [6]], [8], [[5], [4]]], "batch_norm": False},
    "QMLPNet": SPECS["MLPNet"],
    "QConvNet": SPECS["ConvNet"],
    "FiLMQConvNet": SPECS["ConvNet"],
}
IN_DIMS = {
    "MLPNet": 5,
    "ConvNet": (2, 9, 11),
    "RecurrentNet": (4, 5),
    "DuelingMLPNet": 5,
    "DuelingConvNet": (2, 9, 11),
    "DuelingRecurrentNet": (4, 5),
    "HydraMLPNet": (4, 6),
    "QMLPNet": (5, 3),
    "QConvNet": ((2, 9, 11), 3),
    "FiLMQConvNet": ((2, 9, 11), 3),
}


@pytest.fixture(scope="session")
def net_spec() -> Callable[..., dict]:
    """A small resolved spec of a type, with the given keys changed."""

    def make(kind: str, **changes: object) -> dict:
        return copy.deepcopy({"type": kind, **SPECS[kind]}) | changes

    return make


@pytest.fixture(scope="session")
def in_dims() -> dict:
    """An in_dim for each of the types."""
    return IN_DIMS


@pytest.fixture(scope="session")
def arguments() -> Callable[..., tuple]:
    """Random arguments for the forward of a net."""

    def make(net: Net, size: int = 4) -> tuple:
        dims = net.in_dim if isinstance(net, HydraMLPNet | QMLPNet | QConvNet | FiLMQConvNet) else (net.in_dim,)
        tensors = [torch.randn(size, *(dim if isinstance(dim, tuple) else (dim,))) for dim in dims]
        return (tensors,) if isinstance(net, HydraMLPNet) else tuple(tensors)

    return make
