"""The net classes of SLM Lab 5, each built as `NetClass(net_spec, in_dim, out_dim)`; registered types too."""

from typing import Any

from slm_net.slm_lab.lab_net import registered_class
from slm_net.slm_lab.v5 import net_util
from slm_net.slm_lab.v5.net.base import Net
from slm_net.slm_lab.v5.net.conv import ConvNet, DuelingConvNet
from slm_net.slm_lab.v5.net.mlp import DuelingMLPNet, HydraMLPNet, MLPNet
from slm_net.slm_lab.v5.net.recurrent import RecurrentNet

__all__ = ["ConvNet", "DuelingConvNet", "DuelingMLPNet", "HydraMLPNet", "MLPNet", "RecurrentNet", "net_util"]


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    globals()[name] = registered_class(name, Net)
    return globals()[name]
