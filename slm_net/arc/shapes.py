"""The sizes of tensors on their way through layers, as ints: what the rules of all layers are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple


class Shape(NamedTuple):
    """The sizes of a tensor, with a 1 where the batch is; `batch` is that dimension, None if the batch is lost.

    >>> Shape((1, 4, 84, 84)).features, str(Shape((1, 4, 84, 84))), str(Shape((8,), batch=None))
    (28224, '(batch, 4, 84, 84)', '(8)')
    """

    sizes: tuple[int, ...]
    batch: int | None = 0
    integer: bool = False

    @property
    def features(self) -> int:
        """How many numbers a sample has."""
        return prod(self.sizes)

    def __str__(self) -> str:
        return f"({', '.join('batch' if i == self.batch else str(size) for i, size in enumerate(self.sizes))})"


#: A tensor, a tuple of them, or what is not known.
Value = Shape | tuple["Value", ...] | None


def numbers_in(value: Value) -> int:
    """How many numbers a sample has in all tensors; none where they are not known.

    >>> numbers_in((Shape((1, 8)), (Shape((1, 4)), None)))
    12
    """
    return value.features if isinstance(value, Shape) else sum(map(numbers_in, value or ()))


class Made(NamedTuple):
    """What leaves a layer, and how many weights it has."""

    output: Value
    weights: int = 0


class Misfit(ValueError):
    """A layer that cannot take what comes to it.

    `argument` is what does not fit, "" if it is the layer as a whole, and `source` the input that is wrong, by its
    place, if it is none of its own; `entry` is the index of what is meant in a list, of either. `fits` is a value of
    the argument, or of that entry, that would fit. With `batch`, the samples of a batch would be mixed or lost.
    """

    def __init__(
        self,
        message: str,
        argument: str = "",
        hint: str = "",
        *,
        entry: int | None = None,
        source: int | None = None,
        fits: Any = None,
        batch: bool = False,
    ):
        super().__init__(message)
        self.argument, self.hint, self.entry, self.source = argument, hint, entry, source
        self.fits, self.batch = fits, batch


#: The arguments of a layer, defaults among them, and what goes in, one value an input → what comes out.
#: A Misfit is raised where they do not fit; with an input that is not known, the output is None if it depends on it.
ShapeRule = Callable[[Mapping[str, Any], Sequence[Value]], Made]


@dataclass(frozen=True)
class Layer:
    """What is known of a layer without torch: its rule, and the inputs of its `forward` by name.

    The last `optional` inputs may be left out. `listed`: its one input is a list of tensors. A lazy layer `becomes`
    another one, once the size of dimension `learned[1]` of its input is known as the argument `learned[0]`.
    """

    shapes: ShapeRule
    inputs: tuple[str, ...] = ("input",)
    optional: int = 0
    listed: bool = False
    becomes: str = ""
    learned: tuple[str, int] = ("", 0)
