"""jsonschema's validator with keywords of our own: errors at the exact key, and nothing checked twice or in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from slm_net.spec.fragments import on_change
from slm_net.spec.schema import Schema, lookup

#: (reference, value) pairs known to be right: real spec files repeat the same optimizer and loss over and over.
_VALID: set[tuple[str, str]] = set()
_CACHE_LIMIT = 20_000
on_change(_VALID.clear)


def _ref(validator: Any, ref: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if "#" in ref:  # a part of a file; a whole file stands for a whole value
        yield from validator.descend(instance, lookup(ref))
        return
    key = (ref, repr(instance))
    if key in _VALID:
        return
    found = False
    for error in validator.descend(instance, lookup(ref)):
        found = True
        yield error
    if not found and len(_VALID) < _CACHE_LIMIT:
        _VALID.add(key)


def _unevaluated(validator: Any, allowed: bool, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """One error for each unknown key, with the key in its path and the known ones as its `validator_value`."""
    if allowed or not isinstance(instance, Mapping):
        return
    known = known_keys(validator, schema, instance)
    for key in [key for key in instance if known is not None and key not in known]:
        yield ValidationError(f"{key!r} is not a known key", path=[key], validator_value=known)


def known_keys(validator: Any, schema: Schema | bool, instance: Mapping[str, Any]) -> dict[str, None] | None:
    """The keys that `schema` knows in an object such as `instance`, in its order; None if it allows any."""
    if not isinstance(schema, Mapping):
        return {}
    if schema.get("additionalProperties") is True:
        return None
    known = dict.fromkeys(schema.get("properties", ()))
    for part in _parts(validator, schema, instance):
        more = known_keys(validator, part, instance)
        if more is None:
            return None
        known |= more
    return known


def _parts(validator: Any, schema: Schema, instance: Any) -> Iterator[Schema | bool]:
    if "$ref" in schema:
        yield lookup(schema["$ref"])
    if "if" in schema:
        yield schema.get("then" if _holds(validator, schema["if"], instance) else "else", True)


def _if(validator: Any, condition: Schema, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    branch = "then" if _holds(validator, condition, instance) else "else"
    if branch in schema:
        yield from validator.descend(instance, schema[branch], schema_path=branch)


def _holds(validator: Any, condition: Schema, instance: Any) -> bool:
    """Whether the condition of a branch holds; the links of a chain (is the name "Adam"?) without building an error."""
    if condition.keys() == {"properties", "required"} and isinstance(instance, Mapping):
        (key, test), *others = condition["properties"].items()
        if not others and [key] == condition["required"] and isinstance(value := instance.get(key), str):
            if test.keys() == {"const"}:
                return value == test["const"]
            if test.keys() == {"pattern"}:
                return re.search(test["pattern"], value) is not None
    return validator.evolve(schema=condition).is_valid(instance)


def _items(validator: Any, items: Schema | bool, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """The entries of a list; of one that is too long, only the length is wrong, and 100,000 are not looked at."""
    if not isinstance(instance, list) or len(instance) <= schema.get("maxItems", len(instance)):
        yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)


KEYWORDS = {"$ref": _ref, "if": _if, "items": _items, "unevaluatedProperties": _unevaluated}
SpecValidator = extend(Draft202012Validator, KEYWORDS)
