"""Python values as JSON has them, and the checks that a text gets while it is parsed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from numbers import Number
from typing import Any

from slm_net.problems import Path, Problem, Rule, SpecError
from slm_net.text.limits import (
    FILE_TOO_LARGE,
    KEY_TOO_LONG,
    MAX_DEPTH,
    MAX_INT,
    MAX_KEY,
    MAX_VALUES,
    NESTED_TOO_DEEP,
    NON_FINITE_NUMBER,
    NUMBER_OUT_OF_RANGE,
    TOO_DEEP,
    TOO_MANY,
    number_fault,
)
from slm_net.text.paths import value_at
from slm_net.text.places import Found, Reading, Refused, bad_key
from slm_net.words import visible

NO_VALUE = Rule(
    "SN013",
    "no-value",
    what=(
        "A config of another library has no value at a key: in OmegaConf and Hydra a `???`, or an interpolation that "
        "leads nowhere. There `${name}` is an interpolation, and a `${variable}` of the spec is written `\\${name}`."
    ),
    why="the net cannot be built without it, and only the config can say what was meant.",
    no_example="it is about objects of Python and not about text.",
)


#: Looked up by type before anything else: most values are one of these, and every build copies its spec.
SCALARS = {str, bool, int, float, type(None)}
EXACT: dict[type, Callable[[Any], Any]] = {str: str.__str__, int: int.__int__, float: float.__float__}


def plain(value: Any) -> Any:
    """A deep copy of `value` made of dicts, lists, strings, numbers, booleans and None, as far as it can be.

    Keys that are no text are left out; the reader has reported them.

    >>> plain({"hid_layers": (64, 32)})
    {'hid_layers': [64, 32]}
    """
    cls = type(value)
    if cls in SCALARS:
        return value
    if cls is list:
        return [part if type(part) in SCALARS else plain(part) for part in value]
    if cls is dict and all(type(key) is str for key in value):
        return {key: part if type(part) in SCALARS else plain(part) for key, part in value.items()}
    if isinstance(value, Enum):
        return plain(value.value)
    for kind, exact in EXACT.items():  # of a class of its own, which may hide what it is
        if isinstance(value, kind):
            return exact(value)
    if isinstance(value, Mapping):
        return {plain(key): plain(part) for key, part in parts_of(value) if isinstance(key, str)}
    if is_list(value):
        return [plain(part) for _, part in parts_of(value)]
    if hasattr(value, "tolist"):  # numpy scalars and arrays, and tensors, without importing either library
        return plain(value.tolist())
    if isinstance(value, Number):  # Decimal, Fraction, complex
        return str(value) if isinstance(value, complex) else float(value)  # type: ignore[arg-type]
    return value


def is_list(value: Any) -> bool:
    """Whether a value is what JSON has as a list: a list, tuple, deque, range and their like, but no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


class NoValue(str):
    """Stands where a mapping or list of another library has no value to give: what it says of that."""


def parts_of(value: Any) -> Iterable[tuple[Any, Any]]:
    """The keys or indices of a mapping or list with their values, `NoValue` where asking for one is an error."""
    if isinstance(value, dict):
        return value.items()
    return ((key, _part(value, key)) for key in (value if isinstance(value, Mapping) else range(len(value))))


def _part(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except Exception as error:  # of whatever kind the library has
        return NoValue(str(error).partition("\n")[0])


def text_of(value: Any) -> str | None:
    """A text that no other value has, as 1, 1.0 and True differ in it; None for what JSON cannot hold.

    >>> text_of({"lr": 1.0}) == text_of({"lr": 1}), text_of({"lr": object()})
    (False, None)
    """
    try:
        return json.dumps(plain(value))
    except (TypeError, ValueError, RecursionError):
        return None


def read_mapping(data: Mapping[str, Any]) -> Reading:
    """`data` itself, with what a JSON text could not hold: odd keys, numbers out of range, too many levels."""
    try:
        found = Found()
        for problem in _problems(data):
            found.add(problem)
        return Reading(data, tuple(found))
    except Refused as refused:
        return Reading(None, (refused.problem,))


def refuse_no_values(argument: str, values: Mapping[str, Any]) -> None:
    """Go on if everything in an argument has a value.

    Raises:
        SpecError: with each place that has none.
    """
    if missing := [replace(one, file=argument) for one in read_mapping(values).problems if one.rule == NO_VALUE.id]:
        raise SpecError(missing)


def usable(data: Mapping[str, Any], problems: Iterable[Problem]) -> Any:
    """A copy of `data` as JSON has it, with None for what was found to be no value or no number in range, as of a text.

    >>> usable({"lr": (2**64, 1)}, [NUMBER_OUT_OF_RANGE.at(("lr", 0), "too large")])
    {'lr': [None, 1]}
    """
    copied = plain(data)
    for problem in problems:
        if problem.rule in (NUMBER_OUT_OF_RANGE.id, NON_FINITE_NUMBER.id, NO_VALUE.id):
            value_at(copied, problem.path[:-1])[problem.path[-1]] = None
    return copied


def _problems(data: Mapping[str, Any]) -> Iterable[Problem]:
    waiting: list[tuple[Path, Any]] = [((), data)]
    seen = 0
    while waiting:
        path, value = waiting.pop()
        seen += 1
        if isinstance(value, NoValue):
            named = f"entry {path[-1] + 1} of {path[-2]}" if isinstance(path[-1], int) else str(path[-1])
            message = f"{visible(named, 60)} has no value: {visible(value, 120)}"
            yield NO_VALUE.at(path, message, "give it one in the config")
        if isinstance(value, str):
            continue
        if isinstance(value, (int, float)):
            if fault := number_fault(value, _written(value)):
                rule, *words = fault
                yield rule.at(path, *words)
        elif (is_mapping := isinstance(value, Mapping)) or is_list(value):
            if len(path) == MAX_DEPTH:
                raise Refused(NESTED_TOO_DEEP.at(path, *TOO_DEEP))
            if seen + len(waiting) + len(value) > MAX_VALUES:
                raise Refused(FILE_TOO_LARGE.at(path, *TOO_MANY))
            if is_mapping:
                yield from _odd_keys(path, value)
            waiting += [
                ((*path, key), child) for key, child in parts_of(value) if not is_mapping or isinstance(key, str)
            ]


def _odd_keys(path: Path, value: Mapping[Any, Any]) -> Iterable[Problem]:
    for key in value:
        if not isinstance(key, str):
            written = _written(key) if isinstance(key, (int, float)) else str(key) if key is None else ""
            rule, *words = bad_key(key, written)
            yield rule.at((*path, written), *words)
        elif len(key) > MAX_KEY:
            raise Refused(FILE_TOO_LARGE.at(path, *KEY_TOO_LONG))


def _written(value: float) -> str:
    # The digits of a huge int are slow to write, and Python refuses to.
    return f"an int of {value.bit_length()} bits" if isinstance(value, int) and abs(value) > MAX_INT else str(value)
