"""Learning-rate schedulers by name: torch's own, and the linear ones of SLM Lab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch.optim import Optimizer, lr_scheduler
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

from slm_net.plugins import GROUPS
from slm_net.problems import did_you_mean
from slm_net.registry import Registry
from slm_net.spec.schema import arguments
from slm_net.training.lr_schedule import FrameSchedule, LRSchedule, PlateauSchedule, Scheduler, UpdateSchedule

SCHEDULERS: Registry[Callable[..., Scheduler]] = Registry("lr scheduler", GROUPS["lr_scheduler"])
for _scheduler in (
    lr_scheduler.StepLR,
    lr_scheduler.MultiStepLR,
    lr_scheduler.ConstantLR,
    lr_scheduler.LinearLR,
    lr_scheduler.ExponentialLR,
    lr_scheduler.PolynomialLR,
    lr_scheduler.CosineAnnealingLR,
    lr_scheduler.CosineAnnealingWarmRestarts,
    lr_scheduler.CyclicLR,
    lr_scheduler.OneCycleLR,
    lr_scheduler.ReduceLROnPlateau,
):
    SCHEDULERS.register(_scheduler.__name__)(_scheduler)

CYCLING_MOMENTUM = (lr_scheduler.CyclicLR, lr_scheduler.OneCycleLR)
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
    if lr_scheduler_spec is None:
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
    if scheduler is not ReduceLROnPlateau:
        return UNITS[step_on](scheduler(optimizer, **args))
    if step_on == "frame":
        raise ValueError('ReduceLROnPlateau looks at the loss of every update: write "step_on": "update"')
    return PlateauSchedule(ReduceLROnPlateau(optimizer, **args))
