"""`build_population`: a spec in, many nets of it that are trained as one out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from slm_net.document.specs import SpecSource
from slm_net.factory import build_model, build_plan
from slm_net.nets.draws import seed_of
from slm_net.nets.inputs import over_features
from slm_net.plan import NetPlan, plan_net
from slm_net.population.population import Population
from slm_net.population.stacked import FORWARDS
from slm_net.problems import BUILD_NET, Problem, SpecError, warn_of
from slm_net.training.updates import UPDATES
from slm_net.words import visible

#: The net types that a population can have.
TYPES = ("MLPNet", "DuelingMLPNet", "HydraMLPNet", "QMLPNet")
#: Keys that may differ from member to member; of `optim_spec` not those that make another optimizer of it.
FREE = frozenset(
    (
        *("optim_spec", "lr_scheduler_spec", "clip_grad_val", "clip_grad_type"),
        *("init_fn", "actor_init_std", "critic_init_std"),
    )
)
OTHER_OPTIMIZER = ("name", "amsgrad", "maximize", "nesterov", "decoupled_weight_decay")
RANDOM = "the nets of a population draw no random numbers"

Overrides = Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None


def build_population(
    spec: SpecSource,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    seeds: Iterable[int | None] | None = None,
    overrides: Overrides = None,
    name: str | None = None,
    env: object = None,
    device: str | torch.device | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Population:
    """Nets of one spec, side by side as one module that one step trains.

    Member i is the net that `build_net(spec, seed=seeds[i], overrides=overrides[i])` builds. Members may differ in how
    they begin and are trained (`optim_spec`, `lr_scheduler_spec`, `clip_grad_val`, `init_fn`), not in their layers.

    Args:
        seeds: one for each member; left out, their weights are drawn one after the other from torch's random numbers.
        overrides: a list with the overrides of each member, as long as `seeds` if both are given; or one for all.

    The others are those of `build_net`.

    Raises:
        SpecError: with everything that is wrong with the spec or an override, or what no population can have.
        ValueError: neither seeds nor a list of overrides say how many members there are, or they disagree.

    >>> net = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
    >>> population = build_population(net, in_dim=4, out_dim=2, seeds=range(32))
    >>> population.model(torch.ones(8, 4)).shape
    torch.Size([32, 8, 2])
    """
    drawn, changes = _members(seeds, overrides)
    given = {"in_dim": in_dim, "out_dim": out_dim, "name": name, "env": env, "variables": variables}
    plans = _plans(spec, changes, given, one=overrides is None or isinstance(overrides, Mapping))
    warn_of(dict.fromkeys(problem for plan in plans for problem in plan.warnings))
    return population_of(plans, drawn, device)


def population_of(
    plans: Sequence[NetPlan], seeds: Sequence[int | None], device: str | torch.device | None = None
) -> Population:
    """The population of nets that are planned, each drawn from its seed.

    Raises:
        SpecError: there is something in the plans that no population can have, or they do not go together.
    """
    _refuse(plans)
    net = build_model(plans[0], torch.device("meta"))
    _refuse_layers(plans[0], net)
    members = [build_plan(plan, device, seed=seed) for plan, seed in zip(plans, seeds, strict=True)]
    return Population(plans, members, net, seeds)


def _members(seeds: Any, overrides: Overrides) -> tuple[list[int | None], Any]:
    """The seed of each member, and the overrides of each, or of all."""
    if seeds is not None and (isinstance(seeds, str) or not isinstance(seeds, Iterable)):
        raise ValueError(f"seeds has one seed for each member, as range(32) has, and is not {visible(repr(seeds), 60)}")
    drawn = None if seeds is None else [seed_of(seed) for seed in seeds]
    changes = None if overrides is None or isinstance(overrides, Mapping) else list(overrides)
    if drawn is None and changes is None:
        raise ValueError("how many members? Give seeds=range(32), or overrides=[{...}, {...}] with one for each member")
    if drawn is not None and changes is not None and len(drawn) != len(changes):
        raise ValueError(f"{len(drawn)} seeds and {len(changes)} overrides: give as many of both, or one of them alone")
    drawn = [None] * len(changes or ()) if drawn is None else drawn
    if not drawn:
        raise ValueError("a population has at least one member, and seeds or overrides is empty")
    return drawn, [overrides] * len(drawn) if changes is None else changes


def _plans(spec: SpecSource, changes: Sequence[Any], given: Mapping[str, Any], *, one: bool) -> list[NetPlan]:
    """The plan of each member, with all that is wrong with any of them as one error; `one` is for all."""
    plans: list[NetPlan] = []
    problems: dict[Problem, None] = {}
    for number, change in enumerate(changes):
        caller = BUILD_NET if one else BUILD_NET._replace(member=number)
        try:
            plans.append(plan_net(spec, overrides=change, caller=caller, **given))
        except SpecError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise SpecError(problems)
    return plans


def _refuse(plans: Sequence[NetPlan]) -> None:
    """Raise SpecError if a population cannot have such members, or they do not go together."""
    problems: dict[Problem, None] = {}
    for number, plan in enumerate(plans):
        for key, reason in [*_not_taken(plan.spec), *_unlike(plan, plans[0], number)]:
            problems |= dict.fromkeys(plan.error(key, reason).problems)
    if problems:
        raise SpecError(problems)


def _not_taken(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys that no population can have so, and why."""
    if spec["type"] not in TYPES:
        yield "type", f"a population has nets of the types {', '.join(TYPES)}, not {spec['type']}"
        return
    if spec["batch_norm"]:
        yield "batch_norm", "the nets of a population have no batch norm; layer_norm is possible"
    if spec["dropout"]:
        yield "dropout", RANDOM
    if spec["amp"]:
        yield "amp", "a population is trained in float32"
    for key in ("normalize_obs", "freeze", "lr_scale", "init_from"):
        if spec[key]:
            yield key, f"the nets of a population have no {key}"
    optimizer, names = spec["optim_spec"], [kind.__name__ for kind in UPDATES]
    if optimizer["name"] not in names:
        yield "optim_spec", f"a population is trained by {', '.join(names)}, not {optimizer['name']}"
    elif optimizer.get("dampening"):
        yield "optim_spec", "the step of a population has no dampening"
    elif optimizer.get("capturable"):
        yield "optim_spec", "the step of a population is not capturable"


