"""A spec as a plan of all nets of its agent. No torch up to here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slm_net.concrete import Concrete
from slm_net.document.algorithms import RECIPES, Part
from slm_net.document.specs import NOT_A_SPEC, Document
from slm_net.plan import CheckedSpec, NetPlan, algorithm_named, check_spec, loaded, main_plan, net_plan, refuse_errors
from slm_net.problems import BUILD_NETS, ERROR, Caller, Problem, SpecError
from slm_net.rules import broken_rules
from slm_net.spaces import Action, other_net
from slm_net.text.limits import MAX_PARAMETERS


@dataclass(frozen=True)
class TemperaturePlan:
    """The temperature of SAC: the entropy that it aims at, and its learning rate if it has one of its own."""

    target_entropy: float
    lr: float | None = None


@dataclass(frozen=True)
class AgentPlan:
    """The nets of an agent in order of creation, each with its plan; a copy has none."""

    algorithm: str
    parts: tuple[tuple[Part, NetPlan | None], ...] = ()
    temperature: TemperaturePlan | None = None
    warnings: tuple[Problem, ...] = ()
    #: The concrete spec.
    spec: Mapping[str, Any] = field(default_factory=dict)
    concrete: Concrete | None = field(default=None, repr=False)


def plan_agent(
    document: Document,
    *,
    name: str | None = None,
    env: object = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    version: int | None = None,
    caller: Caller = BUILD_NETS,
    max_params: int = MAX_PARAMETERS,
) -> AgentPlan:
    """The plan of the agent of a document; `version` is the SLM Lab version, else the shape of the spec tells.

    Hints have the words of the `caller`; a net may have `max_params`.

    Raises:
        SpecError: with everything that is wrong, or with the argument that is missing.
    """
    _refuse_bare(document, name)
    algorithm = algorithm_named(document, name, variables, overrides)
    if algorithm in RECIPES and not RECIPES[algorithm].parts:
        found = loaded(document, name, variables, overrides, caller)
        return AgentPlan(algorithm, warnings=found.warnings, spec=found.concrete.spec.data, concrete=found.concrete)
    given: dict[str, Any] = {"name": name, "env": env, "variables": variables, "overrides": overrides}
    try:
        checked = check_spec(document, caller=caller, max_params=max_params, **given)
    except SpecError as error:
        raise SpecError(problem.said_to(caller) for problem in error.problems) from None
    recipe = RECIPES[algorithm]
    shape = version or checked.spec.version
    plans = tuple((part, _plan(checked, part, shape, max_params)) for part in _parts(checked, recipe.parts, shape))
    temperature = _temperature(checked, shape) if recipe.temperature else None
    return AgentPlan(algorithm, plans, temperature, checked.warnings, checked.spec.data, checked.concrete)


def _refuse_bare(document: Document, name: str | None) -> None:
    spec = document.choose(name)
    if spec.bare or not spec.data.get("agent"):
        hint = "build it with build_net, or write a whole spec with an agent"
        message = "a bare net block has no algorithm that says which nets there are"
        raise SpecError([replace(NOT_A_SPEC.at((), message, hint), file=document.source.file)])


def _parts(checked: CheckedSpec, parts: tuple[Part, ...], version: int) -> list[Part]:
    """The parts that this version has; a shared net stands for the critic's too."""
    shared = checked.blocks[0].data.get("shared") is True
    there = [part for part in parts if part.version in (None, version) and not (shared and part.gives == "value")]
    names = {part.name for part in there}
    return [part for part in there if not part.copies or part.copies in names]


def _plan(checked: CheckedSpec, part: Part, version: int, max_params: int) -> NetPlan | None:
    if part.copies:
        return None
    if part.gives not in ("value", "soft-q"):
        return main_plan(checked)
    try:
        source, dims = other_net(part, checked.blocks, checked.dims, version)
    except SpecError as error:
        raise SpecError(map(checked.document.placed, error.problems)) from None
    view = replace(source.view(dims.in_dim, dims.out_dim), max_params=max_params)
    refuse_errors(checked.document.placed(problem) for problem in broken_rules(view) if problem.severity == ERROR)
    return replace(net_plan(checked, source, dims), gives=part.gives)


def _temperature(checked: CheckedSpec, version: int) -> TemperaturePlan:
    lr = checked.algorithm.get("alpha_lr")
    entropy = target_entropy(checked.dims.action or Action("continuous", (1,)), version)
    return TemperaturePlan(entropy, float(lr) if isinstance(lr, int | float) and not isinstance(lr, bool) else None)


def target_entropy(action: Action, version: int) -> float:
    """The entropy that the temperature aims at, as SLM Lab 4 and 5 have it.

    Continuous actions: minus their number. Discrete ones: minus the number of choices in SLM Lab 4, which no policy
    can reach, and 60 % of the greatest entropy in SLM Lab 5.

    >>> target_entropy(Action("continuous", (3,)), 5), round(target_entropy(Action("discrete", (4,)), 5), 3)
    (-3.0, 0.832)
    """
    if action.kind == "continuous" or version == 4:
        return -float(sum(action.sizes))
    sizes = [2] * action.sizes[0] if action.kind == "multi-binary" else action.sizes
    return 0.6 * sum(map(math.log, sizes))
