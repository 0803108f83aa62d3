"""What trains a net: optimizer, loss, gradient clipping, learning-rate schedule, target update, device."""

from slm_net.training.device import choose_device
from slm_net.training.grad_clip import GradClip
from slm_net.training.losses import LOSSES, build_loss
from slm_net.training.optimizers import OPTIMIZERS, GlobalAdam, GlobalRMSprop, Lookahead, build_optimizer
from slm_net.training.schedules import (
    SCHEDULERS,
    FrameSchedule,
    LinearToMin,
    LinearToZero,
    LRSchedule,
    PlateauSchedule,
    UpdateSchedule,
    build_lr_scheduler,
)
from slm_net.training.targets import TargetUpdate

__all__ = [
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULERS",
    "FrameSchedule",
    "GlobalAdam",
    "GlobalRMSprop",
    "GradClip",
    "LRSchedule",
    "LinearToMin",
    "LinearToZero",
    "Lookahead",
    "PlateauSchedule",
    "TargetUpdate",
    "UpdateSchedule",
    "build_loss",
    "build_lr_scheduler",
    "build_optimizer",
    "choose_device",
]
