"""Wrong names and keys in words: what was meant, or where it belongs."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from slm_net.document.nets import KINDS, is_prefixed
from slm_net.plugins import GROUPS, failure_of
from slm_net.problems import Edit, Path
from slm_net.schema import catalogue
from slm_net.schema.catalogue import Schema
from slm_net.schema.compose import ROLES
from slm_net.schema.entries import schema_cached
from slm_net.schema.validator import validator_of
from slm_net.wording.aliases import BY_VALUE, ELSEWHERE, NAMES, PLACES, meaning, placed
from slm_net.wording.values import NULL_WORDS, choices_of, example, expected, other_form
from slm_net.words import LIKE, SAME, did_you_mean, folded, listing, nearest, visible


def name_cure(value: str, path: Path, schema: Schema, kind: str) -> Cure:
    """What to write instead of a name at a path that is not allowed."""
    if broken := failure_of(GROUPS.get(kind.removesuffix("_type"), ""), value):
        return Cure(broken)
    if hint := other_form(value, schema):
        return Cure(hint)
    name, choices = re.split(r"[.\s]", value.strip())[-1], choices_of(schema)
    if kind in catalogue.KINDS and (hint := _not_so_written(name, choices, kind)):
        return Cure(hint)
    if folded(value) in NULL_WORDS and kind in ("lr_scheduler", "activation", "init"):
        return Cure("write null in place of the object")
    if kind == "net_type" and (cell := CELLS.get(folded(name))):
        return Cure(f'write "type": "RecurrentNet", "cell_type": "{cell}"')
    unlike = kind and folded(name) in ELSEWHERE
    if not unlike and (guess := nearest(name, choices, NAMES)):
        return replaced(path, guess)
    # of a short list the message itself has all names
    if kind == "net_type":
        return Cure(f"expected {listing(choices)}; your own is made known by slm_net.register_net")
    if kind:
        return Cure("expected " + listing(choices))
    return Cure(f'for example "{choices[0]}"' if "pattern" in schema else example(schema))


#: Recurrent nets by the name of their cells.
CELLS = {"lstm": "LSTM", "gru": "GRU", "lstmnet": "LSTM", "grunet": "GRU", "mlplstmpolicy": "LSTM"}


def _not_so_written(name: str, choices: list[str], kind: str) -> str:
    """The hint for a name of torch that a spec cannot use, or not without arguments."""
    reasons = catalogue.left_out(kind)
    if known := next((known for known in reasons if known.casefold() == name.casefold()), ""):
        return f"{known} {reasons[known]}"
    whole = nearest(name, catalogue.names(kind), NAMES) if folded(name) not in ELSEWHERE else None
    if whole and whole.casefold() not in map(str.casefold, choices) and (needed := _required(kind, whole)):
        return f'write {{"name": "{whole}", ' + ", ".join(f'"{key}": ...' for key in needed) + "}"
    return ""


def _required(kind: str, name: str) -> list[str]:
    return list(catalogue.document(kind)["$defs"][name].get("required", ()))


#: The keys of a net block that hold an object with arguments, and what kind it is.
PARTS = {key: kind for key, kind in KINDS.items() if key.endswith("_spec")}


class Cure(NamedTuple):
    """What to write instead: for people, and as data."""

    hint: str
    fix: tuple[Edit, ...] = ()


def key_cure(key: str, path: Path, owner: Mapping[str, Any], known: Iterable[str], kind: str = "") -> Cure:
    """What was meant by the key at a path of `owner`, a net or a part of one, that is not among the known ones."""
    before, colon, value = key.partition(":")
    if colon and before.strip() in known:
        return Cure(f"a space is missing after the colon: {visible(f'{before}: {value}', 60)}")
    if key in BY_VALUE and "optim_spec" in known and (hint := BY_VALUE[key](owner.get(key))):
        return Cure(hint)
    unused = _unused(owner)
    used = [name for name in known if name not in unused]
    if (meant := meaning(key, used).get(key)) in owner:
        return Cure(f"{meant!r} is there already: remove one of them", (Edit(path, "remove", meant),))
    choices = [name for name in used if name not in owner]
    if guess := nearest_key(key, choices, SAME):
        return renamed(path, guess)
    if places := _places(key, used, kind):
        return Cure(f"it belongs in {' or '.join(places)}", (Edit(path, "move", places[0]),))
    if key in ("actor", "critic") and f"{key}_optim_spec" in used:
        return Cure(f"the keys of the {key}'s net begin with {key}_, for example {key}_optim_spec")
    if guess := nearest_key(key, choices):
        return renamed(path, guess)
    if twin := nearest(key, [name for name in used if name in owner]):
        return Cure(f"did you mean {twin!r}? It is there already", (Edit(path, "remove", twin),))
    rest = did_you_mean("", [name for name in choices if not is_prefixed(name)])
    return Cure("; ".join(filter(None, (rest, _takers(key, kind)))) or "remove it")


def renamed(path: Path, key: str) -> Cure:
    """That another key was meant."""
    return Cure(f"did you mean {key!r}?", (Edit(path, "rename", key),))


def replaced(path: Path, value: str) -> Cure:
    """That another name was meant."""
    return Cure(f"did you mean {value!r}?", (Edit(path, "replace", value),))


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


def rename_hint(block: Mapping[str, Any], path: Path, other: str, key: str) -> Cure:
    """That a key of another net type is to be called by this type's name, if its value is one of this key's."""
    match block[other]:
        case [[[*_], *_] as rows, [*dense]]:  # SLM Lab 0 to 2 wrote both lists of a ConvNet so
            both = f'"conv_hid_layers": {json.dumps(rows)}, "fc_hid_layers": {json.dumps(dense)}'
            return Cure(f"write {visible(both, 160)} in the place of {other!r}")
    part = catalogue.expanded(catalogue.net_properties_of(block)[key])
    if next(validator_of(part).iter_errors(block[other]), None) is None:
        return Cure(f"rename {other!r} to {key!r}", (Edit((*path, other), "rename", key),))
    return Cure(missing_hint(key, block, {}))


@schema_cached
def all_arguments(kind: str) -> frozenset[str]:
    """The arguments that some optimizer, loss or scheduler takes."""
    return frozenset(argument for name in catalogue.names(kind) for argument in catalogue.arguments(kind, name))


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


def _parts_with(key: str, kind: str) -> list[str]:
    """The parts of a net block, of another kind than this one, that take an argument."""
    if kind and (kind not in PARTS.values() or key in all_arguments(kind)):
        return []
    arguments = {part: all_arguments(other) for part, other in PARTS.items() if other != kind}
    return [part for part, taken in arguments.items() if key in taken or meaning(key, taken)]


def _takers(key: str, kind: str) -> str:
    """Which others of the same kind have this argument."""
    names = catalogue.names(kind) if kind in catalogue.KINDS else []
    takers = [name for name in names if key in catalogue.arguments(kind, name)]
    return f"it is an argument of {listing(takers, 3)}" if takers else ""


def _unused(owner: Mapping[str, Any]) -> frozenset[str]:
    net_type = owner.get("type")
    return catalogue.unused_keys(net_type) if net_type in catalogue.net_types() else frozenset()
