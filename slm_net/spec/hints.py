"""Schema errors in words: what to write instead."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from slm_net.plugins import GROUPS, failure_of
from slm_net.problems import did_you_mean, listing, nearest, visible
from slm_net.spec import schema as schemas
from slm_net.spec.aliases import KEYS, NAMES
from slm_net.spec.net_view import ROLES, is_prefixed
from slm_net.spec.schema import Schema
from slm_net.spec.wording import allows_null, choices_of, expected, shown, types_of

NULL_WORDS = {"none", "null", "nil", "no", "false", "off", ""}
TRUE_WORDS, FALSE_WORDS = {"true", "yes", "on", "cuda", "gpu"}, {"false", "no", "off", "cpu"}
#: The keys of a net block that hold an object with arguments, and what kind it is.
PARTS = {"optim_spec": "optimizer", "lr_scheduler_spec": "lr_scheduler", "loss_spec": "loss"}


def name_hint(value: str, schema: Schema, kind: str) -> str:
    """What to write instead of a name that is not allowed."""
    if broken := failure_of(GROUPS.get(kind.removesuffix("_type"), ""), value):
        return broken
    name, choices = re.split(r"[.\s]", value.strip())[-1], choices_of(schema)
    if kind in schemas.KINDS:
        reasons = schemas.left_out(kind)
        if known := next((known for known in reasons if known.casefold() == name.casefold()), ""):
            return f"{known} {reasons[known]}"
        whole = nearest(name, schemas.names(kind), NAMES)
        if whole and whole.casefold() not in map(str.casefold, choices) and (needed := _required(kind, whole)):
            return f'write {{"name": "{whole}", ' + ", ".join(f'"{key}": ...' for key in needed) + "}"
    word = value.strip().casefold()
    if word in NULL_WORDS and allows_null(schema):
        return "write null, without quotes"
    if _allows_booleans(schema) and word in TRUE_WORDS | FALSE_WORDS:
        return f"write {str(word in TRUE_WORDS).lower()}, without quotes"
    guess = nearest(name, choices, NAMES)
    # of a short list the message itself has all names
    return f"did you mean {guess!r}?" if guess else "expected " + listing(choices) if kind else ""


def value_hint(value: Any, schema: Schema, in_list: bool = False) -> str:
    """What to write instead of a value of the wrong type."""
    types = types_of(schema)
    if isinstance(value, str):
        return _text_hint(value, schema)
    if isinstance(value, int | float) and value in (0, 1) and value is not bool(value) and _allows_booleans(schema):
        return f"write {str(bool(value)).lower()}"
    if isinstance(value, int | float) and not isinstance(value, bool) and _lists_numbers(schema):
        return f"write [{shown(value)}]"
    if value is False and "null" in types:
        return "write null for none"
    if value is None and "default" in schema and not in_list:
        return "leave the key out for its default"
    return example(schema)


def _text_hint(value: str, schema: Schema) -> str:
    types, word = types_of(schema), value.strip().casefold()
    if word in NULL_WORDS and "null" in types:
        return "write null, without quotes"
    if (number := _number(value)) is not None and ("number" in types or ("integer" in types and number.is_integer())):
        return f"write {value.strip()}, without quotes"
    if word in TRUE_WORDS | FALSE_WORDS and _allows_booleans(schema):
        return f"write {str(word in TRUE_WORDS).lower()}, without quotes"
    if "object" in types and "name" in schema.get("required", ()):
        return f'write {{"name": "{visible(value, 40)}"}}'
    return example(schema)


def key_hint(key: str, owner: Mapping[str, Any], known: Iterable[str]) -> str:
    """What was meant by a key of `owner` that is not among the known ones."""
    if KEYS.get(key) in owner and KEYS[key] in known:
        return f"{KEYS[key]!r} is there already: remove one of them"
    unused = _unused(owner)
    choices = [name for name in known if name not in unused and name not in owner]
    if guess := nearest_key(key, choices):
        return f"did you mean {guess!r}?"
    if twin := nearest(key, [name for name in known if name in owner]):
        return f"did you mean {twin!r}? It is there already"
    argument = KEYS.get(key, key)
    for part, kind in PARTS.items():
        if part in known and argument in all_arguments(kind):
            return f"it belongs in {part}"
    return did_you_mean("", [name for name in choices if not is_prefixed(name)])


def nearest_key(key: str, choices: Iterable[str]) -> str | None:
    """The key that was meant; one for the actor's or critic's net alone only if that was written."""
    for role in ROLES:
        if key.startswith(role):
            rest = nearest(key[len(role) :], [name[len(role) :] for name in choices if name.startswith(role)], KEYS)
            return rest and role + rest
    if not key.startswith(tuple(role[:3] for role in ROLES)):
        choices = [name for name in choices if not is_prefixed(name)]
    return nearest(key, choices, KEYS)


def missing_hint(key: str, owner: Mapping[str, Any], schema: Schema) -> str:
    """How to add a key that `schema` requires of `owner`."""
    parts = schema.get("properties") or schemas.net_properties_of(owner)
    part = schemas.expanded(parts.get(key, {}))
    if value := next((value for value in part.get("examples", ()) if value is not None), None):
        return f'add "{key}": {json.dumps(value)}'
    return f'add "{key}", {expected(part)}' if part else f'add "{key}"'


def all_arguments(kind: str) -> set[str]:
    """The arguments that some optimizer, loss or scheduler takes."""
    return {argument for name in schemas.names(kind) for argument in schemas.arguments(kind, name)}


def example(schema: Schema) -> str:
    """One right value, if the schema has an example or a default."""
    values = [value for value in (*schema.get("examples", ()), schema.get("default")) if value is not None]
    return f"for example {json.dumps(values[0])}" if values else ""


def _required(kind: str, name: str) -> list[str]:
    return list(schemas.document(kind)["$defs"][name].get("required", ()))


def _unused(owner: Mapping[str, Any]) -> frozenset[str]:
    net_type = owner.get("type")
    return schemas.unused_keys(net_type) if net_type in schemas.net_types() else frozenset()


def _allows_booleans(schema: Schema) -> bool:
    return "boolean" in types_of(schema) or any(choice is True for choice in schema.get("enum", ()))


def _lists_numbers(schema: Schema) -> bool:
    items = schema.get("items", {})
    return "array" in types_of(schema) and bool({"integer", "number"} & set(types_of(items)))


def _number(text: str) -> float | None:
    """The number that a text would be without its quotes."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None
