"""Layers that give a tensor other sizes, or a part of it or of a tuple; those that take it apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from slm_net.arc.checks import Arguments, axis, own_axis, rule
from slm_net.arc.shapes import Layer, Made, Misfit, Shape, Value
from slm_net.arc.sizes import resized, without

#: How many pieces a tensor is taken apart into, at most: more are no network, and would be as many values here.
PIECES = 1000


def flatten(arguments: Arguments, shape: Shape) -> Shape:
    """The dimensions from `start_dim` to `end_dim` as one.

    Raises:
        Misfit: there are no such dimensions, or the batch is among them.
    """
    if not shape.sizes:
        return shape._replace(sizes=(1,))
    start, end = axis(shape, arguments["start_dim"], "start_dim"), axis(shape, arguments["end_dim"], "end_dim")
    if start > end:
        raise Misfit(f"gets {shape}, and starts at dimension {start}, after the end at {end}", "start_dim")
    inside, batch = shape.sizes[start : end + 1], shape.batch
    if batch is not None and batch >= start:
        if batch <= end and prod(inside) > 1:
            raise _over_batch(shape, end)
        batch = start if batch <= end else batch - (end - start)
    return shape._replace(sizes=(*shape.sizes[:start], prod(inside), *shape.sizes[end + 1 :]), batch=batch)


def _over_batch(shape: Shape, end: int) -> Misfit:
    fits = 1 if shape.batch == 0 and end >= 1 else None
    hint = "" if fits is None else "write 1"
    return Misfit(f"gets {shape}, and flattens the batch too", "start_dim", hint, fits=fits, batch=True)


def unflatten(arguments: Arguments, shape: Shape, sizes_key: str = "unflattened_size") -> Shape:
    """One dimension as several, of which one may be -1, what is left.

    Raises:
        Misfit: there is no such dimension, it is the batch, or the product of the sizes is another.
    """
    dim, sizes = own_axis(shape, arguments["dim"]), list(arguments[sizes_key])
    size, given = shape.sizes[dim], prod(part for part in sizes if part != -1)
    if sizes.count(-1) == 1 and given > 0 and size % given == 0:
        sizes[sizes.index(-1)] = size // given
    if prod(sizes) != size or min(sizes, default=0) < 1:
        message = f"gets {shape}, and makes {'x'.join(map(str, sizes))} of {size}"
        fits = _split(sizes, size)
        hint = f"write {fits}" if fits else f"their product has to be {size}"
        raise Misfit(message, sizes_key, hint, fits=fits)
    batch = shape.batch if shape.batch is None or shape.batch < dim else shape.batch + len(sizes) - 1
    return shape._replace(sizes=(*shape.sizes[:dim], *sizes, *shape.sizes[dim + 1 :]), batch=batch)


def _split(sizes: Sequence[int], size: int) -> list[int] | None:
    """The sizes with one of them, the last that can, so that the product is right."""
    for place in range(len(sizes) - 1, -1, -1):
        others = (*sizes[:place], *sizes[place + 1 :])
        if min(others, default=1) > 0 and size % prod(others) == 0:
            return [*sizes[:place], size // prod(others), *sizes[place + 1 :]]
    return None


def _get(arguments: Arguments, inputs: Sequence[Value]) -> Made:
    """An entry of a tuple; of a tensor, what stands in one place of dimension 0."""
    value, key = inputs[0], arguments["key"]
    if value is None:
        return Made(None)
    if isinstance(value, Shape):
        return Made(_at(value, key))
    size = len(value)
    if not isinstance(key, int) or not -size <= key < size:
        raise Misfit(f"gets a tuple of {size}, which has no {key!r}", "key", f"write 0 to {size - 1}", fits=size - 1)
    return Made(value[key])


def _at(shape: Shape, key: int | str) -> Shape:
    size = shape.sizes[0] if shape.sizes else 0
    if shape.batch == 0:
        hint = "use Narrow or IndexSelect on dimension 1"
        raise Misfit(f"gets {shape}, and takes one sample of the batch", hint=hint, batch=isinstance(key, int))
    if not isinstance(key, int) or not -size <= key < size:
        fits = size - 1 if size else None
        raise Misfit(f"gets {shape}, and has no {key!r} in it", "key", f"write 0 to {fits}" if size else "", fits=fits)
    return without(shape, 0)


def _narrow(arguments: Arguments, shape: Shape) -> Shape:
    dim = own_axis(shape, arguments["dim"], does="takes some samples of the batch")
    start, length, size = arguments["start"], arguments["length"], shape.sizes[dim]
    if not -size <= start < size:
        message = f"gets {shape}, and starts at {start} of {size}"
        raise Misfit(message, "start", f"write at most {size - 1}", fits=size - 1)
    left = size - start % size
    if length > left:
        message = f"gets {shape}, and takes {length} from {start} on, of {size}"
        raise Misfit(message, "length", f"write at most {left}", fits=left)
    return resized(shape, dim, length)


def _index_select(arguments: Arguments, shape: Shape) -> Shape:
    dim = own_axis(shape, arguments["dim"], does="takes some samples of the batch")
    size, index = shape.sizes[dim], arguments["index"]
    for entry, place in enumerate(index):
        if not 0 <= place < size:
            message = f"gets {shape}, which has {size} in dimension {dim}, counted from 0"
            raise Misfit(message, "index", f"write at most {size - 1}", entry=entry, fits=size - 1)
    return resized(shape, dim, len(index))


def _chunk(arguments: Arguments, shape: Shape) -> Value:
    dim = own_axis(shape, arguments["dim"], does="takes the batch apart")
    return _pieces(shape, dim, -(-shape.sizes[dim] // arguments["chunks"]), "chunks")


def _pieces(shape: Shape, dim: int, length: int, argument: str) -> Value:
    """Pieces of one length, the last of which may be shorter."""
    whole, rest = divmod(shape.sizes[dim], length)
    if whole + bool(rest) > PIECES:
        raise Misfit(f"takes {shape} into {whole + bool(rest)} pieces, more than {PIECES}", argument)
    return (*[resized(shape, dim, length)] * whole, *[resized(shape, dim, rest)] * bool(rest))


def _split_up(arguments: Arguments, shape: Shape) -> Value:
    dim, sections = own_axis(shape, arguments["dim"], does="takes the batch apart"), arguments["split_size_or_sections"]
    size = shape.sizes[dim]
    if isinstance(sections, int):
        return _pieces(shape, dim, sections, "split_size_or_sections")
    if sum(sections) != size:
        message = f"gets {shape}, and splits {' + '.join(map(str, sections))} = {sum(sections)} of {size}"
        last = size - sum(sections[:-1])
        fits = [*sections[:-1], last] if last > 0 else None
        raise Misfit(message, "split_size_or_sections", f"write {fits}" if fits else "", fits=fits)
    return tuple(resized(shape, dim, section) for section in sections)


RESHAPING = {
    "Flatten": Layer(rule(flatten)),
    "Unflatten": Layer(rule(unflatten)),
    "Get": Layer(_get),
    "Narrow": Layer(rule(_narrow), ("x",)),
    "IndexSelect": Layer(rule(_index_select), ("x",)),
    "ForkChunk": Layer(rule(_chunk), ("x",)),
    "ForkSplit": Layer(rule(_split_up), ("x",)),
}
