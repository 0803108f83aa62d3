"""The schema as one document, for editors and other engines: every file inside, every reference local."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from slm_net.problems import did_you_mean, visible
from slm_net.registry import RegistryError
from slm_net.spec.documents import document
from slm_net.spec.editable import editable
from slm_net.spec.schema_files import HOME, KINDS, Schema, own_document

DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: The keys that tell a spec from a net block; see `slm_net.spec.document`.
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
