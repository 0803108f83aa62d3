"""Learning-rate schedules by name: torch's schedulers and SLM Lab's linear ones, each with its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from numbers import Real
from typing import Any

from torch import Tensor
from torch.optim import Optimizer, lr_scheduler
from torch.optim.lr_scheduler import (
    CosineAnnealingWarmRestarts,
    CyclicLR,
    LambdaLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
)

from slm_net.plugins import GROUPS
from slm_net.registry import Registry
from slm_net.schema.catalogue import arguments
from slm_net.words import did_you_mean


def move_to(scheduler: LRScheduler, step: int) -> None:
    """Advance `scheduler` to `step` at the cost of about one step; one not from torch is stepped one by one.

    OneCycleLR stays at its end, where torch's `step()` raises.
    """
    if isinstance(scheduler, OneCycleLR):
        step = min(step, scheduler.total_steps)
    ahead = step - scheduler.last_epoch
    if ahead <= 0:
        return
    if isinstance(scheduler, CosineAnnealingWarmRestarts):
        _skip_restarts(scheduler, ahead - 1)
    elif isinstance(scheduler, (LambdaLR, CyclicLR, OneCycleLR)):
        scheduler.last_epoch = step - 1  # the rate depends on this number alone
    elif hasattr(scheduler, "_get_closed_form_lr"):
        scheduler.last_epoch = step
        scheduler._last_lr = scheduler._get_closed_form_lr()
        for group, rate in zip(scheduler.optimizer.param_groups, scheduler._last_lr, strict=True):
            if isinstance(group["lr"], Tensor):  # a CUDA graph reads it where it is
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
    while scheduler.last_epoch < step:
        scheduler.step()


def _skip_restarts(scheduler: CosineAnnealingWarmRestarts, steps: int) -> None:
    scheduler.last_epoch += steps
    scheduler.T_cur += steps
    if scheduler.T_mult == 1:
        scheduler.T_cur %= scheduler.T_i
    while scheduler.T_cur >= scheduler.T_i:
        scheduler.T_cur -= scheduler.T_i
        scheduler.T_i *= scheduler.T_mult


Scheduler = LRScheduler | ReduceLROnPlateau
PLAIN = (type(None), bool, int, float, str)


class LRSchedule:
    """The constant schedule, and what all schedules answer to; it is what `lr_scheduler_spec: null` gives.

    `step_on` is the unit, "update" or "frame"; `scheduler` is the torch scheduler, None for this constant one.
    """

    step_on = "update"
    scheduler: Scheduler | None = None

    def check(self, frame: int | None) -> None:
        """Raise ValueError if `step` could not use this `frame`; asked before an update changes anything."""
        if frame is not None and not _is_number(frame):
            raise ValueError(f"frame is the number of environment frames so far, not {frame!r}")

    def where(self) -> Any:
        """Where the schedule stands, for `go_back`."""

    def go_back(self, before: Any) -> None:
        """Return to where the schedule stood when `where` gave this."""

    def step(self, loss: Tensor | float | None = None, frame: int | None = None) -> None:
        """Move on after an update with this loss, at this environment frame."""

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's progress, as plain values; empty if there is none."""
        return {}

    def check_state(self, state: Any) -> None:
        """Raise ValueError if it is not what `state_dict` of such a schedule gives."""
        if not isinstance(state, Mapping):
            raise ValueError(f"the state of a schedule is a dict, not {type(state).__name__}")
        if state:
            raise ValueError(f"the state is that of {state.get('name')}, but the learning rate here is constant")

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load what `state_dict` gave.

        Raises:
            ValueError: it is the state of another kind of scheduler; nothing has changed.
        """
        self.check_state(state)

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

    def where(self) -> Any:
        """Where the schedule stands, for `go_back`: the scheduler's attributes, and what it varies."""
        own = {key: value for key, value in vars(self.scheduler).items() if key != "optimizer"}
        groups = ({**group, "params": None} for group in self.scheduler.optimizer.param_groups)
        return _copied(own), [_copied(group) for group in groups]

    def go_back(self, before: Any) -> None:
        """Return to where the schedule stood when `where` gave this."""
        own, groups = before
        vars(self.scheduler).update(_copied(own))
        for group, saved in zip(self.scheduler.optimizer.param_groups, groups, strict=True):
            for key, value in saved.items():
                if isinstance(value, Tensor):
                    group[key].copy_(value)
                elif key != "params":
                    group[key] = value

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's attributes that are plain values, which all of its progress is, and its name."""
        state = {key: value for key, value in self.scheduler.state_dict().items() if _plain(value)}
        return {"name": type(self.scheduler).__name__, **state}

    def check_state(self, state: Any) -> None:
        """Raise ValueError if it is not what `state_dict` of such a schedule gives."""
        own, name = self.state_dict(), state.get("name") if isinstance(state, Mapping) else None
        if name != own["name"]:
            raise ValueError(f"the state is that of {name or 'a constant learning rate'}, not of {own['name']}")
        for key in own.keys() ^ state.keys():
            raise ValueError(f"{key!r} is missing from the state of {name} or from the schedule here")
        for key, value in own.items():
            if not _of_a_kind(state[key], value):
                raise ValueError(f"{key!r} is {state[key]!r} in the state of {name}, and {value!r} here")

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load what `state_dict` gave.

        Raises:
            ValueError: it is the state of another kind of scheduler; nothing has changed.
        """
        self.check_state(state)
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
    scheduler: LRScheduler

    def check(self, frame: int | None) -> None:
        """Raise ValueError if there is no frame or it lies in the past."""
        super().check(frame)
        if frame is None:
            raise ValueError('this learning rate follows frames ("step_on": "frame"): call train_step(loss, frame=...)')
        if frame < self.scheduler.last_epoch:
            raise ValueError(f"frame {frame} lies before frame {self.scheduler.last_epoch}, where the schedule stands")

    def step(self, loss: Tensor | float | None = None, frame: int | None = None) -> None:
        """Move the scheduler to `frame`; the same rates as stepping it once per frame, up to rounding."""
        self.check(frame)
        move_to(self.scheduler, int(min(frame, _last_step(self.scheduler))))  # type: ignore[arg-type, type-var]


def _is_number(frame: object) -> bool:
    return isinstance(frame, Real) and not isinstance(frame, bool) and isfinite(frame)


def _copied(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, their lists and tensors copied."""
    return {
        key: value.clone() if isinstance(value, Tensor) else list(value) if isinstance(value, list) else value
        for key, value in values.items()
    }


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


