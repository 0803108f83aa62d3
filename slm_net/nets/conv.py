"""ConvNet: convolutions in one, two or three dimensions."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from slm_net.nets.activations import per_layer
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.parts import conv_stack, dense_norm, dense_stack, sizes_of
from slm_net.nets.tails import Outputs
from slm_net.spec.shapes import conv_output_shape


@NETS.register("ConvNet")
class ConvNet(Net):
    """Convolutions, then dense layers, then one tail per output.

    `in_dim` is channels first: `(c, l)`, `(c, h, w)` or `(c, d, h, w)`. `normalize` divides the input by 255. The width
    after the convolutions is computed, so building leaves the statistics of batch norm as they were.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit (ConvolutionError for a row).
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        shape = sizes_of(in_dim, "in_dim of a ConvNet", (2, 3, 4))
        super().__init__(shape, out_dim)
        rows, dense = spec["conv_hid_layers"], spec["fc_hid_layers"]
        widths = [math.prod(conv_output_shape(shape, rows)), *dense]
        activations = per_layer(spec["hid_layers_activation"], len(rows) + len(dense), "hid_layers_activation")
        self.normalize = spec["normalize"]
        self.conv_model = conv_stack(shape, rows, activations[: len(rows)], spec["batch_norm"])
        self.fc_model = dense_stack(widths, activations[len(rows) :], dense_norm(spec["layer_norm"]), spec["dropout"])
        self.finish(spec, widths[-1])

    def forward(self, x: Tensor) -> Outputs:
        """Outputs for a batch of observations `(batch, *in_dim)`."""
        x = self.as_float(x)
        x = self.conv_model(x / 255 if self.normalize else x)
        return self.outputs(self.fc_model(x.flatten(1)))
