"""Activations: names to torch.nn classes, and one spec value to one module or to one value per layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from slm_net.plugins import GROUPS
from slm_net.registry import Registry
from slm_net.rules.activations import OVER_DIM

#: `{"name": "LeakyReLU", "negative_slope": 0.2}`, or None for no activation.
ActivationSpec = Mapping[str, Any] | None

ACTIVATIONS: Registry[type[nn.Module]] = Registry("activation", GROUPS["activation"])

for _activation in (
    *(nn.CELU, nn.ELU, nn.GELU, nn.Hardshrink, nn.Hardsigmoid, nn.Hardswish, nn.Hardtanh, nn.Identity, nn.LeakyReLU),
    *(nn.LogSigmoid, nn.LogSoftmax, nn.Mish, nn.PReLU, nn.ReLU, nn.ReLU6, nn.RReLU, nn.SELU, nn.Sigmoid, nn.SiLU),
    *(nn.Softmax, nn.Softmin, nn.Softplus, nn.Softshrink, nn.Softsign, nn.Tanh, nn.Tanhshrink, nn.Threshold),
):
    ACTIVATIONS.register(_activation.__name__)(_activation)


def make_activation(activation: ActivationSpec) -> nn.Module | None:
    """A new module for an activation value of a resolved spec; None for None.

    Softmax, LogSoftmax and Softmin work over the last dimension, that of features, if `dim` is not given: torch guesses
    it and warns.

    >>> make_activation({"name": "LeakyReLU", "negative_slope": 0.2})
    LeakyReLU(negative_slope=0.2)
    >>> make_activation({"name": "Softmax"})
    Softmax(dim=-1)

    Raises:
        RegistryError: no activation has this name.
    """
    if activation is None:
        return None
    arguments = {key: value for key, value in activation.items() if key != "name"}
    if activation["name"] in OVER_DIM and arguments.get("dim") is None:
        arguments["dim"] = -1
    return ACTIVATIONS[activation["name"]](**arguments)


def per_layer(activation: ActivationSpec | list[ActivationSpec], count: int, key: str) -> list[ActivationSpec]:
    """One activation value for each of `count` layers: a single value goes to all of them.

    >>> per_layer({"name": "ReLU"}, 2, "hid_layers_activation")
    [{'name': 'ReLU'}, {'name': 'ReLU'}]

    Raises:
        ValueError: a list of another length; the text names `key`.
    """
    if not isinstance(activation, list):
        return [activation] * count
    if len(activation) != count:
        raise ValueError(f"{key} lists {len(activation)} activations for {count} layers or outputs")
    return activation
