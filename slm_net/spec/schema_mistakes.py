"""Schema errors in words: one mistake per wrong place, each with a rule, a message and a hint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from slm_net.problems import did_you_mean, nearest, visible
from slm_net.spec import schema as schemas
from slm_net.spec.aliases import KEYS
from slm_net.spec.mistakes import Mistake, Path, what
from slm_net.spec.wording import BOUNDS, example, expected, name_hint, shown, value_hint


def schema_mistakes(ref: str, instance: Any, at: Path = ()) -> list[Mistake]:
    """What a schema, for example "net.schema.json", finds wrong with `instance`, which stands at `at` in its document.

    One mistake per wrong value: one of the wrong type is not also out of range.
    """
    mistakes: list[Mistake] = []
    wrong_values: set[Path] = set()
    for error in sorted(schemas.errors(ref, instance), key=_rank):
        for mistake in WORDING.get(str(error.validator), _wrong_type)(error, (*at, *error.absolute_path)):
            if mistake.at_key or mistake.path not in wrong_values:
                mistakes.append(mistake)
                wrong_values.add(mistake.path)
    return mistakes


def _rank(error: Any) -> int:
    order = ("type", "enum", "pattern")
    return order.index(str(error.validator)) if error.validator in order else len(order)


def _unknown_key(error: Any, path: Path) -> Iterator[Mistake]:
    key, owner = str(path[-1]), error.instance
    choices = [known for known in error.validator_value if known not in _foreign(owner) and known not in owner]
    hint = did_you_mean(key, choices, KEYS)
    yield Mistake(path, "unknown-key", f"{visible(key)!r} is not a key of {what(path[:-1])}", hint, at_key=True)


def _foreign(owner: Mapping[str, Any]) -> Set[str]:
    net_type = owner.get("type")
    return schemas.unused_keys(net_type) if net_type in schemas.net_types() else set()


#: Keys that decide which other keys are known: while one is missing, no other key can be called unknown.
SELECTORS = ("type", "name")


def _missing_key(error: Any, path: Path) -> Iterator[Mistake]:
    owner: Mapping[str, Any] = error.instance
    known = {*error.schema.get("properties", ()), *schemas.net_keys(), "name"}
    for key in (key for key in error.validator_value if key not in owner):
        misspelt = [str(other) for other in owner if other not in known and nearest(str(other), [key], KEYS) == key]
        if misspelt and key in SELECTORS:
            message = f"{visible(misspelt[0])!r} is not a key of {what(path)}"
            yield Mistake((*path, misspelt[0]), "unknown-key", message, f"did you mean {key!r}?", at_key=True)
        elif not misspelt:  # else the misspelt key has been reported, with this one as its hint
            hint = ", ".join(filter(None, (f"add {key!r}", example(schemas.any_property(key)))))
            yield Mistake(path, "missing-key", f"{what(path)} has no {key!r}", hint, at_key=True)


def _wrong_type(error: Any, path: Path) -> Iterator[Mistake]:
    value, schema = error.instance, error.schema
    message = f"{what(path)} is {shown(value)}, expected {expected(schema)}"
    yield Mistake(path, "wrong-type", message, value_hint(value, schema))


def _unknown_name(error: Any, path: Path) -> Iterator[Mistake]:
    value, schema = error.instance, error.schema
    if not isinstance(value, str):
        yield from _wrong_type(error, path)
        return
    kind = kind_of_name(path)
    hint = name_hint(value, schema, schemas.left_out(kind) if kind in schemas.KINDS else {})
    yield Mistake(path, "unknown-name", f"{shown(value)} is not a known {kind.replace('_', ' ')}", hint)


def _out_of_range(error: Any, path: Path) -> Iterator[Mistake]:
    bound = BOUNDS[str(error.validator)].format(error.validator_value)
    hint = "write null for no clipping" if what(path).endswith("clip_grad_val") else example(error.schema)
    yield Mistake(path, "value-out-of-range", f"{what(path)} is {shown(error.instance)}, expected {bound}", hint)


def _wrong_length(error: Any, path: Path) -> Iterator[Mistake]:
    bound = {"minItems": "at least", "maxItems": "at most"}[str(error.validator)]
    message = f"{what(path)} has {len(error.instance)} entries, expected {bound} {error.validator_value}"
    yield Mistake(path, "wrong-length", message, example(error.schema))


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


#: how the last keys of a path tell what kind of name stands there
KIND_OF_KEY = {"type": "net_type", "optimizer": "optimizer", "init_fn": "init", "optim_spec": "optimizer"}


def kind_of_name(path: Path) -> str:
    """Which kind of name stands at `path`: "optimizer", "activation", "net_type", ...

    >>> kind_of_name(("critic_optim_spec", "name")), kind_of_name(("hid_layers_activation", 0)), kind_of_name(("type",))
    ('optimizer', 'activation', 'net_type')
    """
    keys = [part for part in path if isinstance(part, str) and part != "name"]
    last = keys[-1].removeprefix("actor_").removeprefix("critic_") if keys else "name"
    if last.endswith("_activation"):
        return "activation"
    return KIND_OF_KEY.get(last, last.removesuffix("_spec"))
