"""What the rules find in a net, and which keys each of them asks for on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import NetView
from slm_net.spec.places import Path
from slm_net.spec.rules import RULES

Rule = Callable[[NetView], Iterator[Mistake]]
#: Where something is wrong, and which rule says so.
Marks = set[tuple[Path, str]]


class Run(NamedTuple):
    """The rules on one net: those that ask for each key, and what is broken.

    A rule that does not ask for a key finds the same, whatever the key is.
    """

    view: NetView
    asked: Mapping[str, list[Rule]]
    broken: Marks


class Watched(Mapping[str, Any]):
    """The values of a block that note which of them are asked for."""

    def __init__(self, values: Mapping[str, Any]):
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        self.asked.update(self._values)
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def run_rules(view: NetView) -> Run:
    """Run all rules on a net and watch what they ask for.

    >>> from slm_net.spec.net_view import net_views
    >>> block = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "batch_norm": True}
    >>> run = run_rules(next(net_views(block, (), [])))
    >>> "one_norm_per_layer" in [rule.__name__ for rule in run.asked["layer_norm"]], run.broken
    (True, set())
    """
    values = Watched(view.spec)
    watched, asked, broken = replace(view, spec=values), defaultdict(list), set()
    for rule in RULES:
        broken.update(marks(rule(watched)))
        for key in values.asked:
            asked[key].append(rule)
        values.asked.clear()
    return Run(view, asked, broken)


def marks(mistakes: Iterable[Mistake]) -> Marks:
    """The place and the rule of each mistake."""
    return {(mistake.path, mistake.rule) for mistake in mistakes}
