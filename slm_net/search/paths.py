"""Whether what a search varies is there in the spec, and what was meant if it is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice
from typing import Any, Literal, NamedTuple

from slm_net.document.specs import Spec
from slm_net.document.variables import VARIABLE
from slm_net.problems import ERROR, WARNING, Problem
from slm_net.rules.blocks import Guesses, Settings, blocks_of
from slm_net.rules.keys import UNUSED_KEY
from slm_net.schema import catalogue
from slm_net.text.paths import walk
from slm_net.text.places import Path
from slm_net.wording.names import PARTS
from slm_net.wording.schema_problems import UNKNOWN_KEY
from slm_net.wording.values import shown, what
from slm_net.words import SLIP, did_you_mean, nearest, visible

#: Paths of a spec among which the one that was meant is looked for; real specs have about a hundred.
MOST_PATHS = 1000


#: The blocks that may have settings of an algorithm, an environment or a lab of one's own.
OPEN = frozenset(("algorithm", "memory", "env", "body", "meta"))


class Missing(NamedTuple):
    """Where a path leaves a spec: after `depth` steps; what is missing there, in words; and what was meant.

    The step may be a setting that is `known` and not written, or one of the `own` that a block may have; what is
    `unread` does no harm and nothing else; "wrong" is a slip, or no place for a key.
    """

    depth: int
    what: str
    hint: str
    standing: Literal["known", "own", "unread", "unused", "wrong"]

    @property
    def searched(self) -> Problem:
        """The problem that a search has with it, which has no place yet."""
        if self.standing == "unused":
            return UNUSED_KEY.at((), f"{self.what}, so nothing is varied", self.hint, WARNING, at_key=True)
        is_wrong = self.standing == "wrong"
        message = self.what + (", so nothing is varied" if is_wrong else ": the search adds it")
        return UNKNOWN_KEY.at((), message, self.hint, ERROR if is_wrong else WARNING, at_key=True)


@dataclass(frozen=True)
class SpecPaths:
    """The paths of a spec's `data`, of its net blocks, and of the `blocks` around these whose settings are known."""

    data: Mapping[str, Any]
    nets: tuple[Path, ...] = ()
    blocks: Mapping[Path, Settings] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: Spec, nets: Iterable[Path]) -> SpecPaths:
        """The paths of a spec with these nets."""
        blocks = {settings.block.path[len(spec.path) :]: settings for settings in blocks_of(spec, Guesses(0))}
        return cls(spec.data, tuple(nets), blocks)

    def missing(self, target: Path) -> Missing | None:
        """What is missing on a path, None if nothing is.

        A new key in a net is left to the schema, and a setting that is known need not be written. Elsewhere it can be
        added unless it is a slip for a known one: SLM Lab makes the blocks that are not there.
        """
        depth, owner = walk(self.data, target)
        in_net = any(target[: len(net)] == net and depth >= len(net) for net in self.nets)
        is_last = depth == len(target) - 1
        if depth == len(target) or (in_net and is_last and isinstance(owner, Mapping)):
            return None
        if isinstance(owner, str) and (in_net or VARIABLE.search(owner)):
            return None  # the schema has refused it, or it is not known yet
        step, settings = target[depth], self.blocks.get(target[:depth])
        is_known = isinstance(owner, Mapping) and step in self._schema_keys(target[:depth], in_net)
        if is_known and is_last and target[:depth] in self.judged:
            return None
        if is_last and settings and settings.is_of_another(str(step)):
            return Missing(depth, f"{visible(str(step), 40)} is not used by {settings.title}", "remove it", "unused")
        known = self._known(target[:depth], owner, in_net)
        slip = None if is_known else nearest(str(step), known, alike=SLIP, same_digits=True)
        hint = f"did you mean {slip!r}?" if slip else self._hint(target, depth, owner)
        where = "the spec" if depth == 0 else "the net" if target[:depth] in self.nets else what(target[:depth])
        kind = "entry" if isinstance(owner, list) else "key" if is_last else "block"
        missing = f"{visible(str(step), 40)!r} is no {kind} of {where}"
        if is_known:
            return Missing(depth, missing, hint, "known")
        is_wrong = slip or not isinstance(owner, Mapping) or not isinstance(step, str) or depth == 0 or in_net
        is_own = not OPEN.isdisjoint(target[:depth]) and (settings is None or settings.free)
        return Missing(depth, missing, hint, "wrong" if is_wrong else "own" if is_own else "unread")

    @cached_property
    def judged(self) -> list[Path]:
        """The paths of the blocks whose values are checked by their settings."""
        return [path for path, settings in self.blocks.items() if settings.kind in catalogue.BLOCKS]

    def _known(self, path: Path, owner: Any, in_net: bool) -> list[str]:
        own = [str(key) for key in owner if key != "search"] if isinstance(owner, Mapping) else []
        return own if in_net or not own else list(dict.fromkeys([*own, *self._schema_keys(path, in_net)]))

    def _schema_keys(self, path: Path, in_net: bool) -> Collection[str]:
        """The keys that the block at a path is known to have."""
        return catalogue.net_keys() if in_net else self.blocks[path].known if path in self.blocks else ()

    def _hint(self, target: Path, depth: int, owner: Any) -> str:
        """The path that was meant, else the nearest key, else what there is."""
        if "/" in str(target[depth]):
            target = (*target[:depth], *str(target[depth]).split("/"), *target[depth + 1 :])
        if meant := self._same_end(target):
            return f"did you mean {dotted(meant)!r}?"
        step, where = str(target[depth]), what(target[:depth])
        if isinstance(owner, Mapping) and nearest(step, map(str, owner)):
            return did_you_mean(step, map(str, owner))
        for end in range(len(target) - 1, depth, -1):
            if meant := self._same_end(target[:end]):
                return f"did you mean {dotted((*meant, *target[end:]))!r}?"
        if isinstance(owner, Mapping):
            return did_you_mean(step, [str(key) for key in owner if key != "search"])
        if isinstance(owner, list):
            return f"{where} has entries 0 to {len(owner) - 1}" if owner else f"{where} is an empty list"
        return f"{where} is null: give it a value first" if owner is None else f"{where} is {shown(owner)}"

    def _same_end(self, target: Path) -> Path | None:
        """The path of the spec with the same last key that has most of the other steps too."""
        same = [path for path in self._all if path[-1] == target[-1] and path != target][:50]
        of_net = (place for net in self.nets for place in _in_net(net, target[-1]) if place != target)
        nearest_one = max(same, key=lambda path: SequenceMatcher(None, path, target).ratio(), default=None)
        return nearest_one or next(of_net, None)

    @cached_property
    def _all(self) -> list[Path]:
        return list(islice(_paths({key: value for key, value in self.data.items() if key != "search"}), MOST_PATHS))


