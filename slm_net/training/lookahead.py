"""Lookahead: k steps forward, one step back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class Lookahead(Optimizer):
    """An optimizer around another one: after every `k` steps of `inner` it goes back part of the way.

    With slow weights s (the weights at the start of the k steps) and fast weights f (after them), both become
    s + alpha * (f - s). The slow weights are taken when the k steps begin, so loading weights before is safe.
    The parameter groups are the inner optimizer's own, so schedulers work as usual.

    Source: Zhang et al. 2019, "Lookahead Optimizer: k steps forward, 1 step back", https://arxiv.org/abs/1907.08610

    Raises:
        ValueError: `inner` is a Lookahead, `k` is not an integer >= 1, or `alpha` is outside [0, 1].

    >>> weight = torch.nn.Parameter(torch.tensor(1.0))
    >>> optimizer = Lookahead(torch.optim.SGD([weight], lr=0.1), k=2, alpha=0.5)
    >>> for _ in range(2):  # fast weights: 1.0 -> 0.9 -> 0.8
    ...     weight.grad = torch.tensor(1.0)
    ...     optimizer.step()
    >>> round(weight.item(), 4)
    0.9
    """

    def __init__(self, inner: Optimizer, k: int = 5, alpha: float = 0.5):
        if isinstance(inner, Lookahead):
            raise ValueError("Lookahead cannot be its own inner optimizer: pass another one, for example RAdam")
        if isinstance(k, bool) or not isinstance(k, int) or k < 1:
            raise ValueError(f"k, the steps between two looks back, must be an integer of at least 1, not {k!r}")
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha, the share of the way that is kept, must be between 0 and 1, not {alpha!r}")
        super().__init__(inner.param_groups, inner.defaults)
        self.inner, self.k, self.alpha, self.steps = inner, k, alpha, 0
        self.param_groups = inner.param_groups

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step of the inner optimizer; every k-th one then goes back towards the slow weights."""
        if self.steps % self.k == 0:
            self._take_slow_weights()
        loss = self.inner.step(closure)
        self.steps += 1
        if self.steps % self.k == 0:
            fast = self._parameters()
            slow = [self.state[parameter]["slow"] for parameter in fast]
            torch._foreach_lerp_(fast, slow, 1 - self.alpha)
        return loss

    def state_dict(self) -> dict[str, Any]:
        """The slow weights, the step count and the inner optimizer's state: plain values and tensors."""
        return {**super().state_dict(), "steps": self.steps, "inner": self.inner.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load what `state_dict` gave.

        Raises:
            ValueError: it is the state of another optimizer.
        """
        if not {"inner", "steps"} <= state_dict.keys():
            raise ValueError("this is not the state of a Lookahead optimizer: 'inner' and 'steps' are missing")
        self.inner.load_state_dict(state_dict["inner"])
        super().load_state_dict(state_dict)
        self.param_groups, self.steps = self.inner.param_groups, state_dict["steps"]

    def __getstate__(self) -> dict[str, Any]:
        extra = {"inner": self.inner, "k": self.k, "alpha": self.alpha, "steps": self.steps}
        return {**super().__getstate__(), **extra}

    def __repr__(self) -> str:
        return f"Lookahead (k={self.k}, alpha={self.alpha}) of {self.inner!r}"

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def _take_slow_weights(self) -> None:
        for parameter in self._parameters():
            state = self.state[parameter]
            if "slow" in state:
                state["slow"].copy_(parameter)
            else:
                state["slow"] = parameter.detach().clone()
