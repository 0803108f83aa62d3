"""The activation: a module; its arguments are those that the spec writes."""

import torch
from torch import nn


class Snake(nn.Module):
    """x + sin(ax)^2 / a, https://arxiv.org/abs/2006.08195"""

    def __init__(self, a=1.0):
        super().__init__()
        self.a = a

    def forward(self, x):
        return x + torch.sin(self.a * x) ** 2 / self.a