def _in_net(net: Path, key: str | int) -> Iterator[Path]:
    """Where a key would stand in a net that has not written it."""
    if key in catalogue.net_keys() - {"type"}:
        yield (*net, key)
    parts = (part for part, kind in PARTS.items() if key != "name" and key in catalogue.all_arguments(kind))
    yield from ((*net, part, key) for part in parts)


def dotted(path: Path) -> str:
    """A path as a search writes it, safe to print.

    >>> dotted(("agent", 0, "net"))
    'agent.0.net'
    """
    return visible(".".join(map(str, path)))


def can_be_set(data: Any, path: Path) -> bool:
    """True if there is a value at a path, or could be one under a new key.

    >>> can_be_set({"betas": [0.9]}, ("betas", 0)), can_be_set({}, ("lr",)), can_be_set([64], (1,))
    (True, True, False)
    """
    depth, owner = walk(data, path)
    return depth == len(path) or (depth == len(path) - 1 and isinstance(owner, Mapping))


def _paths(data: Any) -> Iterator[Path]:
    """The paths of all keys in `data`, the upper ones before those below them."""
    level: list[tuple[Path, Any]] = [((), data)]
    for path, node in level:
        entries = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
        for key, value in entries:
            if isinstance(node, Mapping):
                yield (*path, key)
            if isinstance(value, Mapping | list):
                level.append(((*path, key), value))
