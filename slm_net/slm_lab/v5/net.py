"""The net classes of SLM Lab 5, each built as `NetClass(net_spec, in_dim, out_dim)`; registered types too."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch import Tensor, nn

from slm_net import nets
from slm_net.slm_lab.net_util.step_check import dev_check_train_step
from slm_net.slm_lab.nets import BaseNet, LabNet, TailsOf5, lab_class, registered_class, update
from slm_net.slm_lab.v5 import net_util

__all__ = [
    "ConvNet",
    "DuelingConvNet",
    "DuelingMLPNet",
    "HydraMLPNet",
    "MLPNet",
    "RecurrentNet",
    "TorchArcNet",
    "net_util",
]

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


MLPNet = lab_class(Net, nets.MLPNet, TailsOf5)
DuelingMLPNet = lab_class(Net, nets.DuelingMLPNet)
HydraMLPNet = lab_class(Net, nets.HydraMLPNet)
ConvNet = lab_class(Net, nets.ConvNet, TailsOf5)
DuelingConvNet = lab_class(Net, nets.DuelingConvNet)
RecurrentNet = lab_class(Net, nets.RecurrentNet, TailsOf5)
TorchArcNet = lab_class(Net, nets.TorchArcNet, TailsOf5)


def __getattr__(name: str) -> type[LabNet]:
    globals()[name] = registered_class(Net, name)
    return globals()[name]
