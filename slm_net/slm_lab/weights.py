"""`net_util`: one net's weights into another's."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from slm_net.slm_lab.names import unknown_name
from slm_net.training.targets import UPDATE_TYPES, TargetUpdate, tensors_of

_REPLACE = TargetUpdate("replace")


def copy(src_net: nn.Module, tar_net: Any) -> None:
    """Give `tar_net` the parameters and buffers of `src_net`.

    Raises:
        ValueError: the nets differ in a tensor's shape or number.
    """
    _REPLACE.update(src_net, tar_net)


@torch.no_grad()
def polyak_update(src_net: nn.Module, tar_net: nn.Module, old_ratio: float = 0.5) -> None:
    """target <- old_ratio * source + (1 - old_ratio) * target, for parameters (quirk polyak-without-buffers).

    SLM Lab's name says the opposite: `old_ratio` is the share of the source.
    """
    targets, sources = tensors_of(tar_net, buffers=False), tensors_of(src_net, buffers=False)
    if targets:
        torch._foreach_lerp_(targets, sources, old_ratio)


def update_target_net(src_net: Any, tar_net: nn.Module, frame: int, num_envs: int) -> None:
    """Update a target as its source's `update_type` says: "replace" is due once per `update_frequency` frames.

    All `num_envs` environments advance together, so frames come in steps of `num_envs`; "polyak" is due every time.

    Raises:
        SpecError: `update_type` is unknown.
    """
    if src_net.update_type == "replace":
        if frame % src_net.update_frequency < (num_envs or 1):
            copy(src_net, tar_net)
    elif src_net.update_type == "polyak":
        polyak_update(src_net, tar_net, src_net.polyak_coef)
    else:
        raise unknown_name(src_net.update_type, list(UPDATE_TYPES), "update_type", "update_type")
