"""MLPNet: dense layers."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from slm_net.nets.activations import per_layer
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.parts import dense_norm, dense_stack, size_of
from slm_net.nets.tails import Outputs


@NETS.register("MLPNet")
class MLPNet(Net):
    """Dense layers, then one tail per output; a linear net without `hid_layers`.

    `in_dim` is the length of an observation, `out_dim` an int or a list of ints.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit.
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        width = size_of(in_dim, "in_dim of an MLPNet")
        super().__init__(width, out_dim)
        widths = [width, *spec["hid_layers"]]
        activations = per_layer(spec["hid_layers_activation"], len(spec["hid_layers"]), "hid_layers_activation")
        self.model = dense_stack(
            widths, activations, dense_norm(spec["layer_norm"], spec["batch_norm"]), spec["dropout"]
        )
        self.finish(spec, widths[-1])

    def forward(self, x: Tensor) -> Outputs:
        """Outputs for a batch of observations `(batch, in_dim)`."""
        return self.outputs(self.model(self.as_float(x)))
