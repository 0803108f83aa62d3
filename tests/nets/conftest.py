from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

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


@pytest.fixture(scope="session")
def net_spec() -> Callable[..., dict]:
    """A small resolved spec of a type, with the given keys changed."""

    def make(kind: str, **changes: object) -> dict:
        return copy.deepcopy({"type": kind, **SPECS[kind]}) | changes

    return make


@pytest.fixture(scope="session")
def in_dims() -> dict:
    """An in_dim for each of the types."""
    return {"MLPNet": 5, "ConvNet": (2, 9, 11), "RecurrentNet": (4, 5)}
