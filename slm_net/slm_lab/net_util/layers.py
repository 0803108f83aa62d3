"""`net_util`: what builds nets: out dims, layers, activations and losses by name, initialisation, version 5's tails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.nets.activations import ACTIVATIONS, make_activation
from slm_net.nets.init import INITS, init_layer, init_parameters, init_tail
from slm_net.nets.parts import Outputs, dense_stack, out_dim_of, size_of
from slm_net.nets.recurrent import CELLS
from slm_net.slm_lab.specs import named, registered_name, spelled
from slm_net.text.mapping import plain
from slm_net.training import LOSSES, build_loss

#: Quirk init-skips-lstm-and-rnn: the layers that `init_fn` reaches.
INITIALISED: tuple[type[nn.Module], ...] = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.GRU)


def get_policy_out_dim(body: Any) -> int | list[int]:
    """The policy's `out_dim`: n or [n, m, ...] for discrete actions, 2 for one continuous one, [d, d] for d of them.

    `body` has `action_dim`, `is_discrete` and `action_type`.

    Raises:
        ValueError: `action_dim` does not fit the kind of actions.
    """
    action_dim = plain(body.action_dim)
    if body.is_discrete and body.action_type == "multi_discrete":
        if not isinstance(action_dim, list):
            raise ValueError(f"the action_dim of multi-discrete actions is a list, not {action_dim!r}")
        return [size_of(size, "action_dim") for size in action_dim]
    size = size_of(action_dim, "action_dim")
    if body.is_discrete:
        return size
    return 2 if size == 1 else [size, size]


def get_out_dim(body: Any, add_critic: bool = False) -> int | list[int]:
    """The policy's `out_dim`, with one value more if actor and critic share the net."""
    policy = get_policy_out_dim(body)
    if not add_critic:
        return policy
    return [*policy, 1] if isinstance(policy, list) else [policy, 1]


def build_fc_model(dims: Sequence[int], activation: Any = None) -> nn.Sequential:
    """A Linear layer from each width to the next, each followed by the activation if there is one.

    Raises:
        SpecError: the activation is unknown.
        ValueError: fewer than two widths.

    >>> build_fc_model([4, 8, 2], "relu")[2].out_features
    2
    """
    if len(dims) < 2:
        raise ValueError(f"dims must hold the width of the input and of the output, not {list(dims)}")
    return dense_stack(dims, [named(ACTIVATIONS, activation)] * (len(dims) - 1))


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
    init_fn = named(INITS, init_fn_name, ("init_fn",), any_case=False)
    activation = named(ACTIVATIONS, net.hid_layers_activation, ("hid_layers_activation",)) if init_fn else None
    init_parameters(net, init_fn, activation, INITIALISED)


def init_params(module: nn.Module, init_fn: Callable[[Tensor], Any]) -> None:
    """Fill one layer's weights with `init_fn` and its biases with 0; other modules stay, as does a whole net."""
    if isinstance(module, INITIALISED):
        init_layer(module, init_fn)


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
