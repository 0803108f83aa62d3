"""What is wrong with a layer of an arc, in words: its name, its arguments, or two layers where there should be one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from slm_net.arc.modules import FORMS
from slm_net.plugins import GROUPS, failure_of
from slm_net.problems import Edit, Path
from slm_net.schema import catalogue
from slm_net.wording.aliases import LAYER_ARGUMENTS, LAYERS
from slm_net.wording.names import renamed
from slm_net.wording.slips import is_typo_of
from slm_net.wording.values import Cure, is_valid, values_of
from slm_net.words import listing, nearest, visible

#: The form for layers one after the other.
FORM = FORMS[0]


def are_layers(known: Collection[str]) -> bool:
    """Whether the known keys of an object are names of layers, of which it is to have one."""
    return FORM in known or "LazyLinear" in known


def is_place(schema: Mapping[str, Any]) -> bool:
    """Whether a schema is that of a place for one layer."""
    return schema.get("maxProperties") == 1


def of_arguments(schema: Mapping[str, Any]) -> str:
    """The layer whose arguments a schema describes, "" if it is of something else."""
    title = schema.get("title", "")
    return title if title and title in catalogue.names("layer") else ""


def place_cure(value: Any, path: Path, known: Collection[str]) -> Cure:
    """What to write instead of what is no layer, or of a name that does not stand alone."""
    if isinstance(value, str):
        meant = nearest(value, known, LAYERS)
        if meant in catalogue.names("layer") and (needed := catalogue.needed("layer", str(meant))):
            return Cure(f"write {json.dumps({meant: example_of(str(meant), needed)})}")
        if meant and meant not in FORMS:
            return Cure(f"did you mean {meant!r}?", (Edit(path, "replace", meant, is_typo_of(value, meant)),))
    if value is None and path and isinstance(path[-1], int):
        return Cure("remove it", (Edit(path, "remove"),))
    if isinstance(value, list) and value and all(_is_layer(entry, known) for entry in value):
        return Cure(f'write {{"{FORM}": [...]}} around the list', _written(path, {FORM: value}))
    return Cure('for example {"LazyLinear": {"out_features": 64}}')


def _is_layer(value: Any, known: Collection[str]) -> bool:
    names = [value] if isinstance(value, str) else [*value] if isinstance(value, Mapping) else []
    return len(names) == 1 and (names[0] in known or names[0] in FORMS)


def example_of(layer: str, needed: Collection[str]) -> dict[str, Any]:
    """An example of each argument that a layer needs."""
    known = catalogue.arguments("layer", layer)
    return {key: (values_of(known[key]) or [1])[0] for key in needed}


def layer_cure(name: str, path: Path, inside: Any, known: Collection[str]) -> Cure:
    """What was meant by a layer that is not known; `inside` are its arguments."""
    if broken := failure_of(GROUPS["layer"], name):
        return Cure(broken)
    reasons = catalogue.left_out("layer")
    if left := next((other for other in reasons if other.casefold() == name.casefold()), ""):
        return Cure(f"{left} {reasons[left]}")
    if (meant := nearest(name, known, LAYERS)) is None:
        return Cure("for example LazyLinear; your own is made known by slm_net.register_layer")
    cure = renamed(path, meant)
    if not isinstance(inside, Mapping) or meant not in catalogue.names("layer"):
        return cure
    arguments = {argument: _meant(argument, meant) for argument in inside}
    if all(argument == own for argument, own in arguments.items()):
        return cure
    whole = {meant: {own: inside[argument] for argument, own in arguments.items()}}
    return Cure(f"write {visible(json.dumps(whole)[1:-1], 160)}", (Edit(path, "split", whole),))


def _meant(argument: str, layer: str) -> str:
    """The argument of a layer that was meant; itself if it is none."""
    known = catalogue.arguments("layer", layer)
    return argument if argument in known else nearest(argument, known, LAYER_ARGUMENTS) or argument


def argument_cure(argument: str, path: Path, given: Mapping[str, Any], arguments: Collection[str]) -> Cure:
    """What was meant by an argument that a layer does not have, `arguments` being those that it has."""
    if argument == "device":
        return Cure("remove it: the net as a whole is on one device, which gpu names", (Edit(path, "remove"),))
    if argument == "dtype":
        return Cure("remove it: all layers have the same", (Edit(path, "remove"),))
    known = [name for name in arguments if name not in given]
    if meant := nearest(argument, known, LAYER_ARGUMENTS):
        return renamed(path, meant)
    rest = f"expected {listing(known)}" if known else "remove it"
    return Cure(rest, () if known else (Edit(path, "remove"),))


def missing_arguments(layer: str, given: Mapping[str, Any], missing: Collection[str]) -> list[str]:
    """Those of the missing arguments that no unknown one was meant to be."""
    known = catalogue.arguments("layer", layer)
    meant = {nearest(key, missing, LAYER_ARGUMENTS) for key in given if key not in known}
    return [key for key in missing if key not in meant]


def crowded(several: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Cure]]:
    """What is wrong with an object of several keys that should have the name of one layer alone."""
    names = [*catalogue.names("layer"), *FORMS]
    layers = [key for key in several if key in names]
    if len(layers) == 1 and (known := _arguments(layers[0])):
        beside = {key: value for key, value in several.items() if key != layers[0]}
        if all(key in known for key in beside):
            inner = several[layers[0]]
            whole = {layers[0]: {**(inner if isinstance(inner, Mapping) else {}), **beside}}
            message = f"{visible(listing(list(beside)), 80)} stands beside {layers[0]}, and not in it"
            fix = (Edit(path, "indent", whole, safe=True),)
            yield message, Cure(f"indent {visible(listing(list(beside)), 80)} under {layers[0]}", fix)
            return
    if len(layers) == len(several):
        parts = [{key: value} for key, value in several.items()]
        message = f"{listing(layers)} in one place, which is for one layer"
        if path and isinstance(path[-1], int):
            yield message, Cure("put a - in front of each")
        else:
            yield message, Cure(f"write a {FORM}: a list of them", _written(path, {FORM: parts}))
        return
    yield (
        f"{len(several)} keys where the name of one layer should be",
        Cure("write one layer, with its arguments below it"),
    )


def _arguments(layer: str) -> Collection[str]:
    return catalogue.arguments("layer", layer) if layer in catalogue.names("layer") else ()


def _written(path: Path, value: Any) -> tuple[Edit, ...]:
    return (Edit(path, "replace", value, safe=True),)


def arguments_cure(value: Any, path: Path, schema: Mapping[str, Any]) -> Cure:
    """What to write instead of what stands where the arguments of a layer should: by name, with an example of each."""
    properties = {key: catalogue.expanded(part) for key, part in schema["properties"].items()}
    if isinstance(value, list) and 0 < len(value) <= len(properties):
        whole = dict(zip(properties, value, strict=False))
        return Cure(f"write {visible(json.dumps(whole), 160)}: arguments go by name", (Edit(path, "replace", whole),))
    needed = [key for key in properties if key in schema.get("required", ())]
    meant = needed or [*properties][:1]  # `Dropout: 0.1` is its first argument
    if len(meant) == 1 and value is not None and not isinstance(value, bool) and is_valid(value, properties[meant[0]]):
        whole = {meant[0]: value}
        return Cure(f"write {visible(json.dumps(whole), 160)}", (Edit(path, "replace", whole),))
    return Cure(f"for example {json.dumps(example_of(schema['title'], needed))}" if needed else "leave it empty")
