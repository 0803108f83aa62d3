"""Arguments that are right one by one, but not together: what torch refuses when it builds, or only when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slm_net.spec import schema
from slm_net.spec.canonical import canonical_name
from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import NetView

Arguments = Mapping[str, Any]
Conflict = tuple[str, str, str]  # the argument, message, hint

KINDS = {
    "hid_layers_activation": "activation",
    "out_layer_activation": "activation",
    "init_fn": "init",
    "optim_spec": "optimizer",
    "lr_scheduler_spec": "lr_scheduler",
}
BOUNDS = {
    "Hardtanh": ("min_val", "max_val"),
    "RReLU": ("lower", "upper"),
    "uniform_": ("a", "b"),
    "trunc_normal_": ("a", "b"),
    "CyclicLR": ("base_lr", "max_lr"),
}


def arguments_fit_each_other(net: NetView) -> Iterator[Mistake]:
    """Bounds in order, and options that need or exclude each other."""
    for key, kind in KINDS.items():
        if not net.has(key):
            continue
        value = net.spec[key]
        for index, part in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(part, Mapping):
                name = canonical_name(kind, part["name"])
                where = [index] if isinstance(value, list) else []
                for argument, message, hint in _conflicts(name, {**_defaults(kind, name), **part}):
                    at = net.at(key, *where, *([argument] if argument in part else []))
                    yield Mistake(at, "argument-conflict", message, hint)


def _conflicts(name: str, arguments: Arguments) -> Iterator[Conflict]:
    if name in BOUNDS:
        yield from _bounds_in_order(arguments, *BOUNDS[name], strict=name == "Hardtanh")
    if check := CHECKS.get(name):
        yield from check(arguments)
    if arguments.get("foreach") and arguments.get("fused"):
        yield "fused", "foreach and fused are two ways to do the same", "keep one of them"


def _bounds_in_order(arguments: Arguments, low: str, high: str, strict: bool) -> Iterator[Conflict]:
    ends = arguments[low], arguments[high]
    if not all(isinstance(end, int | float) for end in ends) or ends[0] < ends[1]:
        return
    if strict or ends[0] > ends[1]:
        message = f"{low} is {ends[0]:g}, and {high} is {ends[1]:g}"
        yield low, message, f"{low} has to be the smaller one"


def _nesterov(arguments: Arguments) -> Iterator[Conflict]:
    if arguments["nesterov"] and not (arguments["momentum"] > 0 and arguments["dampening"] == 0):
        yield "nesterov", "nesterov needs a momentum above 0 and no dampening", 'for example "momentum": 0.9'


def _whole_cycle(arguments: Arguments) -> Iterator[Conflict]:
    if arguments["total_steps"] is None and None in (arguments["epochs"], arguments["steps_per_epoch"]):
        yield "max_lr", "the length of the cycle is missing", 'add "total_steps", or "epochs" and "steps_per_epoch"'


def _inside(arguments: Arguments) -> Iterator[Conflict]:
    """The arguments of the optimizer inside Lookahead stand beside its own."""
    inner = str(arguments["optimizer"])
    if check := CHECKS.get(inner):
        yield from check({**_defaults("optimizer", inner), **arguments})


CHECKS: dict[str, Callable[[Arguments], Iterator[Conflict]]] = {
    "SGD": _nesterov,
    "OneCycleLR": _whole_cycle,
    "Lookahead": _inside,
}


def _defaults(kind: str, name: str) -> dict[str, Any]:
    return {key: part["default"] for key, part in schema.arguments(kind, name).items() if "default" in part}
