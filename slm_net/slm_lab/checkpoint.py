"""`load_checkpoint`: a spec and a file that SLM Lab saved, to a net that goes on as it was."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import torch
from torch import nn

from slm_net.bundle import NetBundle
from slm_net.document.specs import SpecSource
from slm_net.factory import build_plan
from slm_net.plan import NetPlan, plan_net
from slm_net.problems import Problem, SpecError, pointer
from slm_net.slm_lab.checkpoint_file import optimizer_file, read_state
from slm_net.slm_lab.layouts import adapt_state, layout_of
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.training import build_lr_scheduler
from slm_net.wording.schema_problems import UNKNOWN_NAME
from slm_net.words import visible


def load_checkpoint(
    spec: SpecSource,
    path: str | os.PathLike[str],
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    device: str | torch.device | None = None,
    version: int | None = None,
) -> NetBundle:
    """The net of a spec with the weights that SLM Lab 3, 4 or 5 saved, and its optimizer's state if that lies beside.

    The model is the drop-in's, which computes what SLM Lab computed. Its optimizer's file is found by name (see
    `optimizer_file`). For the checkpoint of a critic or a Q net give its own block and dims.

    Args:
        spec: as for `build_net`, as are `in_dim`, `out_dim`, `name`, `env` and `device`.
        path: a `*_net_model.pt` file.
        version: 4 or 5, SLM Lab's version; left out, it comes from the names in the file, and from the spec's.

    Raises:
        SpecError: the spec or the file is wrong, or they do not fit each other: one problem for each layer.
    """
    state = read_state(path)
    plan = plan_net(spec, in_dim, out_dim, name=name, env=env)
    version = version or (5 if layout_of(state) == "slm-lab-5" else 4)
    lab = _lab(version)
    bundle = build_plan(plan, device)
    model = _model(lab, plan.spec, plan.dims.in_dim, plan.dims.out_dim).to(bundle.device)
    try:
        model.load_state_dict(adapt_state(state, model))
    except SpecError as error:
        raise SpecError(_placed(problem, plan, os.fspath(path)) for problem in error.problems) from None
    bundle.model = model
    bundle.optimizer = lab.net_util.get_optim(model, plan.spec["optim_spec"])
    bundle.lr_scheduler = build_lr_scheduler(bundle.optimizer, plan.spec["lr_scheduler_spec"])
    if (beside := optimizer_file(path)) is not None:
        _load_optimizer(bundle.optimizer, os.fspath(beside))
    return bundle


def _placed(problem: Problem, plan: NetPlan, file: str) -> Problem:
    """A problem at a key of the net, at that key in the spec; at the net block if it is not written."""
    path = plan.places.get(problem.pointer.removeprefix("/"), plan.places["type"][:-1])
    return replace(problem, file=file, pointer=pointer(path))


def _model(lab: ModuleType, spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> nn.Module:
    classes = {name: getattr(lab.net, name) for name in lab.net.__all__ if name != "net_util"}
    if spec["type"] not in classes:
        message = f"SLM Lab {lab.VERSION} has no {visible(spec['type'])}"
        raise SpecError([Problem(pointer="/type", rule=UNKNOWN_NAME.id, message=message)])
    return classes[spec["type"]](spec, in_dim, out_dim)


def _lab(version: int) -> ModuleType:
    from slm_net.slm_lab import v4, v5

    if version not in (4, 5):
        raise ValueError(f"version is that of SLM Lab, 4 (also for 3) or 5, not {version!r}")
    return v4 if version == 4 else v5


def _load_optimizer(optimizer: Any, file: str) -> None:
    try:
        optimizer.load_state_dict(read_state(file))
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, SpecError):
            raise
        message = f"the optimizer's state is not that of {type(optimizer).__name__}: {visible(str(error), 160)}"
        problem = Problem(file=file, pointer="/optim_spec", rule=DIMS_DO_NOT_FIT.id, message=message)
        raise SpecError([replace(problem, hint="look at optim_spec")]) from error
