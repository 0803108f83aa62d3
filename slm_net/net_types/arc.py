"""TorchArcNet without torch: what its graph takes, its weights, and which tail sees which output."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from slm_net.arc.graph import Arc, read_arc
from slm_net.arc.shapes import Shape, Value
from slm_net.arc.walk import Row, Unknown, Walk, walk
from slm_net.net_types.base import Counts, InDim, NetType, are_sizes, output_activations, size, widths_of
from slm_net.problems import Path, Problem


def is_size(value: Any) -> bool:
    """True for the size of one input: a positive int, or a list of them."""
    return size(value) is not None or are_sizes(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _fits(in_dim: Any) -> bool:
    parts = in_dim.values() if isinstance(in_dim, Mapping) else in_dim if _is_list(in_dim) else [in_dim]
    return bool(parts) and all(map(is_size, parts))


#: What the graph takes is said by its inputs.
OBSERVATIONS = InDim(
    _fits,
    "the size of each input of the graph, for example 4, (4, 84, 84), or {'image': (4, 84, 84), 'speed': 3}",
    lambda spec: None,
)


def inputs_of(names: Sequence[str], in_dim: Any) -> list[Shape | None]:
    """The sizes of each input of a graph, None for each if `in_dim` is not known.

    >>> list(map(str, inputs_of(["image", "speed"], {"image": (3, 8, 8), "speed": 4})))
    ['(batch, 3, 8, 8)', '(batch, 4)']

    Raises:
        ValueError: these are other inputs.
    """
    if in_dim is None:
        return [None] * len(names)
    if isinstance(in_dim, Mapping):
        if in_dim.keys() != set(names):
            raise ValueError(f"in_dim names {', '.join(map(str, in_dim))}, and the graph {', '.join(names)}")
        parts = [in_dim[name] for name in names]
    else:
        parts = in_dim if _is_list(in_dim) and len(names) > 1 else [in_dim]
        if len(parts) != len(names):
            given = "is one size" if len(parts) == 1 else f"has {len(parts)} sizes"
            raise ValueError(f"in_dim {given}, and the graph has the inputs {', '.join(names)}")
    if not all(map(is_size, parts)):
        raise ValueError(f"in_dim {in_dim} is not {OBSERVATIONS.wanted}")
    return [Shape((1, *(map(size, part) if _is_list(part) else [size(part)]))) for part in parts]


class ArcOfNet(NamedTuple):
    """An arc with what is wrong with it, and the walk through it; `mismatch` says why there is none for an `in_dim`."""

    arc: Arc | None
    problems: list[Problem]
    walk: Walk | None = None
    mismatch: str = ""


def arc_of_net(
    data: Mapping[str, Any], in_dim: Any, refused: Collection[Path] = (), unknown: Unknown | None = None
) -> ArcOfNet:
    """Read an arc, and walk through it with the sizes of `in_dim`; the schema refused what is at `refused`."""
    arc, problems = read_arc(data, refused)
    if arc is None:
        return ArcOfNet(None, problems)
    try:
        inputs = inputs_of(arc.inputs, in_dim)
    except ValueError as error:
        return ArcOfNet(arc, problems, mismatch=str(error))
    return ArcOfNet(arc, problems, walk(arc, inputs, unknown))


#: What an output is called: a name, its place in a list, or "" for the one that there is.
OutputName = str | int


def names_of_outputs(arc: Arc, tails: bool = True) -> list[OutputName]:
    """The outputs of an arc that the tails see: those with names, else the first; all of a list without `tails`."""
    if isinstance(arc.output, Mapping):
        return list(arc.output)
    return [*range(len(arc.output))] if isinstance(arc.output, tuple) and not tails else [""]


def shapes_of_outputs(walked: Walk, tails: bool = True) -> list[Value]:
    """What these outputs give; of a tuple, as a recurrent layer gives it, the first."""
    slots = walked.arc.output_slots[: len(names_of_outputs(walked.arc, tails))]
    values = [walked.values[slot] for slot in slots]
    return [value[0] if value and not isinstance(value, Shape) else value for value in values]


def widths_of_outputs(walked: Walk, tails: bool = True) -> list[int]:
    """The features of each of these outputs, 0 for one that is not known."""
    return [value.features if isinstance(value, Shape) else 0 for value in shapes_of_outputs(walked, tails)]


def tail_widths(out_dim: Any, log_std_init: Any = None) -> list[int]:
    """The width of each tail for an `out_dim`: there is none for a scale that `log_std_init` stands for.

    >>> tail_widths(4), tail_widths([3, 3, 1]), tail_widths([3, 3, 1], -0.5), tail_widths([2, 1], -0.5)
    ([4], [3, 3, 1], [3, 1], [1, 1])
    """
    match widths_of(out_dim):
        case [2, *rest] if log_std_init is not None and rest in ([], [1]):
            return [1, *rest]
        case [d, e, *rest] if log_std_init is not None and d == e:
            return [d, *rest]
        case widths:
            return widths


def tails_of(names: Sequence[OutputName], tails: int) -> list[int]:
    """Which output each tail sees, by its place among the outputs; all see the one that there is.

    Of `policy` and `value` the last tail sees the value, the others the policy. Other names go to the tails one by one.

    >>> tails_of([""], 2), tails_of(["value", "policy"], 3), tails_of(["left", "right"], 2)
    ([0, 0], [1, 1, 0], [0, 1])

    Raises:
        ValueError: there are more or fewer tails.
    """
    if len(names) < 2:
        return [0] * tails
    if set(names) == {"policy", "value"} and tails > 1:
        return [names.index("policy")] * (tails - 1) + [names.index("value")]
    if len(names) != tails:
        raise ValueError(f"{len(names)} outputs for {tails} tail{'s' * (tails > 1)}")
    return list(range(tails))


def cause(row: Row) -> Path:
    """The path of what makes a layer large: its largest size, or the layer."""
    sizes = {key: value for key, value in row.call.written.items() if type(value) is int}
    return row.call.at(max(sizes, key=sizes.__getitem__) if sizes else "")


def count_arc(spec: Mapping[str, Any], in_dim: Any, outputs: list[int]) -> Counts:
    """The weights of the layers by what causes them, and of the output layers."""
    found = arc_of_net(spec["arc"], in_dim)
    return counts_of(found.walk, outputs, spec["tails"]) if found.walk else {}


def counts_of(walked: Walk, outputs: list[int], tails: bool = True) -> Counts:
    """Those of an arc that has been walked through."""
    counts: Counts = {}
    for row in walked.rows.values():
        path = ("arc", *cause(row))
        counts[path] = counts.get(path, 0) + row.weights
    if not tails:
        return counts
    widths = widths_of_outputs(walked)
    try:
        seen = [widths[index] for index in tails_of(names_of_outputs(walked.arc), len(outputs))]
    except ValueError:  # a rule says so
        seen = []
    return {**counts, ("out_dim",): sum((width + 1) * out for width, out in zip(seen, outputs, strict=False))}


def arc_activations(spec: Mapping[str, Any], in_dim: Any, outputs: list[int]) -> Counts:
    """What leaves the layers in all of their calls by what causes it, and the output layers."""
    found = arc_of_net(spec["arc"], in_dim)
    return activations_of(found.walk, spec, outputs) if found.walk else {}


def activations_of(walked: Walk, spec: Mapping[str, Any], outputs: list[int]) -> Counts:
    """Those of an arc that has been walked through."""
    counts: Counts = {}
    for row in walked.rows.values():
        path = ("arc", *cause(row))
        counts[path] = counts.get(path, 0) + row.activations
    tails = output_activations(spec, outputs) - (0 if spec["tails"] else sum(outputs))
    return {**counts, ("out_dim",): tails}


TORCH_ARC = NetType("TorchArcNet", OBSERVATIONS, count_arc, arc_activations, body=())
