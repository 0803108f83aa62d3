"""What a word of a spec is: a net type, a key, an argument, an environment, a rule; each thing it may be is a topic."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.document.algorithms import RECIPES
from slm_net.net_types import net_type
from slm_net.reference.examples import environment, right, showing
from slm_net.reference.owners import (
    BLOCKS,
    NAMED,
    PARTS,
    keys_of,
    labs_that_read,
    labs_without,
    needed_of,
    owners,
    schema_of,
)
from slm_net.rules.pages import page, rules, title
from slm_net.schema import catalogue
from slm_net.schema.catalogue import Schema
from slm_net.schema.compose import without_role
from slm_net.schema.entries import owner_of, schema_cached
from slm_net.schema.files import OURS, TAKES_IN
from slm_net.spaces.environments import known_environments
from slm_net.spaces.values import Spaces
from slm_net.wording.aliases import KEYS, NAMES
from slm_net.wording.values import expected
from slm_net.words import folded, listing, nearest

#: The net type to show things with.
USUAL = "MLPNet"


class Argument(NamedTuple):
    """An argument or a key of something: what it takes, its default as JSON, "" without one, and what it is."""

    name: str
    takes: str
    default: str
    about: str
    needed: bool = False


class Topic(NamedTuple):
    """One thing that a word may be. `page` is the rest of it as Markdown, of a rule its wrong and right example."""

    name: str
    kind: str
    about: str
    facts: tuple[tuple[str, str], ...] = ()
    arguments: tuple[Argument, ...] = ()
    example: Any = None
    page: str = ""


@schema_cached
def topics(word: str) -> tuple[Topic, ...]:
    """All that a word may be, in any case and with any separators; an owner may stand before it, with a dot.

    >>> [topic.kind for topic in topics("Adam.lr")], [topic.kind for topic in topics("polyak_coef")]
    (['argument of Adam'], ['key of a net'])
    """
    owner, _, name = word.rpartition(".")
    plain = without_role(name)
    if owner and word not in known_environments():
        return tuple(_keys(name, owner.rpartition(".")[2]) or _keys(plain, owner.rpartition(".")[2]))
    found = [*_names(word), *_keys(word), *_rules(word)]
    return tuple(found or _keys(plain))


def meant(word: str) -> list[str]:
    """The words that another one may have been meant to be: what other libraries call so, else the nearest."""
    known, owner = words(), word.rpartition(".")[0]
    other = (*KEYS.get(word.casefold(), ()), *NAMES.get(word.casefold(), ()))
    if named := [name for name in dict.fromkeys(other) if name in known]:
        return named
    if near := nearest(word.rpartition(".")[2][:100], known):
        return [near]
    return [owner] if owner and topics(owner) else []


@schema_cached
def words() -> frozenset[str]:
    """Every word that there is something to say of."""
    of_rules = (word for rule in rules().values() for word in (rule.id, rule.name))
    named = (name for kind in NAMED for name in owners(kind))
    return frozenset((*named, *(key for _, _, key in _all_keys()), *known_environments(), *of_rules))


def _all_keys() -> list[tuple[str, str, str]]:
    """Every kind, name of it, and key of that."""
    kinds = (*NAMED, *BLOCKS)
    return [(kind, owner, key) for kind in kinds for owner in owners(kind) for key in keys_of(kind, owner)]


@schema_cached
def _index() -> Mapping[str, list[tuple[str, ...]]]:
    """What has each word, in any spelling: a kind and a name, or a kind, a name and a key of it."""
    found: dict[str, list[tuple[str, ...]]] = {}
    named = [(kind, name) for kind in NAMED for name in owners(kind)]
    for entry in (*named, *_all_keys(), *(("env", name) for name in known_environments())):
        found.setdefault(folded(entry[-1]), []).append(entry)
    return found


def _names(word: str) -> Iterator[Topic]:
    for kind, name, *keys in _index().get(folded(word), ()):
        if not keys and kind == "env":
            facts = tuple(facts_of(known_environments()[name]))
            yield Topic(name, "environment", "", facts, (), right([environment(name)]))
        elif not keys and not _is_told(kind, name):
            yield named(kind, name)


def _is_told(kind: str, name: str) -> bool:
    """Whether a name is told of as one of another kind."""
    return kind in TAKES_IN and name.casefold() in map(str.casefold, owners(TAKES_IN[kind]))


@schema_cached
def named(kind: str, owner: str) -> Topic:
    """A name and all that stands beside it."""
    facts = [*_facts_of_a_name(kind, owner)]
    keys = _arguments(kind, owner)
    about = schema_of(kind, owner).get("description", "")
    what = "activation, and layer of an arc" if kind == "activation" else NAMED[kind][0]
    return Topic(owner, what, about, tuple(facts), keys, right(showing(kind, [owner])))


def _facts_of_a_name(kind: str, owner: str) -> Iterator[tuple[str, str]]:
    if kind == "net" and (takes := net_type(owner).takes):
        yield "takes", takes.wanted
    for key, part in PARTS.items():
        if part == kind:
            yield "stands in", key
    if kind == "algorithm" and owner in RECIPES:
        yield "nets", ", ".join(part.name for part in RECIPES[owner].parts) or "none"
    if (by := owner_of(kind, owner)) and by != OURS:
        yield "from", by
    for version, instead in labs_without(kind, owner).items():
        yield f"SLM Lab {version}", f"has none: {instead}"


def _arguments(kind: str, owner: str) -> tuple[Argument, ...]:
    needed = needed_of(kind, owner)
    found = [
        Argument(key, taken(part), _default(part), _about(part), key in needed)
        for key, part in keys_of(kind, owner).items()
    ]
    return tuple(sorted(found, key=lambda argument: not argument.needed))


def taken(part: Schema) -> str:
    """What a schema takes, in words, of a list also what is in it.

    >>> taken({"type": "array", "items": {"type": "integer", "minimum": 1}})
    'a list, each entry a whole number of at least 1'
    >>> taken({"description": "Written by SLM Lab."}), taken({"const": "update"})
    ('anything', 'only "update"')
    """
    if not part.keys() & {"type", "enum", "$ref"}:
        return f"only {json.dumps(part['const'])}" if "const" in part else "anything"
    items = part.get("items")
    inside = catalogue.expanded(items) if isinstance(items, Mapping) else {}
    of_each = f", each entry {expected(inside)}" if "type" in inside or "enum" in inside else ""
    return expected(part) + (of_each if part.get("type") == "array" else "")


def _default(part: Schema) -> str:
    return json.dumps(part["default"]) if "default" in part else ""


def _about(part: Schema) -> str:
    return str(part.get("description", ""))


def _keys(word: str, owner: str = "") -> list[Topic]:
    """What a key or argument is, once for all that have the same under it."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for kind, name, *keys in _index().get(folded(word), ()):
        if keys and _is_called(kind, name, owner):
            part = keys_of(kind, name)[keys[0]]
            found.setdefault((kind, keys[0], f"{_about(part)}\n{taken(part)}"), []).append(name)
    return [
        key_of(kind, key, names)
        for (kind, key, _), names in found.items()
        if not all(_is_told(kind, name) for name in names)
    ]


