"""A learning-rate scheduler together with its unit: one step per update, or per environment frame."""

from __future__ import annotations

from math import inf
from typing import Any

from torch import Tensor
from torch.optim import lr_scheduler as torch_schedulers
from torch.optim.lr_scheduler import CyclicLR, OneCycleLR, ReduceLROnPlateau

from slm_net.training.lr_jump import move_to

Scheduler = torch_schedulers.LRScheduler | ReduceLROnPlateau
PLAIN = (type(None), bool, int, float, str)


class LRSchedule:
    """The constant schedule, and what all schedules answer to; it is what `lr_scheduler_spec: null` gives.

    `step_on` is the unit, "update" or "frame"; `scheduler` is the torch scheduler, None for this constant one.
    """

    step_on = "update"
    scheduler: Scheduler | None = None

    def check(self, frame: int | None) -> None:
        """Raise ValueError if `step` could not use this `frame`; asked before an update changes anything."""

    def step(self, loss: Tensor | float | None = None, frame: int | None = None) -> None:
        """Move on after an update with this loss, at this environment frame."""

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's progress, as plain values; empty if there is none."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load what `state_dict` gave.

        Raises:
            ValueError: it is the state of another kind of scheduler.
        """
        if state:
            raise ValueError(f"the state is that of {state.get('name')}, but the learning rate here is constant")

    def __str__(self) -> str:
        return "constant"


class UpdateSchedule(LRSchedule):
    """A torch scheduler that moves one step with every update; a `frame` is not used."""

    scheduler: Scheduler

    def __init__(self, scheduler: Scheduler):
        self.scheduler = scheduler

    def step(self, loss: Tensor | float | None = None, frame: int | None = None) -> None:
        """One step of the scheduler, if it is not at its end."""
        if self.scheduler.last_epoch < _last_step(self.scheduler):
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's attributes that are plain values, which all of its progress is, and its name."""
        state = {key: value for key, value in self.scheduler.state_dict().items() if _plain(value)}
        return {"name": type(self.scheduler).__name__, **state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load what `state_dict` gave.

        Raises:
            ValueError: it is the state of another kind of scheduler.
        """
        own = type(self.scheduler).__name__
        if state.get("name") != own:
            raise ValueError(f"the state is that of {state.get('name', 'a constant learning rate')}, not of {own}")
        saved = {key: value for key, value in state.items() if key != "name"}
        self.scheduler.load_state_dict({**self.scheduler.state_dict(), **saved})

    def __str__(self) -> str:
        return f"{type(self.scheduler).__name__} on every {self.step_on}"


class PlateauSchedule(UpdateSchedule):
    """ReduceLROnPlateau, which looks at the loss of every update."""

    scheduler: ReduceLROnPlateau

    def step(self, loss: Tensor | float | None = None, frame: int | None = None) -> None:
        """One step of the scheduler with the loss as its metric; ValueError without one."""
        if loss is None:
            raise ValueError("ReduceLROnPlateau looks at the loss: call step(loss)")
        self.scheduler.step(loss.item() if isinstance(loss, Tensor) else loss)


class FrameSchedule(UpdateSchedule):
    """A torch scheduler that stands where the environment frame is, however many frames an update takes."""

    step_on = "frame"
    scheduler: torch_schedulers.LRScheduler

    def check(self, frame: int | None) -> None:
        """Raise ValueError if there is no frame or it lies in the past."""
        if frame is None:
            raise ValueError('this learning rate follows frames ("step_on": "frame"): call train_step(loss, frame=...)')
        if frame < self.scheduler.last_epoch:
            raise ValueError(f"frame {frame} lies before frame {self.scheduler.last_epoch}, where the schedule stands")

    def step(self, loss: Tensor | float | None = None, frame: int | None = None) -> None:
        """Move the scheduler to `frame`; the same rates as stepping it once per frame, up to rounding."""
        self.check(frame)
        move_to(self.scheduler, int(min(frame, _last_step(self.scheduler))))  # type: ignore[arg-type, type-var]


def _last_step(scheduler: Scheduler) -> float:
    """Where a schedule ends and its last rate holds; most have no end.

    OneCycleLR takes one step more, to a rate that is higher again (or below 0, if it is linear), and then raises.
    A CyclicLR that halves its height with each cycle raises after 1,024 of them, when its height has long been 0.
    """
    if isinstance(scheduler, OneCycleLR):
        return scheduler.total_steps - 1
    if isinstance(scheduler, CyclicLR) and scheduler.mode == "triangular2":
        return 1000 * scheduler.total_size
    return inf


def _plain(value: object) -> bool:
    """True if `torch.load(weights_only=True)` of every torch version reads the value back."""
    if type(value) is dict:
        return all(_plain(item) for item in value.values())
    if type(value) in (list, tuple):
        return all(_plain(item) for item in value)  # type: ignore[attr-defined]
    return type(value) in PLAIN
