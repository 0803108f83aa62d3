"""The schema documents for files that are being written: `${variables}`, names to choose from, defaults in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.spec.schema_files import Schema, part_of
from slm_net.spec.variables import VARIABLE

#: Keywords that tell of a value; the others say what it must be.
TELLING = ("title", "description", "default", "examples")
#: The document of a text with a variable in it, which stands for any value until it is filled in.
VARIABLE_TEXT = {"type": "string", "pattern": VARIABLE.pattern}
VARIABLE_REF = "variable.schema.json"


def editable(documents: Mapping[str, Schema]) -> dict[str, Any]:
    """The documents with the same verdicts, but that a text with a `${variable}` may stand for every value.

    What there is to tell about a value is told where the value stands, with its default in words, as editors show the
    first description that they come across. Names that a pattern allows in any case are suggested and listed.
    """
    work = _Editable(documents)
    result = {name: work.part(document) for name, document in documents.items()}
    for ref in work.told:
        target = _at(result, ref)
        for key in TELLING:
            target.pop(key, None)
    return {"variable": VARIABLE_TEXT, **result}


class _Editable:
    """What one run over the documents knows; `told` are the references whose annotations stand where they are used."""

    def __init__(self, documents: Mapping[str, Schema]) -> None:
        self.documents = documents
        self.words = {
            part["pattern"]: words_of(part["pattern"], [*part.get("examples", ()), *document.get("examples", ())])
            for document in documents.values()
            for part in _parts(document)
            if isinstance(part.get("pattern"), str)
        }
        self.told: set[str] = set()

    def part(self, schema: Any) -> Any:
        """The schema of a value whose variables are seen to where it stands."""
        if not isinstance(schema, Mapping):
            return schema
        part = {key: self._keyword(key, inner) for key, inner in schema.items()}
        if words := self.words.get(part.get("pattern", "")):
            choice = {"if": {"pattern": part.pop("pattern")}, "else": {"enum": words}}
            part["allOf"] = [*part.get("allOf", ()), choice]
        return part

    def _keyword(self, key: str, inner: Any) -> Any:
        if key in ("properties", "patternProperties"):
            return {name: self._value(schema) for name, schema in inner.items()}
        if key == "prefixItems":
            return [self._value(schema) for schema in inner]
        if key in ("items", "additionalProperties"):
            return self._value(inner)
        if key == "allOf":
            return [self.part(schema) for schema in inner]
        if key == "$defs":
            return {name: self.part(schema) for name, schema in inner.items()}
        return self.part(inner) if key in ("then", "else") else inner

    def _value(self, schema: Any) -> Any:
        """The schema where a value stands."""
        if not isinstance(schema, Mapping) or not schema.keys() - set(TELLING):
            return schema
        of_another_value = "/properties/" in (ref := schema.get("$ref", ""))
        if of_another_value and len(schema) == 1:
            return dict(schema)
        if ref and not of_another_value:
            self.told.add(ref)
        known = self._followed(schema)
        told = {key: known[key] for key in TELLING if key in known}
        if "default" in told:
            default = f"Default: {json.dumps(told['default'])}."
            told["description"] = f"{told['description']} {default}" if "description" in told else default
        suggested = {"anyOf": [{"enum": names}, True]} if (names := self._names(known)) else {}
        must = self.part({key: part for key, part in schema.items() if key not in TELLING})
        return {**told, **suggested, "if": {"$ref": VARIABLE_REF}, "else": must}

    def _followed(self, schema: Schema) -> dict[str, Any]:
        ref = schema.get("$ref")
        return {**self._followed(_at(self.documents, ref)), **schema} if ref else dict(schema)

    def _names(self, schema: Schema) -> list[Any]:
        """The values that a schema names, for an editor to suggest."""
        types = schema.get("type", ())
        types = [types] if isinstance(types, str) else types
        named = [*schema.get("enum", ()), *self.words.get(schema.get("pattern", ""), ())]
        return [*named, *([True, False] if "boolean" in types else ()), *([None] if named and "null" in types else ())]


def words_of(pattern: str, examples: list[Any]) -> list[str]:
    """The words that a pattern such as `^(?:same|[vV]alid)$` allows, written as in the examples; [] for other patterns.

    >>> words_of("^(?:same|[vV]alid)$", [0, "Valid"])
    ['same', 'Valid']
    """
    alternatives = re.fullmatch(r"\^\(\?:((?:\w|\[\w+\]|\|)+)\)\$", pattern)
    if not alternatives:
        return []
    found = []
    for word in alternatives[1].split("|"):
        texts = [text for text in (word, *examples) if isinstance(text, str) and re.fullmatch(word, text)]
        found += texts[:1]
    return found if len(found) == alternatives[1].count("|") + 1 else []


def _parts(schema: Any) -> Iterator[Schema]:
    """A schema and all that is inside of it."""
    if isinstance(schema, Mapping):
        yield schema
    inner = schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ()
    for part in inner:
        yield from _parts(part)


def _at(documents: Mapping[str, Any], ref: str) -> Any:
    file, _, fragment = ref.partition("#")
    return part_of(documents[file.removesuffix(".schema.json")], fragment)
