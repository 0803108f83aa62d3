"""The schema documents that everything asks: those of `schemas/`, with the fragments of plugins woven in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slm_net.schema.files import Schema, own_document
from slm_net.schema.fragments import FRAGMENTS, schema_cached
from slm_net.schema.installed import load_installed

ROLES = ("actor_", "critic_")


def woven(kind: str, document: Schema, fragments: Mapping[str, Schema]) -> dict[str, Any]:
    """A copy of the document of a kind, with the fragments as further branches of its chain."""
    result = dict(document)
    for name, fragment in fragments.items():
        result = _with_net(result, name, fragment) if kind == "net" else _with_name(result, kind, name, fragment)
    if kind == "net" and fragments:
        parts = result["$defs"]
        known = {**_prefixed(fragments), **parts["prefixed"]["properties"]}
        result["$defs"] = {**parts, "prefixed": {**parts["prefixed"], "properties": known}}
    return result


def _with_net(net: Schema, name: str, fragment: Schema) -> dict[str, Any]:
    own, parts = fragment["properties"], net["$defs"]
    others = parts["other_types"]
    definition = {
        "title": name,
        "description": fragment["description"],
        "allOf": [{"$ref": f"net.schema.json#/$defs/needs_{key}"} for key in fragment["required"]],
        "properties": own,
    }
    definitions = {
        **{f"needs_{key}": _needs(key) for key in fragment["required"]},
        **parts,
        # an empty allOf is no schema
        name: {key: part for key, part in definition.items() if key != "allOf" or part},
        "other_types": {**others, "properties": {**dict.fromkeys(own, True), **others["properties"]}},
    }
    kinds = net["properties"]["type"]
    types = {**kinds, "enum": [*kinds["enum"], name]}
    chained = _chained(net, {"const": name}, f"net.schema.json#/$defs/{name}", "type")
    return {**chained, "properties": {**net["properties"], "type": types}, "$defs": definitions}


def _needs(key: str) -> dict[str, Any]:
    return {
        "description": f"{key}, or actor_{key} and critic_{key} in its place.",
        "if": {"required": [f"{role}{key}" for role in ROLES]},
        "else": {"required": [key]},
    }


def _prefixed(fragments: Mapping[str, Schema]) -> dict[str, Any]:
    """The forms of the keys for one net of two; where types differ in what a key means, it may be anything."""
    forms: dict[str, Any] = {}
    for name, fragment in fragments.items():
        for key, part in fragment["properties"].items():
            same = all(other["properties"].get(key, part) == part for other in fragments.values())
            ref = {"$ref": f"net.schema.json#/$defs/{name}/properties/{key}"}
            forms |= {f"{role}{key}": ref if same else {"description": f"{key} of the net's type."} for role in ROLES}
    return forms


def _with_name(document: Schema, kind: str, name: str, fragment: Schema) -> dict[str, Any]:
    file = f"{kind}.schema.json"
    any_case = kind in ("activation", "loss")
    word = _any_case(name) if any_case else name
    definitions = {**document["$defs"], name: _arguments(kind, fragment)}
    test = {"pattern": f"^{word}$"} if any_case else {"const": name}
    branch = (test, f"{file}#/$defs/{name}", "name")
    edit = EDITS.get(kind)
    if "object" in definitions:
        definitions["object"] = _chained(_named(definitions["object"], name, word), *branch)
        result = {**document, "$defs": definitions}
    else:
        result = {**_chained(_named(document, name, word), *branch), "$defs": definitions}
    return edit(result, name, word, fragment) if edit else result


def _named(schema: Schema, name: str, word: str) -> dict[str, Any]:
    """A schema of objects with a name that allows one name more."""
    listed = dict(schema["properties"]["name"])
    for key, value in (("enum", name), ("examples", name)):
        if key in listed:
            listed[key] = [*listed[key], value]
    if "pattern" in listed:
        listed["pattern"] = _wider(listed["pattern"], word)
    return {**schema, "properties": {**schema["properties"], "name": listed}}


def _chained(schema: Schema, test: Schema, ref: str, key: str) -> dict[str, Any]:
    """A schema whose if/then/else chain has one link more in front."""
    rest = {part: schema[part] for part in ("if", "then", "else")}
    condition = {"properties": {key: test}, "required": [key]}
    return {**schema, "if": condition, "then": {"$ref": ref}, "else": rest}


def _arguments(kind: str, fragment: Schema) -> dict[str, Any]:
    own = dict(fragment["properties"])
    if kind == "lr_scheduler":
        own.setdefault("step_on", {"$ref": "lr_scheduler.schema.json#/$defs/step_on", "default": "update"})
    return {**fragment, "properties": own}


def _activation(document: Schema, name: str, word: str, fragment: Schema) -> dict[str, Any]:
    if fragment["required"]:
        return dict(document)
    parts = document["$defs"]
    either = {**parts["name_or_object"], "pattern": _wider(parts["name_or_object"]["pattern"], word)}
    examples = [*document["examples"], name.casefold()]
    return {**document, "examples": examples, "$defs": {**parts, "name_or_object": either}}


def _init(document: Schema, name: str, word: str, fragment: Schema) -> dict[str, Any]:
    return dict(document) if fragment["required"] else {**document, "pattern": _wider(document["pattern"], word)}


def _optimizer(document: Schema, name: str, word: str, fragment: Schema) -> dict[str, Any]:
    """A new optimizer may stand inside Lookahead, too."""
    parts = document["$defs"]
    lookahead = parts["Lookahead"]
    inner = {**lookahead["properties"]["optimizer"]}
    inner["enum"] = [*inner["enum"], name]
    chain = _chained(parts["inner"], {"const": name}, f"optimizer.schema.json#/$defs/{name}", "optimizer")
    lookahead = {**lookahead, "properties": {**lookahead["properties"], "optimizer": inner}}
    return {**document, "$defs": {**parts, "inner": chain, "Lookahead": lookahead}}


EDITS: dict[str, Callable[[Schema, str, str, Schema], dict[str, Any]]] = {
    "activation": _activation,
    "init": _init,
    "optimizer": _optimizer,
}


def _any_case(name: str) -> str:
    return "".join(f"[{char.lower()}{char.upper()}]" if char.isalpha() else char for char in name)


def _wider(pattern: str, word: str) -> str:
    """`^(?:a|b)$` with one alternative more."""
    return f"{pattern.removesuffix(')$')}|{word})$"


@schema_cached
def document(name: str) -> dict[str, Any]:
    """The schema document `name`, for example "net", with every `$ref` absolute ("net.schema.json#/...")."""
    load_installed()
    known = FRAGMENTS.get(name, ())
    return woven(name, own_document(name), {key: FRAGMENTS[name][key].schema for key in known})
