"""The schema as one document, for editors and other engines: every file inside, every reference local."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from slm_net.document.variables import VARIABLE
from slm_net.registry import RegistryError
from slm_net.schema.compose import document
from slm_net.schema.files import HOME, KINDS, Schema, own_document, part_of
from slm_net.words import did_you_mean, visible

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


DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: The keys that tell a spec from a net block; see `slm_net.document.specs`.
NAMED_SPEC_KEYS = ("agent", "env", "meta", "search", "spec_params")
SPEC_KEYS = (*NAMED_SPEC_KEYS, "body")


def composed(type: str | None = None, with_plugins: bool = True) -> dict[str, Any]:
    """One self-contained schema document of draft 2020-12, with the same verdicts as the files.

    Args:
        type: for a net block of this type; left out, for all that `slm_net.validate` takes: a spec file, one spec, or
            a net block.
        with_plugins: with what is registered beside slm_net's own.

    Raises:
        RegistryError: there is no such net type.

    >>> composed("MLPNet")["title"]
    'MLPNet'
    """
    documents = {name: document(name) if with_plugins else own_document(name) for name in ("net", *KINDS)}
    types = documents["net"]["properties"]["type"]["enum"]
    if type is not None and type not in types:
        raise RegistryError(f"no net type {visible(type)!r}: {did_you_mean(type, types)}")
    documents["net"] = _flat(documents["net"])
    documents |= {} if type else {"spec": document("spec")}
    return {
        "$schema": DRAFT,
        "$id": f"{HOME}{type or 'composed'}.schema.json",
        **(_net(type, documents["net"]) if type else _anything(documents["net"])),
        "$defs": {name: _local(part) for name, part in editable(documents).items()},
    }


def _flat(net: Schema) -> dict[str, Any]:
    """The net's schema with all keys that a block may have in one place: ajv does not see them through references."""
    parts = dict(net["$defs"])
    sources = [net, parts.pop("other_types"), parts.pop("prefixed")]
    keys = {key: part for source in sources for key, part in source["properties"].items()}
    return {**{key: part for key, part in net.items() if key != "$ref"}, "properties": keys, "$defs": parts}


def _net(type: str, net: Schema) -> dict[str, Any]:
    return {
        "title": type,
        "description": net["$defs"][type]["description"],
        "allOf": [{"$ref": "#/$defs/net"}],  # the editor of VS Code puts a $ref in place of what stands beside it
        "properties": {"type": {"const": type}},
        "required": ["type"],
    }


def _anything(net: Schema) -> dict[str, Any]:
    """What `slm_net.validate` takes, told apart as it does."""
    agent = {"if": {"type": "object"}, "then": {"not": _object_with(SPEC_KEYS)}, "else": {"type": "array"}}
    keys = net["properties"].keys() - {"$schema"}
    named = {"propertyNames": {"not": {"enum": sorted(keys)}}}
    nothing = {"propertyNames": {"pattern": "^(?:_|\\$schema$)"}}  # a net block that has no type yet
    no_spec = {
        "properties": {"$schema": True},
        "patternProperties": {"^_": True},
        "additionalProperties": {"not": _object_with(NAMED_SPEC_KEYS)},
    }
    return {
        "title": "slm_net",
        "description": "A spec file of SLM Lab 4 or 5, one spec of it, or a bare net block.",
        "if": nothing,
        "then": {"$ref": "#/$defs/net"},
        "else": {
            "if": {"required": ["agent"], "properties": {"agent": agent}},
            "then": {"$ref": "#/$defs/spec/$defs/spec"},
            "else": {
                "if": no_spec,
                "then": {"if": named, "then": {"$ref": "#/$defs/spec"}, "else": {"$ref": "#/$defs/net"}},
                "else": {"$ref": "#/$defs/spec"},
            },
        },
    }


def _object_with(keys: Iterable[str]) -> dict[str, Any]:
    return {"type": "object", "anyOf": [{"required": [key]} for key in keys]}


def _local(node: Any) -> Any:
    """A copy with each reference leading into `$defs`."""
    if isinstance(node, list):
        return [_local(child) for child in node]
    if not isinstance(node, Mapping):
        return node
    local = {key: _local(child) for key, child in node.items()}
    if isinstance(ref := local.get("$ref"), str):
        file, _, fragment = ref.partition("#")
        local["$ref"] = f"#/$defs/{file.removesuffix('.schema.json')}{fragment}"
    return local
