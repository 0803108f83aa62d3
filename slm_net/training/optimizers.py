"""Optimizers by name: torch's own, Lookahead, and the two whose state processes can share."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn, optim
from torch.optim import Adam, Optimizer, RMSprop
from torch.optim.radam import RAdam

from slm_net.plugins import GROUPS
from slm_net.registry import Registry
from slm_net.training.ranks import is_sharded


class SharedStateOptimizer(Optimizer):
    """An optimizer that creates its state together with its parameter groups, not in the first step.

    Source: Niu et al. 2011 (Hogwild); Mnih et al. 2016 (A3C, shared RMSprop).
    """

    #: The names of the tensors that it keeps of each parameter beside the step count; all begin as zeros.
    kept: tuple[str, ...]

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group as torch does, and the state of its parameters."""
        super().add_param_group(param_group)
        for parameter in self.param_groups[-1]["params"]:
            zeros = {key: torch.zeros_like(parameter, requires_grad=False) for key in self.kept}
            self.state[parameter] = {"step": torch.tensor(0.0), **zeros}

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

    kept = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)


class GlobalRMSprop(SharedStateOptimizer, RMSprop):
    """`torch.optim.RMSprop` without momentum, with a state that `share_memory()` shares between processes."""

    kept = ("square_avg", "momentum_buffer")  # a cyclic schedule switches the momentum on

    def __init__(self, params: Any, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0):
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)


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


OPTIMIZERS: Registry[Callable[..., Optimizer]] = Registry("optimizer", GROUPS["optimizer"])
for _optimizer in (
    optim.Adadelta,
    optim.Adagrad,
    optim.Adam,
    optim.AdamW,
    optim.Adamax,
    optim.ASGD,
    optim.NAdam,
    RAdam,  # not optim.RAdam, in whose place SLM Lab 4 puts its own
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
    return Lookahead(_made(inner, params, inner_args), k=k, alpha=alpha)


#: Optimizers that have a fused kernel, by the kinds of devices that have it, whatever the version of torch.
FUSED = {optim.Adam: ("cpu", "cuda"), optim.AdamW: ("cpu", "cuda"), optim.SGD: ("cpu", "cuda"), optim.Adagrad: ("cpu",)}


def build_optimizer(parameters: nn.Module | Tensor | Iterable[Any], optim_spec: Mapping[str, Any]) -> Optimizer:
    """The optimizer of an `optim_spec` over a module's parameters, one tensor, or tensors (or parameter groups).

    Only the arguments that stand in the spec are passed on; lists (`betas`) become tuples. Adam, AdamW, SGD and Adagrad
    are fused where the device can, unless the spec says something of `fused` or `foreach`: it takes a third off the
    time of a small step, and differs from the other ways by rounding. With `capturable` the learning rate is a tensor,
    so that a CUDA graph follows the schedule; on a CPU it is left out, with a RuntimeWarning. The learning rate of
    a parameter group is multiplied by its `lr_scale`, if it has one.

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
    made = _made(OPTIMIZERS[optim_spec["name"]], parameters, args)
    for group in made.param_groups:
        if "lr_scale" in group:
            group["lr"] = group["lr"] * group["lr_scale"]
    return made


def _made(optimizer: Callable[..., Optimizer], parameters: Iterable[Any], args: dict[str, Any]) -> Optimizer:
    """The optimizer with these arguments, fused if nothing else is said and it can be."""
    parameters = list(parameters)
    tensors = _tensors(parameters)
    places = {each.device for each in tensors}
    if args.get("fused", "auto") == "auto" and optimizer in FUSED:
        fits = args.get("foreach") is None and all(_can_be_fused(optimizer, each) for each in tensors)
        args = {**args, "fused": True if fits else None}
    if args.get("capturable"):
        if len(places) == 1 and next(iter(places)).type != "cpu":
            args = {**args, "lr": torch.tensor(args.get("lr", 1e-3), device=next(iter(places)))}
        else:
            warnings.warn("capturable: true, but there are no CUDA graphs on a CPU", RuntimeWarning, stacklevel=2)
            args = {**args, "capturable": False}
    return optimizer(parameters, **args)


def _can_be_fused(optimizer: Any, parameter: Tensor) -> bool:
    shards = optimizer in (optim.Adam, optim.AdamW)  # torch's other kernels take no tensor that lies in parts
    fits = parameter.device.type in FUSED[optimizer] and parameter.is_floating_point()
    return fits and (shards or not is_sharded(parameter))


def _tensors(parameters: Iterable[Any]) -> list[Tensor]:
    """The tensors of what an optimizer takes: tensors, tensors with names, or groups."""
    found: list[Tensor] = []
    for each in parameters:
        if isinstance(each, Mapping):
            inside = each["params"]
            found += [inside] if isinstance(inside, Tensor) else _tensors(inside)
        else:
            found.append(each[1] if isinstance(each, tuple) else each)
    return found
