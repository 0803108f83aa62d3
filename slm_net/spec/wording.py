"""Schema errors in words: what was found, what was expected, what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from slm_net.problems import did_you_mean, listing, visible
from slm_net.spec.aliases import NAMES
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
NULL_WORDS = {"none", "null", "nil", "no", "false", "off", ""}


def shown(value: Any) -> str:
    """A value as it stands in the file, short and safe to print.

    >>> shown([1, None]), shown("re\\x1blu")
    ('[1, null]', '"re\\\\x1blu"')
    """
    if isinstance(value, str):
        return f'"{visible(value, 40)}"'
    if isinstance(value, Mapping):
        return "an object"
    return visible(json.dumps(value, default=str), 40)


def expected(schema: Schema) -> str:
    """What a schema asks for, in words.

    >>> expected({"type": ["number", "null"], "exclusiveMinimum": 0})
    'a number above 0, or null'
    """
    if choices := choices_of(schema):
        return "one of " + listing(choices)
    types = schema.get("type", "object")
    types = (
        [types] if isinstance(types, str) else [kind for kind in types if kind != "null"] + ["null"] * ("null" in types)
    )
    words = [TYPE_WORDS[kind] for kind in types]
    bounds = " and ".join(text.format(schema[key]) for key, text in BOUNDS.items() if key in schema)
    if bounds:
        at = next((i for i, kind in enumerate(types) if kind in ("number", "integer")), 0)
        words[at] += " " + bounds
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + ", or " + words[-1]


def choices_of(schema: Schema) -> list[str]:
    """The names that a schema allows: those of its enum, or the examples of its pattern."""
    if "enum" in schema:
        return [json.dumps(choice) if not isinstance(choice, str) else choice for choice in schema["enum"]]
    if "pattern" not in schema:
        return []
    if examples := [name for name in schema.get("examples", ()) if isinstance(name, str)]:
        return examples
    words = schema["pattern"].removeprefix("^(?:").removesuffix(")$").split("|")
    return [re.sub(r"\[(.).\]", r"\1", word) for word in words]


def name_hint(value: str, schema: Schema, left_out: Mapping[str, str]) -> str:
    """What to write instead of a name that is not allowed."""
    name = re.split(r"[.\s]", value.strip())[-1]
    if reason := next((why for known, why in left_out.items() if known.casefold() == name.casefold()), ""):
        return f"{name} {reason}"
    if value.strip().casefold() in NULL_WORDS and allows_null(schema):
        return "write null, without quotes, for none"
    return did_you_mean(name, choices_of(schema), NAMES)


def allows_null(schema: Schema) -> bool:
    """True if null is a right value."""
    return "null" in schema.get("type", ()) or None in schema.get("enum", ())


def value_hint(value: Any, schema: Schema) -> str:
    """What to write instead of a value of the wrong type."""
    types = schema.get("type", ())
    types = [types] if isinstance(types, str) else types
    if isinstance(value, str):
        if value.strip().casefold() in NULL_WORDS and "null" in types:
            return "write null, without quotes"
        if _number(value) and ("number" in types or "integer" in types):
            return f"write {value.strip()}, without quotes"
        if value.casefold() in ("true", "false", "yes", "no", "on", "off") and "boolean" in types:
            return f"write {str(value.casefold() in ('true', 'yes', 'on')).lower()}, without quotes"
        if "object" in types and "name" in schema.get("required", ()):
            return f'write {{"name": "{visible(value, 40)}"}}'
    if isinstance(value, int | float) and not isinstance(value, bool) and "array" in types:
        return f"write [{shown(value)}]"
    if value is None:
        return "leave the key out for its default" if "default" in schema else ""
    return example(schema)


def example(schema: Schema) -> str:
    """One right value, if the schema has an example."""
    examples = [value for value in schema.get("examples", ()) if value is not None]
    return f"for example {json.dumps(examples[0])}" if examples else ""


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