def _unlike(plan: NetPlan, first: NetPlan, number: int) -> Iterator[tuple[str, str]]:
    """Keys in which a member has to be like the first, and is not."""
    own, other = _layout(plan), _layout(first)
    for key, what in own if own["type", "it"] == other["type", "it"] else [("type", "it")]:
        mine, theirs = own[key, what], other[key, what]
        if mine != theirs and (mine or theirs):
            values = f"{visible(repr(mine), 60)} in member {number} and {visible(repr(theirs), 60)} in member 0"
            yield key, f"{what} is {values}, and has to be the same in all"


def _layout(plan: NetPlan) -> dict[tuple[str, str], Any]:
    """What is the same in all members, by the key where it stands and what it is called."""
    spec = {(key, "it"): value for key, value in plan.spec.items() if key not in FREE}
    optimizer = {("optim_spec", key): plan.spec["optim_spec"].get(key) for key in OTHER_OPTIMIZER}
    return {**spec, **optimizer, ("in_dim", "in_dim"): plan.dims.in_dim, ("out_dim", "out_dim"): plan.dims.out_dim}


def _refuse_layers(plan: NetPlan, net: nn.Module) -> None:
    """Raise SpecError for a layer that does not work for several nets at once."""
    for layer in net.modules():
        own = any(True for _ in layer.parameters(recurse=False)) and not any(True for _ in layer.children())
        if isinstance(layer, nn.RReLU):
            raise plan.error("hid_layers_activation", f"{RANDOM}, as {layer} does")
        if not over_features(layer) or (own and not isinstance(layer, tuple(FORWARDS))):
            raise plan.error("hid_layers_activation", f"the nets of a population cannot have {layer}")
