"""Dense layers whose weights have a learned length and direction: an option of stacks, and layers of an arc."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.nn.utils.parametrize import register_parametrization


class WeightNorm(nn.Module):
    """A weight as the length and the direction of each unit's row.

    The names and numbers are those of torch.nn.utils.parametrizations.weight_norm, but that a row of zeros, which some
    init functions draw and that one makes nan of, has a direction too.

    Source: Salimans & Kingma 2016, https://arxiv.org/abs/1602.07868
    """

    def forward(self, length: Tensor, direction: Tensor) -> Tensor:
        """The weight."""
        return direction * (length / direction.norm(dim=-1, keepdim=True))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """The length and the direction of a weight."""
        length = weight.norm(dim=1, keepdim=True)
        return length, torch.where(length > 0, weight, 1.0)


def weight_norm(layer: nn.Module) -> nn.Module:
    """The layer itself with `WeightNorm`; as torch has it, its state dict can be saved, but it cannot be pickled."""
    return register_parametrization(layer, "weight", WeightNorm())


# --- layers of an arc, with torch's own

#: What torch's weight norm brings that cannot be pickled, beside its class: the hook that loads its older form.
_HOOKS = "_load_state_dict_pre_hooks"


class _Copied(nn.Module):
    """A module whose one child is a layer with torch's weight norm, which pickle refuses: its class is made on the way.

    What is in the child is pickled and copied, and the class is made anew around it.
    """

    def __getstate__(self) -> dict[str, Any]:
        children = [(name, vars(layer).copy()) for name, layer in self.named_children()]
        for _, inner in children:
            inner.pop(_HOOKS)
        return {**vars(self), "_modules": children}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "_modules": {}})
        for name, inner in state["_modules"]:
            layer = parametrizations.weight_norm(nn.Linear(inner["in_features"], inner["out_features"], device="meta"))
            vars(layer).update(inner)
            self.add_module(name, layer)


class WeightNormLinear(_Copied):
    """torch.nn.Linear with torch's weight norm, (..., in_features) to (..., out_features).

    Source: Salimans & Kingma 2016, https://arxiv.org/abs/1602.07868

    >>> list(WeightNormLinear(3, 2).state_dict())
    ['linear.bias', 'linear.parametrizations.weight.original0', 'linear.parametrizations.weight.original1']
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True):
        super().__init__()
        self.linear = parametrizations.weight_norm(nn.Linear(in_features, out_features, bias=bias))

    def forward(self, x: Tensor) -> Tensor:
        """The layer's output."""
        output: Tensor = self.linear(x)
        return output


class LazyWeightNormLinear(_Copied):
    """WeightNormLinear with the names that SLM Lab's lazy layer has in checkpoints; in_features is given here, too."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True):
        super().__init__()
        self._linear = parametrizations.weight_norm(nn.Linear(in_features, out_features, bias=bias))

    def forward(self, x: Tensor) -> Tensor:
        """The layer's output."""
        output: Tensor = self._linear(x)
        return output
