"""The page of all layers: `python -m slm_net.arc.page > docs/layers.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.arc.layers import LAYERS
from slm_net.schema import catalogue
from slm_net.schema.files import Entry, own_entries

HEAD = """\
# Layers of an arc

Every name that may stand in the `modules` of an [arc](arc.md), with its arguments and their defaults; those without one
are needed. A lazy layer takes the missing size from what comes in. Inputs are those of a call in the `graph`; one that
may be left out is in brackets. `null` or nothing stands for no arguments.

Names are torch's, but for `Get`, `Narrow`, `IndexSelect`, `Reduce`, `TorchFn`, `Fork...` and `Merge...`, which are
torcharc's, and `BatchRenorm1d` and `WeightNormLinear`, which are SLM Lab's.
"""
FUNCTIONS = """\
## Functions

What `TorchFn` calls by `name`, with the tensor and these arguments. `Reduce` calls those in bold.
"""
LEFT_OUT = """\
## Left out

Names of torch that an arc cannot use.
"""


def page() -> str:
    """The page as Markdown."""
    layers = {name: entry for kind in ("layer", "activation") for name, entry in own_entries(kind).items()}
    rows = (
        f"| `{name}` | {_inputs(name)} | {_arguments('layer', name)} | {_described(entry)} |"
        for name, entry in layers.items()
    )
    reduced = set(catalogue.document("function")["$defs"]["reduction"]["enum"])
    functions = own_entries("function")
    bold = {name: "**" if name in reduced else "" for name in functions}
    called = (
        f"| {bold[name]}`{name}`{bold[name]} | {_arguments('function', name)} | {_described(entry)} |"
        for name, entry in functions.items()
    )
    reasons = (f"| `{name}` | {reason} |" for name, reason in catalogue.left_out("layer").items())
    parts = [
        HEAD,
        _table(("layer", "inputs", "arguments", "what it does"), rows),
        FUNCTIONS,
        _table(("function", "arguments", "what it gives"), called),
        LEFT_OUT,
        _table(("name", "it"), reasons),
    ]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterator[str]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *rows, ""])


def _described(entry: Entry) -> str:
    return str(entry.schema["description"]).replace("|", "\\|")


def _inputs(name: str) -> str:
    layer = LAYERS[name]
    needed = len(layer.inputs) - layer.optional
    words = [f"{'list of ' if layer.listed else ''}{input_name}" for input_name in layer.inputs]
    return ", ".join(word if index < needed else f"[{word}]" for index, word in enumerate(words))


def _arguments(kind: str, name: str) -> str:
    return ", ".join(_argument(key, part) for key, part in catalogue.arguments(kind, name).items()) or "-"


def _argument(key: str, part: Mapping[str, Any]) -> str:
    """An argument, with its default if it has one."""
    return f"`{key}: {json.dumps(part['default'])}`" if "default" in part else f"`{key}`"


if __name__ == "__main__":
    print(page(), end="")
