"""Python values as JSON has them: tuples as lists, numpy numbers as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """A deep copy of `value` made of dicts, lists, strings, numbers, booleans and None, as far as it can be.

    >>> plain({"hid_layers": (64, 32)})
    {'hid_layers': [64, 32]}
    """
    if isinstance(value, str | bool | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    # numpy scalars and arrays, and 0-d tensors, without importing either library
    return plain(value.tolist()) if hasattr(value, "tolist") else value
