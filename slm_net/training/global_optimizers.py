"""Optimizers whose state can be shared between processes before the first step (Hogwild, A3C)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam, Optimizer, RMSprop


class SharedStateOptimizer(Optimizer):
    """An optimizer that creates its state together with its parameter groups, not in the first step.

    Source: Niu et al. 2011 (Hogwild); Mnih et al. 2016 (A3C, shared RMSprop).
    """

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group as torch does, and the state of its parameters."""
        super().add_param_group(param_group)
        for parameter in self.param_groups[-1]["params"]:
            self.state[parameter] = self.initial_state(parameter)

    def initial_state(self, parameter: Tensor) -> dict[str, Tensor]:
        """The state of `parameter` before the first step, under the names that the optimizer uses."""
        raise NotImplementedError

    def share_memory(self) -> None:
        """Move the whole state to shared memory, so that every process that gets this optimizer works on one state.

        Call it before the processes start, and again after `load_state_dict`. Share the net too: `net.share_memory()`.
        """
        for state in self.state.values():
            for value in state.values():
                value.share_memory_()


class GlobalAdam(SharedStateOptimizer, Adam):
    """`torch.optim.Adam` with a state that `share_memory()` shares between processes.

    >>> net = torch.nn.Linear(3, 1)
    >>> optimizer = GlobalAdam(net.parameters(), lr=1e-4)
    >>> optimizer.share_memory()
    >>> optimizer.state[net.weight]["exp_avg"].is_shared()
    True
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def initial_state(self, parameter: Tensor) -> dict[str, Tensor]:
        """The step count and both moments, all zero."""
        moments = {key: torch.zeros_like(parameter, requires_grad=False) for key in ("exp_avg", "exp_avg_sq")}
        return {"step": torch.tensor(0.0), **moments}


class GlobalRMSprop(SharedStateOptimizer, RMSprop):
    """`torch.optim.RMSprop` without momentum, with a state that `share_memory()` shares between processes."""

    def __init__(self, params: Any, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0):
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)

    def initial_state(self, parameter: Tensor) -> dict[str, Tensor]:
        """The step count, the mean square, and the momentum that a cyclic schedule switches on, all zero."""
        buffers = {key: torch.zeros_like(parameter, requires_grad=False) for key in ("square_avg", "momentum_buffer")}
        return {"step": torch.tensor(0.0), **buffers}
