"""Observations normalised by the mean and the variance of all that a net has been trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

#: Added to the variance, and how far from 0 a normalised number may be: those of gymnasium and Stable-Baselines3.
EPSILON, CLIP = 1e-8, 10.0


class RunningNorm(nn.Module):
    """`(x - mean) / sqrt(var + 1e-8)`, clipped to [-10, 10], with a mean and a variance of each number of a sample.

    A pass in training mode takes its batch into the statistics first, also without gradients; in eval mode they stay.
    All dimensions before those of a sample are of the batch. Before the first batch the mean is 0 and the variance 1.
    The statistics are float32 at least, also in a net of 16 bits, and nothing waits for the device.

    Source: Chan et al. 1979, "Updating formulae and a pairwise algorithm for computing sample variances"

    >>> norm = RunningNorm([1])
    >>> norm(torch.tensor([[1.0], [3.0]]))
    tensor([[-1.],
            [ 1.]])
    >>> norm.mean, norm.var, norm.count
    (tensor([2.]), tensor([1.]), tensor(2))
    >>> norm.eval()(torch.tensor([[2.5], [99.0]]))
    tensor([[ 0.5000],
            [10.0000]])
    """

    mean: Tensor
    var: Tensor
    count: Tensor

    def __init__(self, shape: Sequence[int]):
        super().__init__()
        self.register_buffer("mean", torch.zeros(tuple(shape)))
        self.register_buffer("var", torch.ones(tuple(shape)))
        self.register_buffer("count", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """The normalised input, of its shape and dtype."""
        if self.training:
            self.take_in(x)
        return ((x - self.mean) / (self.var + EPSILON).sqrt()).clamp(-CLIP, CLIP).to(x.dtype)

    @torch.no_grad()
    def take_in(self, x: Tensor) -> None:
        """Take a batch into the statistics, as if they had been made of all batches at once."""
        samples = x.to(self.mean.dtype).reshape(-1, *self.mean.shape)
        if not len(samples):
            return
        var, mean = torch.var_mean(samples, dim=0, correction=0)
        total = self.count + len(samples)
        share = (len(samples) / total).to(mean.dtype)
        delta = mean - self.mean
        self.mean.add_(delta * share)
        self.var.mul_(1 - share).add_(share * (var + (1 - share) * delta.square()))
        self.count.copy_(total)

    def _apply(self, fn: Callable[[Tensor], Tensor], *args: Any, **keywords: Any) -> Any:
        return super()._apply(partial(_not_in_16_bits, fn), *args, **keywords)

    def extra_repr(self) -> str:
        """The shape of a sample, for the text of the module."""
        return f"{tuple(self.mean.shape)}"


def _not_in_16_bits(fn: Callable[[Tensor], Tensor], tensor: Tensor) -> Tensor:
    """What `fn` makes of a tensor, such as a copy on another device, but for its dtype if it has 16 bits."""
    made = fn(tensor)
    return tensor.to(made.device) if made.dtype in (torch.float16, torch.bfloat16) else made
