"""A spec as a plan of one net: resolved spec, dims, and how they were found. No torch up to here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from slm_net.loading import placed, refuse_errors
from slm_net.problems import Problem, SpecError
from slm_net.spaces import Dims, infer_dims
from slm_net.spec.document import Document, Spec, SpecSource, read_document
from slm_net.spec.load import concrete_spec
from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import keys_of_nets
from slm_net.spec.places import Path
from slm_net.spec.plain import plain
from slm_net.spec.resolve import resolve
from slm_net.validation import validate_document


@dataclass(frozen=True)
class NetPlan:
    """What the factory builds: every choice made, nothing allocated. To be read only, as plans are shared.

    `places` has the path in `document` of each key that the net takes from there.
    """

    spec: Mapping[str, Any]
    dims: Dims
    warnings: tuple[Problem, ...]
    document: Document = field(repr=False)
    places: Mapping[str, Path] = field(repr=False)

    def error(self, key: str, message: str, hint: str = "") -> SpecError:
        """A part of the net that cannot be built, as an error at its key, or at the net type if it is a default."""
        path = self.places.get(key, self.places["type"])
        return SpecError([self.document.problem(Mistake(path, "argument-conflict", message, hint))])


@dataclass(frozen=True)
class _Request:
    """The arguments of a plan; equal requests have equal plans, so that building again costs no validation."""

    key: str
    source: SpecSource | Document = field(compare=False)
    name: str | None
    in_dim: Any = field(compare=False)
    out_dim: Any = field(compare=False)
    env: object


def plan_net(
    source: SpecSource, in_dim: Any = None, out_dim: Any = None, *, name: str | None = None, env: object = None
) -> NetPlan:
    """The plan of the main net of a spec: validated, resolved, with its dims.

    Raises:
        SpecError: with everything that is wrong, or with the argument that is missing.
    """
    # a dict is not even read when the same one has been planned before
    read = source if isinstance(source, Mapping) else read_document(source)
    text = f"{read.source.file}\n{read.source.text}" if isinstance(read, Document) else repr(read)
    in_dim, out_dim = plain(in_dim), plain(out_dim)
    key = f"{in_dim!r} {out_dim!r} {text}"  # as text, in which 1, 1.0 and True differ
    request = _Request(key, read, name, in_dim, out_dim, env)
    return _cached_plan(request) if env is None or isinstance(env, str) else _plan(request)


def _plan(request: _Request) -> NetPlan:
    document = request.source if isinstance(request.source, Document) else read_document(request.source)
    return plan_document(document, request.in_dim, request.out_dim, name=request.name, env=request.env)


_cached_plan = lru_cache(maxsize=256)(_plan)


def plan_document(
    document: Document,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> NetPlan:
    """The plan of a document that has been read already, with the variables and overrides of `load_spec`.

    Raises:
        SpecError: as `plan_net`; what a variable or an override makes wrong is placed at the value that it replaces.
    """
    changed = bool(variables or overrides)
    dims = (None, None) if changed else (in_dim, out_dim)  # an override may be what makes them fit
    refuse_errors(validate_document(document, name, *dims))
    spec, concrete = document.choose(name), concrete_spec(document, name, variables, overrides)
    if changed:
        refuse_errors(_problems(document, spec, concrete, (in_dim, out_dim)))
    try:
        found = infer_dims(concrete, env, in_dim, out_dim)
    except SpecError as error:
        raise SpecError(placed(problem, document, spec) for problem in error.problems) from None
    problems = _problems(document, spec, concrete if changed else None, (found.in_dim, found.out_dim))
    refuse_errors(problems)
    return _net_plan(document, spec, concrete, found, problems)


def _problems(
    document: Document, spec: Spec, changed: Mapping[str, Any] | None, dims: tuple[Any, Any]
) -> list[Problem]:
    """The problems of one spec of the document, or of what variables and overrides made of it."""
    if changed is None:
        return validate_document(document, spec.name or None, *dims)
    return [placed(problem, document, spec) for problem in validate_document(read_document(changed), None, *dims)]


def _net_plan(
    document: Document, spec: Spec, concrete: Mapping[str, Any], dims: Dims, problems: list[Problem]
) -> NetPlan:
    """The plan of the first net, which is the actor's where the algorithm has a critic too."""
    chosen = read_document(concrete)
    block = next(chosen.net_blocks(chosen.choose()))
    keys = keys_of_nets(block.data, block.algorithm)[0]
    places = {key: (*spec.path, *block.path, written) for key, written in keys.items()}
    resolved = resolve({key: block.data[written] for key, written in keys.items()})
    return NetPlan(resolved, dims, tuple(problems), document, places)
