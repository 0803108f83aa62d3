"""Loss functions by name: every torch loss that is called as `loss_fn(input, target)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from slm_net.plugins import GROUPS
from slm_net.registry import Registry

LOSSES: Registry[Callable[..., nn.Module]] = Registry("loss", GROUPS["loss"])
for _loss in (
    nn.MSELoss,
    nn.L1Loss,
    nn.SmoothL1Loss,
    nn.HuberLoss,
    nn.CrossEntropyLoss,
    nn.NLLLoss,
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
    nn.KLDivLoss,
    nn.PoissonNLLLoss,
    nn.SoftMarginLoss,
    nn.HingeEmbeddingLoss,
    nn.MultiMarginLoss,
    nn.MultiLabelMarginLoss,
    nn.MultiLabelSoftMarginLoss,
):
    LOSSES.register(_loss.__name__)(_loss)


def build_loss(loss_spec: Mapping[str, Any]) -> nn.Module:
    """The loss function of a `loss_spec`, called as `loss_fn(input, target)`.

    A list of numbers (`weight`, one per class; `pos_weight`) becomes a float tensor, a buffer of the loss module:
    move the loss with `.to(device)` as any module.

    Raises:
        RegistryError: no loss of this name is registered.

    >>> build_loss({"name": "HuberLoss", "delta": 0.5})(torch.zeros(2), torch.tensor([0.0, 1.0])).item()
    0.1875
    """
    args = {key: _tensor_if_list(value) for key, value in loss_spec.items() if key != "name"}
    return LOSSES[loss_spec["name"]](**args)


def _tensor_if_list(value: Any) -> Any:
    return torch.tensor(value, dtype=torch.float32) if isinstance(value, list) else value
