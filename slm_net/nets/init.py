"""Initialisation of a built net: `init_fn` over its layers, with the gain that the activation after them asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain, repeat
from statistics import fmean
from typing import Any, cast

from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from slm_net.nets.activations import ActivationSpec
from slm_net.plugins import GROUPS
from slm_net.registry import Registry
from slm_net.schema.catalogue import arguments
from slm_net.words import visible

INITS: Registry[Callable[..., Tensor]] = Registry("init function", GROUPS["init"])

for _init in (
    *(nn.init.constant_, nn.init.dirac_, nn.init.eye_, nn.init.kaiming_normal_, nn.init.kaiming_uniform_),
    *(nn.init.normal_, nn.init.ones_, nn.init.orthogonal_, nn.init.sparse_, nn.init.trunc_normal_, nn.init.uniform_),
    *(nn.init.xavier_normal_, nn.init.xavier_uniform_, nn.init.zeros_),
):
    INITS.register(_init.__name__)(_init)

LAYERS = (
    *(nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.RNNBase),
    *(nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
)
# weights with these numbers of dimensions only; every other function takes any weight
_RANKS = {"dirac_": (3, 4, 5), "eye_": (2,), "sparse_": (2,)}
_GAIN = ("orthogonal_", "xavier_normal_", "xavier_uniform_")
_NONLINEARITY = ("kaiming_normal_", "kaiming_uniform_")
#: Our name to torch's in calculate_gain, https://docs.pytorch.org/docs/stable/nn.init.html
TORCH_GAINS = {
    "Identity": "linear",
    "LeakyReLU": "leaky_relu",
    "PReLU": "leaky_relu",
    "RReLU": "leaky_relu",
    "ReLU": "relu",
    "ReLU6": "relu",
    "SELU": "selu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
}


def init_parameters(
    model: nn.Module, init_fn: Mapping[str, Any] | None, activation: ActivationSpec | list[ActivationSpec]
) -> None:
    """Fill the weights of every Linear, convolution and recurrent layer of `model` with `init_fn`, their biases with 0.

    `activation` is the one after all layers, or a list in forward order; layers beyond the list (the tails) take its
    last. The layers come in the order of `nn.Module.apply`, a layer that is registered twice is drawn twice. Norms and
    1-d weights stay. `dirac_` reaches convolutions only; `eye_` and `sparse_` reach matrices only.

    Raises:
        ValueError: `init_fn` is defined for none of the weights.
    """
    if init_fn is None:
        return
    layers = [layer for layer in applied(model) if isinstance(layer, LAYERS) and reaches(init_fn["name"], layer)]
    if not layers:
        raise ValueError(f"init_fn {visible(init_fn['name'])} is defined for none of the weights of this net")
    for layer, fill in zip(layers, fills(init_fn, activation), strict=False):
        init_layer(layer, fill)


def applied(model: nn.Module) -> list[nn.Module]:
    """The modules of `model` in the order of `nn.Module.apply`, which comes to one that is registered twice twice."""
    modules: list[nn.Module] = []
    model.apply(modules.append)
    return modules


def fills(
    init_fn: Mapping[str, Any], activation: ActivationSpec | list[ActivationSpec]
) -> Iterator[Callable[[Tensor], Any]]:
    """What fills the weights of each layer in forward order, with the gain of the activation after it; without end."""
    listed = activation if isinstance(activation, list) else [activation]
    for follows in chain(listed, repeat(listed[-1] if listed else None)):
        yield partial(INITS[init_fn["name"]], **_arguments(init_fn, follows))


def init_layer(layer: nn.Module, fill: Callable[[Tensor], Any]) -> None:
    """Fill the weights of one layer with `fill`, its biases with 0; a weight that is computed comes out as filled."""
    for parameter in layer.parameters(recurse=False):
        (fill if parameter.ndim > 1 else nn.init.zeros_)(parameter)
    if is_parametrized(layer, "weight"):
        weight = cast(Tensor, layer.weight).detach().clone()
        fill(weight)
        layer.weight = weight  # the parametrization finds the parameters that give it


def init_tail(tail: nn.Module, std: float) -> None:
    """Fill the output layer of one tail (its last Linear) orthogonally with gain `std`, its bias with 0, as SLM Lab 5.

    A small `std` starts a policy near its mean: https://iclr-blog-track.github.io/2022/03/25/ppo-implementation-details/
    """
    *_, output = (module for module in tail.modules() if isinstance(module, nn.Linear))
    init_parameters(output, {"name": "orthogonal_", "gain": std}, None)


def reaches(name: str, layer: nn.Module) -> bool:
    """Whether the init function of this name is defined for a weight of the layer."""
    ranks = _RANKS.get(name)
    return ranks is None or any(parameter.ndim in ranks for parameter in layer.parameters())


def _arguments(init_fn: Mapping[str, Any], activation: ActivationSpec) -> dict[str, Any]:
    """What the user wrote, and the gain of the activation if it is not among it.

    Where torch has no gain for an activation, orthogonal and xavier keep their own 1 and kaiming its own ReLU family.
    """
    written = {key: value for key, value in init_fn.items() if key != "name"}
    nonlinearity, slope = _nonlinearity(activation)
    if nonlinearity is None:
        return written
    if init_fn["name"] in _GAIN:
        return {"gain": nn.init.calculate_gain(nonlinearity, slope), **written}
    if init_fn["name"] in _NONLINEARITY and not written.keys() & {"a", "nonlinearity"}:
        return {"nonlinearity": nonlinearity, "a": slope or 0, **written}
    return written


def _nonlinearity(activation: ActivationSpec) -> tuple[Any, float | None]:
    """torch's name of the activation, None if it has none, and the slope of a leaky one."""
    if activation is None:
        return "linear", None
    name = activation["name"]
    # a slope that is not written is 0.01 in calculate_gain and 0 in kaiming: torch's defaults, and SLM Lab's numbers
    slope = activation.get("negative_slope") if name == "LeakyReLU" else _mean_slope(name, activation)
    return TORCH_GAINS.get(name), slope


def _mean_slope(name: str, activation: Mapping[str, Any]) -> float | None:
    """The slope below 0 at the start of training, of the activations that learn or draw it; None for the others."""
    keys = {"PReLU": ("init",), "RReLU": ("lower", "upper")}.get(name)
    if keys is None:
        return None
    known = arguments("activation", name)
    return fmean(activation.get(key, known[key]["default"]) for key in keys)
