"""A mistake in a spec before it has a place in a file."""

from __future__ import annotations

from typing import Any, NamedTuple

from slm_net.problems import ERROR, visible
from slm_net.spec.places import Path


class Mistake(NamedTuple):
    """What is wrong at `path` in a document; `at_key` means the key itself rather than its value."""

    path: Path
    rule: str
    message: str
    hint: str = ""
    severity: str = ERROR
    at_key: bool = False


def what(path: Path) -> str:
    """The thing at `path`, as a message names it.

    >>> what(("dqn", "agent", 0, "net")), what(("hid_layers", 1)), what(())
    ('net', 'entry 2 of hid_layers', 'the net')
    """
    if not path:
        return "the net"
    if isinstance(path[-1], int):
        return f"entry {path[-1] + 1} of {what(path[:-1])}"
    return visible(path[-1], 40)


def steps(pointer: str, data: Any) -> Path:
    """The path that a JSON pointer takes through `data`, whose digits are indices where a list is.

    >>> steps("/agent/0/net", {"agent": [{"net": {}}]})
    ('agent', 0, 'net')
    """
    path: list[str | int] = []
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, list) and key.isdigit():
            path.append(int(key))
            data = data[int(key)] if int(key) < len(data) else None
        else:
            path.append(key)
            data = data.get(key) if isinstance(data, dict) else None
    return tuple(path)
