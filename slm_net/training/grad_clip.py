"""Gradient clipping as an object: by the global norm, by value, or only measured."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor, nn

from slm_net.words import did_you_mean

KINDS = ("norm", "value")


@dataclass(frozen=True)
class GradClip:
    """Clips the gradients of parameters in place and returns their global L2 norm from before.

    `kind` "norm" scales all gradients so that their global L2 norm is at most `max_value`
    (`torch.nn.utils.clip_grad_norm_`); "value" limits every element to [-max_value, max_value]. None only measures.

    Raises:
        ValueError: `max_value` is not a finite number above 0, or `kind` is unknown.

    >>> weight = torch.nn.Parameter(torch.zeros(2))
    >>> weight.grad = torch.tensor([3.0, 4.0])
    >>> GradClip(1.0)([weight]).item()
    5.0
    >>> weight.grad
    tensor([0.6000, 0.8000])
    """

    max_value: float | None = None
    kind: str = "norm"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no clip_grad_type {self.kind!r}: {did_you_mean(str(self.kind), KINDS)}")
        value = self.max_value
        number = isinstance(value, Real) and not isinstance(value, bool)
        if value is not None and not (number and 0 < value < math.inf):
            raise ValueError(
                f"clip_grad_val must be a finite number above 0, not {value!r}: write null for no clipping"
            )

    @torch.no_grad()
    def __call__(self, parameters: Tensor | Iterable[Tensor]) -> Tensor:
        """Clip the gradients of `parameters` in place; the global L2 norm before it, a scalar tensor.

        Parameters without a gradient are left out; 0 if none has one.
        """
        parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
        grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
        one_device = len({grad.device for grad in grads}) <= 1
        norm = _global_norm(grads, one_device)
        if self.max_value is None or not grads:
            return norm
        if self.kind == "value":
            nn.utils.clip_grad_value_(parameters, self.max_value)
        elif one_device:  # what clip_grad_norm_ does, without its grouping by device; no comparison: no wait for a GPU
            torch._foreach_mul_(grads, torch.clamp(self.max_value / (norm + 1e-6), max=1.0))
        else:
            nn.utils.clip_grad_norm_(parameters, self.max_value)
        return norm

    def __str__(self) -> str:
        if self.max_value is None:
            return "none"
        return f"global norm {self.max_value:g}" if self.kind == "norm" else f"value {self.max_value:g}"


def _global_norm(tensors: list[Tensor], one_device: bool) -> Tensor:
    """The L2 norm of all tensors taken as one vector, on the device of the first."""
    if not tensors:
        return torch.tensor(0.0)
    norms = torch._foreach_norm(tensors)
    return torch.linalg.vector_norm(torch.stack(norms if one_device else [n.to(tensors[0].device) for n in norms]))
