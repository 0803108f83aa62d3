"""What the object at a place of a spec is: a net of a type, an optimizer, an algorithm; and so, which keys it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.document.algorithms import RECIPES, gives, has_critic
from slm_net.document.nets import net_views
from slm_net.document.specs import Document, NetBlock, Spec
from slm_net.problems import Path
from slm_net.reference.owners import NAMED, PARTS, keys_of, owners, proper
from slm_net.rules import algorithms
from slm_net.schema import catalogue
from slm_net.schema.catalogue import Schema
from slm_net.schema.compose import ROLES, without_role
from slm_net.spaces.environments import known_environments
from slm_net.text.paths import value_at

#: What is said of keys that do nothing for an algorithm.
USELESS = (algorithms.targets_are_there, algorithms.values_are_no_policy)


class Scope(NamedTuple):
    """An object of a spec: its kind, the name that it has, "" if none that is known, itself, and its algorithm."""

    kind: str
    name: str
    data: Mapping[str, Any]
    algorithm: str = ""

    @property
    def selector(self) -> str:
        """The key under which its name stands, "" if it has none."""
        if self.kind == "net":
            return "type"
        return "name" if self.kind in (*NAMED, "env", "agent") and self.kind != "layer" else ""

    def keys(self) -> Mapping[str, Schema]:
        """The keys that it can have and that do something, each with its schema."""
        if self.kind == "net":
            return self._of_net()
        if self.name or self.kind not in NAMED:
            return keys_of(self.kind, self.name)
        return {}

    def _of_net(self) -> Mapping[str, Schema]:
        if not self.name:
            known = {key: catalogue.expanded(part) for key, part in catalogue.document("net")["properties"].items()}
            return {key: part for key, part in known.items() if key not in ("type", "$schema")}
        known = {**keys_of("net", self.name)}
        idle = set(self._idle(known))
        known = {key: part for key, part in known.items() if key not in idle}
        if not self.algorithm or has_critic(self.algorithm):
            both = {f"{role}{key}": part for role in ROLES for key, part in known.items()}
            return known | {key: part for key, part in both.items() if key in catalogue.net_keys()}
        return {key: part for key, part in known.items() if key not in ("shared", "use_same_optim")}

    def _idle(self, known: Mapping[str, Schema]) -> Iterator[str]:
        """The keys that the rules call useless for the algorithm, whatever their value."""
        if self.algorithm not in RECIPES:
            return
        values = {"type": self.name, **{key: part.get("default", 1) for key, part in known.items()}}
        for key in ("log_std_init", "actor_init_std", "critic_init_std"):
            values[key] = 1.0
        for view in net_views(values, (), [], algorithm=self.algorithm):
            yield from (str(problem.path[-1]) for check in USELESS for problem in check(view) if problem.path)

    def names(self) -> list[str]:
        """What can stand as its name, of net types and environments those that suit the algorithm."""
        if self.kind == "net":
            return [name for name in owners("net") if self._suits(name)]
        if self.kind == "env":
            values = gives(self.algorithm) == "q"
            known = known_environments().items()
            return [name for name, spaces in known if not (values and spaces.action.kind == "continuous")]
        return owners(self.kind) if self.kind in NAMED else []

    def _suits(self, net_type: str) -> bool:
        views = net_views({"type": net_type}, (), [], algorithm=self.algorithm)
        return not any(list(algorithms.type_suits_algorithm(view)) for view in views)


def scope_at(document: Document, path: Path) -> Scope | None:
    """What the object at a path is; None where nothing is known of it."""
    data = value_at(document.source.data, path)
    if not isinstance(data, Mapping):
        return None
    for spec in document.specs:
        if path[: len(spec.path)] == spec.path:
            return _in_spec(spec, path, data)
    return Scope("net", "", data) if not path and not document.specs else None


def _in_spec(spec: Spec, path: Path, data: Mapping[str, Any]) -> Scope | None:
    for block in spec.net_blocks():
        if path[: len(block.path)] == block.path:
            return _in_net(block, path[len(block.path) :], data)
    if spec.bare:
        return None
    algorithm = str(spec.agent.block("algorithm").data.get("name", ""))
    places = {spec.path: "spec", (*spec.path, "meta"): "meta", **{env.path: "env" for env in spec.envs}}
    for agent in spec.agents:
        places |= {agent.path: "agent", (*agent.path, "algorithm"): "algorithm", (*agent.path, "memory"): "memory"}
        places |= {(*agent.path, key): "net" for key in ("net", "critic_net")}
    kind = places.get(path)
    return Scope(kind, _name(kind, data), data, algorithm) if kind else None


def _in_net(block: NetBlock, inside: Path, data: Mapping[str, Any]) -> Scope | None:
    if not inside:
        return Scope("net", _name("net", data), data, block.algorithm)
    key = str(inside[0])
    part = PARTS.get(without_role(key))
    part = "activation" if key.endswith("_activation") else part
    if part and all(isinstance(step, int) for step in inside[1:]):
        return Scope(part, _name(part, data), data, block.algorithm)
    if key.endswith("arc"):
        name = inside[-1]
        if name == "TorchFn":
            return Scope("function", _name("function", data), data)
        return Scope("layer", str(name) if name in owners("layer") else "", data)
    return None


def _name(kind: str, data: Mapping[str, Any]) -> str:
    """The name that an object of a kind has, if that is a known one."""
    written = data.get("type" if kind == "net" else "name")
    if kind not in NAMED or not isinstance(written, str):
        return ""
    name = proper(kind, written)
    return name if name in owners(kind) else ""
