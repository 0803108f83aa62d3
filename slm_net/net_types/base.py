"""What is known of each net type: the dims that it takes, and how many parameters it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from slm_net.net_types.conv import ConvLayer, Shape, conv_layer, conv_output_shape
from slm_net.net_types.hydra import hydra_widths
from slm_net.text.places import Path

if TYPE_CHECKING:
    from slm_net.document.nets import NetView


#: Types with one output, the values of actions; they have no policy.
VALUE_TYPES = frozenset(
    {"DuelingMLPNet", "DuelingConvNet", "DuelingRecurrentNet", "QMLPNet", "QConvNet", "FiLMQConvNet"}
)
#: Types that begin with convolutions on an image, which is `in_dim` or its first part.
IMAGE_TYPES = ("ConvNet", "DuelingConvNet")
IMAGE_ACTION_TYPES = ("QConvNet", "FiLMQConvNet")
IMAGE_RANKS = (2, 3, 4)
#: Types that take a state and an action.
STATE_ACTION_TYPES = ("QMLPNet", *IMAGE_ACTION_TYPES)


def is_size(value: Any) -> bool:
    """True for a positive int.

    >>> is_size(4), is_size(0), is_size(True)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def are_sizes(value: Any, ranks: Sequence[int] = ()) -> bool:
    """True for a list of positive ints, of one of the lengths `ranks` (if none are given, of any but 0).

    >>> are_sizes((4, 84, 84), IMAGE_RANKS), are_sizes([]), are_sizes(4)
    (True, False, False)
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    return (not ranks or len(value) in ranks) and all(map(is_size, value))


def is_out_dim(value: Any) -> bool:
    """True for a positive int, or a list of them."""
    return is_size(value) or are_sizes(value)


def _image_and_action(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 2 and are_sizes(value[0], IMAGE_RANKS) and is_size(value[1])


class InDim(NamedTuple):
    """What a type takes: a test, and how to say it."""

    fits: Callable[[Any], bool]
    wanted: str


VECTOR = InDim(is_size, "the length of the state, for example 4")
_IMAGE = InDim(lambda dim: are_sizes(dim, IMAGE_RANKS), "(channels, height, width), for example (4, 84, 84)")
_SEQUENCE = InDim(lambda dim: are_sizes(dim, (2,)), "(seq_len, dim), for example (4, 8)")
_IMAGE_ACTION = InDim(_image_and_action, "[(channels, height, width), action_dim], for example [(4, 84, 84), 2]")

IN_DIMS = {
    "MLPNet": VECTOR,
    "ConvNet": _IMAGE,
    "RecurrentNet": _SEQUENCE,
    "DuelingMLPNet": VECTOR,
    "DuelingConvNet": _IMAGE,
    "DuelingRecurrentNet": _SEQUENCE,
    "HydraMLPNet": InDim(are_sizes, "a list with the length of each input, for example [4, 6]"),
    "QMLPNet": InDim(lambda dim: are_sizes(dim, (2,)), "[state_dim, action_dim], for example [8, 2]"),
    "QConvNet": _IMAGE_ACTION,
    "FiLMQConvNet": _IMAGE_ACTION,
}


#: The types of one input; of two that take the same the first is named.
ONE_INPUT = ("MLPNet", "RecurrentNet", "ConvNet", "DuelingMLPNet", "DuelingRecurrentNet", "DuelingConvNet")


def in_dim_fits(net: NetView) -> bool:
    """True if `in_dim` is known and has the shape that the type takes."""
    return net.in_dim is not None and net.type in IN_DIMS and IN_DIMS[net.type].fits(net.in_dim)


def image_of(net: NetView) -> Sequence[int] | None:
    """The shape of the image that the convolutions see; None if the net has none, or it is not known."""
    if not in_dim_fits(net) or net.type not in (*IMAGE_TYPES, *IMAGE_ACTION_TYPES):
        return None
    shape: Sequence[int] = net.in_dim[0] if net.type in IMAGE_ACTION_TYPES else net.in_dim
    return shape


def hydra_lists(net: NetView) -> tuple[list[list[int]], list[int], list[list[int]]] | None:
    """The heads, the body and the tails of a HydraMLPNet; None for other types, and where they are no such lists.

    The schema sees an `actor_hid_layers` or `critic_hid_layers` as those of an MLPNet.
    """
    lists = net.spec.get("hid_layers") if net.type == "HydraMLPNet" and net.has("hid_layers") else None
    if not isinstance(lists, list) or len(lists) != 3 or not all(isinstance(part, list) for part in lists):
        return None
    heads, body, tails = lists
    return (heads, body, tails) if heads and all(isinstance(row, list) for row in (*heads, *tails)) else None


def smallest_in_dim(net_type: str, spec: Mapping[str, Any]) -> Any:
    """The smallest `in_dim` that a net of this type and spec takes.

    >>> smallest_in_dim("MLPNet", {}), smallest_in_dim("RecurrentNet", {}), smallest_in_dim("QMLPNet", {})
    (1, (1, 1), (1, 1))
    >>> smallest_in_dim("HydraMLPNet", {"hid_layers": [[[8], [8]], [16], []]})
    [1, 1]
    """
    if net_type in IMAGE_TYPES:
        return smallest_image(spec["conv_hid_layers"])
    if net_type in IMAGE_ACTION_TYPES:
        return smallest_image(spec["conv_hid_layers"]), 1
    if net_type == "HydraMLPNet":
        return [1] * len(spec["hid_layers"][0])
    return 1 if net_type in ("MLPNet", "DuelingMLPNet") else (1, 1)


def smallest_out_dim(net_type: str, spec: Mapping[str, Any]) -> Any:
    """The smallest `out_dim`: one number, or one for each tail."""
    return [1] * max(1, len(spec["hid_layers"][2])) if net_type == "HydraMLPNet" else 1


def smallest_image(rows: Sequence[Sequence[Any]]) -> Shape:
    """The smallest image of which the convolutions leave one pixel, with one dimension if no row tells how many.

    >>> smallest_image([[32, [8, 8], 4], [64, 4, 2]])
    (1, 20, 20)
    """
    rank = next((len(entry) for row in rows for entry in row if isinstance(entry, list)), 1)
    layers = [conv_layer(row, rank, index) for index, row in enumerate(rows)]
    sizes = [1] * rank
    for layer in reversed(layers):
        sizes = [_smallest_before(layer, axis, size) for axis, size in enumerate(sizes)]
    return (layers[0].groups if layers else 1, *sizes)


def _smallest_before(layer: ConvLayer, axis: int, size: int) -> int:
    """The least of which a convolution leaves `size`."""
    if layer.padding == "same":
        return size
    padding = 0 if isinstance(layer.padding, str) else layer.padding[axis]
    return max(1, (size - 1) * layer.stride[axis] + layer.reach[axis] - 2 * padding)


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
