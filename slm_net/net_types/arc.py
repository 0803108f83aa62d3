"""TorchArcNet without torch: what its graph takes, its weights, and which tail sees which output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slm_net.arc.graph import read_arc
from slm_net.arc.shapes import Shape, Value
from slm_net.arc.walk import Row, Unknown, Walk, walk
from slm_net.net_types.base import Counts, InDim, NetType, are_sizes, output_parameters, size, widths_of
from slm_net.problems import Path


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


def inputs_of(names: Sequence[str], in_dim: Any) -> list[Value]:
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
            raise ValueError(f"in_dim has {', '.join(map(str, in_dim))}, and the graph the inputs {', '.join(names)}")
        parts = [in_dim[name] for name in names]
    else:
        parts = in_dim if _is_list(in_dim) and len(names) > 1 else [in_dim]
        if len(parts) != len(names):
            raise ValueError(
                f"one in_dim for the inputs {' and '.join(names)}"
                if len(parts) == 1
                else f"in_dim has {len(parts)} sizes, and the graph the inputs {', '.join(names)}"
            )
    if not all(map(is_size, parts)):
        raise ValueError(f"in_dim {in_dim} is not {OBSERVATIONS.wanted}")
    return [Shape((1, *([size(part)] if size(part) else map(size, part)))) for part in parts]  # type: ignore[misc]


def walked_arc(arc: Mapping[str, Any], in_dim: Any, unknown: Unknown | None = None) -> Walk:
    """The walk through a right arc for an `in_dim`; `problems` are those of the sizes.

    Raises:
        ValueError: the graph cannot be followed, or has other inputs.
    """
    read, problems = read_arc(arc)
    if read is None:
        raise ValueError("; ".join(problem.message for problem in problems) or "the arc cannot be read")
    return walk(read, inputs_of(read.inputs, in_dim), unknown)


def widths_of_outputs(walked: Walk) -> list[int]:
    """The features of the outputs that tails see, 0 for one that is not known: the first, or all of those with names.

    Of a tuple, as a recurrent layer gives it, the first counts.
    """
    values = [walked.values[slot] for slot in walked.arc.output_slots]
    first = [value[0] if value and not isinstance(value, Shape) else value for value in values]
    widths = [value.features if isinstance(value, Shape) else 0 for value in first]
    return widths if isinstance(walked.arc.output, Mapping) else widths[:1]


def number_of_tails(out_dim: Any, log_std_init: Any = None) -> int:
    """How many tails an `out_dim` has: none for the scale beside a mean, where `log_std_init` stands for it.

    >>> number_of_tails(4), number_of_tails([3, 3, 1]), number_of_tails([3, 3, 1], -0.5)
    (1, 3, 2)
    """
    widths = widths_of(out_dim)
    return len(widths) - (log_std_init is not None and len(widths) > 1 and widths[0] == widths[1])


def tails_of(names: Sequence[str], tails: int) -> list[int]:
    """Which output each tail sees, by its place among the names; all see the one output that there is.

    Of `policy` and `value` the last tail sees the value, the others the policy. Other names go to the tails one by one.

    >>> tails_of([], 2), tails_of(["value", "policy"], 3), tails_of(["left", "right"], 2)
    ([0, 0], [1, 1, 0], [0, 1])

    Raises:
        ValueError: there are more or fewer tails.
    """
    if len(names) < 2:
        return [0] * tails
    if set(names) == {"policy", "value"} and tails > 1:
        return [names.index("policy")] * (tails - 1) + [names.index("value")]
    if len(names) != tails:
        raise ValueError(f"the outputs {', '.join(names)} for {tails} tail{'s' * (tails > 1)}")
    return list(range(tails))


def cause(row: Row) -> Path:
    """The path of what makes a layer large: its largest size, or the layer."""
    sizes = {key: value for key, value in row.call.written.items() if type(value) is int}
    return row.call.at(max(sizes, key=sizes.__getitem__) if sizes else "")


def count_arc(spec: Mapping[str, Any], in_dim: Any, outputs: list[int]) -> Counts:
    """The weights of the layers by what causes them, and of the output layers."""
    walked = walked_arc(spec["arc"], in_dim)
    counts: Counts = {}
    for row in walked.rows.values():
        path = ("arc", *cause(row))
        counts[path] = counts.get(path, 0) + row.weights
    return {**counts, **output_parameters(max(widths_of_outputs(walked)), outputs)}


TORCH_ARC = NetType("TorchArcNet", OBSERVATIONS, count_arc)
