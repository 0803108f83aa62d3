"""Updates of optimizers as plain arithmetic on tensors, for steps that are compiled or made for many nets at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

State = dict[str, Tensor]
#: Changes a parameter and its state in place: by its gradient, a learning rate and the settings of the group. Rate and
#: settings are numbers, or tensors that broadcast to the parameter where nets side by side have their own.
Rule = Callable[[Tensor, Tensor, State, Any, Mapping[str, Any]], None]


class Update(NamedTuple):
    """How an optimizer changes a parameter, what it keeps of one, and what of its settings it reads."""

    rule: Rule
    kept: Callable[[Mapping[str, Any]], tuple[str, ...]]
    settings: tuple[str, ...]


def adam(parameter: Tensor, grad: Tensor, state: State, lr: Any, group: Mapping[str, Any]) -> None:
    """One step of torch.optim.Adam or AdamW, AMSGrad and decoupled decay included.

    Source: Kingma & Ba 2014, https://arxiv.org/abs/1412.6980; Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101
    """
    (beta1, beta2), decay = group["betas"], group["weight_decay"]
    grad = -grad if group["maximize"] else grad
    if _is_set(decay) and group["decoupled_weight_decay"]:
        parameter.mul_(1 - lr * decay)
    elif _is_set(decay):
        grad = grad + decay * parameter
    step, mean, square = state["step"].add_(1), state["exp_avg"], state["exp_avg_sq"]
    mean.lerp_(grad, 1 - beta1)
    square.lerp_(size := grad * grad, 1 - beta2)
    if group["amsgrad"]:
        square = state["max_exp_avg_sq"].copy_(torch.maximum(state["max_exp_avg_sq"], square))
    # stacked, as a graph would compute them for each element anew
    bias1, bias2 = torch.stack([_bias(beta1, step), _bias(beta2, step)])
    torch.div(square, bias2, out=size).sqrt_().add_(group["eps"])
    parameter.sub_(torch.div(mean, size, out=size).mul_(lr / bias1))


def sgd(parameter: Tensor, grad: Tensor, state: State, lr: Any, group: Mapping[str, Any]) -> None:
    """One step of torch.optim.SGD; its momentum starts at 0, which is the same unless there is dampening."""
    grad, momentum = -grad if group["maximize"] else grad, group["momentum"]
    if _is_set(group["weight_decay"]):
        grad = grad + group["weight_decay"] * parameter
    if _is_set(momentum):
        buffer = state["momentum_buffer"].mul_(momentum).add_((1 - group["dampening"]) * grad)
        grad = grad + momentum * buffer if group["nesterov"] else buffer
    parameter.sub_(lr * grad)


def update_where(
    good: Tensor, rule: Rule, parameter: Tensor, grad: Tensor, state: State, lr: Any, group: Mapping[str, Any]
) -> None:
    """The step of a rule where `good` is true; elsewhere all stays as it is. Nobody waits for the decision."""
    new, kept = parameter.clone(), {name: value.clone() for name, value in state.items()}
    rule(new, grad, kept, lr, group)
    parameter.copy_(torch.where(good, new, parameter))
    for name, value in kept.items():
        state[name].copy_(torch.where(good, value, state[name]))


def _is_set(value: Any) -> bool:
    return isinstance(value, Tensor) or bool(value)


def _bias(beta: Any, step: Tensor) -> Tensor:
    """1 - beta**step, exact for a beta near 1."""
    if isinstance(beta, Tensor):
        return -torch.expm1(step * beta.log())
    return -torch.expm1(step * math.log(beta)) if beta else torch.ones_like(step)


def _kept_by_adam(group: Mapping[str, Any]) -> tuple[str, ...]:
    return ("step", "exp_avg", "exp_avg_sq", *(("max_exp_avg_sq",) if group["amsgrad"] else ()))


def _kept_by_sgd(group: Mapping[str, Any]) -> tuple[str, ...]:
    return ("momentum_buffer",) if group["momentum"] else ()


_ADAM = Update(adam, _kept_by_adam, ("betas", "eps", "weight_decay", "amsgrad", "maximize", "decoupled_weight_decay"))
_SGD = Update(sgd, _kept_by_sgd, ("momentum", "dampening", "weight_decay", "nesterov", "maximize"))
#: By class: a class derived from one of these may do something else.
UPDATES: dict[type[Optimizer], Update] = {Adam: _ADAM, AdamW: _ADAM, SGD: _SGD}


def state_for(optimizer: Optimizer, parameter: Tensor, group: Mapping[str, Any]) -> State:
    """The optimizer's own state of a parameter, begun as the optimizer would if it is not there yet."""
    state, update = optimizer.state[parameter], UPDATES[type(optimizer)]
    for name in update.kept(group):
        if state.get(name) is not None:
            continue
        on_device = group.get("fused") or group.get("capturable")
        if name == "step":
            state[name] = torch.zeros((), dtype=torch.float32, device=parameter.device if on_device else None)
        else:
            state[name] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
    return {name: state[name] for name in update.kept(group)}
