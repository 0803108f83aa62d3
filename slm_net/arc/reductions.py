"""Tensor functions that make one number of all along a dimension, such as a mean or the largest one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from slm_net.arc.checks import Arguments, axes, no_integers
from slm_net.arc.shapes import Misfit, Shape, Value
from slm_net.arc.sizes import resized, without

DOES = "reduces the batch too"
#: Those that take several dimensions at once.
SEVERAL = ("sum", "mean", "amax", "amin", "std", "var", "logsumexp", "norm")
#: Those that refuse integers, and those that make floats or integers of all.
NEED_FLOATS = ("mean", "std", "var", "norm")
GIVE_FLOATS = ("logsumexp",)
GIVE_INTEGERS = ("argmax", "argmin")
#: Those that give what they chose, and from where.
WITH_INDICES = ("max", "min", "median")


def _reduce(name: str, arguments: Arguments, shape: Shape) -> Value:
    if name in NEED_FLOATS and shape.integer:
        raise no_integers()
    dims = _dims(shape, arguments.get("dim"), several=name in SEVERAL)
    if name == "norm" and len(dims) > 2 and arguments.get("p", "fro") == "fro":
        raise Misfit(f"takes the norm over {len(dims)} dimensions, and knows fro of one or two", "p", "write 2", fits=2)
    keep = bool(arguments.get("keepdim"))
    for dim in sorted(dims, reverse=True):
        shape = resized(shape, dim, 1) if keep else without(shape, dim)
    if name in WITH_INDICES:
        return shape, shape._replace(integer=True)
    return shape._replace(integer=name in GIVE_INTEGERS or (shape.integer and name not in GIVE_FLOATS))


def _dims(shape: Shape, dim: int | list[int] | None, several: bool) -> list[int]:
    """The dimensions that are reduced: all if none is given."""
    if dim is None or dim == []:
        if shape.batch is None:
            return list(range(len(shape.sizes)))
        fits, hint = (-1, "write dim: -1") if shape.batch != len(shape.sizes) - 1 else (None, "")
        raise Misfit(f"gets {shape}, and without a dim {DOES}", "dim", hint, fits=fits, batch=True)
    dims = axes(shape, dim, "dim", DOES)
    if not several and not isinstance(dim, int):
        raise Misfit(f"gets {dim} as its dimension, and takes one", "dim", f"write {dim[0]}", fits=dim[0])
    return dims


REDUCTIONS: Mapping[str, Callable[[Arguments, Shape], Value]] = {
    name: partial(_reduce, name) for name in (*SEVERAL, *GIVE_INTEGERS, *WITH_INDICES, "prod")
}
