"""The base class of SLM Lab 4's nets."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from slm_net.slm_lab.lab_net import BaseNet, update
from slm_net.slm_lab.schedules import step_to
from slm_net.slm_lab.step_check import dev_check_train_step


class Net(BaseNet):
    """What SLM Lab 4's own and users' nets inherit beside `nn.Module`."""

    version = 4

    @dev_check_train_step
    def train_step(
        self,
        loss: Tensor,
        optim: Any,
        lr_scheduler: Any = None,
        clock: Any = None,
        global_net: nn.Module | None = None,
    ) -> Tensor:
        """One update: the learning rate of clock's frame, backward, clip, step, tick "opt_step"; returns the loss."""
        if lr_scheduler is not None:
            step_to(lr_scheduler, clock, loss)
        update(self, loss, optim, global_net)
        if clock is not None:
            clock.tick("opt_step")
        return loss
