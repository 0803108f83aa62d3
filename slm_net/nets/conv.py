"""ConvNet: convolutions in one, two or three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from slm_net.net_types.conv import RANKS, features_of
from slm_net.nets.activations import ActivationSpec, per_layer
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.parts import conv_stack, dense_stack, sizes_of


class Convolutional(Net):
    """A net that begins with convolutions: `convolve` puts them in place, `convolved` applies them."""

    conv_model: nn.Sequential
    normalize: bool
    image: tuple[int, ...]

    def convolve(self, spec: NetSpec, shape: tuple[int, ...], beside: int = 0) -> tuple[nn.Sequential, int]:
        """Build the convolutions on `shape`; return the dense layers behind them, and how many features leave these.

        The dense layers see the flat features of the convolutions and `beside` others.

        Raises:
            ValueError: keys of the spec do not fit each other (ConvolutionError for a row).
        """
        rows, dense = spec["conv_hid_layers"], spec["fc_hid_layers"]
        activations = per_layer(spec["hid_layers_activation"], len(rows) + len(dense), "hid_layers_activation")
        self.normalize, self.image = spec["normalize"], shape
        self.place_obs_norms(spec, shape)
        self.conv_model, features = self.convolutions(shape, rows, activations[: len(rows)], spec["batch_norm"])
        widths = [features + beside, *dense]
        return dense_stack(widths, activations[len(rows) :], spec), widths[-1]

    def convolutions(
        self, shape: tuple[int, ...], rows: Sequence[Any], activations: list[ActivationSpec], batch_norm: bool
    ) -> tuple[nn.Sequential, int]:
        """The convolutions on `shape`, and how many flat features leave them."""
        return conv_stack(shape, rows, activations, batch_norm), features_of(shape, rows)

    def convolved(self, x: Tensor) -> Tensor:
        """What leaves the convolutions, flat, for a batch of images `(batch, c, ...)`.

        Raises:
            ValueError: `x` has another shape.
        """
        x = self.as_samples(x, self.image)
        return self._modules["conv_model"](self.normalised(x / 255 if self.normalize else x)).flatten(1)


@NETS.register("ConvNet")
class ConvNet(Convolutional):
    """Convolutions, then dense layers, then one tail per output.

    `in_dim` is channels first: `(c, l)`, `(c, h, w)` or `(c, d, h, w)`. `normalize` divides the input by 255. The width
    after the convolutions is computed, so building leaves the statistics of batch norm as they were.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit (ConvolutionError for a row).
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(sizes_of(in_dim, f"in_dim of {type(self).__name__}", RANKS), out_dim)
        self.fc_model, width = self.convolve(spec, self.in_dim)
        self.finish(spec, width)

    def features(self, x: Tensor) -> Tensor:
        """What leaves the dense layers for a batch of observations `(batch, *in_dim)`.

        Raises:
            ValueError: `x` has another shape.
        """
        return self.dense(self.convolved(x))

    def dense(self, features: Tensor) -> Tensor:
        """What leaves the dense layers."""
        return self._modules["fc_model"](features)
