"""`load`: a folder that was saved in, to the nets as they were."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch

from slm_net.agents.build import build_agent
from slm_net.agents.nets import AgentNets
from slm_net.agents.plan import AgentPlan, TemperaturePlan, plan_agent
from slm_net.bundle import NetBundle
from slm_net.bundle.saving import (
    ALONE,
    action_of,
    exploration_of,
    observations_of,
    read_config,
    saved_states,
    set_random_state,
)
from slm_net.bundle.state import load_states
from slm_net.document.algorithms import Part
from slm_net.document.specs import SpecSource, read_document
from slm_net.factory import Wrap, build_plan, without_start
from slm_net.plan import NetPlan, plan_net
from slm_net.population.build import population_of
from slm_net.population.population import Population
from slm_net.problems import Path, Problem, SpecError
from slm_net.rules.keys import SAVED_OTHERWISE
from slm_net.text.folder import CONFIG, TRAINING, Step, last_step, refused
from slm_net.text.mapping import plain
from slm_net.training import TargetUpdate
from slm_net.wording.values import what
from slm_net.words import visible

#: What to do where a spec differs from what was saved.
HINT = "load the folder without a spec to go on with what it holds, or build the nets of this spec anew"


def load(
    folder: str | os.PathLike[str],
    spec: SpecSource | None = None,
    *,
    name: str | None = None,
    env: object = None,
    slm_lab_version: int | None = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    device: str | torch.device | None = None,
    wrap: Wrap | None = None,
    rng: bool = False,
) -> NetBundle | AgentNets | Population:
    """What a bundle, an agent's nets or a population saved; training goes on as if it had not been interrupted.

    Checksums of all files are looked at first; nothing in them is run. A folder `step-...` in it is loaded likewise.

    Args:
        folder: what was saved.
        spec: if the nets must be those of this spec, whatever differs is refused. `name`, `env`, `slm_lab_version`,
            `variables` and `overrides` belong to it, as in `build_nets`.
        device: as for `build_net`; left out, it is what the spec's `gpu` and `cuda_id` say.
        wrap: as for `build_net`.
        rng: let the global random numbers go on from where they were, if they were saved too.

    Raises:
        SpecError: the folder is damaged, was not written by slm_net, or holds other nets than those of the spec;
            nothing has changed.

    >>> import tempfile
    >>> from slm_net import build_net
    >>> bundle = build_net({"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}, 4, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bundle.save(folder)
    ...     again = load(folder)
    >>> torch.equal(again.model(torch.ones(1, 4)), bundle.model(torch.ones(1, 4)))
    True
    """
    saved = _Saved(last_step(folder))
    if spec is not None:
        saved.check(spec, slm_lab_version, name=name, env=env, variables=variables, overrides=overrides)
    states, counters = saved_states(saved.step, saved.kind, [*saved.nets])
    if rng and "rng" not in counters:
        raise saved.refused(TRAINING, "has no random numbers", "save with rng=True, or load without")
    nets = saved.build(device, wrap)
    with saved.refusing(TRAINING):
        if isinstance(nets, Population):
            nets.load_members(states, warn=False)
        elif isinstance(nets, NetBundle):
            load_states({ALONE: nets}, states, warn=False)
        else:
            load_states(nets.all_bundles(), states, warn=False)
            nets.steps = int(counters["steps"])
        if rng:
            set_random_state(counters["rng"])
    return nets


class _Saved:
    """What a config says of the nets of a step.

    Raises:
        SpecError: it is not a config of ours.
    """

    def __init__(self, step: Step):
        self.step, (self.head, self.nets) = step, read_config(step)
        self.kind = str(self.head["kind"])
        with self.refusing(CONFIG):
            self.sources: dict[str, str] = dict(self.head.get("sources", {}))
            temperature = {"log_alpha"} if "target_entropy" in self.head else set()
            self.plans = {name: _plan(net) for name, net in self.nets.items() if name not in temperature}

    def refused(self, file: str, message: str, hint: str = "") -> SpecError:
        """The error of one of the files."""
        return refused(os.path.join(self.step.path, file), message, hint)

    @contextmanager
    def refusing(self, file: str) -> Iterator[None]:
        """Checksums are right, and still something in the file is not what is expected: it was not we who wrote it."""
        try:
            yield
        except SpecError as error:
            place = os.path.join(self.step.path, file)
            raise SpecError(replace(problem, file=problem.file or place) for problem in error.problems) from None
        except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            raise self.refused(file, f"does not fit: {visible(f'{type(error).__name__}: {error}', 200)}") from error

    def build(self, device: str | torch.device | None, wrap: Wrap | None) -> NetBundle | AgentNets | Population:
        """The nets with any weights."""
        if self.kind == "population":
            if wrap is not None:
                raise ValueError("a population is one module of slm_net's own, and takes no wrap=")
            with self.refusing(CONFIG):
                return population_of([*self.plans.values()], self.head["seeds"], device)
        with self.refusing(CONFIG):
            updates = {name: TargetUpdate(*self.nets[name]["target_update"]) for name in self.plans}
            agent = self._agent() if self.kind == "agent" else None
        nets: NetBundle | AgentNets
        if agent is None:
            nets = build_plan(without_start(self.plans[ALONE]), device, wrap, 0)
        else:
            nets = build_agent(agent, device, wrap, 0)
        nets.seed = self.head.get("seed")
        for name, bundle in {ALONE: nets}.items() if isinstance(nets, NetBundle) else nets.items():
            bundle.target_update, bundle.spec = updates[name], plain(self.plans[name].spec)
        return nets

    def _agent(self) -> AgentPlan:
        parts = (
            (Part(name, copies=self.sources[name], start="clone"), None)
            if name in self.sources
            else (Part(name, "policy"), without_start(plan))
            for name, plan in self.plans.items()
        )
        temperature = None
        if "target_entropy" in self.head:
            lr = self.nets["log_alpha"]["spec"]["optim_spec"].get("lr")
            temperature = TemperaturePlan(float(self.head["target_entropy"]), lr)
        return AgentPlan(self.head["algorithm"], tuple(parts), temperature, spec=self.head["spec"])

    def check(self, source: SpecSource, version: int | None, *, name: str | None, env: object, **changes: Any) -> None:
        """Refuse nets that a spec does not build.

        Raises:
            SpecError: the spec is wrong, or one problem for each difference.
        """
        document = read_document(source)
        own = {name: plan for name, plan in self.plans.items() if name not in self.sources}
        if self.kind != "agent":
            known = next(iter(own.values())).dims if env is None and document.choose(name).bare else None
            dims: tuple[Any, ...] = (known.in_dim, known.out_dim) if known else ()
            given = {key: plan_net(source, *dims, name=name, env=env, **changes) for key in own}
        else:
            plan = plan_agent(document, name=name, env=env, version=version, **changes)
            given = {part.name: net for part, net in plan.parts if net is not None}
        problems = [each for key in given.keys() & own.keys() for each in _differences(given[key], own[key])]
        if given.keys() != own.keys():
            there, here = ", ".join(own) or "no nets", ", ".join(given) or "no nets"
            message = f"the spec has {here}, and in the folder there are {visible(there)}"
            problems.append(document.placed(SAVED_OTHERWISE.at(document.choose(name).path, message, HINT)))
        if problems:
            raise SpecError(problems)


def _plan(net: Mapping[str, Any]) -> NetPlan:
    """The plan of a net that was saved: validated as any other spec."""
    plan = plan_net(net["spec"], net["in_dim"], net["out_dim"])
    return replace(
        plan,
        dims=replace(plan.dims, observation=observations_of(net["observation"])),
        action=action_of(net["action"]),
        action_pdtype=str(net["action_pdtype"]),
        gives=str(net["gives"]),
        exploration=exploration_of(net["exploration"]),
    )


def _differences(given: NetPlan, saved: NetPlan) -> Iterator[Problem]:
    """What a spec says otherwise than what was saved, each at its key in the spec."""
    dims = (("in_dim", given.dims.in_dim, saved.dims.in_dim), ("out_dim", given.dims.out_dim, saved.dims.out_dim))
    for dim, here, there in dims:
        if here != there:
            message = f"{dim} is {here} by the spec and {there} in the folder"
            yield given.placed(SAVED_OTHERWISE.at(("type",), message, HINT))
    for path, here, there in _unequal(plain(given.spec), plain(saved.spec)):
        message = f"{what(path)} is {_shown(here)} in the spec and {_shown(there)} in the folder"
        yield given.placed(SAVED_OTHERWISE.at(path, message, HINT))


def _unequal(one: Any, other: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from _unequal(one.get(key), other.get(key), (*path, key))
    elif one != other:
        yield path, one, other


def _shown(value: Any) -> str:
    return visible(json.dumps(value), 80)
