"""A spec as a plan of one net: validated, concrete, with its dims, and how they were found. No torch up to here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from slm_net.concrete import Concrete, concrete
from slm_net.document.algorithms import RECIPES
from slm_net.document.algorithms import gives as main_gives
from slm_net.document.exploration import Exploration, exploration_of
from slm_net.document.nets import NetSource, resolve, source_of
from slm_net.document.specs import Document, NetBlock, Spec, SpecSource, algorithm_of, read_document
from slm_net.net_types import net_type
from slm_net.problems import BUILD_NET, WARNING, Caller, Path, Problem, SpecError, has_errors, warn_of
from slm_net.rules.arguments import ARGUMENT_CONFLICT
from slm_net.schema.entries import schema_cached
from slm_net.spaces import Action, Dims
from slm_net.text.limits import MAX_PARAMETERS
from slm_net.text.mapping import plain, text_of
from slm_net.text.places import SYNTAX
from slm_net.validation import Examined, Given, examine
from slm_net.wording.values import what


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
    found = loaded(read_document(path), name, variables, overrides)
    warn_of(found.dropped)
    return dict(found.concrete.spec.data)


class Loaded(NamedTuple):
    """A concrete spec, all warnings about it, and those about overrides that nothing reads."""

    concrete: Concrete
    warnings: tuple[Problem, ...]
    dropped: tuple[Problem, ...]


def loaded(
    document: Document,
    name: str | None = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    caller: Caller = BUILD_NET,
) -> Loaded:
    """One concrete spec of a document, as `load_spec` has it.

    Raises:
        SpecError: with everything that is wrong.
    """
    found = _as_written(document, Given(), name)
    refuse_errors(found.problems)
    one = concrete(document, name, variables, overrides, caller)
    if variables or overrides:
        found = _examined(one, Given())
    return Loaded(one, tuple(found.problems), one.changes.warnings)


def refuse_errors(found: Iterable[Problem]) -> None:
    """Raise if one of the problems is an error.

    Raises:
        SpecError: with all problems, warnings too.
    """
    problems = list(found)
    if has_errors(problems):
        raise SpecError(problems)


def _as_written(document: Document, given: Given, name: str | None = None) -> Examined:
    """What `examine` finds in the specs as they are written: of a mistake in a search, only a warning."""
    found, place = examine(document, given, name), 1 if document.kind == "file" else 0
    problems = [
        replace(problem, severity=WARNING)
        if problem.path[place : place + 1] == ("search",) and problem.rule != SYNTAX.id
        else problem
        for problem in found.problems
    ]
    return found._replace(problems=problems)


def _examined(one: Concrete, given: Given) -> Examined:
    """What one pass finds in a concrete spec, each problem at the override that brings it, or where the value stood.

    Raises:
        SpecError: something is wrong with it.
    """
    found = _as_written(read_document(one.spec.data), given)
    problems = [*one.changes.warnings, *_placed(one, found.problems, given)]
    unknown = found.unknown and SpecError(_placed(one, found.unknown.problems, given))
    refuse_errors(problems)
    return Examined(problems, found.dims, unknown)


def _placed(one: Concrete, problems: Sequence[Problem], given: Given) -> Iterator[Problem]:
    apart = [problem for problem in problems if not one.changes.origin(problem.path)]
    known: set[tuple[str, str]] = set()
    if apart and one.changes.made:
        known = {(p.pointer, p.rule) for p in _as_written(read_document(one.before.data), given).problems}
    for problem in problems:
        origin = one.changes.origin(problem.path)
        if one.changes.made and not origin and (problem.pointer, problem.rule) not in known:
            origin = one.changes.names
        at_place = problem.at((*one.spec.path, *problem.path), at_key=False)
        place = replace(at_place, file=origin) if origin else one.document.placed(at_place)
        yield replace(place, spec=one.spec.name)


def algorithm_named(
    document: Document,
    name: str | None = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> str:
    """The algorithm of a spec with its variables and overrides, "" if it has none; nothing is checked yet.

    Raises:
        SpecError: there is no such spec, or several and no name.
    """
    spec = document.choose(name)
    if variables or overrides:
        with suppress(SpecError):  # `check_spec` tells all that is wrong
            spec = concrete(document, name, variables, overrides, BUILD_NET).spec
    return algorithm_of(spec.agent)


@dataclass(frozen=True)
class CheckedSpec:
    """A concrete spec without errors, which stands in its document, and the dims of its first net."""

    concrete: Concrete
    dims: Dims
    warnings: tuple[Problem, ...]

    @property
    def document(self) -> Document:
        """The document that the spec stands in."""
        return self.concrete.document

    @property
    def spec(self) -> Spec:
        """The spec itself."""
        return self.concrete.spec

    @cached_property
    def blocks(self) -> list[NetBlock]:
        """The net blocks; the first is that of the net that acts."""
        return self.spec.net_blocks()

    @property
    def algorithm(self) -> Mapping[str, Any]:
        """The agent's algorithm block, empty for a bare net block."""
        return self.spec.agent.block("algorithm").data

    def error(self, problem: Problem) -> SpecError:
        """What is wrong after all."""
        return SpecError([self.document.placed(problem)])


