"""A net block as one net sees it: defaults beside what was written, and the actor's and critic's own keys in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slm_net.spec import schema
from slm_net.spec.algorithms import has_critic
from slm_net.spec.canonical import canonical_block
from slm_net.spec.fragments import schema_cached
from slm_net.spec.limits import MAX_PARAMETERS
from slm_net.spec.mistakes import Mistake
from slm_net.spec.places import Path

#: The prefixes with which one block describes two nets, as SLM Lab's ActorCritic reads it.
ROLES = ("actor_", "critic_")
#: Keys that begin with a role but belong to every net.
NOT_PREFIXED = ("actor_init_std", "critic_init_std")


@dataclass(frozen=True)
class NetView:
    """One net of a block: `spec` has every key of its type, with defaults for those that are not in the file.

    `written` maps the others to the key that they stand under; `in_dim` and `out_dim` are None when not known; `wrong`
    are the keys that the schema refuses, `max_frame` is how long its environment is trained in (None: not known).
    """

    path: Path
    spec: Mapping[str, Any]
    written: Mapping[str, str]
    in_dim: Any = None
    out_dim: Any = None
    algorithm: str = ""
    wrong: frozenset[str] = frozenset()
    max_frame: Any = None
    max_params: int = MAX_PARAMETERS

    @property
    def type(self) -> str:
        """The net type."""
        return str(self.spec["type"])

    @property
    def own_keys(self) -> Mapping[str, Any]:
        """The keys that a net of this type uses, with their schemas."""
        return schema.net_properties(self.type)

    def at(self, key: str, *rest: str | int) -> Path:
        """The path of a key (and of something in it) in the document; of the block if the key is not written."""
        return (*self.path, self.written[key], *rest) if key in self.written else self.path

    def has(self, *keys: str) -> bool:
        """True if all these keys have a value, and none has been found wrong already."""
        there = all(map(self.spec.__contains__, keys))
        return there and not (self.wrong and any(self.written.get(key, key) in self.wrong for key in keys))


def net_views(
    block: Mapping[str, Any],
    path: Path,
    mistakes: list[Mistake],
    *,
    in_dim: Any = None,
    out_dim: Any = None,
    algorithm: str = "",
    **limits: Any,
) -> Iterator[NetView]:
    """The nets that a block describes: one, or the actor's and the critic's where there can be both.

    Only the actor's has the dims; the `limits`, `max_frame` and `max_params`, are those of both.
    """
    below = [mistake.path[len(path)] for mistake in mistakes if _inside(mistake.path, path)]
    wrong = frozenset(str(key) for key in below)
    for role, keys in enumerate(keys_of_nets(block, algorithm)):
        values = {key: block[written] for key, written in keys.items()}
        if values.get("type") in schema.net_types():
            spec = {**defaults(values["type"]), **canonical_block(values)}
            dims = {"in_dim": in_dim, "out_dim": out_dim} if role == 0 else {}
            yield NetView(path, spec, keys, algorithm=algorithm, wrong=wrong, **dims, **limits)


def _inside(path: Path, parent: Path) -> bool:
    return len(path) > len(parent) and path[: len(parent)] == parent


@schema_cached
def defaults(net_type: str) -> Mapping[str, Any]:
    """The default of every key of a net type that has one."""
    return {key: part["default"] for key, part in schema.net_properties(net_type).items() if "default" in part}


def is_prefixed(key: str) -> bool:
    """True if the key is for the actor's or the critic's net alone."""
    return key.startswith(ROLES) and key not in NOT_PREFIXED and key in schema.net_keys()


def keys_of_nets(block: Mapping[str, Any], algorithm: str) -> list[dict[str, str]]:
    """The keys of each net that a block describes, mapped to those that they stand under: one net, or two.

    >>> keys_of_nets({"type": "MLPNet", "critic_dropout": 0.1}, "PPO")
    [{'type': 'type'}, {'type': 'type', 'dropout': 'critic_dropout'}]
    """
    has_roles = any(map(is_prefixed, block)) and (not algorithm or has_critic(algorithm))
    return _role_keys(block) if has_roles else [{key: key for key in block}]


def _role_keys(block: Mapping[str, Any]) -> list[dict[str, str]]:
    common = {key: key for key in block if not is_prefixed(key)}
    return [
        {**common, **{key.removeprefix(role): key for key in block if is_prefixed(key) and key.startswith(role)}}
        for role in ROLES
    ]
