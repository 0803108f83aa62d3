"""What a training is watched by, as plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from slm_net.training.ranks import whole

if TYPE_CHECKING:
    from slm_net.bundle.net_bundle import NetBundle


def metrics_of(bundle: NetBundle) -> dict[str, float]:
    """The numbers of a bundle by name; see `NetBundle.metrics`."""
    found: dict[str, Tensor] = {"parameter_norm": _norm(list(bundle.model.parameters()))}
    if bundle.loss is not None and bundle.grad_norm is not None:
        found = {"loss": bundle.loss, "grad_norm": bundle.grad_norm, **found}
    place = found["parameter_norm"].device
    numbers = torch.stack(
        [tensor.to(place, torch.float64 if place.type == "cpu" else None) for tensor in found.values()]
    )
    known = dict(zip(found, numbers.tolist(), strict=True))
    return known if bundle.optimizer is None else {**known, **_of_training(bundle)}


def _of_training(bundle: NetBundle) -> dict[str, float]:
    groups = bundle.optimizer.param_groups if bundle.optimizer is not None else []
    rates = [float(group["lr"]) for group in groups]
    found = {"lr": rates[0]} if len(rates) == 1 else {f"lr_{index}": rate for index, rate in enumerate(rates)}
    found["skipped_steps"] = float(bundle.skipped_steps)
    if bundle.grad_scaler is not None:
        found["grad_scale"] = float(bundle.grad_scaler.get_scale())
    return found


@torch.no_grad()
def _norm(parameters: list[Tensor]) -> Tensor:
    """The L2 norm of all parameters as one vector, on the device of the first."""
    norms = [whole(norm) for norm in torch._foreach_norm(parameters)] if parameters else [torch.zeros(())]
    return torch.linalg.vector_norm(torch.stack([norm.to(norms[0].device) for norm in norms]))
