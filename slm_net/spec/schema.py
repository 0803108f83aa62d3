"""The schemas in `schemas/`: found, read, and asked for properties, names and defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

PACKAGE = Path(__file__).resolve().parent.parent
#: In a wheel the folder lies inside the package, in a source tree or an editable install beside it.
FOLDERS = (PACKAGE / "schemas", PACKAGE.parent / "schemas")
#: Kinds of names with a schema file of their own.
KINDS = ("activation", "init", "loss", "optimizer", "lr_scheduler")


@cache
def folder() -> Path:
    """Where the schema files are.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for path in FOLDERS:
        if (path / "net.schema.json").is_file():
            return path
    raise FileNotFoundError(f"no net.schema.json in {' or '.join(map(str, FOLDERS))}; install slm_net again")


@cache
def document(name: str) -> dict[str, Any]:
    """The schema file `name`, for example "net", with every `$ref` made absolute ("net.schema.json#/...")."""
    file = f"{name}.schema.json"
    schema = json.loads((folder() / file).read_text(encoding="utf-8"))
    # jsonschema would go back to its own validator class at a nested "$schema"
    return _absolute({key: part for key, part in schema.items() if key not in ("$schema", "$id")}, file)


def _absolute(node: Any, file: str) -> Any:
    if isinstance(node, list):
        return [_absolute(child, file) for child in node]
    if not isinstance(node, dict):
        return node
    absolute = {key: _absolute(child, file) for key, child in node.items()}
    ref = absolute.get("$ref")
    if isinstance(ref, str) and ref.startswith("#"):
        absolute["$ref"] = file + ref
    return absolute


@cache
def lookup(ref: str) -> Any:
    """The subschema that an absolute `$ref` points to.

    >>> lookup("net.schema.json#/properties/clip_grad_val")["default"] is None
    True
    """
    file, _, fragment = ref.partition("#")
    node = document(file.removesuffix(".schema.json"))
    for part in fragment.split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def names(kind: str) -> list[str]:
    """The names that a schema file defines: "optimizer", "loss", "lr_scheduler", "activation" or "init".

    >>> names("init")[:2]
    ['orthogonal_', 'xavier_uniform_']
    """
    definitions = document(kind)["$defs"]
    schema = definitions.get("object", document(kind))
    listed = schema["properties"]["name"]
    return list(listed.get("enum") or listed["examples"])


def left_out(kind: str) -> dict[str, str]:
    """The names of torch that a spec cannot use, with the reason."""
    entries = document(kind)["$defs"].get("left_out", {}).get("properties", {})
    return {name: entry["description"] for name, entry in entries.items()}


def arguments(kind: str, name: str) -> dict[str, Schema]:
    """The arguments that the schema of `kind` lists for `name`, each with its own schema."""
    return dict(document(kind)["$defs"][name]["properties"])


def net_types() -> list[str]:
    """The net types that a spec can name."""
    return list(document("net")["properties"]["type"]["enum"])


@cache
def net_properties(net_type: str) -> dict[str, Schema]:
    """The keys that a net of this type uses, each with its schema; `$ref`s are followed, keys beside them win."""
    net = document("net")
    own = {**net["properties"], **net["$defs"][net_type]["properties"]}
    return {key: expanded(schema) for key, schema in own.items() if key != "$schema"}


def property_ref(net_type: str, key: str) -> str:
    """The reference to the schema of one key of a net type, "" if the type has no such key.

    >>> property_ref("MLPNet", "hid_layers")
    'net.schema.json#/$defs/MLPNet/properties/hid_layers'
    """
    net = document("net")
    if key in net["$defs"].get(net_type, {}).get("properties", {}):
        return f"net.schema.json#/$defs/{net_type}/properties/{key}"
    parts = {"properties": net["properties"], "$defs/prefixed/properties": net["$defs"]["prefixed"]["properties"]}
    return next((f"net.schema.json#/{where}/{key}" for where, keys in parts.items() if key in keys), "")


@cache
def net_keys() -> frozenset[str]:
    """Every key that some net block may have, with the `actor_` and `critic_` forms."""
    net = document("net")
    return frozenset(
        (*net["properties"], *net["$defs"]["prefixed"]["properties"], *net["$defs"]["other_types"]["properties"])
    )


@cache
def unused_keys(net_type: str) -> frozenset[str]:
    """The keys of other net types that a net of this type does not use."""
    other = document("net")["$defs"]["other_types"]["properties"]
    return frozenset(other) - net_properties(net_type).keys()


@cache
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
