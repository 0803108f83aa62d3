"""The tensor functions that TorchFn and Reduce may name, and what leaves each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slm_net.arc.checks import Arguments, axes, axis, no_integers, own_axis, tensor
from slm_net.arc.elementwise import give_floats, keep
from slm_net.arc.reductions import REDUCTIONS
from slm_net.arc.reshaping import flatten, unflatten
from slm_net.arc.shapes import Layer, Made, Misfit, Shape, ShapeRule, Value
from slm_net.arc.sizes import marked, resized, unmarked, without

Function = Callable[[Arguments, Shape], Value]


def _need_floats(arguments: Arguments, shape: Shape) -> Shape:
    if shape.integer:
        raise no_integers()
    return shape


def _with_numbers(arguments: Arguments, shape: Shape) -> Shape:
    """Integers with a float among the arguments become floats."""
    return shape._replace(integer=shape.integer and not any(isinstance(value, float) for value in arguments.values()))


def _softmax(arguments: Arguments, shape: Shape) -> Shape:
    own_axis(shape, arguments["dim"])
    return _need_floats(arguments, shape)


def _along(arguments: Arguments, shape: Shape) -> Shape:
    """What goes along one dimension and leaves the sizes."""
    own_axis(shape, arguments["dim"])
    return shape


def _flip(arguments: Arguments, shape: Shape) -> Shape:
    axes(shape, arguments["dims"], "dims", "turns the batch around")
    return shape


def _roll(arguments: Arguments, shape: Shape) -> Shape:
    shifts, dims = arguments["shifts"], arguments.get("dims")
    if dims is None or dims == []:
        if shape.batch is None:
            return shape
        hint, fits = ("write dims: -1", -1) if shape.batch != len(shape.sizes) - 1 else ("", None)
        message = f"gets {shape}, and without dims rolls numbers from one sample into the next"
        raise Misfit(message, "dims", hint, fits=fits, batch=True)
    for dim in _list(dims):
        own_axis(shape, dim, "dims", does="rolls the batch")
    if len(_list(shifts)) != len(_list(dims)):
        raise Misfit(f"has shifts of {shifts} for dims of {dims}", "shifts", "give one for each of dims")
    return shape


def _flatten(arguments: Arguments, shape: Shape) -> Shape:
    return flatten({"start_dim": 0, "end_dim": -1, **arguments}, shape)


def _unflatten(arguments: Arguments, shape: Shape) -> Shape:
    return unflatten(arguments, shape, "sizes")


def _squeeze(arguments: Arguments, shape: Shape) -> Shape:
    """A batch is never squeezed, but a batch of one would be."""
    dim = arguments.get("dim")
    if dim is None:
        if shape.batch is not None:
            message = f"gets {shape}, and without a dim loses a batch of one"
            raise Misfit(message, "dim", "name the dimension", batch=True)
        places = list(range(len(shape.sizes)))
    else:
        places = axes(shape, dim, "dim", "loses a batch of one")
    for place in sorted(places, reverse=True):
        shape = without(shape, place) if shape.sizes[place] == 1 else shape
    return shape


def _unsqueeze(arguments: Arguments, shape: Shape) -> Shape:
    dim, sizes = axis(shape, arguments["dim"], new=1), marked(shape)
    return unmarked((*sizes[:dim], 1, *sizes[dim:]), shape.integer)


def _transpose(arguments: Arguments, shape: Shape) -> Shape:
    first, second = axis(shape, arguments["dim0"], "dim0"), axis(shape, arguments["dim1"], "dim1")
    order = list(range(len(shape.sizes)))
    order[first], order[second] = order[second], order[first]
    return _ordered(shape, order)


def _permute(arguments: Arguments, shape: Shape) -> Shape:
    dims, rank = arguments["dims"], len(shape.sizes)
    if len(dims) != rank:
        raise Misfit(f"gets {shape}, and puts {dims} in order", "dims", f"name each of 0 to {rank - 1}")
    return _ordered(shape, axes(shape, dims, "dims"))


def _movedim(arguments: Arguments, shape: Shape) -> Shape:
    moved = axes(shape, arguments["source"], "source")
    places = axes(shape, arguments["destination"], "destination")
    if len(moved) != len(places):
        raise Misfit(
            "has source and destination of different lengths", "destination", "name a place for each of source"
        )
    goals = dict(zip(places, moved, strict=True))
    left = iter([dim for dim in range(len(shape.sizes)) if dim not in moved])
    return _ordered(shape, [goals[place] if place in goals else next(left) for place in range(len(shape.sizes))])


def _ordered(shape: Shape, order: Sequence[int]) -> Shape:
    sizes = marked(shape)
    return unmarked([sizes[place] for place in order], shape.integer)


def _diff(arguments: Arguments, shape: Shape) -> Shape:
    dim, times = own_axis(shape, arguments.get("dim", -1)), arguments.get("n", 1)
    size = shape.sizes[dim]
    if times >= size:
        message = f"gets {shape}, and leaves nothing of {size} numbers"
        raise Misfit(message, "n", f"write at most {size - 1}", fits=size - 1)
    return resized(shape, dim, size - times)


def _triangle(arguments: Arguments, shape: Shape) -> Shape:
    rank = len(shape.sizes)
    if rank < 2:
        raise Misfit(f"gets {shape}, and needs (batch, rows, columns)")
    if shape.batch is not None and shape.batch >= rank - 2:
        raise Misfit(f"gets {shape}, and takes the batch for rows or columns", batch=True)
    return shape


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


KEEP = ("abs", "neg", "square", "sign", "relu", "ceil", "floor", "round", "trunc", "nan_to_num")
GIVE_FLOATS = (
    *("sqrt", "rsqrt", "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "erf", "erfc", "reciprocal", "logit", "div"),
)
#: What leaves each function that a spec may name.
FUNCTIONS: Mapping[str, Function] = {
    **dict.fromkeys(KEEP, keep),
    **dict.fromkeys(GIVE_FLOATS, give_floats),
    **dict.fromkeys(("clamp", "pow", "add", "sub", "mul"), _with_numbers),
    **dict.fromkeys(("softmax", "log_softmax"), _softmax),
    **dict.fromkeys(("cumsum", "cumprod"), _along),
    **dict.fromkeys(("tril", "triu"), _triangle),
    **REDUCTIONS,
    "frac": _need_floats,
    "flip": _flip,
    "roll": _roll,
    "flatten": _flatten,
    "unflatten": _unflatten,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "transpose": _transpose,
    "permute": _permute,
    "movedim": _movedim,
    "diff": _diff,
}


def _called(functions: Mapping[str, Function]) -> ShapeRule:
    """The rule of a layer that calls the function of its name with its other arguments."""

    def made(arguments: Arguments, inputs: Sequence[Value]) -> Made:
        shape, function = tensor(inputs[0]), functions.get(arguments["name"])
        return Made(None if shape is None or function is None else function(arguments, shape))

    return made


FUNCTIONAL = {"TorchFn": Layer(_called(FUNCTIONS)), "Reduce": Layer(_called(REDUCTIONS))}
