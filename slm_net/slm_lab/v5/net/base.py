"""The base class of SLM Lab 5's nets."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.slm_lab.lab_net import BaseNet, update
from slm_net.slm_lab.step_check import dev_check_train_step

_log = logging.getLogger("slm_net.slm_lab")


class Net(BaseNet):
    """What SLM Lab 5's own and users' nets inherit beside `nn.Module`."""

    version = 5

    @dev_check_train_step
    def train_step(
        self,
        loss: Tensor,
        optim: Any,
        lr_scheduler: Any = None,
        clock: Any = None,
        global_net: nn.Module | None = None,
    ) -> Tensor:
        """One update: backward, clip, step; returns the loss.

        The scheduler and the clock are left to the algorithm. A loss that is not finite changes nothing, and 1e-10
        comes back (quirks scheduler-is-the-algorithms and skipped-loss-is-1e-10).
        """
        if not torch.isfinite(loss):
            _log.warning("no update: the loss is %g", loss.item())
            return torch.tensor(1e-10, device=loss.device)
        update(self, loss, optim, global_net)
        return loss
