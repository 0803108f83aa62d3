"""`load_checkpoint`: a spec and a file that SLM Lab saved, to a net that goes on as it was."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.agents.plan import plan_agent
from slm_net.bundle import NetBundle
from slm_net.bundle.state import try_state
from slm_net.document.specs import SpecSource, read_document
from slm_net.factory import build_plan, without_start
from slm_net.plan import NetPlan, plan_net
from slm_net.problems import Problem, SpecError
from slm_net.slm_lab import v4, v5
from slm_net.slm_lab.net_util.weights import read_state
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.training import build_lr_scheduler
from slm_net.weights.layouts import adapt_state, layout_of
from slm_net.wording.schema_problems import UNKNOWN_NAME
from slm_net.words import did_you_mean, visible

#: How a file name says that it is a net's, and what its optimizer's file may be called instead.
MODEL_NAMES = (("_model", "_optim"), ("net_model", "optim"), ("_model_", "_optim_"))


def load_checkpoint(
    spec: SpecSource,
    path: str | os.PathLike[str],
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    net: str | None = None,
    variables: Mapping[str, Any] | None = None,
    device: str | torch.device | None = None,
    version: int | None = None,
) -> NetBundle:
    """The net of a spec with the weights that SLM Lab 3, 4 or 5 saved, and its optimizer's state if that lies beside.

    The model is the drop-in's, which computes what SLM Lab computed. Its optimizer's file is found by name (see
    `optimizer_file`). The checkpoint is that of the net that acts, or of the `net` of this name.

    Args:
        spec: as for `build_net`, as are `in_dim`, `out_dim`, `name`, `env`, `variables` and `device`.
        path: a `*_net_model.pt` file.
        net: a name of `build_nets`, for example "critic_net" or "q1_net"; the spec is then a whole one.
        version: 4 or 5, SLM Lab's version; left out, it comes from the names in the file, and from the spec's.

    Raises:
        SpecError: the spec or the file is wrong, or they do not fit each other: one problem for each layer.
        ValueError: the agent has no such `net`.
    """
    state = read_state(path)
    lab = _lab(version or (5 if layout_of(state) == "slm-lab-5" else 4))
    which: dict[str, Any] = {"name": name, "env": env, "variables": variables}
    plan = plan_net(spec, in_dim, out_dim, **which) if net is None else _plan_of(net, spec, lab.VERSION, **which)
    bundle = build_plan(without_start(plan), device)
    model = _model(lab, plan.spec, plan.dims.in_dim, plan.dims.out_dim).to(bundle.device)
    odd = [name for name, value in state.items() if isinstance(value, Tensor) and not value.isfinite().all()]
    if odd:
        message = f"{visible(odd[0])} in the checkpoint has numbers that are not finite"
        raise SpecError([_placed(DIMS_DO_NOT_FIT.at((), message, "take an earlier one"), plan, os.fspath(path))])
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


def _plan_of(net: str, spec: SpecSource, version: int, **which: Any) -> NetPlan:
    """The plan of one net of an agent; a target net is as the one that it follows."""
    agent = plan_agent(read_document(spec), version=version, **which)
    plans: dict[str, NetPlan] = {}
    for part, plan in agent.parts:
        plans[part.name] = plan or plans[part.copies]
    if net not in plans:
        raise ValueError(f"this {agent.algorithm} agent has no net {visible(net)!r}, {did_you_mean(net, plans)}")
    return plans[net]


def optimizer_file(path: str | os.PathLike[str]) -> Path | None:
    """The optimizer's file beside a net's, if there is one.

    For `a_net_model.pt` these are `a_net_optim.pt` (SLM Lab 3, 4 and 5) and `a_optim.pt`; `.pth` likewise.
    """
    path = Path(path)
    for old, new in MODEL_NAMES:
        head, found, tail = path.stem.rpartition(old)
        other = path.with_name(f"{head}{new}{tail}{path.suffix}")
        if found and other.is_file():
            return other
    return None


def _lab(version: int) -> ModuleType:
    if version not in (4, 5):
        raise ValueError(f"version is that of SLM Lab, 4 (also for 3) or 5, not {version!r}")
    return v4 if version == 4 else v5


def _model(lab: ModuleType, spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> nn.Module:
    if spec["type"] not in lab.net.__all__:
        message = f"SLM Lab {lab.VERSION} has no {visible(spec['type'])}"
        raise SpecError([UNKNOWN_NAME.at(("type",), message)])
    return getattr(lab.net, spec["type"])(spec, in_dim, out_dim)


def _placed(problem: Problem, plan: NetPlan, file: str) -> Problem:
    """A problem at a key of the net, at that key in the spec; at the net block if it is not written."""
    written = plan.places.get(str(problem.path[0])) if problem.path else None
    return problem.at(written or plan.places["type"][:-1], file=file)


def _load_optimizer(optimizer: Any, file: str) -> None:
    state = read_state(file)
    try:
        try_state(optimizer, state)
        optimizer.load_state_dict(state)
    except ValueError as error:
        message = visible(str(error), 300)
        problem = DIMS_DO_NOT_FIT.at(("optim_spec",), message, "look at optim_spec")
        raise SpecError([replace(problem, file=file)]) from error
