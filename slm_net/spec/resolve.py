"""A valid net block as the builders want it: every key there, names canonical, numbers of the right kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.spec import schema
from slm_net.spec.canonical import canonical_name, canonical_value, number
from slm_net.spec.net_view import defaults
from slm_net.spec.schema import Schema


def resolve(block: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of a valid net block with defaults filled in and names canonical; keys of other types are left out.

    Activations and init functions become objects with a name, so that builders have one case.

    >>> spec = resolve({"type": "MLPNet", "hid_layers": [64.0], "hid_layers_activation": "relu"})
    >>> spec["hid_layers"], spec["hid_layers_activation"], spec["optim_spec"]
    ([64], {'name': 'ReLU'}, {'name': 'Adam'})
    """
    properties = schema.net_properties(block["type"])
    values = {**defaults(block["type"]), **block}
    return {key: _resolved(key, values[key], part) for key, part in properties.items() if key in values}


def _resolved(key: str, value: Any, part: Schema) -> Any:
    if key == "update_frequency":
        return max(1, round(value))  # a real spec has 0.9; validation warns of it
    kind = part.get("$ref", "").partition(".")[0]
    if kind in schema.KINDS:
        return _named(kind, value)
    return canonical_value(key, value, part)


def _named(kind: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_named(kind, entry) for entry in value]
    if isinstance(value, str):
        return {"name": canonical_name(kind, value)}
    if value is None:
        return None
    name = canonical_name(kind, value["name"])
    arguments = schema.arguments(kind, name)
    if kind == "optimizer" and name == "Lookahead":
        inner = value.get("optimizer", arguments["optimizer"]["default"])
        arguments = {**schema.arguments(kind, inner), **arguments}
    return {"name": name, **{k: number(v, arguments[k]) for k, v in value.items() if k != "name"}}
