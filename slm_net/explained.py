"""The resolved spec of an agent, and of each value where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.agents.plan import AgentPlan
from slm_net.concrete import Concrete
from slm_net.document.nets import defaults
from slm_net.plan import NetPlan
from slm_net.problems import Path
from slm_net.schema.catalogue import KIND_OF_KEY, default_arguments
from slm_net.text.history import Origin
from slm_net.text.paths import value_at, walk


class Explained(NamedTuple):
    """One value: its path in the net, or in the spec outside of nets, and its history, its own origins first."""

    path: Path
    value: Any
    history: tuple[Origin, ...]


class Section(NamedTuple):
    """The values of one net, or (without a type) those of the spec around the nets; of a net also where it stands."""

    name: str
    type: str
    values: tuple[Explained, ...]
    path: Path = ()


def explained(plan: AgentPlan | NetPlan) -> list[Section]:
    """Every value of a planned agent or net: of each net with its defaults, and of the spec around them.

    >>> from slm_net.plan import plan_net
    >>> [net, *_] = explained(plan_net({"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}, 4, 2))
    >>> [(value.value, value.history[0].how) for value in net.values if value.path in (("hid_layers",), ("dropout",))]
    [([64], 'written'), (0.0, 'default')]
    """
    if isinstance(plan, NetPlan):
        nets, concrete = {"net": plan}, plan.concrete
    else:
        nets = {part.name: net for part, net in plan.parts if net}
        concrete = plan.concrete or next(iter(nets.values())).concrete
    sections = [_net(name, net) for name, net in nets.items()]
    blocks = {_below(concrete, net.source.block.path) for net in nets.values()}
    around = tuple(_around(concrete, (), concrete.spec.data, blocks))
    return [*sections, Section(concrete.spec.name, "", around)] if around else sections


def _below(concrete: Concrete, path: Path) -> Path:
    """A path of the document as one of the concrete spec."""
    return path[len(concrete.spec.path) :]


def _around(concrete: Concrete, path: Path, value: Any, blocks: set[Path]) -> Iterator[Explained]:
    """The values of the spec that stand in no block of a net."""
    if path in blocks:
        return
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _around(concrete, (*path, key), inner, blocks)
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for index, inner in enumerate(value):
            yield from _around(concrete, (*path, index), inner, blocks)
    else:
        yield Explained(path, value, concrete.history(path))


def _net(name: str, plan: NetPlan) -> Section:
    rows = [row for key, value in plan.spec.items() for row in _key(plan, key, value)]
    rows.sort(key=lambda row: row.history[0].how == "default")
    return Section(name, str(plan.spec["type"]), (*_dims(plan), *rows), plan.source.block.path)


def _dims(plan: NetPlan) -> Iterator[Explained]:
    """The dims, and how each was found."""
    dims = plan.dims
    for key, value, why in (("in_dim", dims.in_dim, dims.why_in), ("out_dim", dims.out_dim, dims.why_out)):
        yield Explained((key,), value, (Origin("inferred", value, name=why),))


def _key(plan: NetPlan, key: str, value: Any) -> Iterator[Explained]:
    """The values under one key of a resolved net; of a name with arguments all of these."""
    if not isinstance(value, Mapping) or not value:
        yield Explained((key,), value, _history(plan, (key,), value))
        return
    kind, name = KIND_OF_KEY.get(key, ""), value.get("name", "")
    usual = default_arguments(kind, name) if kind else {}
    named = {"name": name} if "name" in value else {}
    for argument, inner in {**named, **usual, **value}.items():
        yield Explained((key, argument), inner, _history(plan, (key, argument), inner, name))


def _history(plan: NetPlan, path: Path, value: Any, owner: str = "") -> tuple[Origin, ...]:
    """The history of a value of a resolved net; `owner` is the name whose argument it is."""
    key, *rest = path
    kind, is_set = str(plan.spec["type"]), key in plan.source.changes
    if key in plan.places:
        place = _below(plan.concrete, plan.places[str(key)])
        if not is_set and _is_left_out(value_at(plan.concrete.spec.data, place), tuple(rest)):
            return (Origin("default", value, name=owner),)
        history = plan.concrete.history((*place, *rest))
        if not is_set:
            return history
        replaced = [origin._replace(replaced=True) for origin in history]
    elif not is_set or value == defaults(kind).get(str(key)):
        return (Origin("default", value, name=kind if not rest or rest == ["name"] else owner),)
    else:
        replaced = []
    return (Origin("algorithm", value, name=plan.gives or "values"), *replaced)


def _is_left_out(written: Any, rest: Path) -> bool:
    """Whether an argument is not among the written ones of a name."""
    is_argument = bool(rest) and rest != ("name",) and isinstance(written, str | Mapping)
    return is_argument and walk(written, rest)[0] < len(rest)
