"""`net_util`: optimizers and learning-rate schedulers of versions 4 and 5; nothing is written into torch."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer, RMSprop, radam
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from slm_net import training
from slm_net.schema.catalogue import default_arguments, names
from slm_net.slm_lab.specs import registered_name
from slm_net.training.optimizers import OPTIMIZERS, SharedStateOptimizer, build_optimizer
from slm_net.training.schedules import SCHEDULERS, move_to


class LabOptimizer(SharedStateOptimizer):
    """An optimizer with SLM Lab's own step, whose state is there from the start and can be shared."""

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.update(parameter, parameter.grad, group, self.state[parameter])
        return loss

    def update(self, parameter: Tensor, gradient: Tensor, group: Mapping[str, Any], state: dict[str, Tensor]) -> None:
        """Move one parameter and its state."""
        raise NotImplementedError


class LabAdam(LabOptimizer):
    """Adam's averages and arguments.

    SLM Lab corrects the bias of the averages in the step size, so `eps` stands beside the second average as it is
    (quirk eps-before-bias-correction).
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
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)  # type: ignore[call-arg]

    def average(self, gradient: Tensor, group: Mapping[str, Any], state: dict[str, Tensor]) -> Tensor:
        """Count a step and take its gradient into the averages; the divisor of the first one comes back."""
        beta1, beta2 = group["betas"]
        state["step"] += 1
        state["exp_avg"].mul_(beta1).add_(gradient, alpha=1 - beta1)
        state["exp_avg_sq"].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        return state["exp_avg_sq"].sqrt().add_(group["eps"])


class GlobalAdam(LabAdam, Adam):
    """Adam with L2 weight decay, as SLM Lab's A3C has it.

    Source: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980 (the second form of its update)
    """

    def update(self, parameter: Tensor, gradient: Tensor, group: Mapping[str, Any], state: dict[str, Tensor]) -> None:
        """Move one parameter and its state."""
        divisor = self.average(decayed(parameter, gradient, group), group, state)
        (beta1, beta2), step = group["betas"], state["step"].item()
        size = group["lr"] * math.sqrt(1 - beta2**step) / (1 - beta1**step)
        parameter.addcdiv_(state["exp_avg"], divisor, value=-size)


class RAdam(LabAdam, radam.RAdam):
    """Rectified Adam with decoupled weight decay (quirk radam-decoupled-decay), as SLM Lab 4 has it.

    Source: Liu et al. 2019, https://arxiv.org/abs/1908.03265
    """

    def update(self, parameter: Tensor, gradient: Tensor, group: Mapping[str, Any], state: dict[str, Tensor]) -> None:
        """Move one parameter and its state."""
        divisor = self.average(gradient, group, state)
        rectified, size = step_size(state["step"].reshape(1), *group["betas"])
        if group["weight_decay"]:
            parameter.add_(parameter, alpha=-group["weight_decay"] * group["lr"])
        rate = (-size * group["lr"]).item()
        if rectified:
            parameter.addcdiv_(state["exp_avg"], divisor, value=rate)
        else:
            parameter.add_(state["exp_avg"], alpha=rate)


class GlobalRMSprop(LabOptimizer, RMSprop):
    """RMSprop with L2 weight decay and no momentum, as SLM Lab's A3C has it."""

    kept = ("square_avg",)

    def __init__(self, params: Any, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0):
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)

    def update(self, parameter: Tensor, gradient: Tensor, group: Mapping[str, Any], state: dict[str, Tensor]) -> None:
        """Move one parameter and its state."""
        gradient, average = decayed(parameter, gradient, group), state["square_avg"]
        state["step"] += 1
        average.mul_(group["alpha"]).addcmul_(gradient, gradient, value=1 - group["alpha"])
        parameter.addcdiv_(gradient, average.sqrt().add_(group["eps"]), value=-group["lr"])


def decayed(parameter: Tensor, gradient: Tensor, group: Mapping[str, Any]) -> Tensor:
    """The gradient with that of the L2 weight decay."""
    return gradient.add(parameter, alpha=group["weight_decay"]) if group["weight_decay"] else gradient


def step_size(step: Tensor, beta1: float, beta2: float) -> tuple[bool, Tensor]:
    """Whether the variance of the step can be rectified yet, and the share of the learning rate.

    The step count is a float32 tensor, as in SLM Lab, so these numbers are rounded as there.
    """
    power, longest = beta2**step, 2 / (1 - beta2) - 1
    length = longest - 2 * step * power / (1 - power)
    if length < 5:
        return False, 1.0 / (1 - beta1**step)
    share = (1 - power) * (length - 4) / (longest - 4) * (length - 2) / length * longest / (longest - 2)
    return True, math.sqrt(share) / (1 - beta1**step)


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
    name = _optimizer_name(optimizer)
    make = PRIVATE_4[name] if name in PRIVATE_4 else OPTIMIZERS[name]
    return Lookahead(make(params, **inner), k=k, alpha=alpha)


#: What these names mean in a version, where that is not torch's or ours.
PRIVATE_5: dict[str, Callable[..., Optimizer]] = {"GlobalAdam": GlobalAdam, "GlobalRMSprop": GlobalRMSprop}
PRIVATE_4: dict[str, Callable[..., Optimizer]] = {**PRIVATE_5, "RAdam": RAdam, "Lookahead": lookahead}


