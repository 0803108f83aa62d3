"""The schema as one document, for editors and other engines: everything inside, every reference local."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from slm_net.registry import RegistryError
from slm_net.schema.catalogue import ANCHORS, COMMENTS, NAMED_SPEC_KEYS, SPEC_KEYS, VARIABLE
from slm_net.schema.entries import document, own_document
from slm_net.schema.files import ARC, BLOCKS, KINDS, Schema, part_of, split
from slm_net.words import did_you_mean, visible

#: Keywords that tell of a value; the others say what it must be.
TELLING = ("title", "description", "default", "examples")
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
VARIABLE_OR = {"$ref": "#/$defs/variable"}
#: What a comment may be called in an object that takes no other keys: a reader of specs leaves it out.
COMMENTED = {f"^(?:{'|'.join(COMMENTS)})".replace("$", "[$]"): True}


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
        part = {key: self._keyword(key, inner) for key, inner in schema.items() if key != LAB}
        if words := self.words.get(part.get("pattern", "")):
            choice = {"if": {"pattern": part.pop("pattern")}, "else": {"enum": words}}
            part["allOf"] = [*part.get("allOf", ()), choice]
        if part.get("unevaluatedProperties") is False or isinstance(part.get("additionalProperties"), Mapping):
            part["patternProperties"] = {**part.get("patternProperties", {}), **COMMENTED}
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
        known = _followed(self.documents, schema)
        told = _told(known)
        suggested = {"anyOf": [{"enum": names}, True]} if (names := self._names(known)) else {}
        must = self.part({key: part for key, part in schema.items() if key not in TELLING})
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
        known = _followed(self.documents, schema)
        suggested = {"anyOf": [{"enum": names}, True]} if (names := self._names(known)) else {}
        return {**_told(known), **suggested, **self.part({"properties": known.get("properties")})}

    def _names(self, schema: Schema) -> list[Any]:
        return super()._names(schema) or [text for text in schema.get("examples", ()) if isinstance(text, str)]


def with_blocks(documents: Mapping[str, Any], blocks: Mapping[str, Schema]) -> dict[str, Any]:
    """Editable documents with what is told of the blocks around the nets, each where it stands in a spec."""
    work = _Told(blocks)
    result = {**documents, **{kind: work.part(block) for kind, block in blocks.items()}}
    for kind in blocks:
        _at(result, PLACES[kind])["allOf"] = [{"$ref": f"{kind}.schema.json"}]
    return result


def _followed(documents: Mapping[str, Schema], schema: Schema) -> dict[str, Any]:
    ref = schema.get("$ref")
    return {**_followed(documents, _at(documents, ref)), **schema} if ref else dict(schema)


def _told(schema: Schema) -> dict[str, Any]:
    """What a schema tells about its value, with the default in words, too, and who reads it."""
    told = {key: schema[key] for key in TELLING if key in schema}
    if LAB in schema:
        told["description"] = f"{told['description']} SLM Lab {schema[LAB]} alone."
    if "default" in told:
        default = f"Default: {json.dumps(told['default'])}."
        told["description"] = f"{told['description']} {default}" if "description" in told else default
    return told


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
    name, fragment = split(ref)
    return part_of(documents[name], fragment)


URN = "urn:slm-net"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def composed(type: str | None = None, with_plugins: bool = True) -> dict[str, Any]:
    """One self-contained schema document of draft 2020-12, with the same verdicts as slm_net's own.

    Args:
        type: for a net block of this type, flat; left out, for all that `slm_net.validate` takes: a spec file, one
            spec, or a net block.
        with_plugins: with what is registered beside slm_net's own.

    Raises:
        RegistryError: there is no such net type.

    >>> composed("MLPNet")["title"]
    'MLPNet'
    """
    found = document if with_plugins else own_document
    documents = {name: found(name) for name in ("net", *KINDS, *ARC, "spec")}
    documents["net"] = _flat(documents["net"])
    if type is None:
        edited = with_blocks(editable(documents), {name: found(name) for name in BLOCKS})
        whole = {name: _local(part) for name, part in edited.items()}
        return {"$schema": DRAFT, "$id": f"{URN}:spec", **_anything(documents["net"]), "$defs": whole}
    types = documents["net"]["properties"]["type"]["enum"]
    if type not in types:
        raise RegistryError(f"no net type {visible(type)!r}: {did_you_mean(type, types)}")
    return {"$schema": DRAFT, "$id": f"{URN}:net:{type}", **_OneType(documents).net(type)}


def _flat(net: Schema) -> dict[str, Any]:
    """The net's schema with all keys that a block may have in one place: ajv does not see them through references."""
    parts = dict(net["$defs"])
    sources = [net, parts.pop("other_types"), parts.pop("prefixed")]
    keys = {key: part for source in sources for key, part in source["properties"].items()}
    return {**{key: part for key, part in net.items() if key != "$ref"}, "properties": keys, "$defs": parts}


