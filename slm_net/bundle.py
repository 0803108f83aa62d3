"""NetBundle: a net with everything that trains it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Distribution
from torch.optim import Optimizer

from slm_net.distributions import action_distribution
from slm_net.spaces import Action
from slm_net.training import GradClip, LRSchedule, TargetUpdate, why_not_trainable

STATE_KEYS = {"model", "optimizer", "lr_scheduler", "skipped_steps"}


@dataclass(eq=False, repr=False)
class NetBundle:
    """A net, its optimizer, loss, gradient clipping, learning-rate schedule and target update, ready to train.

    `optimizer` is None for a net that is not trained by gradients, such as a target net.

    >>> model = nn.Linear(4, 2)
    >>> bundle = NetBundle(model, torch.optim.Adam(model.parameters()), nn.MSELoss(), GradClip(0.5))
    >>> model, optimizer, loss_fn, grad_clip = bundle
    >>> loss = bundle.train_step(loss_fn(model(torch.ones(8, 4)), torch.zeros(8, 2)))
    """

    model: nn.Module
    optimizer: Optimizer | None
    loss_fn: Callable[..., Tensor]
    grad_clip: GradClip = field(default_factory=GradClip)
    lr_scheduler: LRSchedule = field(default_factory=LRSchedule)
    target_update: TargetUpdate = field(default_factory=TargetUpdate)
    spec: dict[str, Any] = field(default_factory=dict)
    in_dim: Any = None
    out_dim: Any = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    #: What the net acts in, and the distribution that its spec asks for; None if it is not known, or no acting net.
    action: Action | None = None
    action_pdtype: str = "default"
    #: The global L2 norm of the gradients in the last train_step, before clipping.
    grad_norm: Tensor | None = field(default=None, init=False)
    #: How many updates were left out because the loss or a gradient was not finite.
    skipped_steps: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.model, self.optimizer, self.loss_fn, self.grad_clip))

    def train_step(self, loss: Tensor, frame: int | None = None) -> Tensor:
        """One update from a scalar `loss`: backward, clip, optimizer step, schedule step; returns `loss`.

        A loss or gradient that is not finite leaves weights, optimizer and schedule as they are: it is counted in
        `skipped_steps`, and a RuntimeWarning comes at the 1st, 10th, 100th, ... time. `frame` is the number of
        environment frames so far, needed if the schedule has `step_on: "frame"`. Clipping covers every parameter
        that the optimizer updates.

        Raises:
            ValueError: the loss is no scalar or has no graph, `frame` is missing, or the bundle has no optimizer.
        """
        optimizer = self.optimizer
        if optimizer is None or not isinstance(loss, Tensor) or loss.numel() != 1 or not loss.requires_grad:
            raise ValueError(why_not_trainable(optimizer, loss))
        self.lr_scheduler.check(frame)
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        for parameter in parameters:  # optimizer.zero_grad() without its profiler record, 1 % of a small step
            parameter.grad = None
        loss.backward()
        self.grad_norm = self.grad_clip(parameters)
        if math.isfinite(self.grad_norm.item()) and math.isfinite(loss.item()):
            optimizer.step()
            self.lr_scheduler.step(loss, frame)
        else:
            self._skip(loss)
        return loss

    def distribution(self, outputs: Tensor | Sequence[Tensor]) -> Distribution:
        """The distribution of actions that the net's outputs describe; see `action_distribution`.

        Raises:
            ValueError: the action space is not known, or the outputs are not those of a policy in it.

        >>> from slm_net import build_net
        >>> bundle = build_net({"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}, env="CartPole-v1")
        >>> bundle.distribution(bundle.model(torch.ones(8, 4))).sample().shape
        torch.Size([8])
        """
        return action_distribution(outputs, self.action, self.action_pdtype)

    @property
    def parameter_count(self) -> int:
        """The number of elements in all parameters of the model."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    def state_dict(self) -> dict[str, Any]:
        """Model, optimizer, schedule and `skipped_steps`: tensors and plain values, as `torch.save` takes them."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict() if self.optimizer else None,
            "lr_scheduler": self.lr_scheduler.state_dict(),
            "skipped_steps": self.skipped_steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load what `state_dict` gave, also after `torch.load(weights_only=True)`.

        Raises:
            ValueError: it is not the state of a bundle with the same parts.
        """
        if state.keys() != STATE_KEYS:
            raise ValueError(f"not a bundle's state, whose keys are {sorted(STATE_KEYS)}; load a net's into .model")
        if (state["optimizer"] is None) != (self.optimizer is None):
            raise ValueError("one of the state and this bundle has an optimizer, and the other has none")
        self.model.load_state_dict(state["model"])
        if self.optimizer:
            self.optimizer.load_state_dict(state["optimizer"])
        self.lr_scheduler.load_state_dict(state["lr_scheduler"])
        self.skipped_steps = state["skipped_steps"]

    def __repr__(self) -> str:
        count, rows = self.parameter_count, {"net": f"{type(self.model).__name__}, {self.in_dim} -> {self.out_dim}"}
        rows["parameters"] = f"{count:,} on {self.device}"
        rows["optimizer"] = _described(self.optimizer)
        rows["loss"] = getattr(self.loss_fn, "__name__", type(self.loss_fn).__name__)
        rows["grad clip"] = str(self.grad_clip)
        rows["lr scheduler"] = str(self.lr_scheduler)
        rows["target update"] = str(self.target_update)
        if self.skipped_steps:
            rows["skipped steps"] = f"{self.skipped_steps:,}"
        return "NetBundle(\n" + "".join(f"  {name:<14} {text}\n" for name, text in rows.items()) + ")"

    def _skip(self, loss: Tensor) -> None:
        self.skipped_steps += 1
        if str(self.skipped_steps).strip("0") == "1":  # 1, 10, 100, ...
            what = f"loss {loss.item():g}, gradient norm {self.grad_norm:g}"
            times = f"skipped {self.skipped_steps:,} time{'s' * (self.skipped_steps > 1)}"
            warnings.warn(f"update not finite ({what}), {times}: weights unchanged", RuntimeWarning, stacklevel=3)


def _described(optimizer: Optimizer | None) -> str:
    if optimizer is None:
        return "none"
    rates = dict.fromkeys(f"{group['lr']:g}" for group in optimizer.param_groups)
    return f"{type(optimizer).__name__}, lr {', '.join(rates)}"
