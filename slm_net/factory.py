"""`build_net`: a spec in, a net with everything that trains it out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from slm_net.bundle import NetBundle
from slm_net.document.specs import SpecSource
from slm_net.net_types.parts import frozen_parts
from slm_net.nets import NETS
from slm_net.nets.draws import drawing_from, seed_of
from slm_net.plan import NetPlan, plan_net
from slm_net.problems import SpecError, warn_of
from slm_net.text.mapping import plain
from slm_net.training import GradClip, TargetUpdate, build_loss, build_lr_scheduler, build_optimizer, choose_device
from slm_net.training.amp import autocast, grad_scaler
from slm_net.training.parts import check_parts, freeze, trained_parameters
from slm_net.weights.initial import Started, source_below, start_from
from slm_net.words import visible

#: What `wrap=` is: it gets a model, and returns what is to be called in its place, None for the model itself.
Wrap = Callable[[nn.Module], Any]


def build_net(
    spec: SpecSource,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    device: str | torch.device | None = None,
    seed: int | None = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    wrap: Wrap | None = None,
    root: str | os.PathLike[str] | None = None,
) -> NetBundle:
    """The net of a spec, with its loss, optimizer, schedule, gradient clipping and target update.

    Weights are drawn on the CPU and then moved, so that a seed gives the same net on every device, and the same as
    SLM Lab 4.1.1 draws.

    Args:
        spec: a path, a text, a dict of a spec file, of one spec, or of a bare net block.
        in_dim: what goes in: `4`, `(4, 84, 84)`, `(seq_len, dim)`; left out, it comes from the environment.
        out_dim: what comes out: `2` (one tensor), `[2, 1]` (a list of tensors); left out, it comes from the
            environment and the algorithm.
        name: which spec of a file with several.
        env: an environment in place of the spec's own: an id, an environment, or a pair of spaces.
        device: for example "cpu" or "cuda:1", in place of what the spec's `gpu` and `cuda_id` say. "meta" allocates
            nothing: every layer with its shape, and no numbers in it.
        seed: draws what `torch.manual_seed(seed)` would draw before, from 0 to 2**64 - 1, and leaves torch's global
            random numbers as they were; without it they are drawn from.
        variables: values for `${variables}`, as in `load_spec`.
        overrides: new values by path, as in `load_spec`.
        wrap: called with the model before its optimizer is made, to wrap it (`DistributedDataParallel`, Accelerate's
            `prepare`, `torch.compile`), or to change it in place (`fully_shard`, `nn.Module.compile`) and return None.
        root: the folder below which a spec's `init_from` may read weights; left out, it may not. `bundle.started` says
            what became of each.

    Raises:
        SpecError: with everything that is wrong with the spec, or the argument that is missing.
        ValueError: the seed is none, or `wrap` returns something else than a module or None.

    >>> spec = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
    >>> model, optimizer, loss_fn, grad_clip = build_net(spec, in_dim=4, out_dim=2, seed=0)
    >>> model(torch.ones(8, 4)).shape
    torch.Size([8, 2])
    """
    seed = seed_of(seed)
    plan = plan_net(spec, in_dim, out_dim, name=name, env=env, variables=variables, overrides=overrides)
    warn_of(plan.warnings)
    return build_plan(plan, device, wrap, seed, root)


def build_plan(
    plan: NetPlan,
    device: str | torch.device | None = None,
    wrap: Wrap | None = None,
    seed: int | None = None,
    root: str | os.PathLike[str] | None = None,
) -> NetBundle:
    """The bundle that a plan describes.

    Raises:
        SpecError: torch refuses a part of it, with torch's reason.
        ValueError: `wrap` returns something else than a module or None.
    """
    place = place_of(plan, device)
    with drawing_from(seed):
        model = build_model(plan, place)
    started = begin(plan, model, root)
    bundle = build_training(plan, model, place, wrap)
    bundle.seed, bundle.started = seed, started
    return bundle


def place_of(plan: NetPlan, device: str | torch.device | None) -> torch.device:
    """The device that a plan's net is built on, if it is not the one that is given.

    Raises:
        SpecError: it is not there.
    """
    with _refused_at(plan, "gpu"):
        return choose_device(plan.spec["gpu"], plan.spec["cuda_id"], device)


def begin(plan: NetPlan, model: nn.Module, root: str | os.PathLike[str] | None, name: str = "") -> Started | None:
    """Give a model the weights that its spec's `init_from` names, and freeze what is to be frozen.

    Raises:
        SpecError: they cannot be read below the root, or do not fit.
    """
    start, started = plan.spec["init_from"], None
    if start is not None:
        with _refused_at(plan, "init_from"):
            started = start_from(model, source_below(root, start["folder"]), start, name)
    for key, parts in (("freeze", frozen_parts(plan.spec)), ("lr_scale", plan.spec["lr_scale"])):
        if parts:
            with _refused_at(plan, key):
                check_parts(model, parts)
    freeze(model, frozen_parts(plan.spec))
    return started


def without_start(plan: NetPlan) -> NetPlan:
    """The plan of the same net, for weights that come from elsewhere."""
    return replace(plan, spec={**plan.spec, "freeze": frozen_parts(plan.spec), "init_from": None})


def build_training(plan: NetPlan, model: nn.Module, place: torch.device, wrap: Wrap | None = None) -> NetBundle:
    """The bundle of a model that a plan describes: the model wrapped, and what trains it.

    Raises:
        SpecError: torch refuses a part of it, with torch's reason.
        ValueError: `wrap` returns something else than a module or None.
    """
    spec, model = plain(plan.spec), wrapped(model, wrap)
    with _refused_at(plan, "optim_spec"):
        optimizer = build_optimizer(trained_parameters(model, spec["lr_scale"]), spec["optim_spec"])
    with _refused_at(plan, "lr_scheduler_spec"):
        lr_scheduler = build_lr_scheduler(optimizer, spec["lr_scheduler_spec"])
    with _refused_at(plan, "loss_spec"):
        loss_fn = _moved(build_loss(spec["loss_spec"]), place)
    return NetBundle(
        model=model,
        optimizer=optimizer,
        loss_fn=loss_fn,
        grad_clip=GradClip(spec["clip_grad_val"], spec["clip_grad_type"]),
        lr_scheduler=lr_scheduler,
        target_update=TargetUpdate(spec["update_type"], spec["update_frequency"], spec["polyak_coef"]),
        spec=spec,
        in_dim=deepcopy(plan.dims.in_dim),
        out_dim=deepcopy(plan.dims.out_dim),
        device=place,
        action=plan.action,
        action_pdtype=plan.action_pdtype,
        observation=plan.dims.observation,
        gives=plan.gives,
        exploration=plan.exploration,
        grad_scaler=grad_scaler(spec["amp"], place),
    )


def wrapped(model: nn.Module, wrap: Wrap | None) -> nn.Module:
    """What `wrap` makes of a model; the model itself if it is changed in place.

    Raises:
        ValueError: it makes something else of it than a module.
    """
    outer = None if wrap is None else wrap(model)
    if outer is not None and not isinstance(outer, nn.Module):
        what = type(outer).__name__
        raise ValueError(f"wrap returns the wrapped model, or None if it changed it in place, not {what}")
    return model if outer is None else outer


def build_model(plan: NetPlan, device: torch.device) -> nn.Module:
    """The model that a plan describes, without what trains it.

    Raises:
        SpecError: torch refuses a part of it, with torch's reason.
    """
    spec = plain(plan.spec)
    in_dim, out_dim = deepcopy(plan.dims.in_dim), deepcopy(plan.dims.out_dim)
    with _refused_at(plan, "type"), device if device.type == "meta" else nullcontext():
        return autocast(_moved(NETS[spec["type"]](spec, in_dim, out_dim), device), spec["amp"], device)


def _moved(module: nn.Module, place: torch.device) -> nn.Module:
    return module if place.type == "cpu" else module.to(place)


class _refused_at:
    """Torch has the last word on arguments that fit the schema but not each other; it is said at their key.

    A contextmanager would take three times as long, five times a build.
    """

    __slots__ = ("key", "plan")

    def __init__(self, plan: NetPlan, key: str):
        self.plan, self.key = plan, key

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SpecError):
            raise SpecError(map(self.plan.placed, error.problems)) from None
        if isinstance(error, ValueError | TypeError | LookupError | RuntimeError | AssertionError | ArithmeticError):
            reason = visible(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__, 300)
            raise self.plan.error(self.key, reason) from error
