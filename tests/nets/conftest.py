from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch

from slm_net.document.nets import defaults
from slm_net.nets import FiLMQConvNet, HydraMLPNet, Net, QConvNet, QMLPNet

TANH = {"hid_layers_activation": {"name": "Tanh"}}
MLP = {**TANH, "hid_layers": [12, 9]}
CONV = {**TANH, "conv_hid_layers": [[6, 3, 2], [8, 3, 1, 1]], "fc_hid_layers": [10], "batch_norm": False}
RECURRENT = {**TANH, "fc_hid_layers": [7], "rnn_hidden_size": 6, "seq_len": 4}
ARC = {
    "modules": {"body": {"Sequential": [{"LazyLinear": {"out_features": 12}}, "Tanh"]}},
    "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
}
SPECS = {
    "MLPNet": MLP,
    "ConvNet": CONV,
    "RecurrentNet": RECURRENT,
    "DuelingMLPNet": MLP,
    "DuelingConvNet": CONV,
    "DuelingRecurrentNet": RECURRENT,
    "HydraMLPNet": {**TANH, "hid_layers": [[[7], [6]], [8], [[5], [4]]]},
    "QMLPNet": MLP,
    "QConvNet": CONV,
    "FiLMQConvNet": CONV,
    "TorchArcNet": {**TANH, "arc": ARC},
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
    "TorchArcNet": 5,
}


@pytest.fixture(scope="session")
def net_spec() -> Callable[..., dict]:
    """A small resolved spec of a type, with the given keys changed."""

    def make(kind: str, **changes: object) -> dict:
        return copy.deepcopy({"type": kind, **defaults(kind), **SPECS[kind]}) | changes

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
