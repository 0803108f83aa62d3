"""The registry of net types, and what they have in common: dims, tails and initialisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.nets.init import init_parameters, init_tail
from slm_net.nets.tails import Outputs, TailPlan, out_dim_of, plan_tails
from slm_net.registry import Registry

#: A resolved net spec: every key of the type is there, every name is canonical.
NetSpec = Mapping[str, Any]

NETS: Registry[Callable[..., nn.Module]] = Registry("net type")


class Net(nn.Module):
    """A body and its tails. A subclass builds its body, then calls `finish`; its forward ends with `self.outputs(x)`.

    The tails are `model_tail` when `out_dim` is an int and `model_tails` when it is a list. With `log_std_init` the
    parameter `log_std` takes the place of the tail for the scale. Random numbers are drawn by the body, then by the
    tails, then by `init_fn`.
    """

    model_tail: nn.Sequential
    model_tails: nn.ModuleList
    log_std: nn.Parameter

    def __init__(self, in_dim: Any, out_dim: Any):
        super().__init__()
        self.in_dim: Any = in_dim
        self.out_dim = out_dim_of(out_dim)

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on a body of `width` features and initialise everything.

        Raises:
            ValueError: `out_dim`, `out_layer_activation`, `log_std_init` or `init_fn` do not fit this net.
        """
        plan = plan_tails(self.out_dim, spec["out_layer_activation"], spec["log_std_init"])
        tails = plan.modules(width)
        if plan.single:
            self.model_tail = tails[0]
        else:
            self.model_tails = nn.ModuleList(tails)
        if plan.log_std:
            self.log_std = nn.Parameter(torch.full((plan.log_std,), float(spec["log_std_init"])))
        self._outputs = plan.outputs
        self.initialise(spec, plan, tails)

    def initialise(self, spec: NetSpec, plan: TailPlan, tails: list[nn.Sequential]) -> None:
        """Apply `init_fn` to the net, then `actor_init_std` and `critic_init_std` to their tails."""
        init_parameters(self, spec["init_fn"], spec["hid_layers_activation"])
        for tail in tails:
            std = spec["critic_init_std" if plan.critic and tail is tails[-1] else "actor_init_std"]
            if std is not None:
                init_tail(tail, std)

    def outputs(self, features: Tensor) -> Outputs:
        """What the net returns for the features of its body: a tensor, or a list of them if `out_dim` is a list."""
        return self._outputs(self, features)

    def as_float(self, x: Tensor) -> Tensor:
        """`x` itself, or in the parameters' dtype if it holds integers or booleans (raw frames, discrete states)."""
        return x if x.is_floating_point() else x.to(next(self.parameters()).dtype)
