"""The schema of a net block of one type, flat, for programs that write code from schemas, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.schema.editable import (
    COMMENTED,
    VARIABLE_TEXT,
    at,
    counted,
    editable,
    followed,
    local,
    local_ref,
    told_of,
    words_of,
)
from slm_net.schema.entries import ANNOTATIONS
from slm_net.schema.files import ARC, KINDS, Schema, split

VARIABLE_OR = {"$ref": "#/$defs/variable"}
#: Keywords that are told or followed, and so no part of what a value must be.
LEFT = (*ANNOTATIONS, "$ref", "$defs")


class OneType:
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
        needed = [at(self.documents, part["$ref"]) for part in own.get("allOf", ())]
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
        if not isinstance(schema, Mapping) or not schema.keys() - set(ANNOTATIONS):
            return schema
        told, must = told_of(followed(self.documents, schema)), self._must(schema)
        return {**told, "anyOf": [VARIABLE_OR, *(must["anyOf"] if must.keys() == {"anyOf"} else [must])]}

    def _must(self, schema: Schema) -> dict[str, Any]:
        part = {key: self._keyword(key, inner) for key, inner in schema.items() if key not in LEFT}
        if part.pop("unevaluatedProperties", True) is False or "additionalProperties" in part:
            part = {"additionalProperties": False, **part, "patternProperties": COMMENTED}
        part = counted(part)
        if "$ref" not in schema:
            return part
        target = self._target(schema["$ref"])
        return {"allOf": [target, part]} if part else target

    def _keyword(self, key: str, inner: Any) -> Any:
        if key == "properties":
            return {name: self.value(part) for name, part in inner.items()}
        if key == "prefixItems":
            return [self.value(part) for part in inner]
        return self.value(inner) if key in ("items", "additionalProperties") else inner

    def _target(self, ref: str) -> dict[str, Any]:
        """What a reference leads to."""
        kind, fragment = split(ref)
        target = at(self.documents, ref)
        if kind in KINDS and not fragment:
            return self._named(kind)
        if kind in ARC and "/properties/" not in fragment:
            return self._of_arc(f"{kind}_{fragment.rpartition('/')[2]}" if fragment else f"any_{kind}", target)
        if fragment == "/$defs/per_layer":
            items = {"anyOf": [VARIABLE_OR, one := self._named(kind)]}
            return {"anyOf": [one, {"type": "array", "minItems": target["minItems"], "items": items}]}
        if "if" not in target:
            return self._must(target)
        # only a plugin's key holds a net, or one kind of name without its chain
        self.defined |= {name: local(part) for name, part in editable(self.documents).items()}
        return {"$ref": local_ref(ref)}

    def _of_arc(self, label: str, target: Schema) -> dict[str, Any]:
        """A reference to the definition of a part of an arc, made once, as modules hold modules."""
        if label not in self.defined:
            self.defined[label] = {}
            if "if" in target:
                choices = self._calls(target) if "properties" in target else self._modules(target)
                self.defined[label] = {"anyOf": list(choices)}
            else:
                self.defined[label] = self._must(target)
        return {"$ref": f"#/$defs/{label}"}

    def _modules(self, target: Schema) -> Iterator[dict[str, Any]]:
        """The name of a layer alone, or an object with one name as its only key."""
        pattern, counts = target["pattern"], {key: target[key] for key in ("minProperties", "maxProperties")}
        yield {"type": "string", "pattern": pattern, "examples": words_of(pattern, [])}
        properties = {name: self.value(part) for name, part in target["then"]["properties"].items()}
        yield counted({**_object(properties, [], False), **counts})

    def _calls(self, target: Schema) -> Iterator[dict[str, Any]]:
        """The name of a function with the arguments of that one."""
        for test, ref in _links(target, "name"):
            yield from self._objects(split(ref)[0], {"name": test}, ref)
        yield _object({"name": VARIABLE_OR}, ["name"], True)

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
        part, name = at(self.documents, ref), ref.rpartition("/")[2]
        if "if" not in part:
            yield self._defined(f"{kind}_{name}", named, part)
            return
        [around] = part["if"]["required"]
        for test, inner in _links(at(self.documents, part["then"]["$ref"]), around):
            label = f"{kind}_{name}_{inner.rpartition('/')[2]}"
            yield self._defined(label, {**named, around: test}, part, at(self.documents, inner))
        without = {**part, "properties": {key: own for key, own in part["properties"].items() if key != around}}
        yield self._defined(f"{kind}_{name}", named, without, at(self.documents, part["else"]["$ref"]))
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
