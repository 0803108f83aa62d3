"""Moving a learning-rate scheduler many steps at once."""

from __future__ import annotations

from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts, CyclicLR, LambdaLR, LRScheduler, OneCycleLR


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
