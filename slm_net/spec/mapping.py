"""A spec that is given as a Python mapping: the checks that a text gets while it is parsed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from slm_net.spec.limits import MAX_DEPTH, MAX_VALUES, TOO_DEEP, TOO_MANY, number_fault
from slm_net.spec.places import NOWHERE, Finding, Path, Reading, Refused, bad_key


def read_mapping(data: Mapping[str, Any]) -> Reading:
    """`data` itself, with what a JSON text could not hold: odd keys, numbers out of range, too many levels."""
    try:
        return Reading(data, tuple(_findings(data)))
    except Refused as refused:
        return Reading(None, (refused.finding,))


def _findings(data: Mapping[str, Any]) -> Iterable[Finding]:
    waiting: list[tuple[Path, Any]] = [((), data)]
    seen = 0
    while waiting:
        path, value = waiting.pop()
        seen += 1
        if isinstance(value, (int, float)):
            if fault := number_fault(value, _written(value)):
                yield Finding(NOWHERE, path, *fault)
        elif isinstance(value, (Mapping, list, tuple)):
            if len(path) == MAX_DEPTH:
                raise Refused(NOWHERE, path, "nested-too-deep", *TOO_DEEP)
            if seen + len(waiting) + len(value) > MAX_VALUES:
                raise Refused(NOWHERE, path, "file-too-large", *TOO_MANY)
            if isinstance(value, Mapping):
                yield from _odd_keys(path, value)
            waiting.extend(_children(path, value))


def _children(path: Path, value: Mapping[str, Any] | list[Any] | tuple[Any, ...]) -> Iterable[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        return (((*path, key), child) for key, child in value.items() if isinstance(key, str))
    return (((*path, index), child) for index, child in enumerate(value))


def _odd_keys(path: Path, value: Mapping[Any, Any]) -> Iterable[Finding]:
    for key in value:
        if not isinstance(key, str):
            written = str(key) if isinstance(key, (int, float, type(None))) else ""
            yield Finding(NOWHERE, (*path, written), *bad_key(key, written))


def _written(value: float) -> str:
    # The digits of a huge int are slow to write, and Python refuses to.
    return f"an int of {value.bit_length()} bits" if isinstance(value, int) else str(value)
