"""`net_util`: what builds nets: layers, activations and losses by name, initialisation, version 5's tails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.nets.activations import ACTIVATIONS, ActivationSpec, make_activation
from slm_net.nets.init import INITS, applied, fills, init_tail, reaches
from slm_net.nets.parts import NO_OPTIONS, Outputs, dense_stack, out_dim_of
from slm_net.nets.recurrent import CELLS
from slm_net.slm_lab.specs import named, registered_name, spelled
from slm_net.text.mapping import plain
from slm_net.training import LOSSES, build_loss

_log = logging.getLogger("slm_net.slm_lab")


def build_fc_model(
    dims: Sequence[int], activation: Any = None, layer_norm: bool = False, batch_norm: bool = False
) -> nn.Sequential:
    """A Linear layer from each width to the next, each followed by the norm and the activation if there is one.

    The norms are version 5's; of the two batch norm counts (quirk batch-norm-wins).

    Raises:
        SpecError: the activation is unknown.
        ValueError: fewer than two widths.

    >>> build_fc_model([4, 8, 2], "relu")[2].out_features
    2
    """
    if len(dims) < 2:
        raise ValueError(f"dims must hold the width of the input and of the output, not {list(dims)}")
    options = {**NO_OPTIONS, "layer_norm": layer_norm and not batch_norm}
    return dense_stack(dims, [named(ACTIVATIONS, activation)] * (len(dims) - 1), options, batch_norm)


def get_nn_name(uncased_name: str) -> str:
    """The name of an activation, loss or recurrent cell as torch.nn writes it.

    Raises:
        SpecError: there is none of this name.

    >>> get_nn_name("leakyrelu"), get_nn_name("smoothl1loss")
    ('LeakyReLU', 'SmoothL1Loss')
    """
    names = [*ACTIVATIONS.names(), *LOSSES.names(), *CELLS.names()]
    return spelled(uncased_name, names, "name of torch.nn", any_case=True)


def get_activation_fn(activation: Any) -> nn.Module:
    """A new activation module by its name, in any case.

    Raises:
        SpecError: it is unknown.
    """
    return make_activation(named(ACTIVATIONS, activation)) or nn.Identity()


def get_loss_fn(cls: Any, loss_spec: Mapping[str, Any]) -> nn.Module:
    """The loss of a `loss_spec`; `cls`, the net, is not used.

    Raises:
        SpecError: it is unknown.
    """
    name = registered_name(LOSSES, loss_spec.get("name"), ("loss_spec", "name"), any_case=True)
    return build_loss({**loss_spec, "name": name})


def init_layers(net: Any, init_fn_name: Any) -> None:
    """Fill the weights of a net as SLM Lab does, with the gain of its `hid_layers_activation`; null does nothing.

    Raises:
        SpecError: the init function or the activation is unknown.
    """
    if init_fn := named(INITS, init_fn_name, ("init_fn",), any_case=False):
        fill_layers(net, init_fn, named(ACTIVATIONS, net.hid_layers_activation, ("hid_layers_activation",)))


def fill_layers(net: nn.Module, init_fn: Mapping[str, Any], activation: ActivationSpec | list[ActivationSpec]) -> None:
    """Fill the layers that SLM Lab knows by the names of their classes (quirk init-by-class-name)."""
    layers = [module for module in applied(net) if _kind(module) and reaches(init_fn["name"], module)]
    for layer, fill in zip(layers, fills(init_fn, activation), strict=False):
        init_params(layer, fill)


def init_params(module: Any, init_fn: Callable[[Tensor], Any]) -> None:
    """Fill one layer's weights with `init_fn` and its biases with 0; other modules stay, as does a whole net.

    A weight that is computed (spectral or weight norm) draws its numbers and stays as it is.
    """
    kind = _kind(module)
    if kind == "layer" and getattr(module, "weight", None) is not None:
        init_fn(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif kind == "GRU":
        for name, parameter in module.named_parameters():
            if "weight" in name:
                init_fn(parameter)
            elif "bias" in name:
                nn.init.zeros_(parameter)


def _kind(module: nn.Module) -> str:
    """What SLM Lab takes a module for by the name of its class: "layer", "GRU" or nothing that it fills."""
    name = type(module).__name__
    if "Net" in name:
        return ""
    return "layer" if "Conv" in name or "Linear" in name else "GRU" if "GRU" in name else ""


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


def apply_spectral_norm_penultimate(net_module: nn.Module) -> None:
    """Put spectral normalisation on the last Linear layer but one, in torch's older form; SAC and CrossQ do so.

    Its state has the names `weight_orig`, `weight_u` and `weight_v`. A net of one Linear layer stays as it is, with a
    line in the log. The last but one is the last hidden layer where there is one tail, else a tail (quirk
    spectral-norm-counts-tails).

    Source: Miyato et al. 2018, https://arxiv.org/abs/1802.05957
    """
    layers = [module for module in net_module.modules() if isinstance(module, nn.Linear)]
    if len(layers) < 2:
        _log.warning("no spectral norm: the net has %d Linear layers, and the last but one takes it", len(layers))
    else:
        nn.utils.spectral_norm(layers[-2])
