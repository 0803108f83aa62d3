"""The schema document of each kind, composed of its entries: slm_net's own and those of plugins alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from slm_net.schema.files import BLOCKS, OURS, Entry, Schema, own_entries, own_file

#: The prefixes with which one block describes two nets, as SLM Lab's ActorCritic reads it.
ROLES = ("actor_", "critic_")


def without_role(key: str) -> str:
    """A key as it is called where a net stands alone.

    >>> without_role("critic_optim_spec"), without_role("hid_layers")
    ('optim_spec', 'hid_layers')
    """
    return next((key.removeprefix(role) for role in ROLES if key.startswith(role)), key)


def compose(kind: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The document of a kind with these entries, with every `$ref` absolute ("net.schema.json#/...")."""
    if kind in ("net", "layer"):
        return _nets(entries) if kind == "net" else _modules(entries)
    return _block(kind, entries) if kind in BLOCKS else _names(kind, entries)


def _nets(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The schema of net blocks: one chain over the types, and the keys of all types in each."""
    file = own_file("net")
    first = {"type": {**file["block"]["type"], "enum": list(entries)}}
    needed = sorted({key for entry in entries.values() for key in entry.schema["required"]})
    return {
        **_head(file),
        "type": "object",
        "required": ["type"],
        "properties": {**first, **file["every"], **file["block"], **first},
        "$ref": "net.schema.json#/$defs/prefixed",
        **_chain("net", "type", {name: {"const": name} for name in entries}),
        "unevaluatedProperties": False,
        "$defs": {
            **{name: _net(name, entry.schema) for name, entry in entries.items()},
            **file["$defs"],
            "prefixed": _prefixed(file["every"], entries),
            "other_types": _other_types(entries),
            **_left_out(file),
            **{f"needs_{key}": _needs(key) for key in needed},
        },
    }


def _head(file: Schema) -> dict[str, Any]:
    return {key: file[key] for key in ("title", "description", "examples")}


def _net(name: str, schema: Schema) -> dict[str, Any]:
    needed = [{"$ref": f"net.schema.json#/$defs/needs_{key}"} for key in schema["required"]]
    needs = {"allOf": needed} if needed else {}  # an empty allOf is no schema
    return {"title": name, "description": schema["description"], **needs, "properties": schema["properties"]}


def _needs(key: str) -> dict[str, Any]:
    return {
        "description": f"{key}, or actor_{key} and critic_{key} in its place.",
        "if": {"required": [f"{role}{key}" for role in ROLES]},
        "else": {"required": [key]},
    }


def _prefixed(every: Schema, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The forms of the keys for one net of two."""
    shared = {key: {"$ref": f"net.schema.json#/properties/{key}"} for key in every if not key.startswith(ROLES)}
    known = {**shared, **{key: _of_types(key, entries) for key in _keys(entries)}}
    return {
        "description": "Keys for the actor's or the critic's net alone, where an actor-critic algorithm has two.",
        "properties": {f"{role}{key}": part for role in ROLES for key, part in known.items()},
        "$ref": "net.schema.json#/$defs/other_types",
    }


def _of_types(key: str, entries: Mapping[str, Entry]) -> Schema:
    """A key as the first type has it; where plugins' types differ in what it means, it may be anything."""
    having = {name: entry for name, entry in entries.items() if key in entry.schema["properties"]}
    name, first = next(iter(having.items()))
    part = first.schema["properties"][key]
    if first.by == OURS or all(entry.schema["properties"][key] == part for entry in having.values()):
        return {"$ref": f"net.schema.json#/$defs/{name}/properties/{key}"}
    return {"description": f"{key} of the net's type."}


def _other_types(entries: Mapping[str, Entry]) -> dict[str, Any]:
    return {
        "description": "The keys of all types. A key that another type has is no error here, as real specs carry "
        "them; slm_net warns that it is not used.",
        "properties": dict.fromkeys(_keys(entries), True),
    }


def _keys(entries: Mapping[str, Entry]) -> dict[str, None]:
    """The own keys of all types, without those that all have and one may have otherwise."""
    every = own_file("net")["every"]
    return dict.fromkeys(key for entry in entries.values() for key in entry.schema["properties"] if key not in every)


#: The layer that calls a function by its name, and takes the arguments of that one.
CALLS = "TorchFn"


def _modules(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The schema of the modules of an arc: each layer's arguments, a layer, and a module, which may hold others."""
    file = own_file("layer")
    known = [*entries]
    alone = [name for name, entry in entries.items() if not entry.schema["required"]]
    return {
        **_head(file),
        "$ref": "layer.schema.json#/$defs/module",
        "$defs": {
            **{name: _layer(name, entry) for name, entry in entries.items()},
            **file["$defs"],
            "name": {"description": file["name"], "enum": known, "examples": known[:1]},
            "layer": {"description": file["layer"], **_one_of(known, alone)},
            "module": {"description": file["description"], **_one_of([*known, *file["$defs"]], alone)},
            **_left_out(file),
        },
    }


def _layer(name: str, entry: Entry) -> dict[str, Any]:
    """The arguments of a layer, null for none where it needs none."""
    functions = {function: {"const": function} for function in own_entries("function")} if name == CALLS else {}
    return {
        "title": name,
        **_arguments("layer", entry, {}),
        "type": "object" if entry.schema["required"] else ["object", "null"],
        **(_chain("function", "name", functions) if functions else {}),
        "unevaluatedProperties": False,
    }


def _one_of(names: list[str], alone: list[str]) -> dict[str, Any]:
    """The keywords for an object with one of the names as its only key, or for a name that may stand alone."""
    return {
        "type": ["object", "string"],
        "minProperties": 1,
        "maxProperties": 1,
        "pattern": f"^(?:{'|'.join(alone)})$",
        "if": {"type": "object"},
        "then": {
            "properties": {name: {"$ref": f"layer.schema.json#/$defs/{name}"} for name in names},
            "unevaluatedProperties": False,
        },
    }


def _names(kind: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The schema of an object with a name and its arguments, and where the file says so, of a name alone."""
    file = own_file(kind)
    named = {
        "required": ["name"],
        "properties": {"name": _name(file, list(entries))},
        **_chain(kind, "name", {name: _test(file, name) for name in entries}),
        "unevaluatedProperties": False,
    }
    whole = {**_head(file), "type": file["type"]}
    definitions = {
        **file.get("$defs", {}),
        **{name: _arguments(kind, entry, entries) for name, entry in entries.items()},
        **_inner(kind, entries),
    }
    if "object" not in file:
        return {**whole, **named, "$defs": {**definitions, **_left_out(file)}}
    definitions["object"] = {"description": file["object"], **named}
    alone = [name for name, entry in entries.items() if not entry.schema["required"]]
    whole |= _or_empty(kind) if file.get("may_be_empty") else _name_or_object(kind, file, alone, definitions)
    return {**whole, "$defs": {**definitions, **_left_out(file)}}


def _or_empty(kind: str) -> dict[str, Any]:
    """The keywords for an object that names something if there is anything in it."""
    return {"if": {"type": "object", "minProperties": 1}, "then": {"$ref": f"{kind}.schema.json#/$defs/object"}}


def _block(kind: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The schema of a block around the nets: the settings of each name. Other names and settings may be there."""
    file = own_file(kind)
    return {
        **_head(file),
        "type": file["type"],
        "properties": {"name": {"description": file["name"], "type": "string", "examples": list(entries)}},
        **_chain(kind, "name", {name: {"const": name} for name in entries}),
        "$defs": {
            **file.get("$defs", {}),
            **{name: _settings(kind, entry) for name, entry in entries.items()},
            **_inner(kind, entries),
        },
    }


def _settings(kind: str, entry: Entry) -> dict[str, Any]:
    """The settings of a name, and of the other one of the kind that it is around."""
    more: dict[str, Any] = {"additionalProperties": True} if entry.open else {}
    if entry.around:
        more = {"if": {"required": [entry.around]}, "then": {"$ref": f"{kind}.schema.json#/$defs/inner"}}
    return {"description": entry.schema["description"], "properties": entry.schema["properties"], **more}


def _name_or_object(kind: str, file: Schema, alone: list[str], definitions: dict[str, Any]) -> dict[str, Any]:
    """The keywords for one of the names that may stand alone, or an object; a list with one per layer is defined."""
    to = f"{kind}.schema.json#"
    either = {"pattern": _pattern(file, alone), "if": {"type": "object"}, "then": {"$ref": f"{to}/$defs/object"}}
    if "per_layer" not in file:
        return either
    one = {"$ref": f"{to}/$defs/name_or_object"}
    definitions["name_or_object"] = either
    definitions["per_layer"] = {**file["per_layer"], **one, "items": {"$ref": to}}
    return {**one, "examples": [*map(str.casefold, alone), *file["examples"]]}


def _name(file: Schema, names: list[str]) -> dict[str, Any]:
    if file.get("any_case"):
        return {"type": "string", "pattern": _pattern(file, names), "examples": names, "description": file["name"]}
    return {"enum": names, "description": file["name"], "examples": names[:1]}


def _test(file: Schema, name: str) -> dict[str, Any]:
    return {"pattern": f"^{_word(file, name)}$"} if file.get("any_case") else {"const": name}


def _pattern(file: Schema, names: Iterable[str]) -> str:
    return f"^(?:{'|'.join(_word(file, name) for name in names)})$"


def _word(file: Schema, name: str) -> str:
    """The pattern of a name: as it is written, or in any case where the file of its kind says so."""
    if not file.get("any_case"):
        return name
    return "".join(f"[{char.lower()}{char.upper()}]" if char.isalpha() else char for char in name)


def _arguments(kind: str, entry: Entry, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The arguments of a name, with those that every name of the kind has."""
    schema = entry.schema
    own = {**schema["properties"], **own_file(kind).get("every", {}), **schema["properties"]}
    required = {"required": schema["required"]} if schema["required"] else {}
    if not entry.around:
        return {"description": schema["description"], "properties": own, **required}
    part = own[entry.around]
    others = [name for name, other in entries.items() if not other.around]
    return {
        "description": schema["description"],
        "properties": {**own, entry.around: {"enum": others, **part}},
        **required,
        "if": {"required": [entry.around]},
        "then": {"$ref": f"{kind}.schema.json#/$defs/inner"},
        "else": {"$ref": f"{kind}.schema.json#/$defs/{part['default']}"},
    }


def _inner(kind: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The chain over the names that may stand inside the one that takes another."""
    outer = next((name for name, entry in entries.items() if entry.around), "")
    if not outer:
        return {}
    tests = {name: {"const": name} for name, entry in entries.items() if not entry.around}
    description = f"The arguments of the {kind} inside {outer}."
    return {"inner": {"description": description, **_chain(kind, entries[outer].around, tests)}}


def _chain(kind: str, key: str, tests: Mapping[str, Schema]) -> dict[str, Any]:
    """An if/then/else chain over the names that may stand under a key, with the schema of each; any other may be."""
    chain: dict[str, Any] = {"additionalProperties": True}
    for name, test in reversed(list(tests.items())):
        chain = {
            "if": {"properties": {key: test}, "required": [key]},
            "then": {"$ref": f"{kind}.schema.json#/$defs/{name}"},
            "else": chain,
        }
    return chain


def _left_out(file: Schema) -> dict[str, Any]:
    reasons = {name: {"description": reason} for name, reason in file.get("left_out", {}).items()}
    description = "Names that are known but not built here, with the reason."
    return {"left_out": {"description": description, "properties": reasons}} if reasons else {}
