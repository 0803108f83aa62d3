"""What the rules of layers ask of what comes in: one tensor, floats, a dimension that is there and is not the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import gcd
from typing import Any

from slm_net.arc.shapes import Made, Misfit, Shape, ShapeRule, Value

Arguments = Mapping[str, Any]
#: What is said of a layer that works over the batch, if it does nothing else to it.
MIXES = "mixes the samples of the batch"
#: How far down a number is looked through for a divisor.
NEAR = 64


def rule(
    shapes: Callable[..., Value], weights: Callable[[Arguments], int] | None = None, *, floats: bool = False
) -> ShapeRule:
    """The rule of a layer whose inputs are all tensors, of what leaves it and of how many weights it has.

    `shapes` is called with the arguments and one Shape an input, all of them known; `weights` with the arguments alone,
    and first, so that arguments that contradict each other are told before the input is looked at. With `floats`, the
    layer takes no integers.
    """

    def made(arguments: Arguments, inputs: Sequence[Value]) -> Made:
        count = weights(arguments) if weights else 0
        given = [tensor(value, place) for place, value in enumerate(inputs)]
        known = [shape for shape in given if shape is not None]
        if len(known) < len(given):
            return Made(None, count)
        if floats and any(shape.integer for shape in known):
            raise no_integers()
        return Made(shapes(arguments, *known), count)

    return made


def tensor(value: Value, place: int = 0, entry: int | None = None) -> Shape | None:
    """The shape of an input that has to be one tensor, None if it is not known.

    Raises:
        Misfit: it is a tuple.
    """
    if value is None or isinstance(value, Shape):
        return value
    message, hint = f"gets a tuple of {len(value)}, and needs one tensor", "put a Get: {key: 0} between"
    raise Misfit(message, hint=hint, source=place, entry=entry)


def no_integers() -> Misfit:
    """What is said of integers in a layer that computes with floats."""
    return Misfit("gets integers, and needs floats", hint="use an Embedding before it")


def axis(shape: Shape, dim: int, argument: str = "dim", *, entry: int | None = None, new: int = 0) -> int:
    """The dimension that `dim` means, counted from the front; with `new=1` one that is about to be put in.

    Raises:
        Misfit: there is no such dimension.
    """
    rank = len(shape.sizes) + new
    if -rank <= dim < rank:
        return dim % rank
    if rank == 0:
        raise Misfit(f"gets {shape}, which has no dimensions", argument, entry=entry)
    message, fits = f"gets {shape}, which has no dimension {dim}", rank - 1
    raise Misfit(message, argument, f"write {fits}, the last one", entry=entry, fits=fits)


def own_axis(shape: Shape, dim: int, argument: str = "dim", *, entry: int | None = None, does: str = MIXES) -> int:
    """The dimension that `dim` means, which is one of a sample.

    Raises:
        Misfit: there is no such dimension, or it is the batch.
    """
    place = axis(shape, dim, argument, entry=entry)
    if place == shape.batch:
        raise over_batch(shape, argument, entry=entry, does=does)
    return place


def over_batch(shape: Shape, argument: str, *, entry: int | None = None, does: str = MIXES) -> Misfit:
    """What is said of a layer that works over the dimension of the batch; `does` says what that does to it."""
    other = 0 if shape.batch else 1
    fits = other if other < len(shape.sizes) else None
    hint = "" if fits is None else f"write {fits}"
    return Misfit(f"gets {shape}, and {does}", argument, hint, entry=entry, fits=fits, batch=True)


def features(shape: Shape, size: int, argument: str, dim: int = -1, source: int | None = None) -> int:
    """The dimension `dim`, counted from the front, which has to be `size` features.

    Raises:
        Misfit: it has another size, is the batch, or is not there.
    """
    place = dim + len(shape.sizes) if dim < 0 else dim
    if not 0 <= place < len(shape.sizes):
        raise Misfit(f"gets {shape}, which has no dimension {dim}", source=source)
    if place == shape.batch:
        raise Misfit(f"gets {shape}, and would take the batch for features", source=source, batch=True)
    if shape.sizes[place] != size:
        fits = shape.sizes[place]
        raise Misfit(
            f"gets {shape}, and is made for {size} feature{'s' * (size != 1)}",
            argument,
            f"write {fits}",
            source=None if source == 0 else source,
            fits=fits,
        )
    return place


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


def broadcast(first: Shape, second: Shape) -> Shape:
    """The shape of what two tensors give, number by number, with 1s stretched.

    >>> str(broadcast(Shape((1, 8, 1, 1)), Shape((1, 8, 4, 4))))
    '(batch, 8, 4, 4)'

    Raises:
        Misfit: they do not go together, or every sample would meet every other one.
    """
    one, other = marked(first), marked(second)
    rank = max(len(one), len(other))
    pairs = list(zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other, strict=True))
    if any(1 not in (a, b) and a != b for a, b in pairs):
        raise Misfit(f"gets {first} and {second}, whose sizes do not go together")
    sizes = [b if a == 1 else a for a, b in pairs]
    if sizes.count(0) > 1:
        raise Misfit(f"gets {first} and {second}, and would put every sample together with every other", batch=True)
    return unmarked(sizes, first.integer and second.integer)


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


def divisor(number: int, near: int) -> int:
    """The largest divisor of a number that is not above `near`, if it is not far below; else one that they share.

    >>> divisor(8, 3), divisor(64, 5)
    (2, 4)
    """
    below = (candidate for candidate in range(near, max(near - NEAR, 0), -1) if number % candidate == 0)
    return next(below, gcd(number, near))


def by(sizes: Sequence[int]) -> str:
    """Sizes as people write them.

    >>> by((8, 8)), by([7])
    ('8x8', '7')
    """
    return "x".join(str(size) for size in sizes)


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


#: The names of the dimensions of an image, by how many there are.
SPATIAL: Mapping[int, tuple[str, ...]] = {
    0: (),
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}


def needed(rank: int) -> str:
    """The dimensions that a layer needs, by how many they are.

    >>> needed(2), needed(4)
    ('(batch, channels)', '(batch, channels, height, width)')
    """
    return f"({', '.join(('batch', 'channels', *SPATIAL[rank - 2]))})"


def channels_dim(shape: Shape, spatial: int) -> int:
    """The dimension in front of so many spatial ones, in a tensor that has one or two dimensions more than these.

    Raises:
        Misfit: it has not, or the batch is a spatial dimension.
    """
    dim = len(shape.sizes) - spatial - 1
    if dim not in (0, 1):
        raise Misfit(f"gets {shape}, and needs {needed(spatial + 2)}")
    if shape.batch is not None and shape.batch > dim:
        raise Misfit(f"gets {shape}, and needs {needed(spatial + 2)}", batch=True)
    return dim


def images(shape: Shape, spatial: int) -> tuple[int, ...]:
    """The spatial sizes of a tensor that is (batch, channels, …).

    Raises:
        Misfit: it is not.
    """
    dim = len(shape.sizes) - spatial - 1
    if dim != 1 or shape.batch != 0:
        mixes = dim == 1 or (dim == 0 and shape.batch != 0)
        raise Misfit(f"gets {shape}, and needs {needed(spatial + 2)}", batch=mixes)
    return shape.sizes[2:]
