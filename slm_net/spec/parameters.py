"""How many parameters a net will have, counted on ints before anything is allocated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any

from slm_net.spec.shapes import conv_layer, conv_output_shape

#: A net with more parameters than this is refused: 40 GB as float32, and its optimizer twice that again.
MAX_PARAMETERS = 10**10


def parameter_counts(spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> dict[str, int]:
    """The parameters of a net by the key that causes them; those of the output layers under "out_dim".

    Learned slopes of PReLU and a state-independent log standard deviation, a handful, are not counted.

    >>> parameter_counts({"type": "MLPNet", "hid_layers": [64], "batch_norm": False, "layer_norm": False}, 4, 2)
    {'hid_layers': 320, 'out_dim': 130}
    """
    counts, width = COUNTERS[spec["type"]](spec, in_dim)
    outputs = out_dim if isinstance(out_dim, Sequence) else [out_dim]
    return {**counts, "out_dim": sum(outputs) * (width + 1)}


def dense_parameters(widths: Sequence[int], norm: bool = False) -> int:
    """Weights and biases of a chain of Linear layers, with two more per unit where a norm follows.

    >>> dense_parameters([4, 64, 2])
    450
    """
    linear = sum(a * b + b for a, b in pairwise(widths))
    return linear + (2 * sum(widths[1:]) if norm else 0)


def conv_parameters(in_dim: Sequence[int], rows: Sequence[Sequence[Any]], batch_norm: bool = False) -> int:
    """Weights and biases of the convolutions; batch norm adds two per channel, from the second row on."""
    total, channels = 0, in_dim[0]
    for index, row in enumerate(rows):
        layer = conv_layer(row, len(in_dim) - 1, index)
        weights = layer.out_channels * (channels // layer.groups) * prod(layer.kernel_size)
        total += weights + layer.out_channels * layer.bias + 2 * layer.out_channels * (batch_norm and index > 0)
        channels = layer.out_channels
    return total


def recurrent_parameters(spec: Mapping[str, Any], width: int) -> int:
    """Weights and biases of the stacked cells: three gates for GRU, four for LSTM, one for RNN, per direction."""
    gates = {"GRU": 3, "LSTM": 4, "RNN": 1}[spec["cell_type"]]
    hidden, directions = spec["rnn_hidden_size"], 1 + spec["bidirectional"]
    first = hidden * (width + hidden) + 2 * hidden
    deeper = hidden * (directions * hidden + hidden) + 2 * hidden
    return gates * directions * (first + (spec["rnn_num_layers"] - 1) * deeper)


def _mlp(spec: Mapping[str, Any], in_dim: int) -> tuple[dict[str, int], int]:
    widths = [in_dim, *spec["hid_layers"]]
    norm = spec["batch_norm"] or spec["layer_norm"]
    return {"hid_layers": dense_parameters(widths, norm)}, widths[-1]


def _conv(spec: Mapping[str, Any], in_dim: Sequence[int]) -> tuple[dict[str, int], int]:
    rows = spec["conv_hid_layers"]
    widths = [prod(conv_output_shape(in_dim, rows)), *spec["fc_hid_layers"]]
    counts = {
        "conv_hid_layers": conv_parameters(in_dim, rows, spec["batch_norm"]),
        "fc_hid_layers": dense_parameters(widths, spec["layer_norm"]),
    }
    return counts, widths[-1]


def _recurrent(spec: Mapping[str, Any], in_dim: Sequence[int]) -> tuple[dict[str, int], int]:
    widths = [in_dim[-1], *spec["fc_hid_layers"]]
    counts = {
        "fc_hid_layers": dense_parameters(widths, spec["layer_norm"]),
        "rnn_hidden_size": recurrent_parameters(spec, widths[-1]),
    }
    return counts, spec["rnn_hidden_size"] * (1 + spec["bidirectional"])


#: Per net type: the counts by key, and the width that reaches the output layers.
COUNTERS: dict[str, Callable[[Mapping[str, Any], Any], tuple[dict[str, int], int]]] = {
    "MLPNet": _mlp,
    "ConvNet": _conv,
    "RecurrentNet": _recurrent,
}
