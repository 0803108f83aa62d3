"""The temperature of SAC, learned beside the nets."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Temperature(nn.Module):
    """A positive number, `exp(log_alpha)`, that weighs the policy's entropy against the return.

    It starts at 1; `target_entropy` is the entropy that it aims at (Haarnoja et al. 2018,
    https://arxiv.org/abs/1812.05905).
    """

    def __init__(self, target_entropy: float):
        super().__init__()
        self.target_entropy = target_entropy
        self.log_alpha = nn.Parameter(torch.zeros(1))

    def forward(self) -> Tensor:
        """The temperature, shape (1,)."""
        return self.log_alpha.exp()
