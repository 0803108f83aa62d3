"""The schemas, those of registered plugins among them, asked for properties, names and defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slm_net.schema.entries import document, schema_cached
from slm_net.schema.files import ARC, BLOCKS, KINDS, Schema, folder, part_of, split  # noqa: F401  (asked for here)

#: The key of a spec, or of a whole file, that names the file that it is built on.
EXTENDS = "extends"
#: The keys under which a name stands with its arguments, and of which kind it is.
KIND_OF_KEY = {
    "hid_layers_activation": "activation",
    "out_layer_activation": "activation",
    "init_fn": "init",
    "loss_spec": "loss",
    "optim_spec": "optimizer",
    "lr_scheduler_spec": "lr_scheduler",
}
#: The keys that tell a spec from a net block; the first ones also tell that what is under a name is a spec.
NAMED_SPEC_KEYS = ("agent", "env", "meta", "search", "spec_params")
SPEC_KEYS = (*NAMED_SPEC_KEYS, "body")
#: How a key begins that only holds a comment, wherever it stands, and a top-level key that only holds YAML anchors.
COMMENTS = ("_comment", "//", "$comment")
ANCHORS = ("_", "x-", ".")
#: A variable in a text, which stands for any value until it is filled in.
VARIABLE = re.compile(r"\$\{(\w+)\}")


@schema_cached
def lookup(ref: str) -> Any:
    """The subschema that an absolute `$ref` points to.

    >>> lookup("net.schema.json#/properties/clip_grad_val")["default"] is None
    True
    """
    name, fragment = split(ref)
    return part_of(document(name), fragment)


def names(kind: str) -> list[str]:
    """The names of a kind: "optimizer", "loss", "lr_scheduler", "activation", "init", "layer", "function", "memory" ...

    >>> names("init")[:2]
    ['orthogonal_', 'xavier_uniform_']
    """
    known = document(kind)
    listed = known["$defs"].get("name") or known["$defs"].get("object", known)["properties"]["name"]
    return list(listed.get("enum") or listed["examples"])


def left_out(kind: str) -> dict[str, str]:
    """The names of torch that a spec cannot use, with the reason."""
    entries = document(kind)["$defs"].get("left_out", {}).get("properties", {})
    return {name: entry["description"] for name, entry in entries.items()}


@schema_cached
def arguments(kind: str, name: str) -> Mapping[str, Schema]:
    """The arguments that the schema of `kind` lists for `name`, each with its own schema, `$ref`s followed."""
    return {key: expanded(part) for key, part in document(kind)["$defs"][name]["properties"].items()}


def needed(kind: str, name: str) -> list[str]:
    """The arguments without a default."""
    return list(document(kind)["$defs"][name].get("required", ()))


@schema_cached
def all_arguments(kind: str) -> frozenset[str]:
    """The arguments that some optimizer, loss or scheduler takes."""
    return frozenset(argument for name in names(kind) for argument in arguments(kind, name))


def block_ref(kind: str, name: str = "") -> str:
    """The reference to the schema of a block around the nets, of a known name where the kind has names."""
    return f"{kind}.schema.json" + (f"#/$defs/{name}" if name else "")


@schema_cached
def block_keys(kind: str, name: str = "") -> Mapping[str, Schema]:
    """The settings that a block of a spec, an "agent" or the "spec" itself has, each with its schema.

    >>> block_keys("memory", "Replay")["batch_size"]["minimum"]
    1
    """
    spec = document("spec")["$defs"]
    found = {**spec[kind]["properties"]} if kind in spec else {}
    if kind in BLOCKS:
        found |= document(kind)["properties"] | (lookup(block_ref(kind, name))["properties"] if name else {})
    return {key: expanded(part) for key, part in found.items()}


@schema_cached
def all_block_keys(kind: str) -> frozenset[str]:
    """The settings that blocks of a kind have, whatever their name."""
    keys = set(block_keys(kind))
    for name in names(kind) if "name" in document(kind)["properties"] else ():
        keys.update(block_keys(kind, name))
    return frozenset(keys - {"name"})


def net_types() -> list[str]:
    """The net types that a spec can name."""
    return list(document("net")["properties"]["type"]["enum"])


@schema_cached
def net_properties(net_type: str) -> dict[str, Schema]:
    """The keys that a net of this type uses, each with its schema; `$ref`s are followed, keys beside them win.

    A key of every net that this type has no use for is deprecated there.
    """
    net = document("net")
    own = {**net["properties"], **net["$defs"][net_type]["properties"]}
    found = {key: expanded(schema) for key, schema in own.items() if key != "$schema"}
    return {key: schema for key, schema in found.items() if not schema.get("deprecated")}


def property_refs(net_type: str) -> Mapping[str, str]:
    """The keys that a net of this type may have, each with the reference to its schema; of no type those of all.

    >>> property_refs("MLPNet")["hid_layers"]
    'net.schema.json#/$defs/MLPNet/properties/hid_layers'
    """
    return _property_refs(net_type if net_type in net_types() else "")


@schema_cached
def _property_refs(net_type: str) -> Mapping[str, str]:
    parts = ("$defs/prefixed/", "", *([f"$defs/{net_type}/"] if net_type else []))
    places = (f"net.schema.json#/{part}properties" for part in parts)
    return {key: f"{place}/{key}" for place in places for key in lookup(place)}


@schema_cached
def net_keys() -> frozenset[str]:
    """Every key that some net block may have, with the `actor_` and `critic_` forms."""
    net = document("net")
    return frozenset(
        (*net["properties"], *net["$defs"]["prefixed"]["properties"], *net["$defs"]["other_types"]["properties"])
    )


@schema_cached
def unused_keys(net_type: str) -> frozenset[str]:
    """The keys of other net types, and of most, that a net of this type does not use."""
    net = document("net")
    return frozenset((*net["$defs"]["other_types"]["properties"], *net["properties"])) - {
        "$schema",
        *net_properties(net_type),
    }


@schema_cached
def needed_keys(net_type: str) -> tuple[str, ...]:
    """The keys without a default that a net of this type must have."""
    parts = document("net")["$defs"][net_type].get("allOf", ())
    return tuple(part["$ref"].rpartition("/needs_")[2] for part in parts)


def net_properties_of(block: Mapping[str, Any]) -> Mapping[str, Schema]:
    """The keys of a net block of this one's type with their schemas; those that all types share if it has none."""
    kind = block.get("type")
    return net_properties(kind) if kind in net_types() else document("net")["properties"]


