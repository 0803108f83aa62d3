"""A mistake in a spec before it has a place in a file."""

from __future__ import annotations

from typing import Any, NamedTuple

from slm_net.problems import ERROR, visible
from slm_net.text.places import Path


class Mistake(NamedTuple):
    """What is wrong at `path` in a document; `at_key` means the key itself rather than its value."""

    path: Path
    rule: str
    message: str
    hint: str = ""
    severity: str = ERROR
    at_key: bool = False


#: What the entries of a row of conv_hid_layers are.
COLUMNS = ("out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode")


def what(path: Path) -> str:
    """The thing at `path`, as a message names it.

    >>> what(("dqn", "agent", 0, "net")), what(("betas", 1)), what(())
    ('net', 'entry 2 of betas', 'the net')
    >>> what(("conv_hid_layers", 0, 3)), what(("hid_layers", 2, 1, 0))
    ('padding of row 1 of conv_hid_layers', 'layer 1 of tail 2 of hid_layers')
    """
    if not path:
        return "the net"
    if isinstance(path[-1], str):
        return visible(path[-1], 40)
    return _entry(path) or f"entry {path[-1] + 1} of {what(path[:-1])}"


def _entry(path: Path) -> str:
    """An entry of a list whose entries have names: a convolution, or the heads, body and tails of a HydraMLPNet."""
    at = max((at for at, step in enumerate(path) if isinstance(step, str)), default=0)
    key = visible(str(path[at]), 40)
    match key.removeprefix("actor_").removeprefix("critic_"), *path[at + 1 :]:
        case "conv_hid_layers", int(row):
            return f"row {row + 1} of {key}"
        case "conv_hid_layers", int(), int(column) if column < len(COLUMNS):
            return f"{COLUMNS[column]} of {what(path[:-1])}"
        case "hid_layers", 1, int(layer):
            return f"layer {layer + 1} of the body of {key}"
        case "hid_layers", (0 | 2) as part, int(index):
            return f"{'tail' if part else 'head'} {index + 1} of {key}"
        case "hid_layers", (0 | 2), int(), int(layer):
            return f"layer {layer + 1} of {what(path[:-1])}"
    return ""


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