def _is_called(kind: str, name: str, owner: str) -> bool:
    """Whether a name of a kind is called so: by itself, by the key that it stands under, or by its kind."""
    part = PARTS.get(without_role(owner))
    return not owner or kind in (part, owner) or folded(name) == folded(owner)


def key_of(kind: str, key: str, names: list[str], most: int = 12) -> Topic:
    """A key or argument that means the same for all of these names, of which so many are listed."""
    part, needed = keys_of(kind, names[0])[key], [name for name in names if key in needed_of(kind, name)]
    facts = [("type", taken(part)), *_defaults(kind, key, names)]
    if needed:
        facts.append(("needed by", listing(needed, most)))
    if kind in NAMED and len(names) > 1:
        facts.append(("used by", "every net type" if names == catalogue.net_types() else listing(names, most)))
    if kind == "net" and f"actor_{key}" in catalogue.net_keys():
        facts.append(("also", f"actor_{key}, critic_{key} for one net of an actor-critic algorithm"))
    read = sorted({version for name in names for version in labs_that_read(kind, name, key, part)})
    facts.append(("SLM Lab", " and ".join(map(str, read)) if read else "no version reads it, slm_net alone does"))
    usual = sorted(names, key=lambda name: name != USUAL)
    return Topic(key, _of_whom(kind, names), _about(part), tuple(facts), inside(part), right(showing(kind, usual, key)))


def inside(part: Schema) -> tuple[Argument, ...]:
    """The keys of an object, as `start_val` of `explore_var_spec`; none where these depend on a name in it.

    >>> inside({"properties": {"rate": {"type": "number", "description": "How fast.", "default": 1}}})
    (Argument(name='rate', takes='a number', default='1', about='How fast.', needed=False),)
    """
    parts = {key: catalogue.expanded(found) for key, found in part.get("properties", {}).items()}
    needed = part.get("required", ())
    known = (Argument(key, taken(one), _default(one), _about(one), key in needed) for key, one in parts.items())
    return tuple(known) if parts.keys() != {"name"} else ()


def _of_whom(kind: str, names: list[str]) -> str:
    """What a key is, and of what."""
    if kind in BLOCKS:
        return f"key of {'an' if kind in ('agent', 'env') else 'the' if kind == 'meta' else 'a'} {BLOCKS[kind]}"
    whose, what = NAMED[kind]
    if len(names) == 1:
        return f"{what} of {names[0]}"
    head, of, rest = whose.partition(" of ")
    several = f"{head.removesuffix('y')}{'ies' if head.endswith('y') else 's'}{of}{rest}"
    return f"{what} of {'a net' if kind == 'net' else several}"


def _defaults(kind: str, key: str, names: list[str]) -> Iterator[tuple[str, str]]:
    """The default, and whose it is if there are several."""
    found: dict[str, list[str]] = {}
    for name in names:
        part = keys_of(kind, name)[key]
        if "default" in part:
            found.setdefault(json.dumps(part["default"]), []).append(name)
    if len(found) == 1 and (len(names) == 1 or len(next(iter(found.values()))) == len(names)):
        yield "default", next(iter(found))
    elif found:
        yield "defaults", "; ".join(f"{value} of {listing(whose, 6)}" for value, whose in found.items())


def facts_of(spaces: Spaces) -> Iterator[tuple[str, str]]:
    """What an environment shows and takes, in words."""
    observation, action = spaces.observation, spaces.action
    shape = " x ".join(map(str, observation.shape))
    yield "observation", f"{'one of ' if observation.one_hot else ''}{shape} {_numbers(spaces)}"
    if action.kind == "continuous":
        yield "actions", f"continuous, {action.sizes[0]} number{'s' if action.sizes[0] > 1 else ''}"
    else:
        yield "actions", f"{action.kind}, {' x '.join(map(str, action.sizes))} choices"


def _numbers(spaces: Spaces) -> str:
    if spaces.observation.one_hot:
        return "states, as a one-hot vector"
    images = len(spaces.observation.shape) == 3
    return "bytes of an image" if images else "bytes" if spaces.observation.dtype == "uint8" else "numbers"


def _rules(word: str) -> Iterator[Topic]:
    for rule in rules().values():
        if folded(word) in (folded(rule.id), folded(rule.name)):
            yield Topic(title(rule), "rule", "", page=page(rule))
