"""Optimizers as SLM Lab 5 builds them: torch's own, and the two Global ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from slm_net.slm_lab.names import known_name
from slm_net.training.optimizers import OPTIMIZERS, build_optimizer


def get_optim(net: nn.Module | Tensor, optim_spec: Mapping[str, Any]) -> Optimizer:
    """The optimizer of an `optim_spec` over a net's parameters, or over one tensor.

    Raises:
        SpecError: it is unknown.
    """
    known_name(optim_spec.get("name"), OPTIMIZERS.names(), OPTIMIZERS.kind, "optim_spec/name")
    return build_optimizer(net, optim_spec)
