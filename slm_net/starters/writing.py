"""A spec as text, with what the schema says of each key behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slm_net.rules.lab_files import in_yaml_1_1
from slm_net.schema import catalogue
from slm_net.schema.catalogue import Schema
from slm_net.schema.compose import ROLES

#: The longest comment; of a longer sentence its beginning is written.
LONGEST = 90
#: Words that YAML 1.1 takes for true, false or null.
_TAKEN = re.compile(r"(?i)(?:y|n|yes|no|on|off|true|false|null|~)")
#: What a value at a path is about, "" if nothing is to be said.
Comment = Callable[[tuple[str, ...]], str]


def jsonc(data: Mapping[str, Any], heading: str) -> str:
    """The data as JSON with comments."""
    lines = [f"// {line}" for line in heading.splitlines()]
    return "\n".join([*lines, *_json(data, comments_of(data))]) + "\n"


def yaml(data: Mapping[str, Any], heading: str) -> str:
    """The data as YAML that SLM Lab reads, which takes no comments in JSON."""
    lines = [f"# {line}" for line in heading.splitlines()]
    return "\n".join([*lines, *_yaml(data, comments_of(data))]) + "\n"


def comments_of(data: Mapping[str, Any]) -> Comment:
    """What there is to say at each path of a spec file, without the numbers of lists."""
    [(name, spec)] = data.items()
    agent = spec["agent"][0] if isinstance(spec["agent"], list) else spec["agent"]
    known: dict[tuple[str, ...], Mapping[str, Schema]] = {
        (name,): {**catalogue.block_keys("spec"), **catalogue.document("spec")["$defs"]},
        (name, "agent"): {key: part for key, part in catalogue.block_keys("agent").items() if key != "net"},
        (name, "env"): catalogue.block_keys("env"),
        (name, "meta"): catalogue.block_keys("meta"),
        (name, "agent", "algorithm"): catalogue.block_keys("algorithm", agent["algorithm"]["name"]),
        (name, "agent", "memory"): _of_memory(agent["memory"]),
    }
    for key in ("net", "critic_net"):
        if agent.get(key):
            known[name, "agent", key] = _of_net(agent[key]["type"])

    def comment(path: tuple[str, ...]) -> str:
        part = known.get(path[:-1], {}).get(path[-1], {}) if path else {}
        return _sentence(str(part.get("description", "")))

    return comment


def _of_memory(memory: Mapping[str, Any]) -> Mapping[str, Schema]:
    names = [memory[key] for key in ("sil_replay_name", "name") if key in memory]
    return {key: part for name in names for key, part in catalogue.block_keys("memory", name).items()}


def _of_net(kind: str) -> Mapping[str, Schema]:
    own = catalogue.net_properties(kind)
    roles = {f"{role}{key}": part for role in ROLES for key, part in own.items()}
    return {**roles, **own}


def _sentence(text: str) -> str:
    """The first sentence, without the dot; of a long one what stands before the first stop in it.

    >>> _sentence("Discount factor."), _sentence("One. Two."), _sentence("a" * 80 + "; " + "b" * 80)[-3:]
    ('Discount factor', 'One', 'aaa')
    """
    first = re.split(r"\.(?:\s|$)", text.replace("`", "").strip(), maxsplit=1)[0]
    for stop in ("; ", ": ", ", "):
        if len(first) > LONGEST:
            first = first.partition(stop)[0]
    first = re.sub(r"\s*\([^)]*$", "", first)
    return first if len(first) <= LONGEST else ""


def _is_nested(value: Any) -> bool:
    """Whether a value goes over several lines: objects with more in them than a name and its arguments."""
    if isinstance(value, Mapping):
        return any(map(_is_nested, value.values())) or len(json.dumps(value)) > LONGEST
    return isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value)


def _json(value: Any, comment: Comment, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(value, list):  # of one object, as SLM Lab 4 has them
        inner = list(_json(value[0], comment, path))
        yield from (f"[{inner[0]}", *inner[1:-1], f"{inner[-1]}]")
        return
    yield "{"
    last = list(value)[-1]
    for key, part in value.items():
        said, comma = comment((*path, key)), "" if key == last else ","
        behind = f"  // {said}" if said else ""
        if _is_nested(part) or len(path) < 2:
            first, *others = _json(part, comment, (*path, key))
            yield f"  {json.dumps(key)}: {first}{behind}"
            yield from (f"  {line}" for line in others[:-1])
            yield f"  {others[-1]}{comma}"
        else:
            yield f"  {json.dumps(key)}: {json.dumps(part)}{comma}{behind}"
    yield "}"


def _yaml(value: Mapping[str, Any], comment: Comment, path: tuple[str, ...] = ()) -> Iterator[str]:
    for key, part in value.items():
        said = comment((*path, key))
        behind = f"  # {said}" if said else ""
        listed = isinstance(part, list) and _is_nested(part)
        inner = part[0] if listed else part
        if isinstance(inner, Mapping) and inner and (_is_nested(inner) or len(path) < 3):
            yield f"{key}:{behind}"
            lines = list(_yaml(inner, comment, (*path, key)))
            marks = ["- ", *["  "] * len(lines)] if listed else ["  "] * len(lines)
            yield from (f"{mark}{line}" for mark, line in zip(marks, lines, strict=False))
        else:
            yield f"{key}: {_scalar(part)}{behind}"


def _scalar(value: Any) -> str:
    """A value on one line, as every YAML reads it."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_scalar(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w./-]*", value) and not _TAKEN.fullmatch(value):
        return value
    return in_yaml_1_1(value) if type(value) is float else json.dumps(value)
