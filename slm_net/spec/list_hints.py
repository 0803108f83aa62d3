"""Wrong entries of lists in words: how the whole list should look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from slm_net.spec import schema as schemas
from slm_net.spec.mistakes import Mistake
from slm_net.spec.places import Path
from slm_net.spec.schema import Schema
from slm_net.spec.value_hints import values_of
from slm_net.spec.wording import kind_of_name


def list_hint(mistake: Mistake, instance: Any, depth: int) -> str:
    """A hint for an entry of a list in `instance`, whose own path has that many steps, if it has no better one."""
    path = mistake.path
    if len(path) <= depth or not isinstance(path[-1], int) or mistake.at_key:
        return ""
    at = max((at for at in range(depth, len(path)) if isinstance(path[at], str)), default=-1)
    if at < 0:
        return ""
    key, owner = str(path[at]), _at(instance, path[depth:at])
    rows = owner.get(key) if isinstance(owner, Mapping) else None
    if key.endswith("conv_hid_layers") and path[at + 1 :] == (0,) and isinstance(rows, list) and _all_numbers(rows):
        return f"write {json.dumps([rows])}"
    if mistake.hint or not isinstance(owner, Mapping):
        return ""
    values = values_of(_schema_of(owner, key, kind_of_name(path[:at])))
    return f'for example "{key}": {json.dumps(values[0])}' if values else ""


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _all_numbers(rows: list[Any]) -> bool:
    return len(rows) <= 8 and all(isinstance(row, int) and not isinstance(row, bool) for row in rows)


def _schema_of(owner: Mapping[str, Any], key: str, kind: str) -> Schema:
    if kind not in schemas.KINDS:
        known = schemas.net_properties_of(owner)
        return known.get(key) or known.get(key.removeprefix("actor_").removeprefix("critic_"), {})
    name = owner.get("name")
    return schemas.arguments(kind, name).get(key, {}) if name in schemas.names(kind) else {}