def _of_a_kind(saved: Any, own: Any) -> bool:
    """Whether a saved value could be one of the schedule's: a number for a number, a list for a list of as many."""
    if isinstance(own, (list, tuple)):
        fits = isinstance(saved, (list, tuple)) and len(saved) == len(own)
        return fits and all(map(_of_a_kind, saved, own))
    number = isinstance(own, (int, float)) and not isinstance(own, bool)
    return (_is_number(saved) or saved in (inf, -inf)) if number else own is None or type(saved) is type(own)


def _plain(value: object) -> bool:
    """True if `torch.load(weights_only=True)` of every torch version reads the value back."""
    if type(value) is dict:
        return all(_plain(item) for item in value.values())
    if type(value) in (list, tuple):
        return all(_plain(item) for item in value)  # type: ignore[attr-defined]
    return type(value) in PLAIN


SCHEDULERS: Registry[Callable[..., Scheduler]] = Registry("lr scheduler", GROUPS["lr_scheduler"])
for _scheduler in (
    lr_scheduler.StepLR,
    lr_scheduler.MultiStepLR,
    lr_scheduler.ConstantLR,
    lr_scheduler.LinearLR,
    lr_scheduler.ExponentialLR,
    lr_scheduler.PolynomialLR,
    lr_scheduler.CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    OneCycleLR,
    ReduceLROnPlateau,
):
    SCHEDULERS.register(_scheduler.__name__)(_scheduler)

