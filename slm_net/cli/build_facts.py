"""What `slm-net build` has to say, as one value: the plan, the net that was built from it, one training step."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch

from slm_net.bundle import NetBundle
from slm_net.cli.exits import UsageError
from slm_net.cli.trial import LossRefused, NoTrial, Trial, try_step
from slm_net.factory import build_plan
from slm_net.plan import NetPlan
from slm_net.problems import Problem
from slm_net.summary import LayerRow, layer_table
from slm_net.training import choose_device
from slm_net.words import visible


@dataclass(frozen=True)
class Facts:
    """Everything about one build. `step` is None if it was left out, and `no_step` says why."""

    file: str
    spec: str
    type: str
    in_dim: Any
    out_dim: Any
    notes: tuple[str, ...]
    layers: tuple[LayerRow, ...]
    parameters: int
    parts: dict[str, str]
    net_spec: dict[str, Any]
    step: Trial | None
    no_step: str
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]


def facts_of(plan: NetPlan, spec: str, device: str | None, seed: int, step: bool) -> Facts:
    """Build what is planned, look at it, train it one step.

    Raises:
        SpecError: torch refuses a part of it.
        UsageError: there is no such device.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        torch.manual_seed(seed)
        bundle = build_plan(plan, _device(device))
        layers, parts = tuple(layer_table(bundle.model, bundle.in_dim)), _parts(bundle)
        trial, why = _trial(plan, bundle, seed) if step else (None, "")
    return Facts(
        file=plan.document.source.file,
        spec=spec,
        type=bundle.spec["type"],
        in_dim=bundle.in_dim,
        out_dim=bundle.out_dim,
        notes=plan.dims.notes,
        layers=layers,
        parameters=bundle.parameter_count,
        parts=parts,
        net_spec=deepcopy(bundle.spec),
        step=trial,
        no_step=why,
        problems=plan.warnings,
        notices=tuple(dict.fromkeys(visible(str(warning.message), 500) for warning in said)),
    )


def _device(name: str | None) -> torch.device | None:
    try:
        return None if name is None else choose_device(device=name)
    except ValueError as error:
        raise UsageError(f"--device: {error}") from None


def _parts(bundle: NetBundle) -> dict[str, str]:
    """The parts beside the model, each in a few words."""
    spec = bundle.spec
    scheduler = str(bundle.lr_scheduler)
    if spec["lr_scheduler_spec"]:
        scheduler += _arguments(spec["lr_scheduler_spec"], "name", "step_on")
    optimizer = spec["optim_spec"]["name"]
    if bundle.optimizer is not None:
        rates = dict.fromkeys(f"{float(group['lr']):g}" for group in bundle.optimizer.param_groups)
        optimizer += f", lr {' and '.join(rates)}{_arguments(spec['optim_spec'], 'name', 'lr')}"
    return {
        "optimizer": optimizer,
        "loss": spec["loss_spec"]["name"] + _arguments(spec["loss_spec"], "name"),
        "grad_clip": str(bundle.grad_clip),
        "lr_scheduler": scheduler,
        "target_update": str(bundle.target_update),
        "device": str(bundle.device),
    }


def _arguments(spec: Mapping[str, Any], *without: str) -> str:
    return "".join(f", {key} {visible(str(value), 60)}" for key, value in spec.items() if key not in without)


def _trial(plan: NetPlan, bundle: NetBundle, seed: int) -> tuple[Trial | None, str]:
    try:
        return try_step(bundle, seed), ""
    except NoTrial as left_out:
        return None, str(left_out)
    except LossRefused as refused:
        reason = f"the loss of the net's outputs cannot be computed: {visible(str(refused), 300)}"
        raise plan.error("loss_spec", reason) from None
