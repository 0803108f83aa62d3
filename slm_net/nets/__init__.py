"""Net types: spec and dims to torch modules. Importing this package fills the registry `NETS`."""

from slm_net.nets.arc import TorchArcNet
from slm_net.nets.base import NETS, Net, ValueNet
from slm_net.nets.conv import ConvNet
from slm_net.nets.dueling import DuelingConvNet, DuelingMLPNet, DuelingRecurrentNet
from slm_net.nets.hydra import HydraMLPNet
from slm_net.nets.mlp import MLPNet
from slm_net.nets.q import FiLMQConvNet, QConvNet, QMLPNet
from slm_net.nets.recurrent import RecurrentNet

__all__ = [
    "NETS",
    "ConvNet",
    "DuelingConvNet",
    "DuelingMLPNet",
    "DuelingRecurrentNet",
    "FiLMQConvNet",
    "HydraMLPNet",
    "MLPNet",
    "Net",
    "QConvNet",
    "QMLPNet",
    "RecurrentNet",
    "TorchArcNet",
    "ValueNet",
]
