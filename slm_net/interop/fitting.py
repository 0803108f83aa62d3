"""What a library can take of a spec: its nets as plans and as bundles, and the words for what has no place there."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor, nn

from slm_net.agents.build import build_nets
from slm_net.agents.plan import plan_agent
from slm_net.bundle import NetBundle
from slm_net.document.specs import SpecSource, read_document
from slm_net.factory import build_net
from slm_net.plan import NetPlan, check_spec, main_plan
from slm_net.problems import WARNING, Problem, SpecError, SpecWarning
from slm_net.rules.labs import NOT_IN_THE_LIBRARY
from slm_net.schema import catalogue
from slm_net.spaces.environments import made_spaces
from slm_net.spaces.values import space_pair

#: The observation and the action space of one environment.
Pair = tuple[Any, Any]


def tell(problem: Problem) -> None:
    """Warn of a problem where our functions were called."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals["__name__"].startswith("slm_net."):
        level, frame = level + 1, frame.f_back
    warnings.warn(SpecWarning(problem), stacklevel=level)


class Fitting(NamedTuple):
    """A concrete spec that is to be trained by a library in an environment with these spaces.

    `plans` are those of its nets, without the ones that follow another; of a bare net block there is one, "net".
    """

    library: str
    spec: dict[str, Any]
    spaces: Pair
    plans: dict[str, NetPlan]
    #: What is warned of in the spec, whoever trains it.
    warnings: tuple[Problem, ...]

    @property
    def net(self) -> NetPlan:
        """The plan of the net that acts."""
        return self.plans["net"]

    @property
    def bare(self) -> bool:
        """Whether the spec is a net block alone, which names no algorithm."""
        return "agent" not in self.spec

    def refuse(self, key: str, message: str, hint: str, plan: NetPlan | None = None) -> NoReturn:
        """Refuse what a key of a net asks for.

        Raises:
            SpecError: always.
        """
        raise SpecError([self._problem(key, message, hint, plan)])

    def warn(self, key: str, message: str, hint: str, plan: NetPlan | None = None) -> None:
        """Warn that what a key of a net asks for is left out."""
        tell(replace(self._problem(key, message, hint, plan), severity=WARNING))

    def _problem(self, key: str, message: str, hint: str, plan: NetPlan | None) -> Problem:
        return (plan or self.net).placed(NOT_IN_THE_LIBRARY.at((key,), message, hint))

    def check_inputs(self) -> None:
        """Refuse nets that read something else than one observation at a time.

        Raises:
            SpecError: one does.
        """
        for plan in self.plans.values():
            into, seen = plan.dims.in_dim, plan.dims.observation
            if isinstance(seen, list):
                message = f"{plan.spec['type']} takes a list of observations, and {self.library} shows them by name"
                self.refuse("type", message, "write a TorchArcNet whose graph names its inputs", plan)
            parts = seen if isinstance(seen, dict) else {} if seen is None else {"": seen}
            for name, part in parts.items():
                reads: Any = into[name] if isinstance(into, dict) else into
                sizes, shown = reads if isinstance(reads, tuple) else (reads,), part.shape or (1,)
                if sorted(sizes) != sorted(shown):  # channels may stand first or last
                    message = (
                        f"the net reads {_sizes(sizes)}, and {self.library} shows it one observation {_sizes(shown)} "
                        "at a time, with no memory of those before"
                    )
                    hint = "write a net of one observation, or train it as examples/recurrent_ppo.py does"
                    self.refuse("type", message, hint, plan)

    def check_distribution(self, known: Collection[str]) -> None:
        """Refuse an `action_pdtype` that is none of those that the library has.

        Raises:
            SpecError: it is none of them.
        """
        if (name := self.net.action_pdtype) not in known:
            message = f"the actions are drawn by action_pdtype {name!r}, which {self.library} has not for them"
            self.refuse("type", message, 'write "action_pdtype": "default"')

    def check_around(self) -> None:
        """Refuse what would be another net; warn of learning rates that are not the same everywhere.

        Raises:
            SpecError: a net computes in 16 bits, or starts from weights in a folder.
        """
        for plan in self.plans.values():
            if plan.spec["amp"] is not None:
                self.refuse("amp", f"{self.library} trains in 32 bits here, not in those of amp", "remove it", plan)
            if plan.spec["init_from"] is not None:
                self.refuse("init_from", "weights are read by build_net and build_nets alone", "remove it", plan)
            if plan.spec["lr_scale"]:
                message = f"lr_scale is left out: {self.library} has one learning rate for all of a net"
                self.warn("lr_scale", message, "remove it", plan)

    def check_statistics(self, copied: str = "") -> None:
        """Refuse nets that targets follow, if their statistics stay behind; `copied` ones have this in their name.

        Raises:
            SpecError: some do.
        """
        nets = bundles(self.spec, self.spaces, seed=0)  # which leaves the global random numbers as they are
        for name in [name for name in ("q1_net", "q2_net") if name in nets] or ["net"]:
            buffers = [key for key, one in nets[name].model.named_buffers() if one.is_floating_point()]
            if any(not copied or copied not in key for key in buffers):
                plan = self.plans[name]
                key = next((key for key in ("normalize_obs", "batch_norm") if plan.spec.get(key)), "type")
                what = "the net" if key == "type" else key
                message = f"target nets of {self.library} do not take over the statistics of {what}, only its weights"
                self.refuse(key, message, "leave them out, or normalise the observations in the environment", plan)

    def check_one_optimizer(self) -> None:
        """Warn of a critic whose optimizer is another than the policy's, where the library has one for both."""
        own = self.net.spec["optim_spec"]
        for plan in self.plans.values():
            if plan.spec["optim_spec"] != own:
                message = f"the critic's own optimizer is left out: {self.library} has one for all nets, the policy's"
                self.warn("optim_spec", message, "give both nets the same", plan)

    def training(self, algorithm: str, clips: bool, loss: str) -> Training:
        """What the spec says of training that the library takes as numbers; it warns of all else.

        `clips` says whether the algorithm clips gradients, by their norm, and `loss` is the one that it has.
        """
        net, spec, algorithm = self.net, self.net.spec, f"{algorithm} of {self.library}"
        optim_spec, clip = spec["optim_spec"], spec["clip_grad_val"]
        if spec["lr_scheduler_spec"] is not None:
            message = f"the learning rate stays as it is: {algorithm} has its own schedules"
            self.warn("lr_scheduler_spec", message, "give one of these to the algorithm")
        if clip is not None and not (clips and spec["clip_grad_type"] == "norm"):
            how = "clips by the norm alone" if clips else "does not clip"
            self.warn("clip_grad_val", f"gradients are not clipped: {algorithm} {how}", "remove it")
            clip = None
        judge = self.plans.get("critic_net", self.plans.get("q1_net", net))
        if "loss_spec" in judge.places and judge.spec["loss_spec"] != {"name": loss}:
            message = f"loss_spec is left out: {algorithm} has {loss}"
            self.warn("loss_spec", message, f'write {{"name": "{loss}"}}, or remove it', judge)
        default = catalogue.arguments("optimizer", optim_spec["name"]).get("lr", {}).get("default", 1e-3)
        rate = optim_spec.get("lr", default)
        if not {"update_type", "update_frequency", "polyak_coef"} & net.places.keys():
            return Training(rate, clip)
        polyak = spec["polyak_coef"] if spec["update_type"] == "polyak" else 1.0
        return Training(rate, clip, polyak, spec["update_frequency"])