def _anything(net: Schema) -> dict[str, Any]:
    """What `slm_net.validate` takes, told apart as it does."""
    agent = {"if": {"type": "object"}, "then": {"not": _object_with(SPEC_KEYS)}, "else": {"type": "array"}}
    keys = net["properties"].keys() - {"$schema"}
    named = {"propertyNames": {"not": {"enum": sorted(keys)}}}
    aside = "|".join((*ANCHORS, *COMMENTS)).replace(".", "[.]").replace("$", "[$]")
    nothing = {"propertyNames": {"pattern": f"^(?:{aside}|[$]schema$)"}}  # a net block that has no type yet
    no_spec = {
        "properties": {"$schema": True},
        "patternProperties": {f"^(?:{aside})": True},
        "additionalProperties": {"not": _object_with(NAMED_SPEC_KEYS)},
    }
    typed = {"required": ["type"], "properties": {"type": {"enum": net["properties"]["type"]["enum"]}}}
    return {
        "title": "slm_net",
        "description": "A spec file of SLM Lab 4 or 5, one spec of it, or a bare net block.",
        "if": nothing,
        "then": {"$ref": "#/$defs/net"},
        "else": {
            "if": {"required": ["agent"], "properties": {"agent": agent}},
            "then": {"$ref": "#/$defs/spec/$defs/spec"},
            "else": {
                "if": typed,
                "then": {"$ref": "#/$defs/net"},
                "else": {
                    "if": no_spec,
                    "then": {"if": named, "then": {"$ref": "#/$defs/spec"}, "else": {"$ref": "#/$defs/net"}},
                    "else": {"$ref": "#/$defs/spec"},
                },
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
        local["$ref"] = _local_ref(ref)
    return local


def _local_ref(ref: str) -> str:
    name, fragment = split(ref)
    return f"#/$defs/{name}{fragment}"


# --- one net type, flat


class _OneType:
    """The schema of a net block of one type, for programs that write code from schemas, too.

    All keys stand in one `properties`, and `anyOf` takes the place of every choice by `if`.
    """

    def __init__(self, documents: Mapping[str, Schema]) -> None:
        self.documents = documents
        self.defined: dict[str, Any] = {"variable": VARIABLE_TEXT}

    def net(self, net_type: str) -> dict[str, Any]:
        """The whole document, but for its id."""
        net = self.documents["net"]
        own = net["$defs"][net_type]
        keys = {**own["properties"], **net["properties"], **own["properties"]}
        first = {"description": net["properties"]["type"]["description"], "const": net_type}
        needed = [_at(self.documents, part["$ref"]) for part in own.get("allOf", ())]
        needs = {"allOf": [{"anyOf": [part["else"], part["if"]]} for part in needed]} if needed else {}
        return {
            "title": net_type,
            "description": own["description"],
            "type": "object",
            "properties": {"type": first, **{key: self.value(part) for key, part in keys.items() if key != "type"}},
            "required": ["type"],
            **needs,
            "patternProperties": COMMENTED,
            "additionalProperties": False,
            "$defs": self.defined,
        }

    def value(self, schema: Any) -> Any:
        """The schema where a value stands: a variable, or what it must be."""
        if not isinstance(schema, Mapping) or not schema.keys() - set(TELLING):
            return schema
        told, must = _told(_followed(self.documents, schema)), self._must(schema)
        return {**told, "anyOf": [VARIABLE_OR, *(must["anyOf"] if must.keys() == {"anyOf"} else [must])]}

    def _must(self, schema: Schema) -> dict[str, Any]:
        part = {key: self._keyword(key, inner) for key, inner in schema.items() if key not in (*TELLING, "$ref")}
        if "$ref" not in schema:
            return part
        target = self._target(schema["$ref"])
        return {"allOf": [target, part]} if part else target

    def _keyword(self, key: str, inner: Any) -> Any:
        if key == "properties":
            return {name: self.value(part) for name, part in inner.items()}
        if key == "prefixItems":
            return [self.value(part) for part in inner]
        return self.value(inner) if key == "items" else inner

    def _target(self, ref: str) -> dict[str, Any]:
        """What a reference leads to."""
        kind, fragment = split(ref)
        target = _at(self.documents, ref)
        if kind in KINDS and not fragment:
            return self._named(kind)
        if fragment == "/$defs/per_layer":
            items = {"anyOf": [VARIABLE_OR, one := self._named(kind)]}
            return {"anyOf": [one, {"type": "array", "minItems": target["minItems"], "items": items}]}
        if "if" not in target:
            return self._must(target)
        # only a plugin's key holds a net, or one kind of name without its chain
        self.defined |= {name: _local(part) for name, part in editable(self.documents).items()}
        return {"$ref": _local_ref(ref)}

    def _named(self, kind: str) -> dict[str, Any]:
        """A name of a kind, with its arguments or alone, null, or {}: whatever the kind allows."""
        if f"any_{kind}" not in self.defined:
            document = self.documents[kind]
            either = document["$defs"].get("name_or_object", document)
            choices: list[Any] = [{"type": "null"}] if "null" in document["type"] else []
            if "minProperties" in either.get("if", {}):
                choices.append({"type": "object", "maxProperties": 0})
            if "pattern" in either:
                words = words_of(either["pattern"], document["examples"])
                choices.append({"type": "string", "pattern": either["pattern"], "examples": words})
            for test, ref in _links(document["$defs"].get("object", document), "name"):
                choices += self._objects(kind, {"name": test}, ref)
            choices.append(_object({"name": VARIABLE_OR}, ["name"], True))
            self.defined[f"any_{kind}"] = {"anyOf": choices}
        return {"$ref": f"#/$defs/any_{kind}"}

    def _objects(self, kind: str, named: Schema, ref: str) -> Iterator[dict[str, Any]]:
        """A name with its arguments; if it stands around another of its kind, with the arguments of each."""
        part, name = _at(self.documents, ref), ref.rpartition("/")[2]
        if "if" not in part:
            yield self._defined(f"{kind}_{name}", named, part)
            return
        [around] = part["if"]["required"]
        for test, inner in _links(_at(self.documents, part["then"]["$ref"]), around):
            label = f"{kind}_{name}_{inner.rpartition('/')[2]}"
            yield self._defined(label, {**named, around: test}, part, _at(self.documents, inner))
        without = {**part, "properties": {key: own for key, own in part["properties"].items() if key != around}}
        yield self._defined(f"{kind}_{name}", named, without, _at(self.documents, part["else"]["$ref"]))
        yield self._defined(f"{kind}_{name}_variable", {**named, around: VARIABLE_OR}, part, more=True)

    def _defined(self, label: str, named: Schema, *parts: Schema, more: bool = False) -> dict[str, Any]:
        """A reference to the definition of an object with these names, and the keys of all parts."""
        values: dict[str, Any] = {**named}
        for part in parts:
            for key, schema in part["properties"].items():
                value = self.value(schema)
                if key not in named:
                    same = key not in values or values[key].get("anyOf") == value.get("anyOf")
                    values[key] = values.get(key, value) if same else {"allOf": [values[key], value]}
        required = [*named, *(key for part in parts for key in part.get("required", ()))]
        self.defined[label] = _object(values, required, more)
        return {"$ref": f"#/$defs/{label}"}


def _object(properties: Schema, required: list[str], more: bool) -> dict[str, Any]:
    closed = {} if more else {"patternProperties": COMMENTED, "additionalProperties": False}
    return {"type": "object", "properties": properties, "required": required, **closed}


def _links(schema: Schema, key: str) -> Iterator[tuple[Schema, str]]:
    """The schema of each name in a chain, and the reference to that of its arguments."""
    while "if" in schema:
        yield {"type": "string", **schema["if"]["properties"][key]}, schema["then"]["$ref"]
        schema = schema["else"]
