"""The net: its `(spec, in_dim, out_dim)` are the resolved net block and the dims."""

import torch

from slm_net.nets import MLPNet


class NoisyMLPNet(MLPNet):
    """An MLPNet whose last features get Gaussian noise while it trains."""

    def __init__(self, spec, in_dim, out_dim):
        super().__init__(spec, in_dim, out_dim)
        self.noise_std = spec["noise_std"]

    def features(self, x):
        features = super().features(x)
        return features + self.noise_std * torch.randn_like(features) if self.training else features
