"""Optimizers by name: torch's own, and Lookahead, GlobalAdam and GlobalRMSprop of SLM Lab."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor, nn, optim
from torch.optim import Optimizer

from slm_net.plugins import GROUPS
from slm_net.registry import Registry
from slm_net.training.global_optimizers import GlobalAdam, GlobalRMSprop
from slm_net.training.lookahead import Lookahead

OPTIMIZERS: Registry[Callable[..., Optimizer]] = Registry("optimizer", GROUPS["optimizer"])
for _optimizer in (
    optim.Adadelta,
    optim.Adagrad,
    optim.Adam,
    optim.AdamW,
    optim.Adamax,
    optim.ASGD,
    optim.NAdam,
    optim.RAdam,
    optim.RMSprop,
    optim.Rprop,
    optim.SGD,
    GlobalAdam,
    GlobalRMSprop,
):
    OPTIMIZERS.register(_optimizer.__name__)(_optimizer)
if hasattr(optim, "Adafactor"):  # torch >= 2.5
    OPTIMIZERS.register("Adafactor")(optim.Adafactor)


@OPTIMIZERS.register("Lookahead")
def lookahead(
    params: Iterable[Any], optimizer: str = "RAdam", k: int = 5, alpha: float = 0.5, **inner_args: Any
) -> Lookahead:
    """`Lookahead` around the registered optimizer that `optimizer` names, which gets all other arguments.

    Raises:
        RegistryError: no optimizer of this name is registered.
        ValueError: the inner optimizer is Lookahead again; `k` or `alpha` is out of range.
    """
    inner = OPTIMIZERS[optimizer]
    if inner is lookahead:
        raise ValueError("Lookahead cannot be its own inner optimizer: write another one, for example 'RAdam'")
    return Lookahead(inner(params, **inner_args), k=k, alpha=alpha)


def build_optimizer(parameters: nn.Module | Tensor | Iterable[Any], optim_spec: Mapping[str, Any]) -> Optimizer:
    """The optimizer of an `optim_spec` over a module's parameters, one tensor, or tensors (or parameter groups).

    Only the arguments that stand in the spec are passed on; lists (`betas`) become tuples.

    Raises:
        RegistryError: no optimizer of this name is registered.
        ValueError: the optimizer refuses a value.

    >>> build_optimizer(nn.Linear(2, 1), {"name": "Adam", "betas": [0.8, 0.99]}).param_groups[0]["betas"]
    (0.8, 0.99)
    """
    if isinstance(parameters, nn.Module):
        parameters = parameters.parameters()
    elif isinstance(parameters, Tensor):
        parameters = [parameters]
    args = {
        key: tuple(value) if isinstance(value, list) else value for key, value in optim_spec.items() if key != "name"
    }
    return OPTIMIZERS[optim_spec["name"]](parameters, **args)
