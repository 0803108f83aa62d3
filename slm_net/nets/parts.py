"""What net types are put together from: stacks of dense layers and of convolutions."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from torch import nn

from slm_net.nets.activations import ActivationSpec, make_activation

_CONVOLUTIONS: dict[int, tuple[type[nn.Module], type[nn.Module]]] = {
    1: (nn.Conv1d, nn.BatchNorm1d),
    2: (nn.Conv2d, nn.BatchNorm2d),
    3: (nn.Conv3d, nn.BatchNorm3d),
}


def size_of(value: Any, what: str) -> int:
    """`value` as a positive int; numpy integers count.

    Raises:
        ValueError: it is no integer, or less than 1; the text names `what`.
    """
    try:
        size = operator.index(value)
    except TypeError:
        size = 0
    if size < 1 or isinstance(value, bool):
        raise ValueError(f"{what} must be a positive integer, not {value!r}")
    return size


def sizes_of(value: Any, what: str, lengths: Sequence[int]) -> tuple[int, ...]:
    """`value` as a tuple of positive ints.

    Raises:
        ValueError: it is no list, or has none of the `lengths`; the text names `what`.
    """
    try:
        sizes = tuple(size_of(entry, what) for entry in value)
    except TypeError:
        sizes = ()
    if len(sizes) not in lengths:
        expected = " or ".join(str(length) for length in lengths)
        raise ValueError(f"{what} must list {expected} sizes, not {value!r}")
    return sizes


def dense_norm(layer_norm: bool, batch_norm: bool = False) -> type[nn.Module] | None:
    """The class of the norm between dense layers, None for none.

    Raises:
        ValueError: both are asked for.
    """
    if layer_norm and batch_norm:
        raise ValueError("batch_norm and layer_norm are both true; choose one")
    return nn.LayerNorm if layer_norm else nn.BatchNorm1d if batch_norm else None


def dense_stack(
    widths: Sequence[int],
    activations: Sequence[ActivationSpec],
    norm: type[nn.Module] | None = None,
    dropout: float = 0.0,
) -> nn.Sequential:
    """Linear, norm, activation, dropout for each step from one width to the next; the identity for a single width."""

    def layers() -> Iterator[nn.Module | None]:
        for (fan_in, width), activation in zip(pairwise(widths), activations, strict=True):
            yield nn.Linear(fan_in, width)
            yield norm(width) if norm else None
            yield make_activation(activation)
            yield nn.Dropout(dropout) if dropout else None

    return nn.Sequential(*filter(None, layers()))


def conv_stack(
    in_dim: Sequence[int], rows: Sequence[Sequence[Any]], activations: Sequence[ActivationSpec], batch_norm: bool
) -> nn.Sequential:
    """Convolution, activation, batch norm for each row; 1-d, 2-d or 3-d after the shape `in_dim`, channels first.

    A row is the positional arguments of torch.nn.Conv2d after `in_channels`. As in SLM Lab there is no batch norm after
    the first convolution.
    """
    convolution, norm = _CONVOLUTIONS[len(in_dim) - 1]
    channels = [in_dim[0], *(row[0] for row in rows)]

    def layers() -> Iterator[nn.Module | None]:
        for index, (fan_in, row, activation) in enumerate(zip(channels, rows, activations, strict=False)):
            yield convolution(fan_in, *(tuple(entry) if isinstance(entry, list) else entry for entry in row))
            yield make_activation(activation)
            yield norm(row[0]) if batch_norm and index else None

    return nn.Sequential(*filter(None, layers()))
