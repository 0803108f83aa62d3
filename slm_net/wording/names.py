"""Wrong names and keys in words: what was meant, or where it belongs."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from slm_net.document.nets import is_prefixed
from slm_net.plugins import GROUPS, failure_of
from slm_net.problems import Edit, Path
from slm_net.schema import catalogue
from slm_net.schema.catalogue import KIND_OF_KEY, Schema
from slm_net.schema.compose import ROLES, without_role
from slm_net.wording.aliases import ELSEWHERE, NAMES, OF_ROLES, PLACES, TYPES, is_alias, meaning, placed
from slm_net.wording.by_value import by_value
from slm_net.wording.slips import is_typo_of
from slm_net.wording.values import (
    NULL_WORDS,
    Cure,
    choices_of,
    example,
    expected,
    is_valid,
    kind_of_name,
    other_form,
    schema_of_key,
    types_of,
    value_cure,
)
from slm_net.words import LIKE, SAME, did_you_mean, folded, listing, nearest, visible


def name_cure(value: str, path: Path, schema: Schema, kind: str) -> Cure:
    """What to write instead of a name at a path that is not allowed."""
    if broken := failure_of(GROUPS.get(kind.removesuffix("_type"), ""), value):
        return Cure(broken)
    if cure := other_form(value, path, schema):
        return cure
    name, choices = re.split(r"[.\s]", value.strip())[-1], choices_of(schema)
    if kind in catalogue.KINDS and (hint := _not_so_written(name, choices, kind)):
        return Cure(hint)
    if folded(value) in NULL_WORDS and kind in ("lr_scheduler", "activation", "init"):
        fix = (Edit(path[:-1], "replace", None),) if path[-1:] == ("name",) else ()
        return Cure("write null in place of the object", fix)
    if kind == "net_type" and (keys := TYPES.get(folded(name))):
        return Cure(f"write {json.dumps(keys)[1:-1]}", (Edit(path, "split", keys),))
    unlike = kind and folded(name) in ELSEWHERE
    if not unlike and (guess := nearest(name, choices, NAMES)):
        return replaced(path, value, guess)
    # of a short list the message itself has all names
    if kind in REGISTERED:
        return Cure(f"expected {listing(choices)}; your own is made known by slm_net.{REGISTERED[kind]}")
    if kind:
        return Cure("expected " + listing(choices))
    return Cure(f'for example "{choices[0]}"' if "pattern" in schema else example(schema))


#: How names of one's own are made known.
REGISTERED = {"net_type": "register_net", **{kind: f"register_{kind}" for kind in catalogue.KINDS}}


def _not_so_written(name: str, choices: list[str], kind: str) -> str:
    """The hint for a name of torch that a spec cannot use, or not without arguments."""
    reasons = catalogue.left_out(kind)
    if known := next((known for known in reasons if known.casefold() == name.casefold()), ""):
        return f"{known} {reasons[known]}"
    whole = nearest(name, catalogue.names(kind), NAMES) if folded(name) not in ELSEWHERE else None
    if whole and whole.casefold() not in map(str.casefold, choices) and (needed := catalogue.needed(kind, whole)):
        return f'write {{"name": "{whole}", ' + ", ".join(f'"{key}": ...' for key in needed) + "}"
    return ""


#: The keys of a net block that hold an object with arguments, and what kind it is.
PARTS = {key: kind for key, kind in KIND_OF_KEY.items() if key.endswith("_spec")}


def key_cure(key: str, path: Path, owner: Mapping[str, Any], known: Iterable[str], kind: str = "") -> Cure:
    """What was meant by the key at a path of `owner`, a net or a part of one, that is not among the known ones."""
    before, colon, value = key.partition(":")
    if colon and before.strip() in known:
        return Cure(f"a space is missing after the colon: {visible(f'{before}: {value}', 60)}")
    unused = _unused(owner)
    used = [name for name in known if name not in unused]
    if "optim_spec" in used and (instead := by_value(key, owner, used)):
        return Cure(instead.hint, () if instead.keys is None else _instead(path, owner, instead.keys))
    if (meant := meaning(key, used).get(key)) and meant in owner:
        is_lost = isinstance(owner.get(key), Mapping) and owner[key] != owner[meant]
        fix = () if is_lost else (Edit(path, "remove", meant),)
        return Cure(f"{meant!r} is there already: remove one of them", fix)
    choices = [name for name in used if name not in owner]
    if guess := OF_ROLES.get(key) if OF_ROLES.get(key) in choices else nearest_key(key, choices, SAME):
        return meant_key(path, owner, guess, kind)
    if places := _places(key, used, kind):
        return Cure(f"it belongs in {' or '.join(places)}", _moved(key, path, owner, places, kind))
    if key in ("actor", "critic") and f"{key}_optim_spec" in used:
        return Cure(f"the keys of the {key}'s net begin with {key}_, for example {key}_optim_spec")
    is_word = is_alias(key)  # of something that is not used here
    if not is_word and (guess := nearest_key(key, choices)):
        return meant_key(path, owner, guess, kind)
    if not is_word and (twin := nearest(key, [name for name in used if name in owner])):
        return Cure(f"did you mean {twin!r}? It is there already")
    rest = did_you_mean("", [name for name in choices if not is_prefixed(name)])
    return Cure("; ".join(filter(None, (rest, _takers(key, kind)))) or "remove it")


def meant_key(path: Path, owner: Mapping[str, Any], key: str, kind: str = "") -> Cure:
    """That another key was meant, with the value as it is, or as that key takes it."""
    cure, part = renamed(path, key), catalogue.expanded(schema_of_key(owner, key, kind))
    value, target = owner.get(str(path[-1])), (*path[:-1], key)
    fits = isinstance(value, Mapping) and "object" in types_of(part)  # what is in it is said then
    if cure.fix[0].safe or path[-1] not in owner or not part or fits or is_valid(value, part):
        return cure
    choices = choices_of(part)
    if isinstance(value, str) and choices:
        fix = name_cure(value, target, part, kind_of_name(target)).fix
    else:
        fix = value_cure(value, target, part).fix
    if [edit.path for edit in fix] == [target] and fix[0].action in ("replace", "split"):
        keys = fix[0].value if fix[0].action == "split" else {key: fix[0].value}
        return Cure(f"write {visible(json.dumps(keys)[1:-1], 160)}", (Edit(path, "split", keys),))
    more = filter(None, (expected(part), "" if choices else example(part)))
    return Cure(f"did you mean {key!r}? It is {', '.join(more)}")


def _instead(path: Path, owner: Mapping[str, Any], keys: Mapping[str, Any]) -> tuple[Edit, ...]:
    """The edits that write these keys in place of the one at a path, some of which may be there."""
    there = [Edit((*path[:-1], key), "replace", value) for key, value in keys.items() if key in owner]
    new = {key: value for key, value in keys.items() if key not in owner}
    return (*there, Edit(path, "split", new) if new else Edit(path, "remove"))


def _moved(key: str, path: Path, owner: Mapping[str, Any], places: list[str], kind: str) -> tuple[Edit, ...]:
    """The edit that moves a key into the one part of the net block that takes it, if that is certain."""
    part = places[0]
    of_net = without_role(part)
    if kind or len(places) > 1 or of_net not in PARTS or key not in owner:
        return ()
    if part not in owner and any(meaning(other, [part]) for other in owner):
        return ()  # which is to be called so first
    written = owner.get(part, catalogue.expanded(schema_of_key(owner, part, "")).get("default"))
    name = written.get("name") if isinstance(written, Mapping) else None
    if name not in catalogue.names(PARTS[of_net]):
        return ()
    known, bare = catalogue.arguments(PARTS[of_net], str(name)), key.removeprefix(part[: -len(of_net)])
    target = bare if bare in known else meaning(bare, known).get(bare, "")
    if not target or target in written or not is_valid(owner[key], known[target]):
        return ()
    if part in owner:
        return (Edit(path, "move", (*path[:-1], part, target)),)
    return (Edit(path, "split", {part: {**written, target: owner[key]}}),)


def renamed(path: Path, key: str) -> Cure:
    """That another key was meant."""
    return Cure(f"did you mean {key!r}?", (Edit(path, "rename", key, is_typo_of(str(path[-1]), key)),))


def replaced(path: Path, name: str, meant: str) -> Cure:
    """That another name was meant."""
    return Cure(f"did you mean {meant!r}?", (Edit(path, "replace", meant, is_typo_of(name, meant)),))


def nearest_key(key: str, choices: Iterable[str], alike: float = LIKE) -> str | None:
    """The key that was meant; one for the actor's or critic's net alone only if that was written."""
    for role in ROLES:
        if key.startswith(role):
            own = [name[len(role) :] for name in choices if name.startswith(role)]
            rest = nearest(key[len(role) :], own, meaning(key[len(role) :], own), alike=alike)
            return rest and role + rest
    choices = list(choices)
    if not key.startswith(tuple(role[:3] for role in ROLES)):
        choices = [name for name in choices if not is_prefixed(name)]
    return nearest(key, choices, meaning(key, choices), alike=alike)


def missing_hint(key: str, owner: Mapping[str, Any], schema: Schema, kind: str = "") -> str:
    """How to add a key that `schema` requires of `owner`, which holds a part of this kind."""
    names = {folded(name) for name in catalogue.names(kind)} if key == "name" and kind in catalogue.KINDS else ()
    if other := next(
        (other for other, value in owner.items() if isinstance(value, str) and folded(value) in names), ""
    ):
        return f"rename {other!r} to 'name'"
    if key == "agent" and owner.get("type") in catalogue.net_types():
        return "this is a net block: write it without the key above it, or under agent.net of a spec"
    parts = schema.get("properties") or catalogue.net_properties_of(owner)
    part = catalogue.expanded(parts.get(key, {}))
    value = next((value for value in part.get("examples", ()) if value is not None), None)
    if value is not None and "enum" not in part:
        return f'add "{key}": {json.dumps(value)}'
    return f'add "{key}", {expected(part)}' if part else f'add "{key}"'


def own_key(block: Mapping[str, Any], key: str) -> str | None:
    """The key of another net type that a net block has in the place of this one, which it needs and has not.

    >>> own_key({"type": "ConvNet", "hid_layers": [64]}, "fc_hid_layers")
    'hid_layers'
    """
    known, unused = catalogue.net_properties_of(block).keys(), _unused(block)
    needed = catalogue.needed_keys(block["type"]) if block.get("type") in catalogue.net_types() else ()
    if key not in needed or key in block:
        return None
    choices = [name for name in known if name == key or name in block or name not in needed]
    return next((other for other in block if other in unused and nearest_key(other, choices) == key), None)


def own_key_cure(block: Mapping[str, Any], path: Path, other: str, key: str) -> Cure:
    """That a key of another net type is to be called by this type's name, if its value is one of this key's."""
    match block[other]:
        case [[[*_], *_] as rows, [*dense]]:  # SLM Lab 0 to 2 wrote both lists of a ConvNet so
            both = {"conv_hid_layers": rows, "fc_hid_layers": dense}
            hint = f"write {visible(json.dumps(both)[1:-1], 160)} in the place of {other!r}"
            return Cure(hint, (Edit((*path, other), "split", both),))
    if is_valid(block[other], catalogue.expanded(catalogue.net_properties_of(block)[key])):
        return Cure(f"rename {other!r} to {key!r}", (Edit((*path, other), "rename", key),))
    return Cure(missing_hint(key, block, {}))


def _places(key: str, known: Collection[str], kind: str) -> list[str]:
    """The parts of a spec that a key belongs in, if it is a known one."""
    role = next((role for role in ROLES if key.startswith(role)), "")
    parts = [role + part for part in _parts_with(key.removeprefix(role), kind)]
    outside = [placed(key, place) for place in PLACES.get(key.casefold(), ())]
    if "optim_spec" in known:
        return [*outside, *parts]
    net_keys = catalogue.net_keys() - {"type"}
    if net_key := key if key in net_keys else meaning(key, net_keys).get(key):
        return ["the net block" + (f", as {net_key!r}" if net_key != key else "")]
    return parts or outside


def is_of_a_part(key: str, kind: str = "") -> bool:
    """True if an optimizer, a loss or a scheduler takes the key, and nothing outside of nets has one of this name."""
    return not PLACES.get(key.casefold()) and bool(_parts_with(without_role(key), kind))


def _parts_with(key: str, kind: str) -> list[str]:
    """The parts of a net block, of another kind than this one, that take an argument."""
    if kind and (kind not in PARTS.values() or key in catalogue.all_arguments(kind)):
        return []
    arguments = {part: catalogue.all_arguments(other) for part, other in PARTS.items() if other != kind}
    return [part for part, taken in arguments.items() if key in taken or meaning(key, taken)]


def _takers(key: str, kind: str) -> str:
    """Which others of the same kind have this argument."""
    names = catalogue.names(kind) if kind in catalogue.KINDS else []
    takers = [name for name in names if key in catalogue.arguments(kind, name)]
    return f"it is an argument of {listing(takers, 3)}" if takers else ""


def _unused(owner: Mapping[str, Any]) -> frozenset[str]:
    net_type = owner.get("type")
    return catalogue.unused_keys(net_type) if net_type in catalogue.net_types() else frozenset()
