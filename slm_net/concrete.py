"""One spec of a document with nothing left to choose, and the history of each of its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slm_net.document.specs import Document, Spec
from slm_net.document.variables import Filled, filled_spec, refuse_unset
from slm_net.problems import Caller, Path, Problem
from slm_net.search.overrides import Overridden, overridden
from slm_net.text.history import Origin
from slm_net.text.paths import walk


@dataclass(frozen=True)
class Concrete:
    """One spec of a document with the given variables and overrides, `before` and after the overrides."""

    document: Document
    before: Spec
    spec: Spec
    filled: Filled = field(repr=False)
    changes: Overridden = field(repr=False)

    def placed(self, problem: Problem) -> Problem:
        """A problem of the concrete spec with its file, line and column."""
        return self.document.placed(problem.at((*self.spec.path, *problem.path), at_key=problem.at_key))

    def history(self, path: Path) -> tuple[Origin, ...]:
        """Where the value at a path of the concrete spec, or its nearest ancestor, comes from, and what it replaced.

        The first origins are those of the value; then come replaced ones, the last one first.
        """
        known = path[: walk(self.spec.data, path)[0]]
        return self._overridden(known, len(self.changes.made), self.spec.data)

    def _overridden(self, path: Path, count: int, data: Mapping[str, Any]) -> tuple[Origin, ...]:
        """The history after so many overrides, which gave this data."""
        if not count:
            return self._filled(path)
        made = self.changes.made[count - 1]
        is_new = walk(made.before, path)[0] < len(path)
        before = () if is_new else self._overridden(path, count - 1, made.before)
        if path[: len(made.target)] == made.target:
            here = Origin("override", walk(data, path)[1], name=made.name)
            return (here, *(origin._replace(replaced=True) for origin in before))
        return before or (Origin("default", walk(data, path)[1], name=made.name),)  # of a block that it made

    def _filled(self, path: Path) -> tuple[Origin, ...]:
        whole = (*self.spec.path, *path)
        if path == ("name",) and self.document.kind == "file":
            place = self.document.source.key_position(self.spec.path)
            return (Origin("written", self.spec.name, self.document.source.file, *place),)
        length = next((n for n in range(len(path), 0, -1) if path[:n] in self.filled.filled), None)
        if length is None:
            return self.document.history(whole)
        name, rest = self.filled.filled[path[:length]], path[length:]
        value = walk(self.before.data, path)[1]
        text = (origin._replace(replaced=True) for origin in self.document.history(whole[: len(whole) - len(rest)]))
        if name not in self.filled.listed:
            return (Origin("variable", value, name=name), *text)
        first, *route = self.document.history((*self.spec.path, *self.filled.listed[name], *rest))
        return (first._replace(how="variable", value=value, name=name), *route, *text)


def concrete(
    document: Document,
    name: str | None,
    variables: Mapping[str, Any] | None,
    overrides: Mapping[str, Any] | None,
    caller: Caller,
) -> Concrete:
    """One spec with nothing left to choose.

    Raises:
        SpecError: several specs and no name, a variable without a value, an override that leads nowhere.
    """
    filled = filled_spec(document, name, variables)
    before = replace(document.choose(name), data=filled.data)
    changes = overridden(before, overrides or {}, caller)
    spec = replace(before, data=changes.data)
    refuse_unset(document, spec)
    return Concrete(document, before, spec, filled, changes)
