"""Parts of a net that keys of it name: they are there, and something is left to train."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slm_net.document.nets import NetView
from slm_net.net_types.base import NotCounted
from slm_net.net_types.parts import TAILS, in_part
from slm_net.problems import Edit, Path, Problem, Rule, net_example
from slm_net.rules.arguments import ARGUMENT_CONFLICT
from slm_net.words import did_you_mean, nearest, visible

UNKNOWN_PART = Rule(
    "SN306",
    "unknown-part",
    what='`freeze`, `lr_scale` or `init_from` names a part that the net has not. Every net has "body" and "tails".',
    why="the part that was meant would be trained like all others.",
    wrong=net_example('"freeze": ["bdy"]'),
    right=net_example('"freeze": ["body"]'),
)


#: What the output layers of a net type are called in its state dict.
ALIASES = dict.fromkeys(TAILS, "tails")


def parts_of(net: NetView) -> list[str] | None:
    """The parts that a net has by name; None if its modules are not known."""
    if net.kind.body is None:
        return None
    arc = net.arc.arc if net.arc else None
    called = dict.fromkeys(f"body.{step.module}" for step in arc.steps) if arc else {}
    return ["body", "tails", *net.kind.body, *called]


def parts_are_there(net: NetView) -> Iterator[Problem]:
    """A part that is not there would be left out in silence."""
    if (known := parts_of(net)) is None:
        return
    for path, part in _named(net):
        if part not in known:
            message, is_key = f"{net.type} has no part {visible(part)!r}", path[0] == "lr_scale"
            fix = (
                (Edit(net.at(*path), "rename" if is_key else "replace", guess),)
                if (guess := nearest(part, known, ALIASES))
                else ()
            )
            yield UNKNOWN_PART.at(net.at(*path), message, did_you_mean(part, known, ALIASES), at_key=is_key, fix=fix)


def something_is_trained(net: NetView) -> Iterator[Problem]:
    """A net of which everything is frozen, and a rate for what is frozen, are no training."""
    frozen = {part: path for path, part in _named(net) if path[0] == "freeze" or path[1] == "freeze"}
    if not frozen or (known := parts_of(net)) is None or not frozen.keys() <= {*known}:
        return
    for path, part in _named(net):
        if path[0] == "lr_scale" and in_part(part, frozen):
            message = f"lr_scale has a rate for {part!r}, which is frozen"
            yield ARGUMENT_CONFLICT.superfluous(net.at(*path), message)
    body = {*known} - {"body", "tails"}
    if ("body" in frozen or body <= frozen.keys() or _is_linear(net)) and ("tails" in frozen or not _has_tails(net)):
        message = "everything is frozen, nothing is left to train"
        yield ARGUMENT_CONFLICT.at(net.at(*next(iter(frozen.values()))[:-1]), message, "leave a part out")


def _is_linear(net: NetView) -> bool:
    """Whether the body is known to have no weights."""
    try:
        counts = net.kind.parameters(net.spec, net.in_dim, net.out_dim)
    except (ValueError, NotCounted):  # said by other rules
        return False
    return bool(counts) and not any(count for path, count in counts.items() if path[0] != "out_dim")


def _has_tails(net: NetView) -> bool:
    return bool(net.spec.get("tails", True))


def _named(net: NetView) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every part that is named, and its path below the net."""
    start = (net.spec["init_from"] if net.has("init_from") else None) or {}
    lists: dict[Path, Any] = {("freeze",): net.spec["freeze"] if net.has("freeze") else ()}
    for key in ("parts", "freeze"):
        lists["init_from", key] = start.get(key, ())
    for path, parts in lists.items():
        yield from (((*path, index), part) for index, part in enumerate(parts))
    yield from ((("lr_scale", part), part) for part in (net.spec["lr_scale"] if net.has("lr_scale") else ()))
