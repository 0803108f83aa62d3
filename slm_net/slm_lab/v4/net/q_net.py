"""The Q(s, a) nets of SLM Lab 4."""

from __future__ import annotations

from slm_net import nets
from slm_net.slm_lab.lab_net import LabNet
from slm_net.slm_lab.net_quirks import FilmSigmoid, SizeProbe
from slm_net.slm_lab.v4.net.base import Net


class QMLPNet(LabNet, Net, nets.QMLPNet):
    """Dense layers on a state and an action."""

    native = nets.QMLPNet


class QConvNet(LabNet, Net, SizeProbe, nets.QConvNet):
    """Convolutions on the state, dense layers on their features and the action."""

    native = nets.QConvNet


class FiLMQConvNet(LabNet, Net, SizeProbe, FilmSigmoid, nets.FiLMQConvNet):
    """Convolutions and dense layers on the state, scaled and shifted by the action."""

    native = nets.FiLMQConvNet
