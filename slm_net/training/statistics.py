"""What a forward pass changes in a net, such as the running means of batch norm, kept so that it can be undone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slm_net.training.device import at_hand


class Statistics:
    """The buffers of a net as they were after its last good update.

    A forward pass in training mode moves the running means of batch norm before anybody knows the loss. Passes without
    an update in between are undone with those of the update that is skipped.

    >>> norm = nn.BatchNorm1d(2)
    >>> statistics = Statistics(norm)
    >>> _ = norm(torch.full((4, 2), torch.nan))
    >>> statistics.restore()
    >>> norm.running_mean
    tensor([0., 0.])
    """

    def __init__(self, net: nn.Module):
        self.net = net
        #: Modules and names, not tensors: `net.double()` puts others into their place.
        self._places = [(module, name) for module in _modules(net) for name in module._buffers]
        self._kept = [tensor.detach().clone() for tensor in self.tensors()]
        self._odd = {place for place, tensor in enumerate(self.tensors()) if _is_odd(tensor)}

    def tensors(self) -> list[Tensor]:
        """The buffers."""
        if not self._places:
            return []
        found = (module._buffers.get(name) for module, name in self._places)
        return [tensor for tensor in found if tensor is not None]

    def to_be_finite(self) -> list[Tensor]:
        """The buffers with floating-point numbers, but for those that were not finite from the beginning (a mask)."""
        return [
            tensor
            for place, tensor in enumerate(self.tensors())
            if tensor.is_floating_point() and place not in self._odd
        ]

    @torch.no_grad()
    def keep(self) -> None:
        """Take the buffers as they are for good ones."""
        if tensors := self.tensors():
            if _alike(self._kept, tensors):
                torch._foreach_copy_(self._kept, tensors)
            else:
                self._kept = [tensor.detach().clone() for tensor in tensors]

    @torch.no_grad()
    def restore(self) -> None:
        """Put the buffers back to what they were when they were last kept."""
        if (tensors := self.tensors()) and _alike(self._kept, tensors):
            torch._foreach_copy_(tensors, self._kept)

    @torch.no_grad()
    def restore_if(self, bad: Tensor) -> None:
        """`restore` where the scalar `bad` is not 0, else `keep`, decided where the tensors are."""
        tensors = self.tensors()
        if not _alike(self._kept, tensors):
            self._kept = [tensor.detach().clone() for tensor in tensors]
        for tensor, kept in zip(tensors, self._kept, strict=True):
            kept.copy_(torch.where(bad != 0, kept, tensor))
            tensor.copy_(kept)


def _is_odd(tensor: Tensor) -> bool:
    """Whether a tensor is not finite when the net is made; this waits for a GPU, once."""
    has_numbers = at_hand(tensor) or tensor.device.type not in ("cpu", "meta")
    return has_numbers and not bool(tensor.isfinite().all())


def _modules(net: nn.Module) -> list[nn.Module]:
    """Every module once; `net.modules()` gives the same at three times the cost."""
    modules = {id(net): net}
    queue = [net]
    for module in queue:  # grows while it is read
        for child in module._modules.values():
            if child is not None and id(child) not in modules:
                modules[id(child)] = child
                queue.append(child)
    return queue


def _alike(kept: list[Tensor], tensors: list[Tensor]) -> bool:
    return [tensor.shape for tensor in kept] == [tensor.shape for tensor in tensors]
