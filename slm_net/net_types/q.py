"""The types that give Q(s, a) without torch: a state and an action in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slm_net.net_types.base import Counter, Counts, InDim, NetType, are_sizes, dense_parameters, size
from slm_net.net_types.conv import RANKS, conv_activations, count_conv, features_of, smallest_image
from slm_net.net_types.mlp import count_mlp, mlp_activations

STATE_ACTION = InDim(
    lambda dim: are_sizes(dim, (2,)),
    "[state_dim, action_dim], for example [8, 2]",
    lambda spec: (1, 1),
    several=True,
    action=True,
)


def _image_and_action(value: Any) -> bool:
    pair = isinstance(value, Sequence) and len(value) == 2
    return pair and are_sizes(value[0], RANKS) and size(value[1]) is not None


IMAGE_ACTION = InDim(
    _image_and_action,
    "[(channels, height, width), action_dim], for example [(4, 84, 84), 2]",
    lambda spec: (smallest_image(spec["conv_hid_layers"]), 1),
    several=True,
    action=True,
    image=lambda dim: dim[0],
)


def _joined(counter: Counter) -> Counter:
    """State and action are one vector."""
    return lambda spec, in_dim, outputs: counter(spec, sum(in_dim), outputs)


def _beside(counter: Callable[..., Counts]) -> Counter:
    """The action stands beside the features of the image."""
    return lambda spec, in_dim, outputs: counter(spec, in_dim[0], outputs, beside=in_dim[1])


def _film(spec: Mapping[str, Any], in_dim: Sequence[Any], outputs: list[int]) -> Counts:
    image, action = in_dim
    counts = count_conv(spec, image, outputs)
    counts["fc_hid_layers",] += 2 * dense_parameters([action, _modulated(spec, image)])
    return counts


def _modulated(spec: Mapping[str, Any], image: Sequence[int]) -> int:
    """How many features the action scales and shifts."""
    return [features_of(image, spec["conv_hid_layers"]), *spec["fc_hid_layers"]][-1]


def _film_activations(spec: Mapping[str, Any], in_dim: Sequence[Any], outputs: list[int]) -> Counts:
    counts = conv_activations(spec, in_dim[0], outputs)
    return {**counts, ("fc_hid_layers",): 2 * _modulated(spec, in_dim[0])}


Q_MLP = NetType("QMLPNet", STATE_ACTION, _joined(count_mlp), _joined(mlp_activations), values=True, body=("model",))
Q_CONV = NetType(
    "QConvNet",
    IMAGE_ACTION,
    _beside(count_conv),
    _beside(conv_activations),
    values=True,
    body=("conv_model", "fc_model"),
)
FILM_Q_CONV = NetType(
    "FiLMQConvNet",
    IMAGE_ACTION,
    _film,
    _film_activations,
    values=True,
    body=("conv_model", "state_fc_model", "action_fc_scale", "action_fc_shift"),
)
