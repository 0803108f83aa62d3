"""`${variables}` in a spec: found, filled in, expanded from `spec_params`; those without a value."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice, product
from typing import Any, NamedTuple

from slm_net.document.specs import WHICH_SPEC, Document, NetBlock, Spec
from slm_net.problems import WARNING, Caller, Path, Problem, Rule, SpecError, spec_example
from slm_net.schema.catalogue import VARIABLE
from slm_net.text.limits import MAX_PROBLEMS
from slm_net.text.mapping import plain, refuse_no_values
from slm_net.text.paths import value_at
from slm_net.words import did_you_mean, nearest, visible

UNSET_VARIABLE = Rule(
    "SN109",
    "unset-variable",
    what=(
        "A `${variable}` has no value in the file: `spec_params` does not have it. This is a warning, as it may be "
        "set when the spec is loaded. `{env}`, or `$env` where `spec_params` has an `env`, is no variable at all."
    ),
    why="without a value the text `${variable}` itself would be used.",
    wrong=spec_example(env='{"name": "${env}"}'),
    right=spec_example(
        env="""{"name": "${env}"},
  "spec_params": {"env": ["CartPole-v1", "Acrobot-v1"]}"""
    ),
)


#: Combinations of `spec_params` that are looked at; no real file has as many.
MAX_COMBINATIONS = 250
#: Values that a spec may have when its variables are filled in; a long text counts as several.
MAX_FILLED, CHARS_PER_VALUE = 50_000, 40


def find_variables(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The place and name of each `${variable}` in `data`.

    >>> list(find_variables({"env": [{"name": "${env}"}]}))
    [(('env', 0, 'name'), 'env')]
    """
    return _walked(data, path) if "${" in repr(data) else iter(())  # most specs have none


def _walked(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, str):
        yield from ((path, name) for name in VARIABLE.findall(data))
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _walked(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _walked(value, (*path, index))


def is_too_large(spec: Mapping[str, Any]) -> bool:
    """True if a spec has more than `MAX_FILLED` values after its `spec_params` are filled in."""
    params = spec.get("spec_params")
    if not isinstance(params, Mapping):
        return False
    sizes = {name: max(map(_size, values), default=0) for name, values in params.items() if isinstance(values, list)}
    filled = sum(sizes.get(name, 0) for _, name in find_variables(spec))
    return filled > 0 and _size(spec) + filled > MAX_FILLED


def _size(value: Any) -> int:
    if isinstance(value, str):
        return 1 + len(value) // CHARS_PER_VALUE
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, parts))


def fill_in(data: Any, variables: Mapping[str, Any]) -> Any:
    """A copy of `data` with the variables filled in; those without a value stay.

    A text that is one variable becomes its value, and a number if that is a text which is one (as in SLM Lab 5).

    >>> fill_in({"frame": "${max_frame}", "name": "ALE/${game}-v5"}, {"max_frame": "1e7", "game": "Pong"})
    {'frame': 10000000.0, 'name': 'ALE/Pong-v5'}
    """
    if isinstance(data, Mapping):
        return {key: fill_in(value, variables) for key, value in data.items()}
    if isinstance(data, list):
        return [fill_in(value, variables) for value in data]
    if not isinstance(data, str) or "${" not in data:
        return data
    if (whole := VARIABLE.fullmatch(data)) and whole[1] in variables:
        value = variables[whole[1]]
        return number_or_text(value) if isinstance(value, str) else value
    return VARIABLE.sub(lambda match: str(variables.get(match[1], match[0])), data)


def number_or_text(text: str) -> int | float | str:
    """The number that a text spells, else the text.

    >>> number_or_text("4"), number_or_text("1e-4"), number_or_text("Pong-v5")
    (4, 0.0001, 'Pong-v5')
    """
    if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        return int(text)
    if not re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", text):
        return text
    number = float(text)
    return number if math.isfinite(number) else text