def get_optim_v4(net: nn.Module | Tensor, optim_spec: Mapping[str, Any]) -> Optimizer:
    """The optimizer of an `optim_spec` over a net's parameters, or over one tensor, as SLM Lab 4 builds it.

    Raises:
        SpecError: it is unknown.
    """
    return _optimizer(net, optim_spec, PRIVATE_4)


def get_optim_v5(net: nn.Module | Tensor, optim_spec: Mapping[str, Any]) -> Optimizer:
    """The optimizer of an `optim_spec` over a net's parameters, or over one tensor, as SLM Lab 5 builds it.

    Raises:
        SpecError: it is unknown.
    """
    return _optimizer(net, optim_spec, PRIVATE_5)


def _optimizer(
    net: nn.Module | Tensor, optim_spec: Mapping[str, Any], private: Mapping[str, Callable[..., Optimizer]]
) -> Optimizer:
    arguments = dict(optim_spec)
    if (name := _optimizer_name(arguments.pop("name", None))) not in private:
        return build_optimizer(net, _unfused(name, optim_spec))
    return private[name]([net] if isinstance(net, Tensor) else net.parameters(), **arguments)


def _unfused(name: str, optim_spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The spec for the kernel that SLM Lab takes: a fused one rounds otherwise on some processors."""
    usual = default_arguments("optimizer", name) if name in names("optimizer") else {}
    inner = optim_spec.get("optimizer", usual["optimizer"]) if name == "Lookahead" else name
    known = inner in names("optimizer") and "fused" in default_arguments("optimizer", inner)
    return {"fused": None, **optim_spec} if known else optim_spec


def _optimizer_name(name: Any) -> str:
    return registered_name(OPTIMIZERS, name, ("optim_spec", "name"))


class NoOpLRScheduler:
    """What `lr_scheduler_spec: null` gives: a constant learning rate with a scheduler's methods."""

    def __init__(self, optim: Optimizer):
        self.optim = optim

    def step(self, epoch: int | None = None) -> None:
        """Change nothing."""

    def get_lr(self) -> float:
        """The learning rate (version 4's name)."""
        return self.get_last_lr()

    def get_last_lr(self) -> float:
        """The learning rate; a number, where torch's schedulers give a list."""
        return self.optim.defaults["lr"] if "lr" in self.optim.defaults else self.optim.param_groups[0]["lr"]


@dataclass(frozen=True)
class Line:
    """1 at step 0, falling linearly to `floor` at step `end`, and further if `below` (quirk negative-learning-rate)."""

    end: float
    floor: float = 0.0
    below: bool = False

    def __call__(self, step: int) -> float:
        factor = 1 - (1 - self.floor) * step / self.end
        return factor if self.below else max(self.floor, factor)


def get_lr_scheduler_v4(optim: Optimizer, lr_scheduler_spec: Mapping[str, Any] | None) -> Any:
    """The scheduler of SLM Lab 4: torch's, or LinearToZero over frames, or none for null or {}.

    Raises:
        SpecError: it is unknown.
    """
    return _scheduler(optim, lr_scheduler_spec, steps_per_schedule=None)


def get_lr_scheduler_v5(
    optim: Optimizer, lr_scheduler_spec: Mapping[str, Any] | None, steps_per_schedule: int = 1
) -> Any:
    """The scheduler of SLM Lab 5, whose linear ones count updates of `steps_per_schedule` frames each.

    Raises:
        SpecError: it is unknown.
    """
    return _scheduler(optim, lr_scheduler_spec, steps_per_schedule)


def _scheduler(optim: Optimizer, spec: Mapping[str, Any] | None, steps_per_schedule: int | None) -> Any:
    if not spec:
        return NoOpLRScheduler(optim)
    arguments = dict(spec)
    name = registered_name(SCHEDULERS, arguments.pop("name", None), ("lr_scheduler_spec", "name"))
    if name not in ("LinearToZero", "LinearToMin"):
        return SCHEDULERS[name](optim, **arguments)
    frame, floor = float(arguments["frame"]), float(arguments.get("min_factor", 0))
    if steps_per_schedule is None:
        return LambdaLR(optim, Line(frame, floor, below=name == "LinearToZero"))
    return LambdaLR(optim, Line(max(1, frame / steps_per_schedule), floor))


def step_to(lr_scheduler: Any, clock: Any, loss: Tensor) -> None:
    """Set the learning rate for the frame of `clock`, or for the next step without one, as SLM Lab 4's train_step.

    ReduceLROnPlateau, which SLM Lab leaves without its metric, gets the loss.
    """
    frame = clock.get("frame") if isinstance(clock, Mapping) else getattr(clock, "frame", None)
    if isinstance(lr_scheduler, ReduceLROnPlateau):
        lr_scheduler.step(loss.item())
    elif not isinstance(lr_scheduler, LRScheduler):
        lr_scheduler.step(epoch=frame)
    elif lr_scheduler.last_epoch == 0:
        with warnings.catch_warnings():  # torch minds the order, which is SLM Lab's
            warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*", category=UserWarning)
            _move(lr_scheduler, frame)
    else:
        _move(lr_scheduler, frame)


def _move(lr_scheduler: LRScheduler, frame: int | None) -> None:
    if frame is None:
        lr_scheduler.step()
    else:
        move_to(lr_scheduler, int(frame))