class Training(NamedTuple):
    """The learning rate, the largest norm of the gradient, and how target nets follow if the spec says it."""

    rate: float
    clip: float | None
    polyak: float | None = None
    interval: int | None = None


def _sizes(sizes: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, sizes))})"


def fitting(
    library: str,
    spec: SpecSource,
    env: object,
    name: str | None = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Fitting:
    """A spec in a library and an environment: an id, an environment, vectors of them, or a pair of spaces.

    Raises:
        SpecError: with everything that is wrong with the spec, or what the library cannot take of it.
    """
    document = read_document(spec)
    spaces = made_spaces(env) if isinstance(env, str) else space_pair(env)
    given: dict[str, Any] = {"name": name, "env": spaces, "variables": variables, "overrides": overrides}
    if document.choose(name).bare:
        plan = main_plan(check_spec(document, **given))
        found = Fitting(library, dict(plan.concrete.spec.data), spaces, {"net": plan}, plan.warnings)
    else:
        agent = plan_agent(document, **given)
        plans = {part.name: plan for part, plan in agent.parts if plan is not None}
        found = Fitting(library, dict(agent.spec), spaces, plans, agent.warnings)
        if not plans:
            raise SpecError([NOT_IN_THE_LIBRARY.at((), f"a {agent.algorithm} agent has no net", "give one that has")])
    found.check_inputs()
    found.check_around()
    return found


def bundles(spec: Mapping[str, Any], spaces: Pair, seed: int | None = None) -> Mapping[str, NetBundle]:
    """The nets of a concrete spec that `fitting` has looked at, new, on the CPU."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpecWarning)
        if "agent" not in spec:
            return {"net": build_net(spec, env=spaces, device="cpu", seed=seed)}
        return build_nets(spec, env=spaces, device="cpu", seed=seed)


class OfPair(nn.Module):
    """SAC's critic as a module of a state and an action: some nets read both apart, others side by side."""

    def __init__(self, critic: NetBundle):
        super().__init__()
        self.net, self.side_by_side = critic.model, isinstance(critic.in_dim, int)

    def forward(self, state: Any, action: Tensor) -> Tensor:
        """Q(s, a), `(batch, 1)`."""
        return self.net(torch.cat([state, action], dim=-1)) if self.side_by_side else self.net(state, action)
