"""Python values as JSON has them: tuples as lists, numpy numbers as numbers, members of an Enum as their values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from numbers import Number
from typing import Any

#: Looked up by type before anything else: most values are one of these, and every build copies its spec.
SCALARS = {str, bool, int, float, type(None)}


def plain(value: Any) -> Any:
    """A deep copy of `value` made of dicts, lists, strings, numbers, booleans and None, as far as it can be.

    Keys that are no text are left out; the reader has reported them.

    >>> plain({"hid_layers": (64, 32)})
    {'hid_layers': [64, 32]}
    """
    if type(value) in SCALARS:
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items() if isinstance(key, str)}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if hasattr(value, "tolist"):  # numpy scalars and arrays, and tensors, without importing either library
        return plain(value.tolist())
    if isinstance(value, Number):  # Decimal, Fraction, complex
        return str(value) if isinstance(value, complex) else float(value)  # type: ignore[arg-type]
    return value
