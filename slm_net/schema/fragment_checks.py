"""What a schema fragment must be: all that is wrong with it at once, in the words of its author."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.schema.files import KINDS, Schema, own_document, part_of
from slm_net.words import did_you_mean, visible

PARTS = ("description", "properties", "required")
ANNOTATIONS = ("title", "description", "default", "examples")
#: The keywords whose errors can be told in words, at the exact place.
KEYWORDS = (
    *ANNOTATIONS,
    *("$ref", "type", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("items", "prefixItems", "minItems", "maxItems", "properties", "required", "unevaluatedProperties"),
)
ROLES = ("actor_", "critic_")


class FragmentError(ValueError):
    """A schema fragment that cannot be used."""


def as_fragment(name: str, schema: Mapping[str, Any], words: str) -> Any:
    """A deep copy, with a `description` and `required` there.

    Raises:
        FragmentError: it cannot be written as JSON.
    """
    try:
        copied = json.loads(json.dumps(schema))
    except (TypeError, ValueError) as error:
        raise FragmentError(f"the schema of {words} is no JSON: {error}") from None
    return {"description": f"{name}.", "required": [], **copied} if isinstance(copied, dict) else copied


def check_fragment(kind: str, name: str, fragment: Any, words: str) -> None:
    """Refuse a fragment that the schemas cannot take in.

    Raises:
        FragmentError: with everything that is wrong.
    """
    if wrong := list(_shape(name, fragment)) or [*_keys(kind, fragment), *_values(fragment)]:
        raise FragmentError(f"the schema of {words} is wrong: {'; '.join(wrong)}")


def _shape(name: str, schema: Any) -> Iterator[str]:
    if not (isinstance(name, str) and name.isascii() and name.isidentifier()) or name.startswith("needs_"):
        yield "the name must be an identifier, for example MyNet"
    if not isinstance(schema, Mapping) or not isinstance(schema.get("properties"), Mapping):
        yield 'it needs "properties": {key: schema, ...}'
        return
    for key in schema.keys() - set(PARTS):
        yield f"it has {visible(key)!r}: {did_you_mean(key, PARTS)}"
    for key, part in schema["properties"].items():
        wrong = [] if isinstance(part, Mapping) else ["needs a schema, an object"]
        yield from (f"{visible(key)!r} {text}" for text in (*wrong, *_unusable(part)))
    if invalid := _invalid({"type": "object", **schema}):
        yield invalid


def _invalid(schema: Schema) -> str:
    """What the meta-schema of draft 2020-12 says against it."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path))
        return f"{visible(where)}: {visible(error.message, 200)}"
    return ""


def _keys(kind: str, schema: Schema) -> Iterator[str]:
    """Which keys there are, and which of them a spec must have."""
    required, properties = schema.get("required", ()), schema["properties"]
    shared = own_document("net")["properties"] if kind == "net" else {"name": {}}
    for key, part in properties.items():
        if not key.isascii() or not key.isidentifier() or key.startswith(ROLES):
            yield f"{visible(key)!r} must be an identifier without {' or '.join(ROLES)} in front"
        if key in shared:
            yield f"{key!r} is a key of every {'net' if kind == 'net' else kind}: leave it out"
        elif ("default" in _followed(part)) == (key in required):
            yield f'{visible(key)!r} needs a default, or a place in "required"; not both'
        if kind == "net" and not _means_the_same(key, part):
            yield f"{key!r} is a key of slm_net's own types, and means something else there"
    without = {key for key, part in shared.items() if "default" not in part} if kind == "net" else set()
    for key in set(required) - set(properties) - without:
        yield f'{visible(key)!r} is in "required", but not in "properties"'


def _means_the_same(key: str, part: Schema) -> bool:
    """A key that slm_net's own types have, too, is used by rules that must be able to rely on it."""
    definitions = own_document("net")["$defs"]
    if key not in definitions["other_types"]["properties"]:
        return True
    types = own_document("net")["properties"]["type"]["enum"]
    own = next(found[key] for name in types if key in (found := definitions[name]["properties"]))
    return _checks(_followed(part)) == _checks(_followed(own))


def _followed(part: Schema) -> Schema:
    return {**_followed(_target(part["$ref"])), **part} if "$ref" in part else part


def _checks(part: Schema) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in (*ANNOTATIONS, "$ref")}


def _target(ref: str) -> Any:
    file, _, fragment = ref.partition("#")
    name = file.removesuffix(".schema.json")
    if name not in ("net", *KINDS):
        raise KeyError(ref)
    return part_of(own_document(name), fragment)


def _values(schema: Schema) -> Iterator[str]:
    """Whether a key is described, and its default and examples are right."""
    for key, part in schema["properties"].items():
        if "description" not in _followed(part):
            yield f"{visible(key)!r} needs a description"
        for value in (*part.get("examples", ()), *([part["default"]] if "default" in part else [])):
            if not _allows(part, value):
                yield f"{visible(key)!r} does not allow its own {json.dumps(value)}"


def _unusable(part: Any) -> Iterator[str]:
    """The keywords and references in a schema that cannot be used."""
    if not isinstance(part, Mapping):
        return
    for keyword in [keyword for keyword in part if keyword not in KEYWORDS]:
        yield f"uses {visible(keyword)!r}, not one of {', '.join(KEYWORDS)}"
    if "$ref" in part:
        try:
            _target(part["$ref"])
        except (KeyError, IndexError, TypeError):
            yield f"refers to {visible(part['$ref'])!r}; only slm_net's own schemas can be referred to"
    for child in (part.get("items"), *part.get("prefixItems", ()), *part.get("properties", {}).values()):
        yield from _unusable(child)


def _allows(part: Schema, value: Any) -> bool:
    from slm_net.schema.keywords import SpecValidator

    return bool(SpecValidator(part).is_valid(value))
