"""`net_util`: SLM Lab's check, in its development mode, that an update changed the weights."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor

_log = logging.getLogger("slm_net.slm_lab")
#: A smaller loss than this is no evidence; version 5 returns 1e-10 for an update that it left out.
_TINY = 1e-9
_LARGEST_NORM = 1e5


def to_check_train_step() -> bool:
    """True in SLM Lab's unit tests (PY_ENV=test) and development mode (lab_mode=dev)."""
    return os.environ.get("PY_ENV") == "test" or lab_mode() == "dev"


def lab_mode() -> str | None:
    """SLM Lab's mode: "train", "dev", "enjoy", ...; it lies in an environment variable."""
    return os.environ.get("lab_mode")  # noqa: SIM112 (that is its name)


def dev_check_train_step(fn: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A decorator of `train_step`: where `to_check_train_step()`, it looks whether the parameters changed.

    A net that did not change is an AssertionError in unit tests, else a line in the log.
    """

    @wraps(fn)
    def checked(net: Any, *args: Any, **kwargs: Any) -> Tensor:
        if not to_check_train_step():
            return fn(net, *args, **kwargs)
        before = [parameter.detach().clone() for parameter in net.parameters()]
        loss = fn(net, *args, **kwargs)
        if abs(loss.item()) >= _TINY:
            _check(net, before, loss.item())
            net.store_grad_norms()
        return loss

    return checked


def get_grad_norms(algorithm: Any) -> list[float]:
    """The gradient norms that the nets of an algorithm have stored, in the order of `net_names`."""
    nets = (getattr(algorithm, name) for name in algorithm.net_names)
    return [norm for net in nets for norm in net.grad_norms or ()]


def _check(net: Any, before: list[Tensor], loss: float) -> None:
    if all(torch.equal(old, new) for old, new in zip(before, net.parameters(), strict=True)):
        message = f"train_step changed no parameter (loss {loss:g}): is the loss detached from the net's output?"
        _log.error(message)
        if os.environ.get("PY_ENV") == "test":
            raise AssertionError(message)
    for name, parameter in net.named_parameters():
        norm = 0.0 if parameter.grad is None else float(parameter.grad.norm())
        if not 0 < norm < _LARGEST_NORM:
            _log.warning("the gradient norm of %s is %g (loss %g)", name, norm, loss)
