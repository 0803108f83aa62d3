"""What the rules of layers ask of what comes in: one tensor, floats, a dimension that is there and is not the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slm_net.arc.shapes import Made, Misfit, Shape, ShapeRule, Value
from slm_net.arc.sizes import marked, unmarked

Arguments = Mapping[str, Any]
#: What is said of a layer that works over the batch, if it does nothing else to it.
MIXES = "mixes the samples of the batch"
#: The names of the dimensions of an image, by how many there are.
SPATIAL: Mapping[int, tuple[str, ...]] = {
    0: (),
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}


def rule(
    shapes: Callable[..., Value], weights: Callable[[Arguments], int] | None = None, *, floats: bool = False
) -> ShapeRule:
    """The rule of a layer whose inputs are all tensors, of what leaves it and of how many weights it has.

    `shapes` is called with the arguments and one Shape an input, if all of them are known; then `weights`, with the
    arguments alone, which is where arguments that contradict each other are told. With `floats`, the layer takes no
    integers.
    """

    def made(arguments: Arguments, inputs: Sequence[Value]) -> Made:
        given = [tensor(value, place) for place, value in enumerate(inputs)]
        known = [shape for shape in given if shape is not None]
        if floats and any(shape.integer for shape in known):
            raise no_integers()
        output = shapes(arguments, *known) if len(known) == len(given) else None
        return Made(output, weights(arguments) if weights else 0)

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
    own = [place for place in range(rank) if new or place != shape.batch]
    fits, hint = (own[-1], f"write {own[-1]}, the last one") if own and entry is None else (None, "")
    raise Misfit(f"gets {shape}, which has no dimension {dim}", argument, hint, entry=entry, fits=fits)


def own_axis(shape: Shape, dim: int, argument: str = "dim", *, does: str = MIXES) -> int:
    """The dimension that `dim` means, which is one of a sample.

    Raises:
        Misfit: there is no such dimension, or it is the batch.
    """
    place = axis(shape, dim, argument)
    if place == shape.batch:
        raise over_batch(shape, argument, does)
    return place


def axes(shape: Shape, dims: int | Sequence[int], argument: str, does: str = "") -> list[int]:
    """The dimensions that one number or a list of them means, each once; with `does`, none of them the batch.

    Raises:
        Misfit: there is no such dimension, it is named twice, or is the batch and what is done to it is `does`.
    """
    if isinstance(dims, int):
        return [own_axis(shape, dims, argument, does=does) if does else axis(shape, dims, argument)]
    places: list[int] = []
    for entry, dim in enumerate(dims):
        place = axis(shape, dim, argument, entry=entry)
        if does and place == shape.batch:
            raise Misfit(f"gets {shape}, and {does}", argument, "leave it out", entry=entry, batch=True)
        if place in places:
            raise Misfit(f"names dimension {place} twice", argument, "leave it out", entry=entry)
        places.append(place)
    return places


def over_batch(shape: Shape, argument: str = "", does: str = MIXES) -> Misfit:
    """What is said of a layer that works over the dimension of the batch; `does` says what that does to it."""
    other = 0 if shape.batch else 1
    fits = other if argument and other < len(shape.sizes) else None
    hint = "" if fits is None else f"write {fits}"
    return Misfit(f"gets {shape}, and {does}", argument, hint, fits=fits, batch=True)


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
        fits, noun = shape.sizes[place], "channel" if argument.endswith("channels") else "feature"
        raise Misfit(
            f"gets {shape}, and is made for {size} {noun}{'s' * (size != 1)}",
            argument,
            f"write {fits}",
            source=source,
            fits=fits,
        )
    return place


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
