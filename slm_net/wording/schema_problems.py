"""Schema errors as problems: one per wrong place, each with a rule, a message and a hint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from slm_net.document.specs import NOT_A_SPEC
from slm_net.problems import Path, Problem, Rule, net_example
from slm_net.schema import catalogue
from slm_net.schema.validator import errors
from slm_net.text.limits import FILE_TOO_LARGE, MAX_PROBLEMS, TOO_WRONG
from slm_net.text.paths import value_at, with_value
from slm_net.text.places import WRONG_TYPE
from slm_net.wording import layers
from slm_net.wording.aliases import NAMES
from slm_net.wording.names import key_cure, meant_key, missing_hint, name_cure, nearest_key, own_key, own_key_cure
from slm_net.wording.values import (
    BOUNDS,
    Cure,
    example,
    expected,
    kind_of_name,
    kind_words,
    list_cure,
    named,
    shown,
    value_cure,
    what,
    written,
)
from slm_net.words import SLIP, nearest, visible

UNKNOWN_KEY = Rule(
    "SN101",
    "unknown-key",
    what=(
        "No net, optimizer, loss or schedule of this kind has such a key. `--fix` corrects a typo that can only mean "
        "one key.\n\nIn a `search` it is a path that the spec does not have, such as `agent.net.hid_layers__choice` "
        "where `agent` is a list.\n\nAround the nets, in `algorithm`, `memory`, `env` and `meta`, it is a warning, as "
        "a lab of one's own may read more. Nothing is said of an algorithm or a memory that is not known; "
        "`slm_net.register_algorithm` makes one known."
    ),
    why="a key that nobody reads is a setting that does not hold; the training runs with the default.",
    wrong=net_example('"clip_grad": 0.5'),
    right=net_example('"clip_grad_val": 0.5'),
)


MISSING_KEY = Rule(
    "SN103",
    "missing-key",
    what="A key that has no default is not there.",
    why="there is no value that would be right for everyone.",
    wrong='{"type": "MLPNet", "hid_layers_activation": "relu"}\n',
    right='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}\n',
)


UNKNOWN_NAME = Rule(
    "SN105",
    "unknown-name",
    what=(
        "A name of a net type, activation, optimizer, loss, schedule, init function or distribution is not a known "
        "one. `--fix` corrects a typo that can only mean one name, and the wrong case. An algorithm, a memory or an "
        "environment that is a slip of a known one is a warning."
    ),
    why="only listed names become code; a name is never looked up in torch.",
    wrong='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "swish"}\n',
    right='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "silu"}\n',
)


VALUE_OUT_OF_RANGE = Rule(
    "SN106",
    "value-out-of-range",
    what=(
        "A number is smaller or larger than its key allows, or than 32-bit floats hold, or a `search` gives a range "
        "that nothing can be drawn from.\n\nEvery value that a `search` can draw is checked where it would stand, by "
        "all rules, and what is wrong is reported at that choice or end of a range. Keys are varied one at a time. "
        'The ends of `uniform` and `loguniform` are not drawn, so `"dropout__uniform": [0, 1]` is right.\n\nIt is a '
        "warning where a number is allowed but hardly meant, such as an `eps` of 0 or a momentum above 1."
    ),
    why=(
        "torch takes many of them and trains wrongly: a clip of 0 stops all learning. Others fail in the first update."
    ),
    wrong=net_example('"clip_grad_val": 0'),
    right=net_example('"clip_grad_val": null'),
)


WRONG_LENGTH = Rule(
    "SN107",
    "wrong-length",
    what="A list has more or fewer entries than its key allows.",
    why="each entry has a meaning by its place; a row of a convolution needs at least channels and kernel size.",
    wrong=('{"type": "ConvNet", "conv_hid_layers": [[32]], "fc_hid_layers": [64], "hid_layers_activation": "relu"}\n'),
    right=(
        '{"type": "ConvNet", "conv_hid_layers": [[32, 8, 4]], "fc_hid_layers": [64], "hid_layers_activation": "relu"}\n'
    ),
)


#: Errors of a schema that one problem may stand for.
ERRORS_A_PROBLEM = 2


def schema_problems(ref: str, instance: Any, at: Path = (), told: Collection[Path] = ()) -> list[Problem]:
    """What a schema, for example "net.schema.json", finds wrong with `instance`, which stands at `at` in its document.

    One problem per wrong value: one of the wrong type is not also out of range. Of very many there are the first, and
    one that says so; what is wrong at the paths that are `told` is left out.
    """
    all_errors = (error for error in errors(ref, instance) if not _is_in_flat_list(error, instance))
    new_ones = (error for error in all_errors if not told or (*at, *error.absolute_path) not in told)
    # an error may be no problem of its own: of two about one value, or where a misspelt key is the missing one
    found = list(islice(new_ones, ERRORS_A_PROBLEM * MAX_PROBLEMS + 1))
    problems: list[Problem] = []
    wrong_values: set[Path] = set()
    crowded = [tuple(error.absolute_path) for error in found if error.validator == "maxProperties"]
    for error in sorted(found, key=_rank):
        if crowded and error.validator != "maxProperties" and _is_below(tuple(error.absolute_path), crowded):
            continue
        for problem in WORDING.get(str(error.validator), _wrong_type)(error, (*at, *error.absolute_path)):
            if problem.at_key or problem.path not in wrong_values:
                cure = list_cure(problem, instance, len(at))
                problems.append(replace(problem, hint=cure.hint, fix=cure.fix) if cure else problem)
                wrong_values.add(problem.path)
        if len(problems) > MAX_PROBLEMS:
            return [*problems[:MAX_PROBLEMS], FILE_TOO_LARGE.at(at, *TOO_WRONG)]
    return problems


def _is_below(path: Path, others: list[Path]) -> bool:
    """Two keys where one should be are one problem, whatever is wrong with each."""
    return any(path[: len(other)] == other for other in others)


def _rank(error: Any) -> int:
    order = ("type", "enum", "pattern")
    return order.index(str(error.validator)) if error.validator in order else len(order)


def _is_in_flat_list(error: Any, instance: Any) -> bool:
    """Whoever writes [32, 8, 4] for [[32, 8, 4]] made one problem, which is reported at the first entry."""
    path = error.absolute_path
    if error.validator != "type" or error.validator_value != "array" or not path or path[-1] == 0:
        return False
    instance = value_at(instance, tuple(path)[:-1])
    return isinstance(instance, list) and not any(isinstance(entry, list) for entry in instance)


def _unknown_key(error: Any, path: Path) -> Iterator[Problem]:
    key = str(path[-1])
    if layers.are_layers(error.validator_value):
        cure = layers.layer_cure(key, path, error.instance[key], error.validator_value)
        message = f"{shown(key)} is not a known layer"
        yield UNKNOWN_NAME.at(path, message, cure.hint, at_key=True, fix=cure.fix)
        return
    if layer := layers.of_arguments(error.schema):
        cure = layers.argument_cure(key, path, error.instance, error.validator_value)
        message = f"{visible(key)!r} is not an argument of {layer}"
        yield UNKNOWN_KEY.at(path, message, cure.hint, at_key=True, fix=cure.fix)
        return
    hint, fix = key_cure(key, path, error.instance, error.validator_value, kind_of_name(path[:-1]))
    yield UNKNOWN_KEY.at(path, f"{visible(key)!r} is not a key of {what(path[:-1])}", hint, at_key=True, fix=fix)


#: Unknown keys of one object among which a missing one is looked for.
MAX_UNKNOWN = 50
#: Keys that decide which other keys are known: while one is missing, no other key can be called unknown.
SELECTORS = ("type", "name")


def _missing_key(error: Any, path: Path) -> Iterator[Problem]:
    owner: Mapping[str, Any] = error.instance
    missing = [key for key in error.validator_value if key not in owner]
    if layer := layers.of_arguments(error.schema):
        for key in layers.missing_arguments(layer, owner, missing):
            hint = missing_hint(key, owner, error.schema)
            yield MISSING_KEY.at(path, f"{layer} has no {key!r}", hint, at_key=True)
        return
    known, closed = _known_keys(error, path)
    for key in missing:
        unknown = islice((other for other in owner if other not in known), MAX_UNKNOWN)
        misspelt = [other for other in unknown if nearest_key(str(other), [*known, *missing]) == key]
        if closed and (instead := own_key(owner, key)):
            hint, fix = own_key_cure(owner, path, instead, key)
            yield MISSING_KEY.at(path, f"{what(path)} has no {key!r}", hint, at_key=True, fix=fix)
        elif misspelt and (key in SELECTORS or not closed):
            message = f"{visible(misspelt[0])!r} is not a key of {what(path)}"
            hint, fix = meant_key((*path, misspelt[0]), owner, key, kind_of_name(path))
            yield UNKNOWN_KEY.at((*path, misspelt[0]), message, hint, at_key=True, fix=fix)
        elif not misspelt:  # else the misspelt key has been reported, with this one as its hint
            hint = missing_hint(key, owner, error.schema, kind_of_name(path))
            yield MISSING_KEY.at(path, f"{what(path)} has no {key!r}", hint, at_key=True)


def _known_keys(error: Any, path: Path) -> tuple[set[str], bool]:
    """The keys that may stand beside a missing one, and whether every other one is reported as unknown."""
    properties = error.schema.get("properties", {})
    if not properties or "optim_spec" in properties:
        return {*catalogue.net_properties_of(error.instance)} or {*catalogue.net_keys()}, True
    is_part = (kind := kind_of_name(path)) in catalogue.KINDS
    return {"name", *properties, *(catalogue.all_arguments(kind) if is_part else ())}, is_part


def _wrong_type(error: Any, path: Path) -> Iterator[Problem]:
    value, schema = error.instance, error.schema
    if layers.is_place(schema):
        hint, fix = layers.place_cure(value, path, catalogue.names("layer"))
        yield WRONG_TYPE.at(path, f"{what(path)} is {shown(value)}, expected a layer", hint, fix=fix)
        return
    if layer := layers.of_arguments(schema):
        hint, fix = layers.arguments_cure(value, path, schema)
        yield WRONG_TYPE.at(path, f"{shown(value)} where the arguments of {layer} should be, by name", hint, fix=fix)
        return
    hint, fix = value_cure(value, path, schema)
    yield WRONG_TYPE.at(path, f"{named(path, schema)} is {shown(value)}, expected {expected(schema)}", hint, fix=fix)


def _unknown_name(error: Any, path: Path) -> Iterator[Problem]:
    value, schema, kind = error.instance, error.schema, kind_of_name(path)
    if not isinstance(value, str):
        yield from _wrong_type(error, path)
        return
    if layers.is_place(schema):
        hint, fix = layers.place_cure(value, path, catalogue.names("layer"))
        yield UNKNOWN_NAME.at(path, f"{shown(value)} is not a layer that stands alone", hint, fix=fix)
        return
    message = f"{shown(value)} is not a known {kind_words(kind)}"
    if not kind:
        message = f"{named(path, schema)} is {shown(value)}, expected {expected(schema)}"
    hint, fix = name_cure(value, path, schema, kind)
    yield UNKNOWN_NAME.at(path, message, hint, fix=fix)


def _out_of_range(error: Any, path: Path) -> Iterator[Problem]:
    value, schema = error.instance, error.schema
    bound = BOUNDS[str(error.validator)].format(error.validator_value)
    clips = path[-1:] and str(path[-1]).endswith("clip_grad_val")  # the actor's and the critic's too
    hint, fix = written(path, None, " for no clipping", safe=False) if clips else Cure(example(schema))
    yield VALUE_OUT_OF_RANGE.at(path, f"{named(path, schema)} is {shown(value)}, expected {bound}", hint, fix=fix)


def _wrong_length(error: Any, path: Path) -> Iterator[Problem]:
    schema, count = error.schema, len(error.instance)
    bound = f"{'at least' if error.validator == 'minItems' else 'at most'} {error.validator_value}"
    if schema.get("minItems") == schema.get("maxItems"):
        bound = str(error.validator_value)
    message = f"{named(path, schema)} has {count or 'no'} {'entry' if count == 1 else 'entries'}, expected {bound}"
    yield WRONG_LENGTH.at(path, message, example(schema) or ("" if count else "add one"))


def _too_few_keys(error: Any, path: Path) -> Iterator[Problem]:
    if error.schema.get("maxProperties"):
        hint = 'for example {"LazyLinear": {"out_features": 64}}'
        yield WRONG_LENGTH.at(path, f"{what(path)} is empty, expected a layer", hint)
    elif path:
        yield WRONG_LENGTH.at(path, f"{named(path, error.schema)} has no entries", example(error.schema) or "add one")
    else:
        yield NOT_A_SPEC.at(path, "there is no spec in the file", 'add one: {"name": {"agent": ..., "env": ...}}')


def _too_many_keys(error: Any, path: Path) -> Iterator[Problem]:
    for message, cure in layers.crowded(error.instance, path):
        yield UNKNOWN_KEY.at(path, message, cure.hint, fix=cure.fix)


def _twice(error: Any, path: Path) -> Iterator[Problem]:
    yield WRONG_LENGTH.at(path, f"{shown(error.instance)} is there already", "remove it")


WORDING: dict[str, Callable[[Any, Path], Iterator[Problem]]] = {
    "unevaluatedProperties": _unknown_key,
    "required": _missing_key,
    "enum": _unknown_name,
    "pattern": _unknown_name,
    **dict.fromkeys(BOUNDS, _out_of_range),
    "minItems": _wrong_length,
    "maxItems": _wrong_length,
    "minProperties": _too_few_keys,
    "maxProperties": _too_many_keys,
    "uniqueItems": _twice,
}


def guessed_names(data: Any, problems: list[Problem]) -> dict[Path, str]:
    """The known name that each unknown type or name in `data` was surely meant to be, by its path."""
    unknown = [m.path for m in problems if m.rule == UNKNOWN_NAME.id and m.path[-1:] and m.path[-1] in SELECTORS]
    guesses = {path: _nearest_name(kind_of_name(path), value_at(data, path)) for path in unknown}
    return {path: guess for path, guess in guesses.items() if guess}


def with_names(data: Any, names: dict[Path, str]) -> Any:
    """A copy of `data` with other names in it; what does not change is shared.

    >>> with_names({"net": {"type": "MLP"}, "env": {}}, {("net", "type"): "MLPNet"})
    {'net': {'type': 'MLPNet'}, 'env': {}}
    """
    for path, name in names.items():
        data = with_value(data, path, name)
    return data


def _nearest_name(kind: str, written: Any) -> str | None:
    choices = catalogue.names(kind) if kind in catalogue.KINDS else catalogue.net_types() if kind == "net_type" else []
    return nearest(written, choices, NAMES, alike=SLIP, same_digits=True) if isinstance(written, str) else None