def expanded(schema: Schema) -> Schema:
    """A schema with its `$ref` followed; keys beside the `$ref` win."""
    return {**expanded(lookup(schema["$ref"])), **schema} if "$ref" in schema else schema


def number(value: Any, part: Schema) -> Any:
    """A deep copy with each number of the kind that the schema asks for, where torch minds: 64.0 as 64, and 1 as 1.0.

    >>> number([64.0, 32], {"type": "array", "items": {"type": "integer"}})
    [64, 32]
    """
    if not isinstance(value, list | int | float) or isinstance(value, bool):
        return value
    part = expanded(part)
    if isinstance(value, list):
        places, rest = part.get("prefixItems", []), part.get("items", {})
        return [number(entry, places[i] if i < len(places) else rest) for i, entry in enumerate(value)]
    types = part.get("type", ())
    if isinstance(value, float) and value.is_integer() and "integer" in types and "number" not in types:
        return int(value)
    return float(value) if type(value) is int and types == "number" else value


@schema_cached
def default_arguments(kind: str, name: str) -> Mapping[str, Any]:
    """The defaults of the arguments of a name."""
    return {key: part["default"] for key, part in arguments(kind, name).items() if "default" in part}


def canonical_arguments(kind: str, name: str, written: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments of a name, the written ones with numbers of the right kind, the others at their defaults."""
    known = arguments(kind, name)
    return {
        **default_arguments(kind, name),
        **{key: number(value, known.get(key, {})) for key, value in written.items()},
    }
