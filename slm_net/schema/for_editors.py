"""The schema as one document, for editors and other engines: everything inside, every reference local."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slm_net.registry import RegistryError
from slm_net.schema.catalogue import ANCHORS, COMMENTS, EXTENDS, NAMED_SPEC_KEYS, SPEC_KEYS
from slm_net.schema.editable import editable, local, with_blocks
from slm_net.schema.entries import document, own_document
from slm_net.schema.files import ARC, BLOCKS, KINDS, Schema
from slm_net.schema.one_type import OneType
from slm_net.words import did_you_mean, visible

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
    documents["spec"] = {
        **documents["spec"],
        "additionalProperties": _extending(documents["spec"]["additionalProperties"]),
    }
    if type is None:
        edited = with_blocks(editable(documents), {name: found(name) for name in BLOCKS})
        whole = {name: local(part) for name, part in edited.items()}
        return {"$schema": DRAFT, "$id": f"{URN}:spec", **_anything(documents["net"]), "$defs": whole}
    types = documents["net"]["properties"]["type"]["enum"]
    if type not in types:
        raise RegistryError(f"no net type {visible(type)!r}: {did_you_mean(type, types)}")
    return {"$schema": DRAFT, "$id": f"{URN}:net:{type}", **OneType(documents).net(type)}


def _extending(otherwise: Schema) -> dict[str, Any]:
    """What a spec must be that may be built on another file: if it is, it says only what is different there."""
    named = {
        "type": "string",
        "description": "The file, and behind # the spec in it, whose values hold where this one has none.",
        "examples": ["base.json", "base.json#ppo"],
    }
    there = {"type": "object", "required": [EXTENDS]}
    return {"if": there, "then": {"properties": {EXTENDS: named}}, "else": otherwise}


def _flat(net: Schema) -> dict[str, Any]:
    """The net's schema with all keys that a block may have in one place: ajv does not see them through references."""
    parts = dict(net["$defs"])
    sources = [net, parts.pop("other_types"), parts.pop("prefixed")]
    keys: dict[str, Any] = {}
    for source in sources:
        keys |= {key: part for key, part in source["properties"].items() if key not in keys}
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
    kinds = {
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
    title, what = "slm_net", "A spec file of SLM Lab 4 or 5, one spec of it, or a bare net block."
    return {"title": title, "description": what, **_extending(kinds)}


def _object_with(keys: Iterable[str]) -> dict[str, Any]:
    return {"type": "object", "anyOf": [{"required": [key]} for key in keys]}
