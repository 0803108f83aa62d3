"""Values as the builders want them: numbers of the right kind, names as torch spells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.spec import schema
from slm_net.spec.fragments import schema_cached
from slm_net.spec.schema import Schema


def canonical_block(block: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a net block with numbers of the right kind and the cell type in capitals; wrong values stay.

    >>> canonical_block({"type": "RecurrentNet", "cell_type": "gru", "seq_len": 4.0})
    {'type': 'RecurrentNet', 'cell_type': 'GRU', 'seq_len': 4}
    """
    properties = schema.net_properties_of(block)
    return {key: canonical_value(key, value, properties.get(key, {})) for key, value in block.items()}


def canonical_value(key: str, value: Any, part: Schema) -> Any:
    """The value of one key of a net block, of which `part` is the schema."""
    if key == "cell_type" and isinstance(value, str):
        return value.upper()
    return number(value, part)


def canonical_name(kind: str, name: str) -> str:
    """The name as torch writes it; activations and losses are found in any case.

    >>> canonical_name("activation", "leakyrelu")
    'LeakyReLU'
    """
    return _spellings(kind).get(name.casefold(), name)


@schema_cached
def _spellings(kind: str) -> Mapping[str, str]:
    return {known.casefold(): known for known in schema.names(kind)}


def number(value: Any, part: Schema) -> Any:
    """A deep copy with each number of the kind that the schema asks for, where torch minds: 64.0 as 64, and 1 as 1.0.

    >>> number([64.0, 32], {"type": "array", "items": {"type": "integer"}})
    [64, 32]
    """
    if not isinstance(value, list | int | float) or isinstance(value, bool):
        return value
    part = schema.expanded(part)
    if isinstance(value, list):
        places, rest = part.get("prefixItems", []), part.get("items", {})
        return [number(entry, places[i] if i < len(places) else rest) for i, entry in enumerate(value)]
    types = part.get("type", ())
    if isinstance(value, float) and value.is_integer() and "integer" in types and "number" not in types:
        return int(value)
    return float(value) if type(value) is int and types == "number" else value
