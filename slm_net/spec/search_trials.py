"""A net block with a sampled value in it: what it is blamed for then, and not without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from slm_net.problems import ERROR
from slm_net.spec import schema
from slm_net.spec.canonical import canonical_value
from slm_net.spec.document import SCHEMAS, NetBlock, Spec
from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import NetView, net_views
from slm_net.spec.places import Path
from slm_net.spec.rule_runs import Marks, Run, marks, run_rules
from slm_net.spec.rules import broken_rules
from slm_net.spec.schema_mistakes import schema_mistakes
from slm_net.spec.variables import combinations, fill_in

#: The keys of a net that its dims depend on.
KEYS_OF_DIMS = ("type", "seq_len", "shared")


@dataclass(frozen=True)
class Trial:
    """A net block that is tried with other values; `refused` is what the schema finds wrong with it as it is.

    Paths are those within the block. `limits` are the dims and limits of `net_views`; the dims are taken for unknown
    where they follow from the key that changes.
    """

    block: NetBlock
    refused: list[Mistake]
    limits: Mapping[str, Any] = field(default_factory=dict)

    def mistakes(self, inside: Path, value: Any) -> list[Mistake]:
        """What is wrong with the value at `inside`, or with the rest of the block because of it.

        The rules look at values that the schema takes. One key is changed at a time, as each is drawn on its own: two
        keys whose choices exclude each other only in some of their combinations are not found.
        """
        block = with_value(self.block.data, inside, value)
        known = marks(self.refused)
        found = [mistake for mistake in self._schema_mistakes(block, inside) if _is_new(mistake, inside, known)]
        # most searches draw what is written too, and of that everything has been said
        is_written = repr(block) == self._written
        if isinstance(block, Mapping) and not is_written and not any(mistake.severity == ERROR for mistake in found):
            known = {mark for run in self._runs for mark in run.broken}
            found += [mistake for mistake in self._broken_with(block, inside) if _is_new(mistake, inside, known)]
        return list(dict.fromkeys(found))

    def _schema_mistakes(self, block: Any, inside: Path) -> list[Mistake]:
        """Those of the one key that changes, unless the others depend on it."""
        if not inside or inside[0] == "type":
            return schema_mistakes(SCHEMAS["net"], block)
        key, refs = str(inside[0]), schema.property_refs(str(self.block.data.get("type")))
        return schema_mistakes(refs[key], block[key], (key,)) if key in refs else []

    def _broken_with(self, block: Mapping[str, Any], inside: Path) -> Iterator[Mistake]:
        if not inside or inside[0] in KEYS_OF_DIMS or inside[0] not in self.block.data:
            dims = {"in_dim": None, "out_dim": None} if not inside or inside[0] in KEYS_OF_DIMS else {}
            for view in self._views(block, dims):
                yield from broken_rules(view)
            return
        key, value = inside[0], block[str(inside[0])]
        for view, asked, _ in self._runs:
            for own in [own for own, written in view.written.items() if written == key and own in asked]:
                part = canonical_value(own, value, view.own_keys.get(own, {}))
                changed = replace(view, spec={**view.spec, own: part})
                for rule in asked[own]:
                    yield from rule(changed)

    def _views(self, block: Mapping[str, Any], dims: Mapping[str, Any]) -> Iterator[NetView]:
        return net_views(block, (), self.refused, algorithm=self.block.algorithm, **{**self.limits, **dims})

    @cached_property
    def _runs(self) -> list[Run]:
        """The rules on each net of the block as it is."""
        return list(map(run_rules, self._views(self.block.data, {})))

    @cached_property
    def _written(self) -> str:
        return repr(self.block.data)

    @cached_property
    def size(self) -> int:
        """How many values there are in the block."""
        return size_of(self.block.data)


def trials_of(
    spec: Spec, blocks: Iterable[NetBlock], refused: list[Mistake], limits: Mapping[str, Any]
) -> dict[Path, Trial]:
    """The net blocks of a spec by their paths in it, with the first values that its `spec_params` give."""
    values, depth = combinations(spec.data)[0], len(spec.path)
    trials: dict[Path, Trial] = {}
    for block in blocks:
        path, data = block.path, fill_in(block.data, values) if values else block.data
        wrong = [m._replace(path=m.path[len(path) :]) for m in refused if m.path[: len(path)] == path]
        if values:
            wrong = schema_mistakes(SCHEMAS["net"], data)
        # the dims are those of the main net; other blocks (a critic's) get other ones
        known = {key: value for key, value in limits.items() if not (trials and key in ("in_dim", "out_dim"))}
        trials[path[depth:]] = Trial(replace(block, data=data), wrong, known)
    return trials


def size_of(data: Any) -> int:
    """How many values there are in `data`, those within lists and objects too."""
    parts = [data]
    for part in parts:
        parts += part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
    return len(parts)


def with_value(data: Any, path: Path, value: Any) -> Any:
    """A copy of `data` with the value at a path; what does not change is shared."""
    if not path:
        return value
    copied: Any = list(data) if isinstance(data, list) else dict(data)
    copied[path[0]] = with_value(data[path[0]], path[1:], value) if path[1:] else value
    return copied


def _is_new(mistake: Mistake, inside: Path, known: Marks) -> bool:
    """True for what is said of the sample itself, and for what is not said without it."""
    return mistake.path[: len(inside)] == inside or (mistake.path, mistake.rule) not in known
