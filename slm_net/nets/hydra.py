"""HydraMLPNet: a head for each input, a common body, a tail for each output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.net_types.hydra import hydra_widths
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.parts import Outputs, TailPlan, dense_stack, size_of


@NETS.register("HydraMLPNet")
class HydraMLPNet(Net):
    """A stack of dense layers on each input, one on all of them together, and a stack before each output.

    `in_dim` lists the lengths of the inputs. `hid_layers` is `[heads, body, tails]`: one list of widths per input (or
    one for all, each input having its own weights), one list, and one list per output (or one for all, or none). See
    `hydra_widths` for tails in SLM Lab's notation. One `hid_layers_activation` stands after every hidden layer.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit.
    """

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(sizes_of_inputs(in_dim), out_dim)
        outputs = len(self.out_dim) if isinstance(self.out_dim, list) else 1
        heads, body, self._tail_widths = hydra_widths(spec["hid_layers"], len(self.in_dim), outputs)
        check_tails(spec, self._tail_widths)
        self.place_obs_norms(spec, *((size,) for size in self.in_dim))
        self.model_heads = self.new_heads(spec, heads)
        widths = [sum([size, *head][-1] for size, head in zip(self.in_dim, heads, strict=True)), *body]
        self.model_body = hidden(spec, widths)
        self.finish(spec, widths[-1])

    def new_heads(self, spec: NetSpec, heads: list[list[int]]) -> nn.ModuleList:
        """New heads of these widths, one on each input."""
        return nn.ModuleList(hidden(spec, [size, *head]) for size, head in zip(self.in_dim, heads, strict=True))

    def new_tails(self, spec: NetSpec, plan: TailPlan, width: int) -> list[nn.Sequential]:
        """New tails on a body of `width` features: their hidden layers, then the output layer."""

        def tail(index: int, widths: list[int]) -> nn.Sequential:
            layers = hidden(spec, widths)
            output = plan.module(index, widths[-1])
            return layers.append(output) if len(layers) else output

        rows = self._tail_widths if any(self._tail_widths) else [[] for _ in plan.widths]
        return [tail(index, [width, *row]) for index, row in enumerate(rows)]

    def forward(self, xs: Sequence[Tensor]) -> Outputs:
        """Outputs for one batch of observations per input, `(batch, in_dim[i])` each.

        Raises:
            ValueError: `xs` is no list of one tensor per input, or one has another shape.
        """
        return self.outputs(self.features(xs))

    def features(self, xs: Sequence[Tensor]) -> Tensor:
        """What leaves the body for one batch of observations per input, `(batch, in_dim[i])` each.

        Raises:
            ValueError: `xs` is no list of one tensor per input, or one has another shape.
        """
        if isinstance(xs, Tensor) or len(xs) != len(self.in_dim):
            got = "a tensor" if isinstance(xs, Tensor) else f"{len(xs)} inputs"
            raise ValueError(f"HydraMLPNet got {got}, expected a list of {len(self.in_dim)} tensors, one per input")
        xs = [self.as_vectors(x, size, f"input {i}") for i, (x, size) in enumerate(zip(xs, self.in_dim, strict=True))]
        self.check_batches(xs, *((size,) for size in self.in_dim))
        heads = [head(x) for head, x in zip(self._modules["model_heads"], self.all_normalised(xs), strict=True)]
        return self._modules["model_body"](torch.cat(heads, dim=-1))


def hidden(spec: NetSpec, widths: list[int]) -> nn.Sequential:
    """Dense layers with the net's one activation; the identity for a single width.

    Raises:
        ValueError: `hid_layers_activation` is a list, or both norms are asked for.
    """
    activation = spec["hid_layers_activation"]
    if isinstance(activation, list):
        raise ValueError("hid_layers_activation is a list; HydraMLPNet takes one for all of its hidden layers")
    return dense_stack(widths, [activation] * (len(widths) - 1), spec, spec["batch_norm"])


def sizes_of_inputs(in_dim: Any) -> tuple[int, ...]:
    """`in_dim` as the lengths of the inputs.

    Raises:
        ValueError: it is no list of positive ints, or empty.
    """
    try:
        sizes = tuple(size_of(size, "each entry of in_dim of HydraMLPNet") for size in in_dim)
    except TypeError:
        sizes = ()
    if not sizes:
        raise ValueError(f"in_dim of HydraMLPNet must list the length of each input, not {in_dim!r}")
    return sizes


def check_tails(spec: NetSpec, tails: list[list[int]]) -> None:
    """A log standard deviation that no input changes has no tail to put hidden layers into.

    Raises:
        ValueError: the tails have hidden layers beside `log_std_init`.
    """
    if spec["log_std_init"] is not None and any(tails):
        raise ValueError("log_std_init leaves out a tail, so the tails, the third list of hid_layers, must be empty")
