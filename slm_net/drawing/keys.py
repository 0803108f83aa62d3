"""What each key of a spec file means, from its entry in the schemas: help for whoever reads the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.document.specs import Document, Spec
from slm_net.problems import Path
from slm_net.schema import catalogue
from slm_net.schema.catalogue import KIND_OF_KEY, Schema
from slm_net.schema.compose import without_role
from slm_net.text.places import Lines
from slm_net.words import visible

Keys = Mapping[str, Schema]
#: Keys that get help, in one text; and the names that are listed of a choice.
MOST, CHOICES = 5_000, 10
_key = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s,:\[\]{}"\']+').match


def helped(document: Document) -> list[tuple[int, int, str]]:
    """Where each key that is known begins and ends in the text, and what it means, in the order of the text."""
    source, found = document.source, dict[int, tuple[int, int, str]]()
    lines = Lines(source.text)
    for path, words in helps(document):
        at = source.key_position(path)
        start = lines.start(at.line)
        if start is None or len(found) >= MOST:
            continue
        begin = start + at.column - 1
        if match := _key(source.text, begin):
            written = match[0].strip("\"'")
            if written == path[-1]:  # of what stands in another place, such as an alias, nothing is said there
                found.setdefault(begin, (begin, match.end(), words))
    return sorted(found.values())


def helps(document: Document) -> Iterator[tuple[Path, str]]:
    """The path of each key that is known, and what it means."""
    for spec in document.specs:
        yield from _of_spec(spec)


def _of_spec(spec: Spec) -> Iterator[tuple[Path, str]]:
    if not spec.bare:
        yield from _walked(spec.data, spec.path, catalogue.block_keys("spec"), "spec")
        for agent in spec.agents:
            yield from _walked(agent.data, agent.path, catalogue.block_keys("agent"), "agent")
            for kind in ("algorithm", "memory"):
                block = agent.block(kind)
                name = block.data.get("name")
                known = name if name in catalogue.names(kind) else ""
                yield from _walked(block.data, block.path, catalogue.block_keys(kind, known))
        for env in spec.envs:
            yield from _walked(env.data, env.path, catalogue.block_keys("env"))
        if isinstance(meta := spec.data.get("meta"), Mapping):
            yield from _walked(meta, (*spec.path, "meta"), catalogue.block_keys("meta"))
    for net in spec.net_blocks():
        refs = catalogue.property_refs(str(net.data.get("type")))
        known = {key: catalogue.expanded({"$ref": refs[key]}) for key in net.data if key in refs}
        yield from _walked(net.data, net.path, known, "net")


#: Keys whose values are looked at apart.
APART = {
    "spec": ("agent", "env", "meta", "search", "spec_params"),
    "agent": ("algorithm", "memory", "net", "critic_net"),
}


def _walked(data: Any, path: Path, keys: Keys, kind: str = "") -> Iterator[tuple[Path, str]]:
    """The keys of an object, and those inside of their values."""
    for key, value in data.items():
        part = keys.get(key)
        if part is None:
            continue
        if words := words_of(part):
            yield (*path, key), words
        if key not in APART.get(kind, ()):
            yield from _inside(str(key), value, (*path, key), part, kind)


def _inside(key: str, value: Any, path: Path, part: Schema, kind: str) -> Iterator[tuple[Path, str]]:
    named = KIND_OF_KEY.get(without_role(key))
    if kind == "net" and key.endswith("arc") and isinstance(value, Mapping):
        yield from _arc(value, path)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _inside(key, entry, (*path, index), part.get("items", part), kind)
    elif isinstance(value, Mapping):
        name = value.get("name")
        if kind == "net" and named and name in catalogue.names(named):
            yield from _walked(value, path, {"name": _entry(named, name), **catalogue.arguments(named, name)})
        else:
            yield from _walked(value, path, {k: catalogue.expanded(p) for k, p in part.get("properties", {}).items()})


def _entry(kind: str, name: str) -> Schema:
    return {"description": catalogue.document(kind)["$defs"][name].get("description", "")}


def _arc(arc: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """The parts of an arc, and the layers of its modules wherever they stand."""
    known = catalogue.document("arc").get("properties", {})
    yield from _walked(arc, path, {key: catalogue.expanded(part) for key, part in known.items()})
    yield from _layers(arc.get("modules"), (*path, "modules"))


def _layers(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, list):
        for index, entry in enumerate(data):
            yield from _layers(entry, (*path, index))
        return
    layers = frozenset(catalogue.names("layer"))
    for key, value in data.items() if isinstance(data, Mapping) else ():
        if key in layers and len(data) == 1:
            yield (*path, key), words_of(_entry("layer", key))
            if isinstance(value, Mapping):
                yield from _walked(value, (*path, key), catalogue.arguments("layer", key))
        else:
            yield from _layers(value, (*path, key))


def words_of(part: Schema) -> str:
    """What a key means, its default, and the names that it can hold.

    >>> words_of({"description": "Share of units.", "default": 0.0})
    'Share of units. Default: 0.0.'
    """
    words = [part["description"].strip()] if part.get("description") else []
    if "default" in part:
        words.append(f"Default: {visible(json.dumps(part['default']), 80)}.")
    if names := part.get("enum"):
        more = f" and {len(names) - CHOICES} more" if len(names) > CHOICES else ""
        shown = (name if isinstance(name, str) else json.dumps(name) for name in names[:CHOICES])
        words.append(f"One of {', '.join(shown)}{more}.")
    return " ".join(words)
