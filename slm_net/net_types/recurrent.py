"""RecurrentNet without torch: sequences in, stacked cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slm_net.net_types.base import (
    Counts,
    InDim,
    NetType,
    are_sizes,
    by_layer,
    hidden_activations,
    hidden_parameters,
    output_activations,
    output_parameters,
)

SEQUENCE = InDim(lambda dim: are_sizes(dim, (2,)), "(seq_len, dim), for example (4, 8)", lambda spec: (1, 1))
#: Gates of the cells, each with weights of its own.
GATES = {"GRU": 3, "LSTM": 4, "RNN": 1}
#: The states that cells end with.
STATES = {"GRU": 1, "LSTM": 2, "RNN": 1}


def count_recurrent(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int]) -> Counts:
    """The parameters of dense layers on every step, stacked cells in one or two directions, and the output layers."""
    widths = [in_dim[-1], *spec["fc_hid_layers"]]
    hidden, directions = spec["rnn_hidden_size"], 1 + spec["bidirectional"]
    first = hidden * (widths[-1] + hidden) + 2 * hidden
    deeper = hidden * (directions * hidden + hidden) + 2 * hidden
    cells = GATES[spec["cell_type"]] * directions * (first + (spec["rnn_num_layers"] - 1) * deeper)
    return {
        ("fc_hid_layers",): hidden_parameters(widths, spec),
        ("rnn_hidden_size",): cells,
        **output_parameters(hidden * directions, outputs),
    }


def recurrent_activations(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int]) -> Counts:
    """Those of dense layers and of each layer of cells on every step, of the states, and of the output layers."""
    steps, dim = in_dim
    cells = spec["rnn_num_layers"] * (1 + spec["bidirectional"]) * spec["rnn_hidden_size"]
    return {
        **by_layer("fc_hid_layers", hidden_activations([dim, *spec["fc_hid_layers"]], spec), steps),
        ("rnn_hidden_size",): cells * (steps + STATES[spec["cell_type"]]),
        ("out_dim",): output_activations(spec, outputs),
    }


RECURRENT = NetType("RecurrentNet", SEQUENCE, count_recurrent, recurrent_activations, body=("fc_model", "rnn_model"))
