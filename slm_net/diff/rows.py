"""The layers of a net as rows that can be compared: what each is set to, what it sees, its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

from slm_net.arc.graph import Arc
from slm_net.arc.modules import instances
from slm_net.arc.sizes import by
from slm_net.net_types import NET_TYPES, net_type
from slm_net.net_types.arc import OBSERVATIONS, arc_of_net
from slm_net.net_types.base import NotCounted, hidden_parameters, size
from slm_net.net_types.conv import conv_layer, conv_parameters, conv_shapes
from slm_net.net_types.hydra import VECTORS, hydra_widths
from slm_net.problems import Path

#: The keys of a net that its rows say all about.
LAYER_KEYS = frozenset(
    (
        *("hid_layers", "conv_hid_layers", "fc_hid_layers", "arc", "arc_file"),
        *("cell_type", "rnn_hidden_size", "rnn_num_layers", "bidirectional", "seq_len"),
    )
)


class Row(NamedTuple):
    """One layer: what it is set to, and what is not known without the dims: the size that it sees, its parameters."""

    settings: Mapping[str, Any]
    sees: Any = None
    parameters: int | None = None

    @property
    def key(self) -> str:
        """Equal for layers that are set to the same."""
        return repr(sorted(self.settings.items()))


#: What the cells of a recurrent net, and the edges of a graph are called; of others, there is a number behind it.
CELLS, EDGE = "cells", "edge"
#: The rows of each part of a net by the name that a row has: "conv row", "dense row", "module body, layer".
Rows = dict[str, list[Row]]


def has_rows(name: str) -> bool:
    """True if the layers of this net type are known; of a registered one only its keys are."""
    return name in NET_TYPES


def rows_of(spec: Mapping[str, Any], in_dim: Any) -> Rows:
    """The rows of a resolved net; what follows from an `in_dim` that is None is not known.

    >>> spec = {"type": "MLPNet", "hid_layers": [64], "layer_norm": False, "weight_norm": False, "batch_norm": False}
    >>> rows_of(spec, 4)
    {'dense row': [Row(settings={'units': 64}, sees=4, parameters=320)]}
    """
    takes = net_type(spec["type"]).takes
    if takes is OBSERVATIONS:
        return dict(_of_arc(spec, in_dim))
    if takes is VECTORS:
        return dict(_of_hydra(spec, in_dim))
    if "conv_hid_layers" in spec:
        return _of_conv(spec, takes.image(in_dim) if takes and takes.image and in_dim is not None else None, in_dim)
    if "rnn_hidden_size" in spec:
        return _of_recurrent(spec, in_dim)
    inputs = sum(in_dim) if isinstance(in_dim, Sequence) else size(in_dim)
    return {"dense row": _dense(spec, inputs, spec["hid_layers"], spec["batch_norm"])}


def parameters_of(spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> dict[Path, int] | None:
    """The parameters of a net by what causes them, as its type counts them; None if they are not known."""
    if in_dim is None or out_dim is None:
        return None
    try:
        return net_type(spec["type"]).parameters(spec, in_dim, out_dim) or None
    except NotCounted:
        return None


def _dense(spec: Mapping[str, Any], inputs: int | None, widths: Sequence[int], norm: bool = False) -> list[Row]:
    """Dense layers; the size that the first one sees may not be known."""
    if not widths:
        return []
    first = Row({"units": widths[0]}, inputs, inputs and hidden_parameters([inputs, widths[0]], spec, norm))
    others = (Row({"units": b}, a, hidden_parameters([a, b], spec, norm)) for a, b in pairwise(widths))
    return [first, *others]


def _of_conv(spec: Mapping[str, Any], image: Sequence[int] | None, in_dim: Any) -> Rows:
    rows, norm = spec["conv_hid_layers"], spec["batch_norm"]
    known = None if image is None else [tuple(image), *conv_shapes(image, rows)]
    convs = []
    for index, row in enumerate(rows):
        if image is None or known is None:
            convs.append(Row(_convolution(row, _rank_of(rows))))
            continue
        before, after = (conv_parameters(image, rows[:end], norm) for end in (index, index + 1))
        convs.append(Row(_convolution(row, len(image) - 1), _by(known[index]), after - before))
    beside = in_dim[1] if spec["type"] == "QConvNet" and known else 0
    features = prod(known[-1]) + beside if known else None
    return {"conv row": convs, "dense row": _dense(spec, features, spec["fc_hid_layers"])}


def _rank_of(rows: Sequence[Sequence[Any]]) -> int:
    return next((len(entry) for row in rows for entry in row if isinstance(entry, list)), 2)


def _convolution(row: Sequence[Any], rank: int) -> dict[str, Any]:
    """The entries of a row by their names, those that are at their defaults too; equal sizes as one number."""
    layer = conv_layer(row, rank)
    names = {"channels": layer.out_channels, "kernel": layer.kernel_size, "stride": layer.stride}
    names |= {"padding": layer.padding, "dilation": layer.dilation, "groups": layer.groups, "bias": layer.bias}
    return {**{key: _by(value) for key, value in names.items()}, "padding_mode": (*row, *[None] * 8)[7] or "zeros"}


def _by(value: Any) -> Any:
    """A size as people write it: one number for equal ones."""
    if not isinstance(value, tuple | list):
        return value
    return value[0] if len(set(value)) == 1 else by(value)


def _of_recurrent(spec: Mapping[str, Any], in_dim: Any) -> Rows:
    inputs = None if in_dim is None else in_dim[-1]
    keys = {"cell": "cell_type", "units": "rnn_hidden_size", "layers": "rnn_num_layers"}
    cells = {name: spec[key] for name, key in keys.items()}
    cells |= {"both directions": spec["bidirectional"], "steps": spec.get("seq_len")}
    sees = [inputs, *spec["fc_hid_layers"]][-1]
    counted = parameters_of(spec, in_dim, 1) or {}
    row = Row(cells, sees, counted.get(("rnn_hidden_size",)))
    return {"dense row": _dense(spec, inputs, spec["fc_hid_layers"]), CELLS: [row]}


def _of_hydra(spec: Mapping[str, Any], in_dim: Any) -> Iterator[tuple[str, list[Row]]]:
    written, norm = spec["hid_layers"], spec["batch_norm"]
    inputs = len(in_dim) if in_dim is not None else len(written[0])
    outputs = max(len(written[2]), 1)
    heads, body, tails = hydra_widths(written, inputs, outputs)
    ends: list[int | None] = []
    for index, head in enumerate(heads):
        seen = in_dim[index] if in_dim is not None else None
        ends.append(head[-1] if head else seen)
        yield f"head {index + 1}, dense row", _dense(spec, seen, head, norm)
    known = [end for end in ends if end is not None]
    joined = sum(known) if len(known) == len(ends) else None
    yield "body, dense row", _dense(spec, joined, body, norm)
    for index, tail in enumerate(tails):
        yield f"tail {index + 1}, dense row", _dense(spec, [joined, *body][-1], tail, norm)


# --- arcs


def _of_arc(spec: Mapping[str, Any], in_dim: Any) -> Iterator[tuple[str, list[Row]]]:
    """The layers of each module, and the edges that lead to each node."""
    found = arc_of_net(spec["arc"], in_dim)
    if found.arc is None:
        return
    weights = {key: row.weights for key, row in found.walk.rows.items()} if found.walk and in_dim is not None else {}
    for name, part in found.arc.modules.items():
        yield (
            f"module {name}, layer",
            [
                Row({"layer": call.name, **call.given}, None, weights.get(key) if weights else None)
                for key, call in instances((name,), part)
            ],
        )
    yield EDGE, [Row({"edge": edge}) for edge in _edges(found.arc)]


def _edges(arc: Arc) -> Iterator[str]:
    """Every way that a value goes, in the order in which the nodes run."""

    def names(source: Any) -> str:
        return f"[{', '.join(map(arc.name_of, source))}]" if isinstance(source, tuple) else arc.name_of(source)

    for step in arc.steps:
        named = (f"{names(source)} → {step.node}.{key}" for key, source in step.named.items())
        yield from (*(f"{names(source)} → {step.node}" for source in step.inputs), *named)
    if isinstance(arc.output, Mapping):
        yield from (f"{arc.name_of(slot)} → output {name}" for name, slot in arc.output.items())
    else:
        yield from (f"{arc.name_of(slot)} → output" for slot in arc.output_slots)
