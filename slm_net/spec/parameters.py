"""How many parameters a net will have, counted on ints before anything is allocated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any

from slm_net.spec.hydra_widths import hydra_widths
from slm_net.spec.places import Path
from slm_net.spec.shapes import conv_layer, conv_output_shape

Counts = dict[Path, int]
Counter = Callable[[Mapping[str, Any], Any, list[int]], Counts]


def parameter_counts(spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> Counts:
    """The parameters of a net by the path of what causes them in its spec; those of the output layers under "out_dim".

    Learned slopes of PReLU and a state-independent log standard deviation, a handful, are not counted.

    >>> parameter_counts({"type": "MLPNet", "hid_layers": [64], "batch_norm": False, "layer_norm": False}, 4, 2)
    {('hid_layers',): 320, ('out_dim',): 130}
    """
    return COUNTERS[spec["type"]](spec, in_dim, list(out_dim) if isinstance(out_dim, Sequence) else [out_dim])


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


def _mlp(spec: Mapping[str, Any], in_dim: int, outputs: list[int]) -> Counts:
    widths = [in_dim, *spec["hid_layers"]]
    return {("hid_layers",): dense_parameters(widths, _dense_norm(spec)), **_tails(widths[-1], outputs)}


def _conv(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int], beside: int = 0) -> Counts:
    rows = spec["conv_hid_layers"]
    widths = [prod(conv_output_shape(in_dim, rows)) + beside, *spec["fc_hid_layers"]]
    return {
        ("conv_hid_layers",): conv_parameters(in_dim, rows, spec["batch_norm"]),
        ("fc_hid_layers",): dense_parameters(widths, spec["layer_norm"]),
        **_tails(widths[-1], outputs),
    }


def _recurrent(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int]) -> Counts:
    widths = [in_dim[-1], *spec["fc_hid_layers"]]
    return {
        ("fc_hid_layers",): dense_parameters(widths, spec["layer_norm"]),
        ("rnn_hidden_size",): recurrent_parameters(spec, widths[-1]),
        **_tails(spec["rnn_hidden_size"] * (1 + spec["bidirectional"]), outputs),
    }


def _dueling(counter: Counter) -> Counter:
    """A value beside the advantages."""
    return lambda spec, in_dim, outputs: counter(spec, in_dim, [1, *outputs])


def _hydra(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int]) -> Counts:
    heads, body, tails = hydra_widths(spec["hid_layers"], len(in_dim), len(outputs))
    head_widths, norm = [[size, *head] for size, head in zip(in_dim, heads, strict=True)], _dense_norm(spec)
    body_widths = [sum(widths[-1] for widths in head_widths), *body]
    tail_widths = [[body_widths[-1], *tail] for tail in tails or [[]] * len(outputs)]
    written = len(spec["hid_layers"][0])
    counts: Counts = {}
    for index, widths in enumerate(head_widths):
        path = ("hid_layers", 0, index % written)
        counts[path] = counts.get(path, 0) + dense_parameters(widths, norm)
    counts["hid_layers", 1] = dense_parameters(body_widths, norm)
    counts["hid_layers", 2] = sum(dense_parameters(widths, norm) for widths in tail_widths)
    counts["out_dim",] = sum(n * (widths[-1] + 1) for n, widths in zip(outputs, tail_widths, strict=True))
    return counts


def _q_mlp(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int]) -> Counts:
    return _mlp(spec, sum(in_dim), outputs)


def _q_conv(spec: Mapping[str, Any], in_dim: Sequence[Any], outputs: list[int]) -> Counts:
    return _conv(spec, in_dim[0], outputs, beside=in_dim[1])


def _film(spec: Mapping[str, Any], in_dim: Sequence[Any], outputs: list[int]) -> Counts:
    image, action = in_dim
    width = [prod(conv_output_shape(image, spec["conv_hid_layers"])), *spec["fc_hid_layers"]][-1]
    counts = _conv(spec, image, outputs)
    counts["fc_hid_layers",] += 2 * dense_parameters([action, width])
    return counts


def _tails(width: int, outputs: list[int]) -> Counts:
    return {("out_dim",): sum(outputs) * (width + 1)}


def _dense_norm(spec: Mapping[str, Any]) -> bool:
    return spec["batch_norm"] or spec["layer_norm"]


#: Per net type: the parameters by path, for a spec, an in_dim and the widths of the outputs.
COUNTERS: dict[str, Counter] = {
    "MLPNet": _mlp,
    "ConvNet": _conv,
    "RecurrentNet": _recurrent,
    "DuelingMLPNet": _dueling(_mlp),
    "DuelingConvNet": _dueling(_conv),
    "DuelingRecurrentNet": _dueling(_recurrent),
    "HydraMLPNet": _hydra,
    "QMLPNet": _q_mlp,
    "QConvNet": _q_conv,
    "FiLMQConvNet": _film,
}
