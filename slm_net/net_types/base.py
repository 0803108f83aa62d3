"""What is known of a net type before anything is built: one record a type, and the sizes that all of them speak of."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from slm_net.problems import Path
from slm_net.registry import Registry

#: What a net has, by the path of what causes it in its spec; what the output layers have under "out_dim".
Counts = dict[Path, int]
#: A resolved spec, an in_dim, the widths of the outputs → the parameters, or the activations.
Counter = Callable[[Mapping[str, Any], Any, list[int]], Counts]


def size(value: Any) -> int | None:
    """`value` as a positive int, or None if it is none; integers of numpy and whole floats count, booleans do not.

    >>> [size(value) for value in (3, 4.0, 4.5, 0, True, "3")]
    [3, 4, None, None, None, None]
    """
    if type(value) is not int:
        if isinstance(value, bool):
            return None
        try:
            value = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
        except TypeError:
            return None
    return value if value > 0 else None


def are_sizes(value: Any, ranks: Sequence[int] = ()) -> bool:
    """True for a list of positive ints, of one of the lengths `ranks` (if none are given, of any but 0).

    >>> are_sizes((4, 84, 84), (2, 3, 4)), are_sizes([]), are_sizes(4)
    (True, False, False)
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    return (not ranks or len(value) in ranks) and all(map(size, value))


def widths_of(out_dim: Any) -> list[int]:
    """The widths of the outputs that an `out_dim` lists; [] if it is no size and no list of sizes."""
    widths = list(map(size, out_dim if are_sizes(out_dim) else [out_dim]))
    return [width for width in widths if width is not None]


class NotCounted(Exception):
    """The count that a type is registered with failed."""


class InDim(NamedTuple):
    """A shape of what goes into a net: a test, how to say it, and the smallest one for a spec.

    `several`: a list of inputs; `action`: the last of them is an action; `image` gives the image among them.
    """

    fits: Callable[[Any], object]
    wanted: str
    smallest: Callable[[Mapping[str, Any]], Any]
    several: bool = False
    action: bool = False
    image: Callable[[Any], Sequence[int]] | None = None


@dataclass(frozen=True)
class NetType:
    """A net type: what it takes, how many parameters and activations it has, what it gives.

    `takes`, `count` and `count_activations` are None where that is not known. `values`: its one output is the values of
    actions, and it is no policy. `dueling`: that output is put together from a value and advantages.
    """

    name: str
    takes: InDim | None = None
    count: Counter | None = None
    count_activations: Counter | None = None
    values: bool = False
    dueling: bool = False
    #: False if `count` needs the dims.
    counts_least: bool = True
    #: The widths of the fewest and narrowest outputs for a spec.
    least_outputs: Callable[[Mapping[str, Any]], list[int]] = lambda spec: [1]
    #: The modules of the body, whatever the spec; None where they are not known.
    body: tuple[str, ...] | None = None

    def fits(self, in_dim: Any) -> bool:
        """True if `in_dim` is known and has the shape that the type takes."""
        return in_dim is not None and self.takes is not None and bool(self.takes.fits(in_dim))

    def as_taken(self, in_dim: Any) -> Any:
        """An `in_dim` as the type takes it: the shape `(4,)` of a vector is its length, alone or among several."""
        if in_dim is None or self.takes is None or self.takes.fits(in_dim):
            return in_dim
        if self.takes.several and isinstance(in_dim, Sequence) and not isinstance(in_dim, str):
            plain: Any = [part[0] if are_sizes(part, (1,)) else part for part in in_dim]
        else:
            plain = in_dim[0] if are_sizes(in_dim, (1,)) else in_dim
        return plain if self.takes.fits(plain) else in_dim

    def parameters(self, spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> Counts:
        """The parameters of a net of this type; with an unknown dim those that it has at least, {} if not countable.

        Learned slopes of PReLU and a state-independent log standard deviation, a handful, are not counted.

        Raises:
            ValueError: the keys of the spec do not fit each other or the dims.
        """
        return self._counted(self.count, spec, in_dim, out_dim)

    def activations(self, spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> Counts:
        """The numbers that leave the layers of a net of this type for one observation; as `parameters`.

        Each layer counts, those that have no weights too; of the recurrent ones each of their layers on every step.

        Raises:
            ValueError: the keys of the spec do not fit each other or the dims.
        """
        return self._counted(self.count_activations, spec, in_dim, out_dim)

    def _counted(self, count: Counter | None, spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> Counts:
        known = self.fits(in_dim) or (in_dim is None and self.counts_least)
        if count is None or self.takes is None or not known:
            return {}
        smallest = self.takes.smallest(spec) if in_dim is None else in_dim
        return count(spec, smallest, widths_of(out_dim) or self.least_outputs(spec))


NET_TYPES: Registry[NetType] = Registry("net type")


def dense_parameters(widths: Sequence[int]) -> int:
    """Weights and biases of a chain of Linear layers.

    >>> dense_parameters([4, 64, 2])
    450
    """
    return sum(a * b + b for a, b in pairwise(widths))


def hidden_parameters(widths: Sequence[int], spec: Mapping[str, Any], batch_norm: bool = False) -> int:
    """Those of hidden dense layers with the options of a spec; `batch_norm` counts where it is a norm of theirs."""
    per_unit = 2 * (spec["layer_norm"] or batch_norm) + spec["weight_norm"]
    return dense_parameters(widths) + per_unit * sum(widths[1:])


def output_parameters(width: int, outputs: list[int]) -> Counts:
    """Weights and biases of the output layers on so many features."""
    return {("out_dim",): sum(outputs) * (width + 1)}


def is_active(activation: Any, index: int) -> bool:
    """True if there is an activation in this place: one for all, or a list of them.

    >>> is_active("relu", 3), is_active([None, "relu"], 1), is_active(["relu"], 1)
    (True, True, False)
    """
    if isinstance(activation, list):
        return index < len(activation) and bool(activation[index])
    return bool(activation)


def hidden_activations(
    widths: Sequence[int], spec: Mapping[str, Any], batch_norm: bool = False, first: int = 0
) -> list[int]:
    """What leaves each hidden dense layer and its norm, activation and dropout; it is layer `first` of the activations.

    >>> hidden_activations([4, 64], {"layer_norm": True, "dropout": 0.0, "hid_layers_activation": "relu"})
    [192]
    """
    beside = 1 + bool(spec["layer_norm"] or batch_norm) + bool(spec["dropout"])
    activation = spec["hid_layers_activation"]
    return [width * (beside + is_active(activation, first + index)) for index, width in enumerate(widths[1:])]


def output_activations(spec: Mapping[str, Any], outputs: list[int]) -> int:
    """What leaves the output layers and their activations."""
    activation = spec["out_layer_activation"]
    return sum(width * (1 + is_active(activation, index)) for index, width in enumerate(outputs))


def by_layer(key: str, activations: Sequence[int], times: int = 1) -> Counts:
    """The activations of the layers that a key lists, by their places in it.

    >>> by_layer("hid_layers", [128, 64])
    {('hid_layers', 0): 128, ('hid_layers', 1): 64}
    """
    return {(key, index): times * count for index, count in enumerate(activations)}
