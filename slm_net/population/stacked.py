"""Nets of one shape as one module: each layer of all of them is one product of matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from slm_net.nets.parts import Outputs


def linear(layer: nn.Linear, x: Tensor) -> Tensor:
    """`(members, batch, in)` to `(members, batch, out)`; so the gradient of the weight lies in memory as the weight."""
    return torch.baddbmm(layer.bias.mT, layer.weight, x.mT).mT


def layer_norm(layer: nn.LayerNorm, x: Tensor) -> Tensor:
    """Each vector normalised, by the weights of its member."""
    return functional.layer_norm(x, layer.normalized_shape, eps=layer.eps) * layer.weight + layer.bias


def prelu(layer: nn.PReLU, x: Tensor) -> Tensor:
    """Negative numbers times the slope of their member."""
    return x.clamp(min=0) + layer.weight * x.clamp(max=0)


#: What layers with weights do when each member has its own.
FORWARDS: dict[type[nn.Module], Callable[..., Tensor]] = {
    nn.Linear: linear,
    nn.LayerNorm: layer_norm,
    nn.PReLU: prelu,
}


def pieces(flat: Tensor, shapes: Sequence[torch.Size]) -> list[Tensor]:
    """The tensors of these shapes that lie one after the other in the last dimension."""
    split = flat.split([shape.numel() for shape in shapes], dim=-1)
    return [piece.view(*flat.shape[:-1], *shape) for piece, shape in zip(split, shapes, strict=True)]


class StackedNet(nn.Module):
    """Nets of one shape as one module; row i of `weights` `(members, parameters)` has those of member i.

    `net` has their layers, on the meta device. Its parameters become parts of `weights`; vectors are
    `(members, 1, n)`, so that they stand for the whole batch.
    """

    def __init__(self, net: nn.Module, weights: Tensor):
        super().__init__()
        self.net, self.count = net, len(weights)
        names = [name for name, _ in net.named_parameters()]
        self.shapes = [torch.Size((1, *each.shape)) if each.ndim == 1 else each.shape for each in net.parameters()]
        for name, piece in zip(names, pieces(weights, self.shapes), strict=True):
            place, _, leaf = name.rpartition(".")
            net.get_submodule(place)._parameters[leaf] = nn.Parameter(piece)
        for layer in net.modules():
            for kind, forward in FORWARDS.items():
                if isinstance(layer, kind):
                    layer.forward = partial(forward, layer)

    def forward(self, *inputs: Any) -> Outputs:
        """The outputs of all members, `(members, batch, out_dim)`, or a list of such tensors.

        What goes in is `(batch, in_dim)` for all members, or `(members, batch, in_dim)`.

        Raises:
            ValueError: it has another shape.
        """
        return self.net(*map(self._for_each, inputs))

    def _for_each(self, x: Any) -> Any:
        if isinstance(x, (list, tuple)):
            return list(map(self._for_each, x))
        if isinstance(x, Tensor) and x.ndim == 2:
            return x.expand(self.count, -1, -1)
        if isinstance(x, Tensor) and x.ndim == 3 and len(x) == self.count:
            return x
        got = f"shape {tuple(x.shape)}" if isinstance(x, Tensor) else f"type {type(x).__name__}"
        raise ValueError(
            f"a population of {self.count} got input of {got}, expected (batch, in_dim) for all members or "
            f"({self.count}, batch, in_dim)"
        )
