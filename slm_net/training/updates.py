"""Updates of optimizers as plain arithmetic on tensors, for steps that are compiled or made for many nets at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

State = dict[str, Tensor]
#: Parameter, gradient, state, learning rate and the settings of the group, to the new parameter and state.
Rule = Callable[[Tensor, Tensor, State, Tensor, Mapping[str, Any]], tuple[Tensor, State]]


class Update(NamedTuple):
    """How an optimizer changes a parameter, what it keeps of one, and what of its settings it reads."""

    rule: Rule
    kept: Callable[[Mapping[str, Any]], tuple[str, ...]]
    settings: tuple[str, ...]


def adam(parameter: Tensor, grad: Tensor, state: State, lr: Tensor, group: Mapping[str, Any]) -> tuple[Tensor, State]:
    """One step of torch.optim.Adam or AdamW, AMSGrad and decoupled decay included.

    Source: Kingma & Ba 2014, https://arxiv.org/abs/1412.6980; Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101
    """
    (beta1, beta2), decay = group["betas"], group["weight_decay"]
    grad = -grad if group["maximize"] else grad
    if decay and group["decoupled_weight_decay"]:
        parameter = parameter * (1 - lr * decay)
    elif decay:
        grad = grad + decay * parameter
    step = state["step"] + 1
    mean = torch.lerp(state["exp_avg"], grad, 1 - beta1)
    square = beta2 * state["exp_avg_sq"] + (1 - beta2) * grad * grad
    new = {"step": step, "exp_avg": mean, "exp_avg_sq": square}
    if group["amsgrad"]:
        square = new["max_exp_avg_sq"] = torch.maximum(state["max_exp_avg_sq"], square)
    bias1, bias2 = (-torch.expm1(step * math.log(beta)) if beta else 1.0 for beta in (beta1, beta2))  # 1 - beta**step
    size = (square / bias2).sqrt() + group["eps"]
    return parameter - lr / bias1 * mean / size, new


def sgd(parameter: Tensor, grad: Tensor, state: State, lr: Tensor, group: Mapping[str, Any]) -> tuple[Tensor, State]:
    """One step of torch.optim.SGD; its momentum starts at 0, which is the same unless there is dampening."""
    grad = -grad if group["maximize"] else grad
    if group["weight_decay"]:
        grad = grad + group["weight_decay"] * parameter
    if not group["momentum"]:
        return parameter - lr * grad, state
    buffer = group["momentum"] * state["momentum_buffer"] + (1 - group["dampening"]) * grad
    grad = grad + group["momentum"] * buffer if group["nesterov"] else buffer
    return parameter - lr * grad, {"momentum_buffer": buffer}


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
