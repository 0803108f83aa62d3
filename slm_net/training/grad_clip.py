"""Gradient clipping as an object: by the global norm, by value, or only measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor

from slm_net.training.ranks import local, whole
from slm_net.words import did_you_mean

KINDS = ("norm", "value")
#: By which share of the limit a norm has to be below it for rounding not to matter.
SURELY = 1e-3


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
        norm = self.norm(parameters)
        self.clip(parameters, norm)
        return norm

    @torch.no_grad()
    def norm(self, parameters: Sequence[Tensor]) -> Tensor:
        """The global L2 norm of the gradients of `parameters`, on the device of the first: all taken as one vector."""
        grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if not grads:
            return torch.tensor(0.0)
        norms = [whole(norm) for norm in torch._foreach_norm(grads)]
        if len({norm.device for norm in norms}) > 1:
            norms = [norm.to(norms[0].device) for norm in norms]
        return torch.linalg.vector_norm(torch.stack(norms))

    @torch.no_grad()
    def clip(self, parameters: Sequence[Tensor], norm: Tensor, known: float = math.inf) -> None:
        """Clip the gradients of `parameters` in place, whose global L2 norm is `norm`; nothing waits for a GPU.

        `known` is the norm where the host has it as a number: gradients that are small enough are then left alone.
        """
        most = self.max_value
        if most is None or (self.kind == "norm" and known + 1e-6 < most * (1 - SURELY)):
            return
        grads = [local(parameter.grad) for parameter in parameters if parameter.grad is not None]
        for device in {grad.device for grad in grads}:
            here = [grad for grad in grads if grad.device == device]
            if self.kind == "value":
                torch._foreach_clamp_min_(here, -most)
                torch._foreach_clamp_max_(here, most)
            else:  # as torch.nn.utils.clip_grad_norm_
                share = torch.clamp(most / (norm + 1e-6), max=1.0)
                torch._foreach_mul_(here, share.to(device=device, dtype=here[0].dtype))

    def __str__(self) -> str:
        if self.max_value is None:
            return "none"
        return f"global norm {self.max_value:g}" if self.kind == "norm" else f"value {self.max_value:g}"
