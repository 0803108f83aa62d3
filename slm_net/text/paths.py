"""Walking a path of keys and indices through data: how far it goes, what stands there, the data with another value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.problems import Path


def walk(data: Any, path: Path) -> tuple[int, Any]:
    """How many steps of a path there are in `data`, and what stands where it ends.

    >>> walk({"net": [64, {"lr": 1}]}, ("net", 1, "lr", 0))
    (3, 1)
    """
    for depth, step in enumerate(path):
        known = data if isinstance(data, Mapping) else range(len(data)) if isinstance(data, (list, tuple)) else ()
        if step not in known:
            return depth, data
        data = data[step]
    return len(path), data


def value_at(data: Any, path: Path, default: Any = None) -> Any:
    """What stands at a path in `data`, or `default` if the path does not go that far.

    >>> value_at({"net": [64, 32]}, ("net", 1)), value_at({"net": [64, 32]}, ("net", 2), "none")
    (32, 'none')
    """
    depth, value = walk(data, path)
    return value if depth == len(path) else default


def with_value(data: Any, path: Path, value: Any) -> Any:
    """`data` with another value at a path; what is not on the way to it is shared, and nothing is changed in place.

    The last step may be a new key; the ones before it must be there.

    >>> with_value({"net": [64, 32], "lr": 1}, ("net", 1), 16)
    {'net': [64, 16], 'lr': 1}
    """
    if not path:
        return value
    step, *rest = path
    copied: Any = dict(data) if isinstance(data, Mapping) else list(data)
    copied[step] = with_value(copied[step], tuple(rest), value) if rest else value
    return copied
