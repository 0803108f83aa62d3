"""Small classes in front of native nets, one for each way in which SLM Lab's nets compute something else."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from slm_net.nets.activations import ActivationSpec, per_layer
from slm_net.nets.base import Net, NetSpec
from slm_net.nets.conv import Convolutional
from slm_net.nets.parts import Outputs, TailPlan
from slm_net.nets.recurrent import RecurrentNet

SIGMOID: ActivationSpec = {"name": "Sigmoid"}


class SizeProbe(Convolutional):
    """Quirk size-probe: an image of ones goes through the convolutions in training mode, before `init_fn`."""

    #: The layers in which it leaves a trace: statistics, or random numbers drawn.
    traced = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.RReLU)

    def initialise(self, spec: NetSpec, plan: TailPlan, tails: Any) -> None:
        """Probe where that leaves a trace, then initialise."""
        if any(isinstance(layer, self.traced) for layer in self.conv_model):
            shape = self.in_dim if isinstance(self.in_dim[0], int) else self.in_dim[0]
            with torch.no_grad():
                self.conv_model(torch.ones(1, *shape))
        super().initialise(spec, plan, tails)


class LastHidden(RecurrentNet):
    """Quirks reverse-direction-only, lowercase-lstm-returns-cell-state and seq-len-reshapes."""

    seq_len: int
    cell_type: str
    rnn_model: nn.RNNBase

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build on sequences of the spec's `seq_len`, whatever `in_dim` says."""
        super().build(spec, (spec["seq_len"], in_dim[1]), out_dim)  # type: ignore[misc]
        self._observation = int(in_dim[1])

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on one direction."""
        super().finish(spec, self.rnn_model.hidden_size)

    def set_keys(self, net_spec: Any) -> None:
        """Set the attributes; SLM Lab's `in_dim` is the length of one observation."""
        super().set_keys(net_spec)  # type: ignore[misc]
        self.in_dim, self.rnn_input_dim = self._observation, self.rnn_model.input_size

    def forward(self, x: Tensor) -> Outputs:  # type: ignore[override]
        """Outputs for `(batch, seq_len, dim)`."""
        x = self.fc_model(self.as_float(x).reshape(-1, self._observation))
        _, hidden = self.rnn_model(x.reshape(-1, self.seq_len, self.rnn_model.input_size))
        if self.cell_type == "LSTM":
            hidden = hidden[0]
        return self.outputs(hidden[-1])


class FilmSigmoid(Convolutional):
    """Quirk film-sigmoid."""

    modulation: ActivationSpec = SIGMOID

    def convolve(self, spec: NetSpec, shape: tuple[int, ...], beside: int = 0) -> tuple[nn.Sequential, int]:
        """Build the convolutions with the activation of the spec, the dense layers with a sigmoid."""
        rows, dense = len(spec["conv_hid_layers"]), len(spec["fc_hid_layers"])
        written = per_layer(spec["hid_layers_activation"], rows + dense, "hid_layers_activation")
        mixed = [*written[:rows], *[SIGMOID] * dense]
        return super().convolve({**spec, "hid_layers_activation": mixed}, shape, beside)


class PlainQValues(Net):
    """Quirk dueling-ignores-out-activation."""

    def finish(self, spec: NetSpec, width: int) -> None:
        """Finish without the activation."""
        super().finish({**spec, "out_layer_activation": None}, width)


class RepeatedTail:
    """Quirk one-hydra-tail-for-all; also the attributes with the three parts of `hid_layers`."""

    head_hid_layers: list[Any]
    body_hid_layers: list[Any]
    tail_hid_layers: list[Any]

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build with one list of tail widths per output."""
        heads, body, tails = spec["hid_layers"]
        heads, tails = (
            part * len(dims) if len(part) == 1 else part for part, dims in ((heads, in_dim), (tails, out_dim))
        )
        super().build({**spec, "hid_layers": [heads, body, tails]}, in_dim, out_dim)  # type: ignore[misc]
        self.head_hid_layers, self.body_hid_layers, self.tail_hid_layers = heads, body, tails
