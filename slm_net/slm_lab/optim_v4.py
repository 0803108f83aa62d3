"""The optimizers that SLM Lab 4 brought along under names of its own; nothing is written into torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from slm_net import training
from slm_net.slm_lab.names import known_name
from slm_net.training.optimizers import OPTIMIZERS, SharedStateOptimizer, build_optimizer


class RAdam(SharedStateOptimizer, torch.optim.RAdam):
    """Rectified Adam with decoupled weight decay and a state that can be shared (quirk radam-decoupled-decay).

    Source: Liu et al. 2019, https://arxiv.org/abs/1908.03265
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, decoupled_weight_decay=True)

    def initial_state(self, parameter: Tensor) -> dict[str, Tensor]:
        """The step count and both moments, all zero."""
        moments = {key: torch.zeros_like(parameter, requires_grad=False) for key in ("exp_avg", "exp_avg_sq")}
        return {"step": torch.tensor(0.0), **moments}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:  # a state that SLM Lab saved does not say so
            group["decoupled_weight_decay"] = True


class Lookahead(training.Lookahead):
    """Lookahead whose inner optimizer's state can be shared; it loads its own state and one that SLM Lab 4 saved."""

    def share_memory(self) -> None:
        """Share the inner optimizer's state.

        Raises:
            TypeError: the inner optimizer's cannot be shared.
        """
        if not isinstance(self.inner, SharedStateOptimizer):
            raise TypeError(
                f"the state of {type(self.inner).__name__} cannot be shared: use RAdam or a Global optimizer"
            )
        self.inner.share_memory()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load what `state_dict` gave; of a state of SLM Lab 4, which is the inner one's, the k steps begin anew."""
        if "inner" in state_dict:
            super().load_state_dict(state_dict)
            return
        self.inner.load_state_dict(state_dict)
        self.param_groups, self.steps = self.inner.param_groups, 0


def lookahead(params: Iterable[Any], alpha: float = 0.5, k: int = 5, optimizer: str = "RAdam", **inner: Any) -> Any:
    """Lookahead around the optimizer of this name, which is version 4's RAdam unless the spec names another."""
    return Lookahead(optimizer_class(PRIVATE, optimizer)(params, **inner), k=k, alpha=alpha)


#: What these names mean in version 4.
PRIVATE: dict[str, Callable[..., Optimizer]] = {"RAdam": RAdam, "Lookahead": lookahead}


def optimizer_class(private: Mapping[str, Callable[..., Optimizer]], name: Any) -> Callable[..., Optimizer]:
    """The optimizer of a name, spelled exactly, looked up among a version's own ones first.

    Raises:
        SpecError: it is unknown.
    """
    name = known_name(name, OPTIMIZERS.names(), OPTIMIZERS.kind, "optim_spec/name")
    return private[name] if name in private else OPTIMIZERS[name]


def get_optim(net: nn.Module | Tensor, optim_spec: Mapping[str, Any]) -> Optimizer:
    """The optimizer of an `optim_spec` over a net's parameters, or over one tensor, as SLM Lab 4 builds it.

    Raises:
        SpecError: it is unknown.
    """
    make = optimizer_class(PRIVATE, optim_spec.get("name"))
    if optim_spec["name"] not in PRIVATE:
        return build_optimizer(net, optim_spec)
    arguments = {key: value for key, value in optim_spec.items() if key != "name"}
    return make([net] if isinstance(net, Tensor) else net.parameters(), **arguments)
