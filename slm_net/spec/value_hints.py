"""Wrong values in words: what to write instead."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from slm_net.problems import visible
from slm_net.spec.schema import Schema
from slm_net.spec.wording import allows_null, choices_of, shown, types_of

NULL_WORDS = {"none", "null", "nil", "no", "false", "off", ""}
TRUE_WORDS, FALSE_WORDS = {"true", "yes", "on", "cuda", "gpu"}, {"false", "no", "off", "cpu"}
#: Words that YAML 1.1 reads as true or false; YAML 1.2, and so slm_net, does not.
YAML_WORDS = {"yes", "no", "on", "off"}
_variable = re.compile(r"\$\{?\s*(\w+)\s*\}?|\{+\s*(\w+)\s*\}+").fullmatch
_device = re.compile(r"cuda:(\d+)", re.IGNORECASE).fullmatch


def value_hint(value: Any, schema: Schema, in_list: bool = False) -> str:
    """What to write instead of a value of the wrong type."""
    types = types_of(schema)
    if isinstance(value, str):
        return _text_hint(value, schema)
    if isinstance(value, list) and "array" not in types and value:
        return _list_hint(value, schema, in_list)
    if isinstance(value, Mapping) and value.get("name") in choices_of(schema):
        return f'write "{value["name"]}"'
    if isinstance(value, int | float) and value in (0, 1) and value is not bool(value) and _allows_booleans(schema):
        return f"write {str(bool(value)).lower()}"
    if isinstance(value, int | float) and not isinstance(value, bool) and _lists_numbers(schema):
        return f"write [{shown(value)}]"
    if value is False and "null" in types:
        return "write null for none"
    if value is None and types == ["array"] and not schema.get("minItems"):
        return "write [] for none"
    if types == ["array"] and isinstance(value, int | float) and not schema.keys() & {"items", "prefixItems"}:
        return f"write [{shown(value)}]"
    if value is None and "default" in schema and not in_list:
        return "leave the key out for its default"
    return example(schema) or _object(schema)


def _list_hint(value: list[Any], schema: Schema, in_list: bool) -> str:
    """What to write for a list where one value is wanted."""
    choices = choices_of(schema)
    scalars = types_of(schema) != ["object"] and all(isinstance(entry, str | int | float) for entry in value)
    if in_list and scalars and not choices:
        return "write " + ", ".join(map(shown, value[:4])) + (", ..." if len(value) > 4 else "") + ", without brackets"
    if len(value) == 1 and (scalars or (isinstance(value[0], Mapping) and "object" in types_of(schema))):
        return "write it without the brackets" if isinstance(value[0], Mapping) else f"write {shown(value[0])}"
    if scalars and not in_list:
        return "write one value; a `search` tries several"
    return example(schema)


def _text_hint(value: str, schema: Schema) -> str:
    types = types_of(schema)
    if hint := other_form(value, schema):
        return hint
    bare = value.strip().rstrip(",;")
    number = _number(bare.replace("_", ""))
    if number is not None and ("number" in types or ("integer" in types and number.is_integer())):
        plain = bare.replace("_", "")
        return f"write {plain}, without quotes" if plain == value.strip() else f"write {plain}"
    if "object" in types and _takes_a_name(schema):
        return f'write {{"name": "{visible(value, 40)}"}}'
    if "array" in types and (numbers := _listed(value)):
        return f"write [{', '.join(numbers)}]"
    if types == ["array"] and not schema.keys() & {"items", "prefixItems"}:
        return f"write [{shown(value)}]"
    return example(schema) or _object(schema)


def other_form(value: str, schema: Schema) -> str:
    """The hint for a text that stands for a variable, null, true or false."""
    word = value.strip().casefold()
    if match := _variable(value.strip()):
        return 'write "${' + next(filter(None, match.groups())) + '}" for a variable'
    quotes = "" if word in YAML_WORDS else ", without quotes"
    if word in NULL_WORDS and allows_null(schema):
        return "write null, without quotes"
    if word in TRUE_WORDS | FALSE_WORDS and _allows_booleans(schema):
        return f"write {str(word in TRUE_WORDS).lower()}{quotes}"
    if (match := _device(word)) and _allows_booleans(schema):
        return f'write true, and "cuda_id": {match[1]}'
    return ""


def example(schema: Schema) -> str:
    """One right value, if the schema has an example or a default."""
    return f"for example {json.dumps(values[0])}" if (values := values_of(schema)) else ""


def values_of(schema: Schema) -> list[Any]:
    """The examples and the default of a schema but null."""
    return [value for value in (*schema.get("examples", ()), schema.get("default")) if value is not None]


def _object(schema: Schema) -> str:
    needed = schema.get("required", ()) if types_of(schema) == ["object"] else ()
    return "write {" + ", ".join(f'"{key}": ...' for key in needed) + "}" if needed else ""


def _takes_a_name(schema: Schema) -> bool:
    examples = schema.get("examples", ())
    return "name" in schema.get("required", ()) or any(
        isinstance(value, Mapping) and "name" in value for value in examples
    )


def _allows_booleans(schema: Schema) -> bool:
    return "boolean" in types_of(schema) or any(choice is True for choice in schema.get("enum", ()))


def _lists_numbers(schema: Schema) -> bool:
    items = schema.get("items", {})
    return (
        "array" in types_of(schema)
        and isinstance(items, Mapping)
        and bool({"integer", "number"} & set(types_of(items)))
    )


def _listed(text: str) -> list[str]:
    """The numbers of a list that was written as a text."""
    parts = re.split(r"[\s,;x]+", text.strip("[]() "))
    return parts if len(parts) < 20 and all(_number(part) is not None for part in parts) else []


def _number(text: str) -> float | None:
    """The number that a text would be without its quotes."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None
