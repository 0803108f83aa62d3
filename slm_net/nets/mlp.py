"""MLPNet: dense layers."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from slm_net.nets.activations import per_layer
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.parts import dense_stack, size_of


@NETS.register("MLPNet")
class MLPNet(Net):
    """Dense layers, then one tail per output; a linear net without `hid_layers`.

    `in_dim` is the length of an observation, `out_dim` an int or a list of ints.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit.
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(size_of(in_dim, "in_dim of MLPNet"), out_dim)
        self.place_obs_norms(spec, (self.in_dim,))
        self.model, width = dense_body(spec, self.in_dim)
        self.finish(spec, width)

    def features(self, x: Tensor) -> Tensor:
        """What leaves the hidden layers for a batch of observations `(batch, in_dim)`.

        Raises:
            ValueError: `x` has another shape.
        """
        x, modules = self.as_vectors(x, self.in_dim), self._modules
        # asked here, as a call costs a small net's pass more than the answer
        return modules["model"](self.normalised(x) if "obs_norms" in modules else x)


def dense_body(spec: NetSpec, width: int) -> tuple[nn.Sequential, int]:
    """The `hid_layers` on `width` features, and how many features leave them.

    Raises:
        ValueError: keys of the spec do not fit each other.
    """
    widths = [width, *spec["hid_layers"]]
    activations = per_layer(spec["hid_layers_activation"], len(spec["hid_layers"]), "hid_layers_activation")
    return dense_stack(widths, activations, spec, spec["batch_norm"]), widths[-1]
