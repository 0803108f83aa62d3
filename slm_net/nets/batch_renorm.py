"""Batch renormalisation: batch norm that trains with what it uses later."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BatchRenorm1d(nn.Module):
    """Normalises (batch, channels) or (batch, channels, ...) per channel.

    In training the batch's statistics are corrected toward the running ones by a factor r and a shift d, which are
    constants to the gradient. Their bounds, 1 / r_max to r_max and -d_max to d_max, grow over `warmup_steps` from none
    on; then the running statistics move by `momentum` toward the batch's. In eval mode the running ones are used.

    Nothing waits for the device, and a step costs no graph break: the bounds are tensors.

    Source: Ioffe 2017, https://arxiv.org/abs/1702.03275
    """

    running_mean: Tensor
    running_var: Tensor
    step: Tensor

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.01,
        r_max: float = 3.0,
        d_max: float = 5.0,
        warmup_steps: int = 10000,
    ):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.r_max, self.d_max, self.warmup_steps = r_max, d_max, warmup_steps
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("step", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """The normalised input, of its shape."""
        normalised = self._by_batch(x) if self.training else self._by_running(x)
        return _per_channel(self.weight, x) * normalised + _per_channel(self.bias, x)

    def _by_running(self, x: Tensor) -> Tensor:
        scale = (_per_channel(self.running_var, x) + self.eps).sqrt()
        return (x - _per_channel(self.running_mean, x)) / scale

    def _by_batch(self, x: Tensor) -> Tensor:
        others = [0, *range(2, x.dim())]
        mean, var = x.mean(others), x.var(others, unbiased=False)
        scale, running_scale = (var + self.eps).sqrt(), (self.running_var + self.eps).sqrt()
        low, high, most = (bound.to(running_scale.dtype) for bound in self._bounds())
        r = (scale.detach() / running_scale).clamp(low, high)
        d = ((mean.detach() - self.running_mean) / running_scale).clamp(-most, most)
        normalised = (x - _per_channel(mean, x)) / _per_channel(scale, x) * _per_channel(r, x) + _per_channel(d, x)
        with torch.no_grad():
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_(var.to(self.running_var.dtype), self.momentum)
            self.step += 1
        return normalised

    def _bounds(self) -> tuple[Tensor, Tensor, Tensor]:
        """The smallest and the largest factor and the largest shift, as exact as the device can."""
        exact = torch.float32 if self.step.device.type == "mps" else torch.float64
        share = (self.step.to(exact) / max(self.warmup_steps, 1)).clamp(max=1.0)
        high = 1.0 + share * (self.r_max - 1.0)
        return 1.0 / high, high, share * self.d_max

    def extra_repr(self) -> str:
        """The arguments, for the text of the module."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, r_max={self.r_max}, "
            f"d_max={self.d_max}, warmup_steps={self.warmup_steps}"
        )


def _per_channel(values: Tensor, x: Tensor) -> Tensor:
    """One value a channel, for an x of any number of dimensions."""
    return values if x.dim() == 2 else values.view(1, -1, *(1,) * (x.dim() - 2))
