"""The tails of SLM Lab 5, `tails` and `log_std`, as functions of `net_util` and as a layout for native nets."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from slm_net.nets.base import NetSpec
from slm_net.nets.init import init_tail
from slm_net.nets.parts import Outputs, out_dim_of, plan_tails
from slm_net.slm_lab.layers import build_fc_model
from slm_net.text.mapping import plain


def build_tails(
    tail_in_dim: int, out_dim: Any, out_layer_activation: Any, log_std_init: float | None = None
) -> tuple[nn.Module, nn.Parameter | None]:
    """The tails on a body of `tail_in_dim` features, and the log standard deviation that no input changes, or None.

    An int `out_dim` gives a Sequential, a list a ModuleList of them; [d, d] with `log_std_init` a Sequential for the
    mean and a parameter of d (quirk log-std-only-for-pairs).

    Raises:
        SpecError: an activation is unknown.
        ValueError: `out_dim` is no size or list of sizes, or the activations do not fit it.
    """
    widths = out_dim_of(plain(out_dim))
    if not isinstance(widths, list):
        return build_fc_model([tail_in_dim, widths], out_layer_activation), None
    listed = isinstance(out_layer_activation, list)
    if listed and len(out_layer_activation) != len(widths):
        raise ValueError(
            f"out_layer_activation lists {len(out_layer_activation)} activations for {len(widths)} outputs"
        )
    activations = out_layer_activation if listed else [out_layer_activation] * len(widths)
    if log_std_init is not None and len(widths) == 2 and widths[0] == widths[1]:
        mean = build_fc_model([tail_in_dim, widths[0]], activations[0])
        return mean, nn.Parameter(torch.full((widths[0],), float(log_std_init)))
    tails = (build_fc_model([tail_in_dim, width], one) for width, one in zip(widths, activations, strict=True))
    return nn.ModuleList(tails), None


def forward_tails(x: Tensor, tails: nn.Module, log_std: Tensor | None = None) -> Outputs:
    """What the tails put out for the features of a body: a tensor, or a list of them."""
    if log_std is not None:
        mean = tails(x)
        return [mean, log_std.expand_as(mean)]
    return [tail(x) for tail in tails] if isinstance(tails, nn.ModuleList) else tails(x)


def init_tails(net: Any, actor_init_std: float | None = None, critic_init_std: float | None = None) -> None:
    """Fill the first and the last of several tails orthogonally (quirk init-std-first-and-last)."""
    tails = getattr(net, "tails", None)
    if not isinstance(tails, nn.ModuleList) or len(tails) < 2:
        return
    for tail, std in ((tails[0], actor_init_std), (tails[-1], critic_init_std)):
        if std is not None:
            init_tail(tail, std)


def apply_spectral_norm_penultimate(net: nn.Module) -> None:
    """Put spectral normalisation on the last hidden Linear layer, the one before the tails; CrossQ does so.

    Source: Miyato et al. 2018, https://arxiv.org/abs/1802.05957
    """
    tails = getattr(net, "tails", None)
    output = set(tails.modules()) if isinstance(tails, nn.Module) else set()
    hidden = [module for module in net.modules() if isinstance(module, nn.Linear) and module not in output]
    if hidden:
        nn.utils.parametrizations.spectral_norm(hidden[-1])


class TailsOf5:
    """A native net that ends in SLM Lab 5's `tails` and `log_std`."""

    out_dim: Any
    tails: nn.Module
    log_std: Any

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on a body of `width` features and initialise everything."""
        activation = spec["out_layer_activation"]
        self.tails, self.log_std = build_tails(width, self.out_dim, activation, spec["log_std_init"])
        self.initialise(spec, plan_tails(self.out_dim, activation, None), ())  # type: ignore[attr-defined]
        init_tails(self, spec["actor_init_std"], spec["critic_init_std"])

    def outputs(self, features: Tensor) -> Outputs:
        """What the net returns for the features of its body."""
        return forward_tails(features, self.tails, self.log_std)
