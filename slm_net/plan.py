"""A spec as a plan of one net: validated, concrete, with its dims, and how they were found. No torch up to here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from slm_net.document.algorithms import RECIPES
from slm_net.document.algorithms import gives as main_gives
from slm_net.document.concrete import concrete_spec
from slm_net.document.nets import NetSource, resolve, source_of
from slm_net.document.specs import Document, NetBlock, Spec, SpecSource, read_document
from slm_net.problems import Problem, Rule, SpecError, has_errors
from slm_net.rules.arguments import ARGUMENT_CONFLICT
from slm_net.schema.catalogue import left_out, net_types
from slm_net.schema.entries import on_change
from slm_net.spaces import Action, Dims, infer_dims
from slm_net.text.mapping import plain
from slm_net.text.places import Path
from slm_net.validation import validate_document
from slm_net.wording.schema_problems import UNKNOWN_NAME
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
    path = (*spec.path, *problem.path)
    line, column = document.source.value_position(path)
    return problem.at(path, file=document.source.file, line=line, column=column, spec=spec.name)


@dataclass(frozen=True)
class CheckedSpec:
    """A concrete spec without errors: where it stands, its net blocks, the dims of its first net."""

    document: Document
    spec: Spec
    blocks: tuple[NetBlock, ...]
    #: The agent's algorithm block, empty for a bare net block.
    algorithm: Mapping[str, Any]
    #: The SLM Lab version whose shape the spec has, 4 or 5.
    version: int
    dims: Dims
    warnings: tuple[Problem, ...]

    def error(self, path: Path, rule: Rule, message: str, hint: str = "") -> SpecError:
        """What is wrong after all, at a path from the root of the spec."""
        return SpecError([self.document.placed(rule.at((*self.spec.path, *path), message, hint))])


def check_spec(
    document: Document,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> CheckedSpec:
    """One spec of a document, validated without and then with its dims.

    Raises:
        SpecError: with everything that is wrong, or with the argument that is missing.
    """
    changed = bool(variables or overrides)
    dims = (None, None) if changed else (in_dim, out_dim)  # an override may be what makes them fit
    refuse_errors(validate_document(document, name, *dims, own_env=env is None))
    spec, concrete = document.choose(name), concrete_spec(document, name, variables, overrides)
    if changed:
        refuse_errors(_problems_of(document, spec, concrete, (in_dim, out_dim), env is None))
    try:
        found = infer_dims(concrete, env, in_dim, out_dim)
    except SpecError as error:
        raise SpecError(placed(problem, document, spec) for problem in error.problems) from None
    problems = _problems_of(document, spec, concrete if changed else None, (found.in_dim, found.out_dim))
    refuse_errors(problems)
    return _checked(document, spec, concrete, found, problems)


def _checked(
    document: Document, spec: Spec, concrete: Mapping[str, Any], dims: Dims, problems: list[Problem]
) -> CheckedSpec:
    chosen = read_document(concrete)
    agents = concrete.get("agent", {})
    agent = agents[0] if isinstance(agents, list) else agents
    return CheckedSpec(
        document,
        spec,
        blocks=tuple(chosen.net_blocks(chosen.choose())),
        algorithm=agent.get("algorithm", {}),
        version=4 if isinstance(agents, list) else 5,
        dims=dims,
        warnings=tuple(problems),
    )


def _problems_of(
    document: Document, spec: Spec, changed: Mapping[str, Any] | None, dims: tuple[Any, Any], own_env: bool = True
) -> list[Problem]:
    """The problems of one spec of the document, or of what variables and overrides made of it."""
    if changed is None:
        name = spec.name if document.kind == "file" else None
        return validate_document(document, name, *dims, own_env=own_env)
    found = validate_document(read_document(changed), None, *dims, own_env=own_env)
    return [placed(problem, document, spec) for problem in found]


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
    #: What the net acts in, and the name of its distribution; None if it is no net that acts, or not known.
    action: Action | None = None
    action_pdtype: str = "default"

    def error(self, key: str, reason: str) -> SpecError:
        """A part of the net that cannot be built, as an error at its key; at the net type if it is a default."""
        path = self.places.get(key, self.places["type"])
        message = f"{'the net' if path[-1] == 'type' else what(path)} cannot be built: {reason}"
        return SpecError([self.document.placed(ARGUMENT_CONFLICT.at(path, message))])


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
on_change(_cached_plan.cache_clear)


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
    return main_plan(
        check_spec(document, in_dim, out_dim, name=name, env=env, variables=variables, overrides=overrides)
    )


def main_plan(checked: CheckedSpec) -> NetPlan:
    """The plan of the first net, which is the actor's where the algorithm has a critic too.

    Raises:
        SpecError: the net cannot be that of this algorithm and environment.
    """
    block, action = checked.blocks[0], checked.dims.action
    gives = main_gives(block.algorithm)
    source = source_of(gives, block)
    plan = net_plan(checked, source, checked.dims)
    return replace(plan, action=action, action_pdtype=_pdtype(checked, gives, action))


def net_plan(checked: CheckedSpec, source: NetSource, dims: Dims) -> NetPlan:
    """The plan of one net of a spec, from its part of a block.

    Raises:
        SpecError: its type is known, but built by another package.
    """
    values = source.values
    if reason := left_out("net").get(values["type"]):
        hint = f"write one of {', '.join(name for name in net_types() if name not in left_out('net'))}"
        message = f"{values['type']} {reason}, not by slm_net"
        raise checked.error((*source.block.path, "type"), UNKNOWN_NAME, message, hint)
    places = {key: (*checked.spec.path, *source.block.path, written) for key, written in source.keys.items()}
    return NetPlan(resolve(values), dims, checked.warnings, checked.document, places)


def _pdtype(checked: CheckedSpec, gives: str, action: Action | None) -> str:
    """The distribution that the spec names; "default" becomes that of the algorithm where it has one of its own."""
    written = checked.algorithm.get("action_pdtype", "default")
    algorithm = str(checked.algorithm.get("name", ""))
    if gives == "q" and written == "default":
        return "Argmax"
    squashed = algorithm in RECIPES and RECIPES[algorithm].temperature and action and action.kind == "continuous"
    return "NormalTanh" if squashed and written in ("default", "Normal") else str(written)
