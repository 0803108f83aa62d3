"""RecurrentNet: dense layers on every step, a recurrent network, and tails on what it knows at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.nets.activations import per_layer
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.inputs import refuse
from slm_net.nets.parts import dense_stack, sizes_of
from slm_net.registry import Registry

Hidden = Tensor | tuple[Tensor, Tensor]

CELLS: Registry[Callable[..., nn.RNNBase]] = Registry("cell type")
for _cell in (nn.GRU, nn.LSTM, nn.RNN):
    CELLS.register(_cell.__name__)(_cell)


@NETS.register("RecurrentNet")
class RecurrentNet(Net):
    """Dense layers on every step, then a GRU, LSTM or RNN, then one tail per output on its last output.

    `in_dim` is `(seq_len, dim)`. A bidirectional net uses both directions: its tails see `2 * rnn_hidden_size`.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit.
    """

    #: Whether `forward` takes a state to go on from.
    takes_state = True

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        shape = sizes_of(in_dim, f"in_dim of {type(self).__name__}", (2,))
        super().__init__(shape, out_dim)
        if spec["seq_len"] != shape[0]:
            raise ValueError(f"seq_len is {spec['seq_len']}, but in_dim {shape} has sequences of {shape[0]}")
        self.place_obs_norms(spec, shape[1:])
        widths = [shape[1], *spec["fc_hid_layers"]]
        activations = per_layer(spec["hid_layers_activation"], len(spec["fc_hid_layers"]), "hid_layers_activation")
        self.fc_model = dense_stack(widths, activations, spec)
        self.rnn_model = rnn(spec, widths[-1])
        self.finish(spec, self.rnn_model.hidden_size * (1 + self.rnn_model.bidirectional))

    def forward(self, x: Tensor, hidden: Hidden | None = None, return_hidden: bool = False) -> Any:
        """Outputs for a batch of sequences `(batch, seq_len, dim)`, with the new hidden state if `return_hidden`.

        Raises:
            ValueError: `x` has another shape.
        """
        if not return_hidden:
            return self.outputs(self.features(x, hidden))
        features, hidden = self.features(x, hidden, True)
        return self.outputs(features), hidden

    def features(self, x: Tensor, hidden: Hidden | None = None, return_hidden: bool = False) -> Any:
        """What is known at the end of each sequence of a batch, with the new hidden state if `return_hidden`.

        To step through an episode, ask for the hidden state and give it back with the next observations: sequences may
        then have any length, `(batch, 1, dim)` for one observation. `hidden` is what torch's GRU, LSTM or RNN takes.
        (The backward direction of a bidirectional net knows only the steps of its own call.)

        Raises:
            ValueError: `x` has another shape.
        """
        if not isinstance(x, Tensor) or x.shape[1:] != self.in_dim:
            self.check_steps(x, any_length=return_hidden or hidden is not None)
        if isinstance(hidden, tuple):
            hidden = self.as_float(hidden[0]), self.as_float(hidden[1])
        elif hidden is not None:
            hidden = self.as_float(hidden)
        fc_model, rnn_model = self._modules["fc_model"], self._modules["rnn_model"]
        # (batch, seq_len, directions * hidden)
        steps, hidden = rnn_model(fc_model(self.normalised(self.as_float(x))), hidden)
        return (self.last(steps), hidden) if return_hidden else self.last(steps)

    @property
    def can_step(self) -> bool:
        """Whether the net can go through an episode step by step."""
        return self.takes_state and not self.rnn_model.bidirectional

    def last(self, steps: Tensor) -> Tensor:
        """What each direction knows at its end: the forward one at the last step, the backward one at the first."""
        if not self.rnn_model.bidirectional:
            return steps[:, -1]
        size = self.rnn_model.hidden_size
        return torch.cat([steps[:, -1, :size], steps[:, 0, size:]], dim=-1)

    def check_steps(self, x: Any, any_length: bool) -> None:
        """Accept `(batch, seq_len, dim)`, or sequences of any length if `any_length`.

        Raises:
            ValueError: `x` has another shape.
        """
        seq_len, dim = self.in_dim
        is_steps = isinstance(x, Tensor) and x.ndim == 3 and x.shape[2] == dim
        if not is_steps or not (x.shape[1] == seq_len or (any_length and x.shape[1])):
            more = f": seq_len {seq_len} is in the net spec, {dim} is the length of an observation"
            refuse(type(self).__name__, "input", x, self.in_dim, more)


def rnn(spec: NetSpec, width: int) -> nn.RNNBase:
    """The recurrent part; dropout stands between its layers, so a single layer has none."""
    layers = spec["rnn_num_layers"]
    return CELLS[spec["cell_type"]](
        width,
        spec["rnn_hidden_size"],
        num_layers=layers,
        batch_first=True,
        dropout=spec["dropout"] if layers > 1 else 0.0,
        bidirectional=spec["bidirectional"],
    )
