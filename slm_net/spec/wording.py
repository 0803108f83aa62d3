"""Schema errors in words: what was found, and what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

from slm_net.problems import listing, visible
from slm_net.spec.mistakes import Path, what
from slm_net.spec.schema import Schema

TYPE_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a name",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}
#: How the last key of a path tells what kind of name stands there; other keys hold no name of a registry.
KIND_OF_KEY = {
    "type": "net_type",
    "cell_type": "cell_type",
    "optimizer": "optimizer",
    "optim_spec": "optimizer",
    "loss_spec": "loss",
    "lr_scheduler_spec": "lr_scheduler",
    "init_fn": "init",
    "hid_layers_activation": "activation",
    "out_layer_activation": "activation",
}
_encoder = json.JSONEncoder(default=str)
KIND_WORDS = {"init": "init function"}


def shown(value: Any) -> str:
    """A value as it stands in the file, short and safe to print.

    >>> shown([1, None]), shown("re\\x1blu")
    ('[1, null]', '"re\\\\x1blu"')
    """
    if isinstance(value, str):
        return f'"{visible(value, 40)}"'
    if isinstance(value, Mapping):
        return "an object"
    return visible("".join(islice(_encoder.iterencode(value), 40)), 40)  # a list may have 100,000 entries


def named(path: Path, schema: Schema) -> str:
    """The value at `path` by the title that its schema gives to an entry of a list.

    >>> named(("hid_layers", 2), {"title": "tails"})
    'tails of hid_layers'
    """
    if path and isinstance(path[-1], int) and schema.get("title", "").islower():
        return f"{schema['title']} of {what(path[:-1])}"
    return what(path)


def expected(schema: Schema) -> str:
    """What a schema asks for, in words.

    >>> expected({"type": ["number", "null"], "exclusiveMinimum": 0})
    'a number above 0, or null'
    >>> expected({"type": "array", "items": {"type": "integer", "minimum": 1}})
    'a list'
    """
    if "enum" in schema:
        return "one of " + listing(choices_of(schema))
    kinds = types_of(schema) or ["object"]
    words = [TYPE_WORDS[kind] for kind in kinds]
    numeric = next((i for i, kind in enumerate(kinds) if kind in ("number", "integer")), None)
    bounds = " and ".join(text.format(schema[key]) for key, text in BOUNDS.items() if key in schema)
    if numeric is not None and bounds:
        words[numeric] += (" of " if bounds.startswith("at ") else " ") + bounds
    if "string" in kinds and (choices := choices_of(schema)):
        words[kinds.index("string")] = "one of " + listing(choices)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + ", or " + words[-1]


def types_of(schema: Schema) -> list[str]:
    """The JSON types that a schema lists, null at the end.

    >>> types_of({"type": ["null", "integer"]})
    ['integer', 'null']
    """
    types = schema.get("type", [])
    return sorted([types] if isinstance(types, str) else types, key=lambda kind: kind == "null")


def choices_of(schema: Schema) -> list[str]:
    """The names that a schema allows: those of its enum, or of its pattern, as its examples spell them.

    >>> choices_of({"pattern": "^(?:[gG][rR][uU]|same)$", "examples": ["GRU"]})
    ['GRU', 'same']
    """
    if "enum" in schema:
        return [json.dumps(choice) if not isinstance(choice, str) else choice for choice in schema["enum"]]
    if "pattern" not in schema:
        return []
    spelled = {name.casefold(): name for name in schema.get("examples", ()) if isinstance(name, str)}
    return [spelled.get(word.casefold(), word) for word in _words_of(schema["pattern"])]


@cache
def _words_of(pattern: str) -> list[str]:
    words = pattern.removeprefix("^(?:").removesuffix(")$").split("|")
    return [re.sub(r"\[(.).\]", r"\1", word) for word in words]


def allows_null(schema: Schema) -> bool:
    """True if null is a right value; a schema without types allows every one."""
    return None in schema["enum"] if "enum" in schema else "null" in (types_of(schema) or ["null"])


def kind_of_name(path: Path) -> str:
    """Which kind of name stands at `path`: "optimizer", "activation", "net_type", ...; "" for a plain choice.

    >>> kind_of_name(("critic_optim_spec", "name")), kind_of_name(("hid_layers_activation", 0)), kind_of_name(("type",))
    ('optimizer', 'activation', 'net_type')
    >>> kind_of_name(("optim_spec", "lr"))
    ''
    """
    if "conv_hid_layers" in path:
        return ""
    keys = [part for part in path if isinstance(part, str) and part != "name"]
    last = keys[-1].removeprefix("actor_").removeprefix("critic_") if keys else ""
    return KIND_OF_KEY.get(last, "")


def kind_words(kind: str) -> str:
    """A kind of name as a message says it.

    >>> kind_words("lr_scheduler"), kind_words("init")
    ('lr scheduler', 'init function')
    """
    return KIND_WORDS.get(kind, kind.replace("_", " "))