def check_spec(
    document: Document,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    caller: Caller = BUILD_NET,
    max_params: int = MAX_PARAMETERS,
) -> CheckedSpec:
    """One spec of a document, validated with its dims, with the variables and overrides of `load_spec`.

    Raises:
        SpecError: with everything that is wrong, or with the argument that is missing; what a variable makes wrong is
            placed where it stands, what an override makes wrong at the override, which `caller` names.
    """
    changed = bool(variables or overrides)
    first = given = Given(plain(in_dim), plain(out_dim), env, to_build=True, max_params=max_params)
    if changed or (name is None and len(document.specs) > 1):
        # an override may be what makes the dims fit
        alone = Given(infer=env is None, max_params=max_params)
        first = alone if changed else given._replace(to_build=False, infer=env is None)
    found = _as_written(document, first, name)
    refuse_errors(found.problems)
    one = concrete(document, name, variables, overrides, caller)
    if changed:
        found = _examined(one, given)
    if found.unknown or not found.dims:
        raise found.unknown or SpecError(found.problems)
    return CheckedSpec(one, found.dims, tuple(found.problems))


@dataclass(frozen=True)
class NetPlan:
    """What the factory builds: every choice made, nothing allocated. To be read only, as plans are shared.

    `places` has the path in `document` of each key that the net takes from there, `source` what is written there.
    """

    spec: Mapping[str, Any]
    dims: Dims
    warnings: tuple[Problem, ...]
    concrete: Concrete = field(repr=False)
    places: Mapping[str, Path] = field(repr=False)
    source: NetSource = field(repr=False)
    #: What the net acts in, and the name of its distribution; None if it is no net that acts, or not known.
    action: Action | None = None
    action_pdtype: str = "default"
    #: What the net gives out (see `document.algorithms.GIVES`), and how the agent explores that acts with it.
    gives: str = ""
    exploration: Exploration | None = None

    @property
    def document(self) -> Document:
        """The document that the net stands in."""
        return self.concrete.document

    def placed(self, problem: Problem) -> Problem:
        """A problem of the resolved net at its place in the document; at the net type if its key is not there."""
        key, *inside = problem.path or ("type",)
        path = (*self.places[str(key)], *inside) if key in self.places else self.places["type"]
        return self.document.placed(problem.at(path))

    def error(self, key: str, reason: str) -> SpecError:
        """A part of the net that cannot be built, as an error at its key; at the net type if it is a default."""
        path = self.places.get(key, self.places["type"])
        message = f"{'the net' if path[-1] == 'type' else what(path)} cannot be built: {reason}"
        return SpecError([self.document.placed(ARGUMENT_CONFLICT.at(path, message))])


@dataclass(frozen=True)
class _Request:
    """The arguments of a plan; equal keys have equal plans, so that building again costs no validation."""

    key: str
    source: SpecSource | Document = field(compare=False)
    given: Mapping[str, Any] = field(compare=False)


def plan_net(
    source: SpecSource,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    caller: Caller = BUILD_NET,
) -> NetPlan:
    """The plan of the main net of a spec: validated, resolved, with its dims.

    Raises:
        SpecError: with everything that is wrong, or with the argument that is missing.
    """
    # a dict is not even read when the same one has been planned before
    read = source if isinstance(source, Mapping) else read_document(source)
    given = {"in_dim": in_dim, "out_dim": out_dim, "name": name, "env": env}
    given.update(variables=variables, overrides=overrides, caller=caller)
    text = text_of([given, [read.source.file, read.source.text] if isinstance(read, Document) else read])
    request = _Request(text or "", read, given)
    return _cached_plan(request) if text else _plan(request)


def _plan(request: _Request) -> NetPlan:
    document = request.source if isinstance(request.source, Document) else read_document(request.source)
    return main_plan(check_spec(document, **request.given))


_cached_plan = schema_cached(_plan, most=256)


def main_plan(checked: CheckedSpec) -> NetPlan:
    """The plan of the first net, which is the actor's where the algorithm has a critic too.

    Raises:
        SpecError: the net cannot be that of this algorithm and environment.
    """
    block, action = checked.blocks[0], checked.dims.action
    gives = main_gives(block.algorithm)
    source = source_of(gives, block)
    plan = net_plan(checked, source, checked.dims)
    found = exploration_of(checked.algorithm) if gives else None
    return replace(
        plan,
        action=action,
        action_pdtype=_pdtype(checked, gives, action),
        gives=gives or _gives_by_type(str(plan.spec["type"])),
        exploration=found,
    )


def _gives_by_type(name: str) -> str:
    """What a net of a type gives out that stands in no spec of an algorithm."""
    kind = net_type(name)
    return ("soft-q" if kind.takes and kind.takes.action else "q") if kind.values else "policy"


def net_plan(checked: CheckedSpec, source: NetSource, dims: Dims) -> NetPlan:
    """The plan of one net of a spec, from its part of a block."""
    places = {key: (*source.block.path, written) for key, written in source.keys.items()}
    return NetPlan(resolve(source.values), dims, checked.warnings, checked.concrete, places, source)


def _pdtype(checked: CheckedSpec, gives: str, action: Action | None) -> str:
    """The distribution that the spec names; "default" becomes that of the algorithm where it has one of its own."""
    written = checked.algorithm.get("action_pdtype", "default")
    algorithm = str(checked.algorithm.get("name", ""))
    if gives == "q" and written == "default":
        return "Argmax"
    squashed = algorithm in RECIPES and RECIPES[algorithm].temperature and action and action.kind == "continuous"
    return "NormalTanh" if squashed and written in ("default", "Normal") else str(written)
