"""The composed documents as editors need them: what there is to tell where a value stands, and room for variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.schema.catalogue import COMMENTS, VARIABLE
from slm_net.schema.entries import ANNOTATIONS
from slm_net.schema.files import Schema, part_of, split

#: Which SLM Lab alone reads a setting, and the places in a spec at which the blocks around the nets stand.
LAB = "lab"
PLACES = {
    "algorithm": "spec.schema.json#/$defs/agent/properties/algorithm",
    "memory": "spec.schema.json#/$defs/agent/properties/memory",
    "env": "spec.schema.json#/$defs/env",
    "meta": "spec.schema.json#/$defs/spec/properties/meta",
}
#: The document of a text with a variable in it, which stands for any value until it is filled in.
VARIABLE_TEXT = {"type": "string", "pattern": VARIABLE.pattern}
VARIABLE_REF = "variable.schema.json"
#: What a comment may be called in an object that takes no other keys: a reader of specs leaves it out.
COMMENT = f"^(?:{'|'.join(COMMENTS)})".replace("$", "[$]")
COMMENTED = {COMMENT: True}


def editable(documents: Mapping[str, Schema]) -> dict[str, Any]:
    """The documents with the same verdicts, but that a text with a `${variable}` may stand for every value.

    What there is to tell about a value is told where the value stands, with its default in words, as editors show the
    first description that they come across. Names that a pattern allows in any case are suggested and listed.
    """
    work = _Editable(documents)
    result = {name: work.part(document) for name, document in documents.items()}
    for ref in work.told:
        target = at(result, ref)
        for key in ANNOTATIONS:
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
        part = {key: self._keyword(key, inner) for key, inner in schema.items() if key != LAB}
        if words := self.words.get(part.get("pattern", "")):
            choice = {"if": {"pattern": part.pop("pattern")}, "else": {"enum": words}}
            part["allOf"] = [*part.get("allOf", ()), choice]
        if part.get("unevaluatedProperties") is False or isinstance(part.get("additionalProperties"), Mapping):
            part["patternProperties"] = {**part.get("patternProperties", {}), **COMMENTED}
        return counted(part)

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
        if not isinstance(schema, Mapping) or not schema.keys() - set(ANNOTATIONS):
            return schema
        of_another_value = "/properties/" in (ref := schema.get("$ref", ""))
        if of_another_value and len(schema) == 1:
            return dict(schema)
        if ref and not of_another_value:
            self.told.add(ref)
        known = followed(self.documents, schema)
        told = told_of(known)
        suggested = {"anyOf": [{"enum": names}, True]} if (names := self._names(known)) else {}
        must = self.part({key: part for key, part in schema.items() if key not in ANNOTATIONS})
        return {**told, **suggested, "if": {"$ref": VARIABLE_REF}, "else": must}

    def _names(self, schema: Schema) -> list[Any]:
        """The values that a schema names, for an editor to suggest."""
        types = schema.get("type", ())
        types = [types] if isinstance(types, str) else types
        named = [*schema.get("enum", ()), *self.words.get(schema.get("pattern", ""), ())]
        return [*named, *([True, False] if "boolean" in types else ()), *([None] if named and "null" in types else ())]


class _Told(_Editable):
    """What is told of blocks around the nets, and nothing that refuses a value or a key."""

    def part(self, schema: Any) -> Any:
        inner = ("properties", "then", "else", "$defs")
        part = {key: self._keyword(key, schema[key]) for key in inner if isinstance(schema.get(key), Mapping)}
        return {**{key: schema[key] for key in ("if", "$ref") if key in schema}, **part}

    def _value(self, schema: Any) -> Any:
        if schema.keys() == {"$ref"}:
            return dict(schema)
        known = followed(self.documents, schema)
        suggested = {"anyOf": [{"enum": names}, True]} if (names := self._names(known)) else {}
        return {**told_of(known), **suggested, **self.part({"properties": known.get("properties")})}

    def _names(self, schema: Schema) -> list[Any]:
        return super()._names(schema) or [text for text in schema.get("examples", ()) if isinstance(text, str)]


def with_blocks(documents: Mapping[str, Any], blocks: Mapping[str, Schema]) -> dict[str, Any]:
    """Editable documents with what is told of the blocks around the nets, each where it stands in a spec."""
    work = _Told(blocks)
    result = {**documents, **{kind: work.part(block) for kind, block in blocks.items()}}
    for kind in blocks:
        at(result, PLACES[kind])["allOf"] = [{"$ref": f"{kind}.schema.json"}]
    return result


def followed(documents: Mapping[str, Schema], schema: Schema) -> dict[str, Any]:
    """A schema with its `$ref` followed; keys beside the `$ref` win."""
    ref = schema.get("$ref")
    return {**followed(documents, at(documents, ref)), **schema} if ref else dict(schema)


def told_of(schema: Schema) -> dict[str, Any]:
    """What a schema tells about its value, with the default in words, too, and who reads it."""
    told = {key: schema[key] for key in ANNOTATIONS if key in schema}
    if LAB in schema:
        told["description"] = f"{told['description']} SLM Lab {schema[LAB]} alone."
    if "default" in told:
        default = f"Default: {json.dumps(told['default'])}."
        told["description"] = f"{told['description']} {default}" if "description" in told else default
    return told


def counted(part: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object in which comments do not count among its properties."""
    counts: list[dict[str, Any]] = []
    if "minProperties" in part:
        counts.append({"not": {"type": "object", "propertyNames": {"pattern": COMMENT}}})
    if "maxProperties" in part:
        commented = {"type": "object", "not": {"propertyNames": {"not": {"pattern": COMMENT}}}}
        counts.append({"anyOf": [{"maxProperties": part["maxProperties"]}, commented]})
    others = {key: inner for key, inner in part.items() if key != "maxProperties"}
    return {**others, "allOf": [*part.get("allOf", ()), *counts]} if counts else part


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


def at(documents: Mapping[str, Any], ref: str) -> Any:
    """What a reference leads to in documents by name."""
    name, fragment = split(ref)
    return part_of(documents[name], fragment)


def local(node: Any) -> Any:
    """A copy with each reference leading into `$defs`."""
    if isinstance(node, list):
        return [local(child) for child in node]
    if not isinstance(node, Mapping):
        return node
    copy = {key: local(child) for key, child in node.items()}
    if isinstance(ref := copy.get("$ref"), str):
        copy["$ref"] = local_ref(ref)
    return copy


def local_ref(ref: str) -> str:
    """A reference into the `$defs` of one document in place of one to another document."""
    name, fragment = split(ref)
    return f"#/$defs/{name}{fragment}"
