"""Schema errors as mistakes: one per wrong place, each with a rule, a message and a hint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from slm_net.mistakes import Mistake, Path, what
from slm_net.problems import visible
from slm_net.schema import catalogue
from slm_net.schema.validator import errors
from slm_net.text.limits import MAX_PROBLEMS, TOO_WRONG
from slm_net.wording.names import all_arguments, key_hint, missing_hint, name_hint, nearest_key
from slm_net.wording.values import (
    BOUNDS,
    example,
    expected,
    kind_of_name,
    kind_words,
    list_hint,
    named,
    shown,
    value_hint,
)


def schema_mistakes(ref: str, instance: Any, at: Path = (), told: Collection[Path] = ()) -> list[Mistake]:
    """What a schema, for example "net.schema.json", finds wrong with `instance`, which stands at `at` in its document.

    One mistake per wrong value: one of the wrong type is not also out of range. Of very many there are the first, and
    one that says so; what is wrong at the paths that are `told` is left out.
    """
    all_errors = (error for error in errors(ref, instance) if not _is_in_flat_list(error, instance))
    new_ones = (error for error in all_errors if not told or (*at, *error.absolute_path) not in told)
    found = list(islice(new_ones, MAX_PROBLEMS + 1))
    mistakes: list[Mistake] = []
    wrong_values: set[Path] = set()
    for error in sorted(found[:MAX_PROBLEMS], key=_rank):
        for mistake in WORDING.get(str(error.validator), _wrong_type)(error, (*at, *error.absolute_path)):
            if mistake.at_key or mistake.path not in wrong_values:
                hint = list_hint(mistake, instance, len(at))
                mistakes.append(mistake._replace(hint=hint) if hint else mistake)
                wrong_values.add(mistake.path)
    if len(found) > MAX_PROBLEMS:
        mistakes.append(Mistake(at, "file-too-large", *TOO_WRONG))
    return mistakes


def _rank(error: Any) -> int:
    order = ("type", "enum", "pattern")
    return order.index(str(error.validator)) if error.validator in order else len(order)


def _is_in_flat_list(error: Any, instance: Any) -> bool:
    """Whoever writes [32, 8, 4] for [[32, 8, 4]] made one mistake, which is reported at the first entry."""
    path = error.absolute_path
    if error.validator != "type" or error.validator_value != "array" or not path or path[-1] == 0:
        return False
    for step in list(path)[:-1]:
        instance = instance[step]
    return isinstance(instance, list) and not any(isinstance(entry, list) for entry in instance)


def _unknown_key(error: Any, path: Path) -> Iterator[Mistake]:
    key = str(path[-1])
    hint = key_hint(key, error.instance, error.validator_value, kind_of_name(path[:-1]))
    yield Mistake(path, "unknown-key", f"{visible(key)!r} is not a key of {what(path[:-1])}", hint, at_key=True)


#: Unknown keys of one object among which a missing one is looked for.
MAX_UNKNOWN = 50
#: Keys that decide which other keys are known: while one is missing, no other key can be called unknown.
SELECTORS = ("type", "name")


def _missing_key(error: Any, path: Path) -> Iterator[Mistake]:
    owner: Mapping[str, Any] = error.instance
    missing = [key for key in error.validator_value if key not in owner]
    known, closed = _known_keys(error, path)
    for key in missing:
        unknown = islice((other for other in owner if other not in known), MAX_UNKNOWN)
        misspelt = [other for other in unknown if nearest_key(str(other), [*known, *missing]) == key]
        if misspelt and (key in SELECTORS or not closed):
            message = f"{visible(misspelt[0])!r} is not a key of {what(path)}"
            yield Mistake((*path, misspelt[0]), "unknown-key", message, f"did you mean {key!r}?", at_key=True)
        elif not misspelt:  # else the misspelt key has been reported, with this one as its hint
            hint = missing_hint(key, owner, error.schema, kind_of_name(path))
            yield Mistake(path, "missing-key", f"{what(path)} has no {key!r}", hint, at_key=True)


def _known_keys(error: Any, path: Path) -> tuple[set[str], bool]:
    """The keys that may stand beside a missing one, and whether every other one is reported as unknown."""
    properties = error.schema.get("properties", {})
    if not properties or "optim_spec" in properties:
        return {*catalogue.net_properties_of(error.instance)} or {*catalogue.net_keys()}, True
    kind = kind_of_name(path)
    return {"name", *properties, *(all_arguments(kind) if kind in catalogue.KINDS else ())}, kind in catalogue.KINDS


def _wrong_type(error: Any, path: Path) -> Iterator[Mistake]:
    value, schema = error.instance, error.schema
    in_list = bool(path) and isinstance(path[-1], int)
    hint = value_hint(value, schema, in_list)
    yield Mistake(path, "wrong-type", f"{named(path, schema)} is {shown(value)}, expected {expected(schema)}", hint)


def _unknown_name(error: Any, path: Path) -> Iterator[Mistake]:
    value, schema, kind = error.instance, error.schema, kind_of_name(path)
    if not isinstance(value, str):
        yield from _wrong_type(error, path)
        return
    message = f"{shown(value)} is not a known {kind_words(kind)}"
    if not kind:
        message = f"{named(path, schema)} is {shown(value)}, expected {expected(schema)}"
    yield Mistake(path, "unknown-name", message, name_hint(value, schema, kind))


def _out_of_range(error: Any, path: Path) -> Iterator[Mistake]:
    value, schema = error.instance, error.schema
    bound = BOUNDS[str(error.validator)].format(error.validator_value)
    hint = "write null for no clipping" if what(path).endswith("clip_grad_val") else example(schema)
    yield Mistake(path, "value-out-of-range", f"{named(path, schema)} is {shown(value)}, expected {bound}", hint)


def _wrong_length(error: Any, path: Path) -> Iterator[Mistake]:
    schema, count = error.schema, len(error.instance)
    bound = f"{'at least' if error.validator == 'minItems' else 'at most'} {error.validator_value}"
    if schema.get("minItems") == schema.get("maxItems"):
        bound = str(error.validator_value)
    message = f"{named(path, schema)} has {count or 'no'} {'entry' if count == 1 else 'entries'}, expected {bound}"
    yield Mistake(path, "wrong-length", message, example(schema) or ("" if count else "add one"))


def _no_spec(error: Any, path: Path) -> Iterator[Mistake]:
    yield Mistake(path, "not-a-spec", "there is no spec in the file", 'add one: {"name": {"agent": ..., "env": ...}}')


WORDING: dict[str, Callable[[Any, Path], Iterator[Mistake]]] = {
    "unevaluatedProperties": _unknown_key,
    "required": _missing_key,
    "enum": _unknown_name,
    "pattern": _unknown_name,
    **dict.fromkeys(BOUNDS, _out_of_range),
    "minItems": _wrong_length,
    "maxItems": _wrong_length,
    "minProperties": _no_spec,
}
