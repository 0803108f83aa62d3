"""`load_spec`: one concrete, valid spec from a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from slm_net.problems import Problem, SpecError, has_errors, pointer
from slm_net.spec.document import Document, Spec, SpecSource, read_document
from slm_net.spec.load import concrete_spec
from slm_net.spec.mistakes import steps
from slm_net.validation import validate_document


def load_spec(
    path: SpecSource,
    name: str | None = None,
    *,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One concrete spec: checked, with its `${variables}` filled in and the overrides applied.

    Args:
        path: a spec file (or its text, or a dict).
        name: which spec of the file; not needed if there is one.
        variables: values for `${variables}`; they also choose among the values of `spec_params`.
        overrides: new values by path, for example `{"agent.0.net.optim_spec.lr": 1e-4}`.

    Raises:
        SpecError: with everything that is wrong.

    >>> text = '{"demo": {"agent": {"algorithm": {"name": "Random"}, "net": {}}, "env": {"name": "${env}"}}}'
    >>> load_spec(text, variables={"env": "CartPole-v1"})["env"]
    {'name': 'CartPole-v1'}
    """
    document = read_document(path)
    refuse_errors(validate_document(document, name))
    data = concrete_spec(document, name, variables, overrides)
    if variables or overrides:
        refuse_errors(placed(problem, document, document.choose(name)) for problem in _problems(data))
    return data


def refuse_errors(found: Iterable[Problem]) -> None:
    """Raise if one of the problems is an error.

    Raises:
        SpecError: with all problems, warnings too.
    """
    problems = list(found)
    if has_errors(problems):
        raise SpecError(problems)


def _problems(data: Mapping[str, Any]) -> list[Problem]:
    return validate_document(read_document(data))


def placed(problem: Problem, document: Document, spec: Spec) -> Problem:
    """A problem of a concrete spec, at the place in the document that its value came from."""
    path = (*spec.path, *steps(problem.pointer, spec.data))
    line, column = document.source.value_position(path)
    return replace(problem, file=document.source.file, line=line, column=column, pointer=pointer(path), spec=spec.name)