def combinations(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The values that `spec_params` gives to the variables, one dict per combination; one empty dict without it.

    Of very many there is one more than `MAX_COMBINATIONS`.

    >>> combinations({"spec_params": {"env": ["Pong-v5", "Qbert-v5"]}})
    [{'env': 'Pong-v5'}, {'env': 'Qbert-v5'}]
    """
    params = spec.get("spec_params")
    if not isinstance(params, Mapping) or not all(isinstance(values, list) and values for values in params.values()):
        return [{}]  # the schema has said what is wrong
    rows = islice(product(*params.values()), 1 + min(MAX_COMBINATIONS, MAX_FILLED // max(1, len(params))))
    return [dict(zip(params, row, strict=True)) for row in rows]


def unset_variables(spec: Spec) -> Iterator[Problem]:
    """A warning at each `${variable}` outside of `search` that is not among the `spec_params`."""
    params = spec.data.get("spec_params")
    known = params if isinstance(params, dict) else {}
    unset = ((path, name) for path, name in _outside_of_search(spec) if name not in known)
    for path, name in islice(unset, MAX_PROBLEMS + 1):
        shown, guess = visible(name, 40), nearest(name, known)
        meant = f"did you mean ${{{visible(guess, 40)}}}? Else " if guess else ""
        hint = partial(_give, meant, shown)
        yield UNSET_VARIABLE.at(path, f"${{{shown}}} has no value in the file", hint, WARNING)


def _outside_of_search(spec: Spec) -> Iterator[tuple[Path, str]]:
    return find_variables({key: part for key, part in spec.data.items() if key != "search"}, spec.path)


def _give(meant: str, name: str, to: Caller) -> str:
    return f"{meant}give it when the spec is loaded: {to.variable(name)}"


def at_origin(problem: Problem, spec: Spec, block: NetBlock, values: Mapping[str, Any]) -> Problem:
    """A problem in the value of a variable, at that value in `spec_params`; any other as it is.

    `values` are those of the variables; a text that holds a variable among other things keeps its problems.
    """
    inside = problem.path[len(block.path) :]
    for depth in range(1, len(inside) + 1):
        written = value_at(block.data, inside[:depth])
        whole = VARIABLE.fullmatch(written) if isinstance(written, str) else None
        if whole and whole[1] in values:
            listed = spec.data["spec_params"][whole[1]]
            place = (*spec.path, "spec_params", whole[1], listed.index(values[whole[1]]))
            return problem.at(place, at_key=False)
    return problem


class Filled(NamedTuple):
    """A spec with its variables filled in.

    `filled` are the paths of the texts that held some, with the first one's name; `listed` is where `spec_params` has
    the value of each that was not given.
    """

    data: dict[str, Any]
    filled: Mapping[Path, str] = {}
    listed: Mapping[str, Path] = {}


def filled_spec(document: Document, name: str | None = None, variables: Mapping[str, Any] | None = None) -> Filled:
    """A deep copy of one spec of the document with its variables filled in; those without a value stay.

    Raises:
        SpecError: several specs and no name, several values and nothing that chooses, or no such variable.
    """
    spec = document.choose(name)
    refuse_no_values("variables", variables or {})
    given = plain(variables or {})
    _refuse_unknown(document, spec, given)
    chosen = _only_combination(document, spec, given)
    written = {key: part for key, part in spec.data.items() if key not in ("$schema", "spec_params")}
    filled: dict[Path, str] = {}
    for path, variable in find_variables(written):
        filled.setdefault(path, variable)
    data = fill_in(written, {**chosen, **given})
    listed = {
        variable: ("spec_params", variable, _index(spec.data["spec_params"][variable], value))
        for variable, value in chosen.items()
        if variable not in given
    }
    return Filled({"name": spec.name, **data} if document.kind == "file" else data, filled, listed)


def _index(values: list[Any], chosen: Any) -> int:
    """Where a value stands in a list, which may have others that are equal."""
    return next(index for index, value in enumerate(values) if value is chosen)


def refuse_unset(document: Document, spec: Spec) -> None:
    """Raise if a variable has no value in a concrete spec.

    Raises:
        SpecError: with every place where one stands.
    """
    found = [
        UNSET_VARIABLE.at(path, f"${{{name}}} has no value", partial(_give, "", name))
        for path, name in _outside_of_search(spec)
    ]
    if found:
        raise SpecError(map(document.placed, found))


def _refuse_unknown(document: Document, spec: Spec, given: Mapping[str, Any]) -> None:
    """A value for a variable that is not there would change nothing."""
    params = spec.data.get("spec_params")
    known = [name for _, name in find_variables(spec.data)] if given else []
    known += params if isinstance(params, Mapping) else ()
    if unknown := [str(name) for name in given if name not in known]:
        hints = (did_you_mean(name, dict.fromkeys(known)) or "it has no variables" for name in unknown)
        messages = (f"the spec has no variable ${{{visible(name)}}}" for name in unknown)
        raise SpecError(document.placed(WHICH_SPEC.at(spec.path, *said)) for said in zip(messages, hints, strict=True))


def _only_combination(document: Document, spec: Spec, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `spec_params`, if the given variables leave one combination of them."""
    rows = combinations(spec.data)
    fitting = [row for row in rows if all(str(row[key]) == str(given[key]) for key in row.keys() & given.keys())]
    if len(fitting) == 1 or rows[0].keys() <= given.keys():
        return fitting[0] if fitting else {}
    key = next(key for key in rows[0] if key not in given)
    values = list(dict.fromkeys(visible(str(row[key])) for row in rows))
    listed = ", ".join(values[:8]) + (", ..." if len(values) > 8 else "")
    message = f"spec_params makes {len(rows)} specs of this one"
    path = (*spec.path, "spec_params")
    problem = WHICH_SPEC.at(path, message, lambda to: f"choose with {to.variable(key)}: {listed}")
    raise SpecError([document.placed(problem)])
