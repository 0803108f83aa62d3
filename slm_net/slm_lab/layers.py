"""`net_util`: layers, losses and initialisation by the names in a spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from slm_net.nets.activations import ACTIVATIONS, make_activation
from slm_net.nets.init import INITS, init_parameters
from slm_net.nets.parts import dense_stack
from slm_net.nets.recurrent import CELLS
from slm_net.slm_lab.laxness import named
from slm_net.slm_lab.names import known_name
from slm_net.training import LOSSES, build_loss

#: Quirk init-skips-lstm-and-rnn: the layers that `init_fn` reaches.
INITIALISED: tuple[type[nn.Module], ...] = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.GRU)


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
    return dense_stack(dims, [named(ACTIVATIONS, activation, "")] * (len(dims) - 1))


def get_nn_name(uncased_name: str) -> str:
    """The name of an activation, loss or recurrent cell as torch.nn writes it.

    Raises:
        SpecError: there is none of this name.

    >>> get_nn_name("leakyrelu"), get_nn_name("smoothl1loss")
    ('LeakyReLU', 'SmoothL1Loss')
    """
    names = [*ACTIVATIONS.names(), *LOSSES.names(), *CELLS.names()]
    return known_name(uncased_name, names, "name of torch.nn", any_case=True)


def get_activation_fn(activation: Any) -> nn.Module:
    """A new activation module by its name, in any case.

    Raises:
        SpecError: it is unknown.
    """
    return make_activation(named(ACTIVATIONS, activation, "")) or nn.Identity()


def get_loss_fn(cls: Any, loss_spec: Mapping[str, Any]) -> nn.Module:
    """The loss of a `loss_spec`; `cls`, the net, is not used.

    Raises:
        SpecError: it is unknown.
    """
    name = known_name(loss_spec.get("name"), LOSSES.names(), LOSSES.kind, "loss_spec/name", any_case=True)
    return build_loss({**loss_spec, "name": name})


def init_layers(net: Any, init_fn_name: Any) -> None:
    """Fill the weights of a net as SLM Lab does, with the gain of its `hid_layers_activation`; null does nothing.

    Raises:
        SpecError: the init function or the activation is unknown.
    """
    init_fn = named(INITS, init_fn_name, "init_fn", any_case=False)
    activation = named(ACTIVATIONS, net.hid_layers_activation, "hid_layers_activation") if init_fn else None
    init_parameters(net, init_fn, activation, INITIALISED)


def init_params(module: nn.Module, init_fn: Callable[[Tensor], Any]) -> None:
    """Fill one layer's weights with `init_fn` and its biases with 0; other modules stay, as does a whole net."""
    if isinstance(module, INITIALISED):
        for parameter in module.parameters(recurse=False):
            (init_fn if parameter.ndim > 1 else nn.init.zeros_)(parameter)