CYCLING_MOMENTUM = (CyclicLR, OneCycleLR)
UNITS = {"update": UpdateSchedule, "frame": FrameSchedule}


@dataclass
class _LinearDecay:
    """From 1 at step 0 down to `floor` at step `frame`, and `floor` from there on."""

    frame: int
    floor: float

    def __post_init__(self) -> None:
        if not self.frame > 0:
            raise ValueError(f"frame, where the learning rate stops falling, must be above 0, not {self.frame!r}")
        if not 0 <= self.floor <= 1:
            raise ValueError(f"min_factor, the last share of the rate, must be between 0 and 1, not {self.floor!r}")

    def __call__(self, step: int) -> float:
        return 1 - (1 - self.floor) * min(step / self.frame, 1)


@SCHEDULERS.register("LinearToZero")
class LinearToZero(LambdaLR):
    """The learning rate times 1 - step / frame, and 0 from `frame` steps on.

    Source: SLM Lab, without the negative rates of its version 4.

    Raises:
        ValueError: `frame` is not above 0.
    """

    def __init__(self, optimizer: Optimizer, frame: int):
        super().__init__(optimizer, _LinearDecay(frame, floor=0.0))


@SCHEDULERS.register("LinearToMin")
class LinearToMin(LambdaLR):
    """The learning rate falls linearly to `min_factor` times itself at `frame` steps, and stays there.

    Source: SLM Lab 5.

    Raises:
        ValueError: `frame` is not above 0, or `min_factor` is outside [0, 1].
    """

    def __init__(self, optimizer: Optimizer, frame: int, min_factor: float):
        super().__init__(optimizer, _LinearDecay(frame, floor=min_factor))


def build_lr_scheduler(optimizer: Optimizer, lr_scheduler_spec: Mapping[str, Any] | None) -> LRSchedule:
    """The schedule of an `lr_scheduler_spec`; None gives a constant learning rate.

    `step_on` is the unit that all of its numbers count, "update" or "frame"; the schema has its default. CyclicLR and
    OneCycleLR cycle the momentum too where the optimizer has one (`momentum` or `betas`), unless the spec says
    `cycle_momentum: false`.

    Raises:
        RegistryError: no scheduler of this name is registered.
        ValueError: `step_on` is unknown or does not fit the scheduler, or the scheduler refuses a value.
    """
    if not lr_scheduler_spec:
        return LRSchedule()
    args = dict(lr_scheduler_spec)
    name = args.pop("name")
    scheduler = SCHEDULERS[name]
    step_on = args.pop("step_on", None) or arguments("lr_scheduler", name)["step_on"]["default"]
    if step_on not in UNITS:
        raise ValueError(f"no step_on {step_on!r}: {did_you_mean(str(step_on), UNITS)}")
    if scheduler in CYCLING_MOMENTUM and not optimizer.defaults.keys() & {"momentum", "betas"}:
        if args.get("cycle_momentum"):
            raise ValueError(f"cycle_momentum: true, but {type(optimizer).__name__} has no momentum: write false")
        args["cycle_momentum"] = False
    scales = [group.get("lr_scale", 1.0) for group in optimizer.param_groups]
    for key in ("base_lr", "max_lr"):  # which are for all groups, whatever their own rates are
        if len({*scales}) > 1 and isinstance(args.get(key), (int, float)):
            args[key] = [args[key] * scale for scale in scales]
    if scheduler is not ReduceLROnPlateau:
        return UNITS[step_on](scheduler(optimizer, **args))
    if step_on == "frame":
        raise ValueError('ReduceLROnPlateau looks at the loss of every update: write "step_on": "update"')
    return PlateauSchedule(ReduceLROnPlateau(optimizer, **args))
