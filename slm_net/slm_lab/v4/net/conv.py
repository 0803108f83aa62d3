"""The convolutional nets of SLM Lab 4."""

from __future__ import annotations

from slm_net import nets
from slm_net.slm_lab.lab_net import LabNet
from slm_net.slm_lab.net_quirks import PlainQValues, SizeProbe
from slm_net.slm_lab.v4.net.base import Net


class ConvNet(LabNet, Net, SizeProbe, nets.ConvNet):
    """Convolutions, dense layers, then one tail per output."""

    native = nets.ConvNet


class DuelingConvNet(PlainQValues, LabNet, Net, SizeProbe, nets.DuelingConvNet):
    """Convolutions, dense layers, then a value and advantages."""

    native = nets.DuelingConvNet
