"""One concrete spec out of a document: chosen by name, variables filled in, overrides applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.problems import SpecError, visible
from slm_net.spec.document import Document, Spec
from slm_net.spec.mistakes import Mistake
from slm_net.spec.overrides import override
from slm_net.spec.variables import combinations, fill_in, find_variables


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
    if unset := [document.problem(mistake) for mistake in _unset(spec, data)]:
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
    hint = f"choose with variables={{'{key}': ...}}, or --set {key}=...: {listed}"
    raise SpecError([document.problem(Mistake((*spec.path, "spec_params"), "which-spec", message, hint))])


def _unset(spec: Spec, data: Mapping[str, Any]) -> Iterator[Mistake]:
    for path, name in find_variables({key: part for key, part in data.items() if key != "search"}, spec.path):
        hint = f"give it with variables={{'{name}': ...}}, or --set {name}=..."
        yield Mistake(path, "unset-variable", f"${{{name}}} has no value", hint)
