"""Layers that make one tensor of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slm_net.arc.checks import (
    Arguments,
    axis,
    broadcast,
    features,
    marked,
    no_integers,
    over_batch,
    own_axis,
    resized,
    rule,
    tensor,
    unmarked,
    without,
)
from slm_net.arc.shapes import Layer, Made, Misfit, Shape, ShapeRule, Value


def _listed(shapes: Callable[[Arguments, list[Shape]], Shape]) -> ShapeRule:
    """The rule of a layer whose one input is a list of tensors, or a tuple that another layer puts out."""

    def made(arguments: Arguments, inputs: Sequence[Value]) -> Made:
        value = inputs[0]
        if value is None:
            return Made(None)
        if isinstance(value, Shape):
            raise Misfit("gets one tensor, and needs a list of them", hint="put it into a second list", source=0)
        if not value:
            raise Misfit("gets an empty list, and needs tensors", source=0)
        given = [tensor(part, 0, entry) for entry, part in enumerate(value)]
        known = [shape for shape in given if shape is not None]
        return Made(None if len(known) < len(given) else shapes(arguments, known))

    return made


def _all(shapes: Sequence[Shape]) -> str:
    """The different ones among some shapes, for people."""
    different = list(dict.fromkeys(map(str, shapes)))
    return f"{', '.join(different[:-1])} and {different[-1]}"


def _equal(shapes: Sequence[Shape]) -> Shape:
    """The one shape of all, of integers if all are."""
    first = shapes[0]
    if any(shape.sizes != first.sizes or shape.batch != first.batch for shape in shapes):
        raise Misfit(f"gets {_all(shapes)}, and needs equal shapes")
    return first._replace(integer=all(shape.integer for shape in shapes))


def _concat(arguments: Arguments, shapes: list[Shape]) -> Shape:
    first = shapes[0]
    if any(len(shape.sizes) != len(first.sizes) for shape in shapes):
        hint = "Flatten what has more dimensions"
        raise Misfit(f"gets {_all(shapes)}, and needs as many dimensions in all", hint=hint)
    dim = own_axis(first, arguments["dim"], does="puts more samples into the batch")
    rest = [(*marked(shape)[:dim], *marked(shape)[dim + 1 :]) for shape in shapes]
    if any(sizes != rest[0] for sizes in rest):
        raise Misfit(f"gets {_all(shapes)}, which may differ in dimension {dim} alone")
    integer = all(shape.integer for shape in shapes)
    return resized(first, dim, sum(shape.sizes[dim] for shape in shapes))._replace(integer=integer)


def _stack(arguments: Arguments, shapes: list[Shape]) -> Shape:
    each = _equal(shapes)
    dim = axis(each, arguments["dim"], new=1)
    sizes = marked(each)
    return unmarked((*sizes[:dim], len(shapes), *sizes[dim:]), each.integer)


def _sum(arguments: Arguments, shapes: list[Shape]) -> Shape:
    each = _equal(shapes)
    axis(each, arguments["dim"], new=1)
    return each


def _mean(arguments: Arguments, shapes: list[Shape]) -> Shape:
    each = _sum(arguments, shapes)
    if each.integer:
        raise no_integers()
    return each


def _dot(arguments: Arguments, first: Shape, second: Shape) -> Shape:
    both = broadcast(first, second)
    last = axis(both, -1)
    if last == both.batch:
        raise over_batch(both, "")
    return without(both, last)


def _bmm(arguments: Arguments, first: Shape, second: Shape) -> Shape:
    for place, shape in enumerate((first, second)):
        if len(shape.sizes) != 3 or shape.batch != 0:
            mixes = len(shape.sizes) == 3
            raise Misfit(f"gets {shape}, and needs (batch, rows, columns)", source=place, batch=mixes)
    if first.sizes[2] != second.sizes[1]:
        raise Misfit(f"gets {first} and {second}, whose {first.sizes[2]} columns and {second.sizes[1]} rows differ")
    return Shape((1, first.sizes[1], second.sizes[2]), integer=first.integer and second.integer)


def _film(arguments: Arguments, feature: Shape, conditioner: Shape) -> Shape:
    """A conditioner with less dimensions gets 1s behind its own."""
    if conditioner.integer:
        raise no_integers()
    last = features(conditioner, arguments["conditioner_dim"], "conditioner_dim", source=1)
    size = arguments["feature_dim"]
    if last < len(feature.sizes) and 1 not in (size, feature.sizes[last]) and last != feature.batch:
        features(feature, size, "feature_dim", last)
    behind = (1,) * (len(feature.sizes) - len(conditioner.sizes))
    scale = resized(conditioner, last, size)
    return broadcast(scale._replace(sizes=scale.sizes + behind), feature)


def _film_weights(arguments: Arguments) -> int:
    return 2 * int(arguments["feature_dim"]) * (arguments["conditioner_dim"] + 1)


MERGING = {
    "MergeConcat": Layer(_listed(_concat), ("args",), listed=True),
    "MergeStack": Layer(_listed(_stack), ("args",), listed=True),
    "MergeSum": Layer(_listed(_sum), ("args",), listed=True),
    "MergeProd": Layer(_listed(_sum), ("args",), listed=True),
    "MergeMean": Layer(_listed(_mean), ("args",), listed=True),
    "MergeDot": Layer(rule(_dot, floats=True), ("x", "y")),
    "MergeBMM": Layer(rule(_bmm), ("input", "mat2")),
    "MergeFiLM": Layer(rule(_film, _film_weights), ("feature", "conditioner")),
}
