"""`build_nets`: a whole spec in, all nets of its agent out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import torch
from torch import nn

from slm_net.agents.nets import AgentNets, Temperature
from slm_net.agents.plan import AgentPlan, TemperaturePlan, plan_agent
from slm_net.bundle import NetBundle
from slm_net.document.specs import SpecSource, read_document
from slm_net.factory import Wrap, begin, build_model, build_training, place_of, wrapped
from slm_net.nets.draws import drawing_from, seed_of
from slm_net.plan import NetPlan
from slm_net.problems import warn_of
from slm_net.training import GradClip, TargetUpdate, build_lr_scheduler, build_optimizer


def build_nets(
    spec: SpecSource,
    *,
    name: str | None = None,
    env: object = None,
    device: str | torch.device | None = None,
    seed: int | None = None,
    slm_lab_version: int | None = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    wrap: Wrap | None = None,
    root: str | os.PathLike[str] | None = None,
) -> AgentNets:
    """All nets of a spec's agent, with everything that trains them, in SLM Lab's order and with its random draws.

    Target nets are frozen, in eval mode and have no optimizer; `nets.update_targets()` lets them follow. As in SLM Lab
    the target net of a DQN has weights of its own at first: `nets.sync_targets()` makes all targets equal to their
    sources.

    Args:
        spec: a path, a text, a dict of a spec file or of one spec.
        name: which spec of a file with several.
        env: an environment in place of the spec's own: an id, an environment, or a pair of spaces; a list of these for
            a HydraMLPNet.
        device: for example "cpu" or "cuda:1", in place of what the spec's `gpu` and `cuda_id` say; "meta" allocates
            nothing, as in `build_net`.
        seed: draws what `torch.manual_seed(seed)` would draw before, from 0 to 2**64 - 1, and leaves torch's global
            random numbers as they were; without it they are drawn from.
        slm_lab_version: 4 or 5, whose nets to build where they differ (SAC, PPO's `old_net`); left out, a spec whose
            agent is a list is one of SLM Lab 4.
        variables: values for `${variables}`; they also choose among the values of `spec_params`.
        overrides: new values by path, for example `{"agent.0.net.optim_spec.lr": 1e-4}`.
        wrap: called with each model, as in `build_net`; those of target nets have `requires_grad=False` by then, which
            DistributedDataParallel does not take.
        root: the folder below which `init_from` may read weights, as in `build_net`; targets get those of their source.

    Raises:
        SpecError: with everything that is wrong with the spec, or the argument that is missing.
        ValueError: there is no such `slm_lab_version`, the seed is none, or `wrap` returns no module.

    >>> net = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu", "update_frequency": 100}
    >>> spec = {"agent": {"algorithm": {"name": "DQN"}, "net": net}, "env": {"name": "CartPole-v1"}}
    >>> nets = build_nets(spec, seed=0)
    >>> nets
    AgentNets(DQN,
      net            MLPNet, 4 -> 2, 450 parameters, Adam
      target_net     MLPNet, 4 -> 2, follows net: replace every 100 steps
    )
    >>> loss = nets["net"].train_step(nets["net"].model(torch.ones(8, 4)).mean())
    >>> nets.update_targets(step=100)
    ['target_net']
    """
    if slm_lab_version not in (None, 4, 5):
        raise ValueError(f"slm_lab_version is 4 or 5, not {slm_lab_version!r}")
    seed = seed_of(seed)
    given: dict[str, Any] = {"name": name, "env": env, "variables": variables, "overrides": overrides}
    plan = plan_agent(read_document(spec), version=slm_lab_version, **given)
    warn_of(plan.warnings)
    return build_agent(plan, device, wrap, seed, root)


def build_agent(
    plan: AgentPlan,
    device: str | torch.device | None = None,
    wrap: Wrap | None = None,
    seed: int | None = None,
    root: str | os.PathLike[str] | None = None,
) -> AgentNets:
    """The nets that a plan describes: all models first, as random numbers are drawn in this order, then the rest.

    Raises:
        SpecError: torch refuses a part of one, with torch's reason.
        ValueError: `wrap` returns something else than a module or None.
    """
    models: dict[str, nn.Module] = {}
    plans = {part.name: net for part, net in plan.parts if net is not None}
    places = {name: place_of(net, device) for name, net in plans.items()}
    with drawing_from(seed):
        for part, net in plan.parts:
            if net is not None:
                models[part.name] = build_model(net, places[part.name])
            else:
                models[part.name] = _copy(models[part.copies], plans[part.copies], places[part.copies], part.start)
    started = {name: begin(net, models[name], root, name) for name, net in plans.items()}
    bundles: dict[str, NetBundle] = {}
    for part, net in plan.parts:
        model = models[part.name]
        if started.get(part.copies):
            model.load_state_dict(models[part.copies].state_dict())
        if net is not None:
            bundles[part.name] = build_training(net, model, places[part.name], wrap)
            bundles[part.name].started = started[part.name]
        else:
            bundles[part.name] = _follower(wrapped(model, wrap), bundles[part.copies], part.start)
    sources = {part.name: part.copies for part, _ in plan.parts if part.copies}
    temperature = _temperature(plan.temperature, bundles, wrap) if plan.temperature else None
    for part, _ in plan.parts:
        if wrap is not None and part.copies and part.start != "own":  # DDP gives the source the first process's weights
            TargetUpdate().update(bundles[part.copies].model, bundles[part.name].model)
    return AgentNets(plan.algorithm, bundles, sources, temperature, plan.spec, seed)


def _copy(source: nn.Module, plan: NetPlan, place: torch.device, start: str) -> nn.Module:
    """A frozen net that is to follow another; `start` is that of its `Part`."""
    model = deepcopy(source) if start == "clone" else build_model(plan, place)
    if start == "copy":
        model.load_state_dict(source.state_dict())
    return model.requires_grad_(False).eval()


def _follower(model: nn.Module, source: NetBundle, start: str) -> NetBundle:
    return NetBundle(
        model,
        None,
        source.loss_fn,
        target_update=TargetUpdate() if start == "clone" else source.target_update,
        spec=deepcopy(source.spec),
        in_dim=source.in_dim,
        out_dim=source.out_dim,
        device=source.device,
        action=source.action,
        action_pdtype=source.action_pdtype,
        observation=source.observation,
        gives=source.gives,
        exploration=source.exploration,
    )


def _temperature(plan: TemperaturePlan, bundles: Mapping[str, NetBundle], wrap: Wrap | None) -> NetBundle:
    """The temperature is trained as the policy is, but not clipped, and maybe with a learning rate of its own."""
    policy = next(iter(bundles.values()))
    model = wrapped(Temperature(plan.target_entropy).to(policy.device), wrap)
    optim_spec = dict(policy.spec["optim_spec"])
    if plan.lr is not None:
        optim_spec["lr"] = plan.lr
    optimizer = build_optimizer(model, optim_spec)
    spec = {"optim_spec": optim_spec, "lr_scheduler_spec": policy.spec["lr_scheduler_spec"]}
    lr_scheduler = build_lr_scheduler(optimizer, spec["lr_scheduler_spec"])
    return NetBundle(
        model, optimizer, policy.loss_fn, GradClip(), lr_scheduler, spec=spec, out_dim=1, device=policy.device
    )
