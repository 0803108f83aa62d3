"""The net classes of SLM Lab 4, each built as `NetClass(net_spec, in_dim, out_dim)`; registered types too."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from slm_net import nets
from slm_net.slm_lab.net_util.optimizers import step_to
from slm_net.slm_lab.net_util.step_check import dev_check_train_step
from slm_net.slm_lab.nets import BaseNet, LabNet, lab_class, registered_class, update
from slm_net.slm_lab.v4 import net_util

__all__ = [
    "ConvNet",
    "DuelingConvNet",
    "DuelingMLPNet",
    "FiLMQConvNet",
    "HydraMLPNet",
    "MLPNet",
    "QConvNet",
    "QMLPNet",
    "RecurrentNet",
    "net_util",
]


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


MLPNet = lab_class(Net, nets.MLPNet)
DuelingMLPNet = lab_class(Net, nets.DuelingMLPNet)
HydraMLPNet = lab_class(Net, nets.HydraMLPNet)
ConvNet = lab_class(Net, nets.ConvNet)
DuelingConvNet = lab_class(Net, nets.DuelingConvNet)
RecurrentNet = lab_class(Net, nets.RecurrentNet)
QMLPNet = lab_class(Net, nets.QMLPNet)
QConvNet = lab_class(Net, nets.QConvNet)
FiLMQConvNet = lab_class(Net, nets.FiLMQConvNet)


def __getattr__(name: str) -> type[LabNet]:
    globals()[name] = registered_class(Net, name)
    return globals()[name]
