"""`net_util`: learning-rate schedulers of both versions, and how version 4 moves them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from slm_net.slm_lab.names import known_name
from slm_net.training.schedules import SCHEDULERS, move_to


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


def get_lr_scheduler(optim: Optimizer, lr_scheduler_spec: Mapping[str, Any] | None) -> Any:
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
    name = known_name(arguments.pop("name", None), SCHEDULERS.names(), SCHEDULERS.kind, "lr_scheduler_spec/name")
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
