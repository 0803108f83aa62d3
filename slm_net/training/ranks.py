"""The processes that train one net together: DistributedDataParallel, `fully_shard`, or nothing of the kind."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def is_sharded(tensor: Tensor) -> bool:
    """Whether a tensor lies in parts in several processes (a DTensor, as `fully_shard` makes them)."""
    if type(tensor) in (Tensor, nn.Parameter):
        return False
    dtensor = sys.modules.get("torch.distributed.tensor")  # nobody has one who has not imported it
    return dtensor is not None and isinstance(tensor, dtensor.DTensor)


def whole(tensor: Tensor) -> Tensor:
    """All of a tensor of which this process may have a part; every process has to ask for it."""
    return tensor.full_tensor() if is_sharded(tensor) else tensor  # type: ignore[attr-defined]


def local(tensor: Tensor) -> Tensor:
    """The part of a tensor that this process has, which shares its memory."""
    return tensor.to_local() if is_sharded(tensor) else tensor  # type: ignore[attr-defined]


def part_like(tensor: Tensor, like: Tensor) -> Tensor:
    """A whole tensor in parts as `like` is; itself if that is whole too."""
    if not is_sharded(like) or is_sharded(tensor) or tensor.shape != like.shape:
        return tensor
    distribute: Any = sys.modules["torch.distributed.tensor"].distribute_tensor
    return distribute(tensor.to(like.device), like.device_mesh, like.placements)  # type: ignore[attr-defined]


def bare(model: nn.Module) -> nn.Module:
    """The net inside torch's own wrappers: DistributedDataParallel, DataParallel and `torch.compile`."""
    while True:
        if isinstance(model, (nn.parallel.DistributedDataParallel, nn.DataParallel)):
            model = model.module
        elif isinstance(inner := model._modules.get("_orig_mod"), nn.Module):
            model = inner
        else:
            return model


class Ranks:
    """The processes that train a net together, none but this one for an ordinary net.

    They take the same training steps in the same order, and each gives its own loss.
    """

    def __init__(self, model: nn.Module, parameters: Iterable[Tensor]):
        self.sharded = [parameter for parameter in parameters if is_sharded(parameter)]
        self.groups = _groups(model, self.sharded)

    def mean(self, value: Tensor) -> Tensor:
        """The mean of a scalar over all processes, the same in each; not finite if it is so in one of them."""
        if not self.groups:
            return value
        value = value.clone()
        for group in self.groups:
            torch.distributed.all_reduce(value, group=group)
            value /= torch.distributed.get_world_size(group)
        return value


def _groups(model: nn.Module, sharded: Sequence[Any]) -> list[Any]:
    if sharded:
        mesh = sharded[0].device_mesh
        return [mesh.get_group(dim) for dim in range(mesh.ndim)]
    parallel = (module for module in model.modules() if isinstance(module, nn.parallel.DistributedDataParallel))
    first = next(parallel, None)
    return [] if first is None else [first.process_group]
