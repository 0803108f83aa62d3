"""The recurrent net of SLM Lab 4."""

from __future__ import annotations

from slm_net import nets
from slm_net.slm_lab.lab_net import LabNet
from slm_net.slm_lab.net_quirks import LastHidden
from slm_net.slm_lab.v4.net.base import Net


class RecurrentNet(LastHidden, LabNet, Net, nets.RecurrentNet):
    """Dense layers on every step, a recurrent network, then one tail per output."""

    native = nets.RecurrentNet
