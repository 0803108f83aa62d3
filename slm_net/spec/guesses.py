"""Misspelt names, replaced by those that they were meant to be, so that what stands beside them can be checked too."""

from __future__ import annotations

from typing import Any

from slm_net.spec import schema
from slm_net.spec.aliases import NAMES
from slm_net.spec.mistakes import Mistake
from slm_net.spec.places import Path
from slm_net.spec.wording import kind_of_name
from slm_net.words import nearest_slip

#: The keys whose names decide which other keys are known.
SELECTORS = ("type", "name")


def guessed_names(data: Any, mistakes: list[Mistake]) -> dict[Path, str]:
    """The known name that each unknown type or name in `data` was surely meant to be, by its path."""
    unknown = [m.path for m in mistakes if m.rule == "unknown-name" and m.path[-1:] and m.path[-1] in SELECTORS]
    guesses = {path: _nearest_name(kind_of_name(path), _at(data, path)) for path in unknown}
    return {path: guess for path, guess in guesses.items() if guess}


def with_names(data: Any, names: dict[Path, str]) -> Any:
    """A copy of `data` with other names in it; what does not change is shared.

    >>> with_names({"net": {"type": "MLP"}, "env": {}}, {("net", "type"): "MLPNet"})
    {'net': {'type': 'MLPNet'}, 'env': {}}
    """
    for path, name in names.items():
        data = _with(data, path, name)
    return data


def _nearest_name(kind: str, written: Any) -> str | None:
    choices = schema.names(kind) if kind in schema.KINDS else schema.net_types() if kind == "net_type" else []
    return nearest_slip(written, choices, NAMES) if isinstance(written, str) else None


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _with(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    copied: Any = list(data) if isinstance(data, list) else dict(data)
    copied[path[0]] = _with(data[path[0]], path[1:], value)
    return copied
