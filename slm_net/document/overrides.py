"""What is given beside a spec file: the name of a spec, values of its variables, overrides; and the spec with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

from slm_net.document.specs import WHICH_SPEC, Document, Spec
from slm_net.document.variables import UNSET_VARIABLE, combinations, fill_in, find_variables
from slm_net.problems import Caller, Problem, Rule, SpecError
from slm_net.words import did_you_mean, visible

BAD_OVERRIDE = Rule(
    "SN110",
    "bad-override",
    what="An override (`--override agent.0.net.gpu=false`) names a place that the spec does not have.",
    why="it would add a key that nobody reads, and the value that was meant would stay.",
    no_example="this is about the command line of `slm-net build`, or the arguments of `load_spec`.",
)


def override(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a pydash path, in place; only the last key of the path may be new.

    >>> spec = {"agent": [{"net": {"gpu": True}}]}
    >>> override(spec, "agent.0.net.gpu", False)
    >>> spec
    {'agent': [{'net': {'gpu': False}}]}

    Raises:
        SpecError: the path leads through something that is not there, or into a plain value.
    """
    import pydash

    steps = [str(step) for step in pydash.to_path(path)] if path else []
    node: Any = data
    for depth, step in enumerate(steps[:-1]):
        if step not in _keys(node):
            raise _nowhere(path, steps[:depth], step, node)
        node = node[int(step)] if isinstance(node, list) else node[step]
    if not steps or (not isinstance(node, dict) and steps[-1] not in _keys(node)):
        raise _nowhere(path, steps[:-1], steps[-1] if steps else "", node)
    pydash.set_(data, path, deepcopy(value))


def _keys(node: Any) -> list[str]:
    if isinstance(node, dict):
        return list(node)
    return [str(index) for index in range(len(node))] if isinstance(node, list) else []


def _nowhere(path: str, parents: list[str], step: str, node: Any) -> SpecError:
    message = f"the override {visible(path)!r} leads nowhere: there is no {visible(step)!r}"
    hint = "a plain value is there"
    if isinstance(node, list):
        hint = f"a list is there, with entries 0 to {len(node) - 1}" if node else "an empty list is there"
    elif isinstance(node, dict):
        hint = did_you_mean(step, list(node)) or "an empty object is there"
    return SpecError([BAD_OVERRIDE.at(parents, message, hint)])


def concrete_spec(
    document: Document,
    name: str | None = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A deep copy of one spec of the document, with nothing left to choose.

    Raises:
        SpecError: several specs and no name, a variable without a value, an override that leads nowhere.
    """
    spec = document.choose(name)
    given = dict(variables or {})
    values = {**_only_combination(document, spec, given), **given}
    data = fill_in({key: part for key, part in spec.data.items() if key not in ("$schema", "spec_params")}, values)
    if unset := [document.placed(problem) for problem in _unset(spec, data)]:
        raise SpecError(unset)
    for path, value in (overrides or {}).items():
        override(data, path, value)
    return {"name": spec.name, **data} if document.kind == "file" else data


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


def _unset(spec: Spec, data: Mapping[str, Any]) -> Iterator[Problem]:
    for path, name in find_variables({key: part for key, part in data.items() if key != "search"}, spec.path):
        yield UNSET_VARIABLE.at(path, f"${{{name}}} has no value", partial(_give, name))


def _give(name: str, to: Caller) -> str:
    return f"give it with {to.variable(name)}"
