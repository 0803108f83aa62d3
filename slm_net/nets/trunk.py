"""The body of a net, without its tails."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from slm_net.net_types.parts import TAILS
from slm_net.nets.base import Net
from slm_net.words import visible


class Trunk(nn.Module):
    """What leaves the body of a net, `(batch, features_dim)`, for tails of somebody else's.

    It is made of the net itself, which has no tails from then on.

    Raises:
        ValueError: the net does not say what its body is, or its tails see several outputs of it.

    >>> from slm_net import build_net
    >>> spec = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
    >>> trunk = Trunk(build_net(spec, in_dim=4, out_dim=2).model)
    >>> trunk.features_dim, [name for name, _ in trunk.named_parameters()]
    (64, ['net.model.0.weight', 'net.model.0.bias'])
    """

    def __init__(self, net: nn.Module):
        super().__init__()
        if not isinstance(net, Net):
            raise ValueError(f"{visible(type(net).__name__)} is no slm_net.nets.base.Net, and its body is not known")
        if not isinstance(net.features_dim, int):
            raise ValueError(f"the tails see {len(net.features_dim)} outputs of the body, and a trunk has one")
        for parts in (net._modules, net._parameters):
            for name in TAILS & parts.keys():
                del parts[name]
        self.net, self.features_dim = net, net.features_dim

    def forward(self, *inputs: Any) -> Tensor:
        """The features of a batch of what the net takes."""
        return self.net.features(*inputs)
