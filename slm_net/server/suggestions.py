"""What can be written at a place of a spec: the keys that are not there yet, the names and values that fit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.problems import Path
from slm_net.reference.examples import values_for
from slm_net.reference.owners import NAMED, PARTS, needed_of, owners, schema_of
from slm_net.schema.catalogue import Schema, expanded
from slm_net.schema.compose import without_role
from slm_net.server.cursor import Cursor
from slm_net.server.scope import Scope, scope_at
from slm_net.wording.values import allows_null, choices_of

#: The net type that is there at first, and what is said of keys that must be there.
USUAL, NEEDED = "MLPNet", "needed"
#: Texts that YAML takes for something else without quotes.
_plain = re.compile(r"(?!(?:null|true|false|yes|no|on|off|~)\Z)[A-Za-z_][\w./-]*").fullmatch


class Suggestion(NamedTuple):
    """What can be written, and what is said of it; `snippet` is the `text` to write with a part that can be changed."""

    label: str
    is_key: bool
    detail: str
    about: str
    text: str
    snippet: str


def suggestions(cursor: Cursor) -> list[Suggestion]:
    """What can be written where the cursor is."""
    if not cursor.is_key:
        return _values(cursor, cursor.path)
    inside = cursor.path[:-1]
    found = list(_keys(cursor, scope_at(cursor.document, inside)))
    if cursor.yaml and inside and isinstance(inside[-1], int):  # "- re" may be an entry as well
        found += _values(cursor, inside)
    return found


def _keys(cursor: Cursor, scope: Scope | None) -> Iterator[Suggestion]:
    if scope is None:
        return
    if scope.kind == "layer" and not scope.name:
        for name in scope.names():
            yield _key(cursor, name, str(schema_of("layer", name).get("description", "")), "layer", {})
        return
    if (selector := scope.selector) and selector not in scope.data and scope.kind != "agent":
        names = scope.names()
        about = f"Which {NAMED[scope.kind][0] if scope.kind in NAMED else 'environment'} it is."
        usual = USUAL if scope.kind == "net" and USUAL in names else names[0] if names else ""
        yield _key(cursor, selector, about, NEEDED, usual)
    needed = needed_of(scope.kind, scope.name) if scope.name else []
    for key, part in sorted(scope.keys().items(), key=lambda entry: entry[0] not in needed):
        if key not in scope.data and key != selector:
            default = f"default {json.dumps(part['default'])}" if "default" in part else ""
            detail = NEEDED if key in needed else default
            yield _key(cursor, key, str(part.get("description", "")), detail, (values_for(part) or [None])[0])


def _key(cursor: Cursor, key: str, about: str, detail: str, value: Any) -> Suggestion:
    """A key, with a value behind it that is there to be changed, unless there is one already."""
    name = key if cursor.yaml and _plain(key) else json.dumps(key)
    if cursor.colon:
        return Suggestion(key, True, detail, about, name, _escaped(name))
    end = "," if cursor.more else ""
    written = _written(value, cursor.yaml)
    placeholder = f'"${{1:{_escaped(written[1:-1])}}}"' if written[:1] == '"' else f"${{1:{_escaped(written)}}}"
    return Suggestion(key, True, detail, about, f"{name}: {written}{end}", f"{_escaped(name)}: {placeholder}{end}")


def _written(value: Any, yaml: bool) -> str:
    if yaml and isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(part, yaml)}" for key, part in value.items()) + "}"
    return value if yaml and isinstance(value, str) and _plain(value) else json.dumps(value)


def _escaped(text: str) -> str:
    """Text as it stands in a snippet."""
    return re.sub(r"([\\$}])", r"\\\1", text)


def _values(cursor: Cursor, path: Path) -> list[Suggestion]:
    """The values that can stand at a path: those of the schema of their key, or of its entries."""
    steps = [*path]
    while steps and isinstance(steps[-1], int):
        steps.pop()
    if not steps:
        return []
    key, inside = str(steps[-1]), tuple(steps[:-1])
    scope = scope_at(cursor.document, inside)
    if scope is None:
        return []
    if scope.selector == key and scope.kind != "agent":
        return [_value(cursor, name, _about(scope.kind, name)) for name in scope.names()]
    if scope.kind == "layer" and not scope.name:
        return [_value(cursor, name, _about("layer", name)) for name in owners("layer")]
    part = scope.keys().get(key, {})
    for _ in range(len(path) - len(steps)):
        items = part.get("items", part if "activation" in key else {})
        part = expanded(items) if isinstance(items, Mapping) else {}
    return list(_of_schema(cursor, key, part))


def _of_schema(cursor: Cursor, key: str, part: Schema) -> Iterator[Suggestion]:
    """The values that a schema names, each once."""
    kind = PARTS.get(without_role(key), "")
    types = part.get("type", ())
    named: list[Any] = [*part.get("enum", ()), *(choices_of(part) if "enum" not in part else ())]
    named += [True, False] if "boolean" in types else []
    named += [{"name": name} for name in owners(kind)] if kind in ("optimizer", "loss", "lr_scheduler") else []
    named += [*part.get("examples", ()), *([part["default"]] if "default" in part else [])]
    named += [None] if types and allows_null(part) else []
    for value in _once(named):
        name = value["name"] if isinstance(value, Mapping) and "name" in value else value
        about = _about(kind or ("activation" if "activation" in key else ""), name) if isinstance(name, str) else ""
        yield _value(cursor, value, about, "default" if "default" in part and value == part["default"] else "")


def _once(values: Iterable[Any]) -> Iterator[Any]:
    seen = set[str]()
    for value in values:
        if (text := json.dumps(value)) not in seen:
            seen.add(text)
            yield value


def _about(kind: str, name: str) -> str:
    return str(schema_of(kind, name).get("description", "")) if kind in NAMED else ""


def _value(cursor: Cursor, value: Any, about: str, detail: str = "") -> Suggestion:
    written = _written(value, cursor.yaml)
    label = value if isinstance(value, str) else written
    return Suggestion(label, False, detail, about, written, _escaped(written))
