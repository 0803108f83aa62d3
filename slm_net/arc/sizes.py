"""Arithmetic of sizes: of shapes with the batch in them, and of what is written for one dimension or for each."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Any

from slm_net.arc.shapes import Shape

#: No tensor has so many numbers.
TOO_LARGE = 2**63
#: How far down a number is looked through for a divisor.
NEAR = 64


def marked(shape: Shape) -> tuple[int, ...]:
    """The sizes with a 0 where the batch is, which no other size equals.

    >>> marked(Shape((1, 4, 8)))
    (0, 4, 8)
    """
    return tuple(0 if place == shape.batch else size for place, size in enumerate(shape.sizes))


def unmarked(sizes: Sequence[int], integer: bool = False) -> Shape:
    """The shape whose marked sizes these are.

    >>> unmarked((0, 4, 8))
    Shape(sizes=(1, 4, 8), batch=0, integer=False)
    """
    return Shape(tuple(size or 1 for size in sizes), sizes.index(0) if 0 in sizes else None, integer)


def resized(shape: Shape, dim: int, size: int) -> Shape:
    """The shape with another size in one dimension, counted from the front."""
    return shape._replace(sizes=(*shape.sizes[:dim], size, *shape.sizes[dim + 1 :]))


def without(shape: Shape, dim: int) -> Shape:
    """The shape less one dimension, counted from the front, which is not the batch.

    >>> str(without(Shape((8, 1, 4), batch=1), 0))
    '(batch, 4)'
    """
    batch = shape.batch if shape.batch is None or shape.batch < dim else shape.batch - 1
    return shape._replace(sizes=(*shape.sizes[:dim], *shape.sizes[dim + 1 :]), batch=batch)


def spread(value: int | Sequence[Any], rank: int) -> tuple[Any, ...]:
    """One value a dimension, where one may stand for all.

    >>> spread(3, 2), spread([3, 5], 2)
    ((3, 3), (3, 5))
    """
    return tuple(value) if isinstance(value, list | tuple) else (value,) * rank


def as_written(value: Any, fitting: Sequence[int]) -> int | list[int]:
    """The sizes that fit, in the form in which the argument is written: one number, the least of them, or a list.

    >>> as_written(3, [5, 4]), as_written([3, 3], [5, 4])
    (4, [5, 4])
    """
    return list(fitting) if isinstance(value, list | tuple) else min(fitting)


def by(sizes: Sequence[int]) -> str:
    """Sizes as people write them.

    >>> by((8, 8)), by([7])
    ('8x8', '7')
    """
    return "x".join(str(size) for size in sizes)


def reaches(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """How many numbers a dilated kernel spans in each dimension.

    >>> reaches((3, 3), (1, 2))
    (3, 5)
    """
    return tuple(step * (size - 1) + 1 for size, step in zip(kernel, dilation, strict=True))


def windows(padded: Sequence[int], reach: Sequence[int], stride: Sequence[int]) -> tuple[int, ...]:
    """In how many places a kernel that spans `reach` stands in each dimension; below 1 if it does not fit.

    >>> windows((84, 84), (8, 8), (4, 4))
    (20, 20)
    """
    return tuple((size - span) // step + 1 for size, span, step in zip(padded, reach, stride, strict=True))


def divisor(number: int, near: int) -> int:
    """The largest divisor of a number that is not above `near`, if it is not far below; else one that they share.

    >>> divisor(8, 3), divisor(64, 5)
    (2, 4)
    """
    below = (candidate for candidate in range(near, max(near - NEAR, 0), -1) if number % candidate == 0)
    return next(below, gcd(number, near))


def scaled(size: int, factor: float) -> int:
    """A size times a factor, rounded down; what is too large for any tensor comes back as one that is.

    >>> scaled(7, 0.5), scaled(10**400, 2.0) == scaled(4, 1e300)
    (3, True)
    """
    product = min(size, TOO_LARGE) * factor
    return int(product) if product < TOO_LARGE else TOO_LARGE
