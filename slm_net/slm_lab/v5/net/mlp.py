"""The dense nets of SLM Lab 5."""

from __future__ import annotations

from slm_net import nets
from slm_net.slm_lab.lab_net import LabNet
from slm_net.slm_lab.net_quirks import PlainQValues, RepeatedTail
from slm_net.slm_lab.tails_v5 import TailsOf5
from slm_net.slm_lab.v5.net.base import Net


class MLPNet(TailsOf5, LabNet, Net, nets.MLPNet):
    """Dense layers, then one tail per output."""

    native = nets.MLPNet


class DuelingMLPNet(PlainQValues, LabNet, Net, nets.DuelingMLPNet):
    """Dense layers, then a value and advantages."""

    native = nets.DuelingMLPNet


class HydraMLPNet(RepeatedTail, LabNet, Net, nets.HydraMLPNet):
    """A head for each input, a body, a tail for each output."""

    native = nets.HydraMLPNet
