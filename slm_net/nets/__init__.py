"""Net types: spec and dims to torch modules. Importing this package fills the registry `NETS`."""

from slm_net.nets.base import NETS, Net
from slm_net.nets.conv import ConvNet
from slm_net.nets.mlp import MLPNet
from slm_net.nets.recurrent import RecurrentNet

__all__ = ["NETS", "ConvNet", "MLPNet", "Net", "RecurrentNet"]
