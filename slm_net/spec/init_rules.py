"""Rules about init functions: their gain follows the activation, and torch does not know one for every activation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slm_net.problems import ERROR, WARNING
from slm_net.spec.canonical import canonical_name
from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import NetView

#: torch.nn.init.calculate_gain, and the leaky variants of ReLU.
WITH_GAIN = {"Identity", "LeakyReLU", "PReLU", "RReLU", "ReLU", "ReLU6", "SELU", "Sigmoid", "Tanh"}
#: What the kaiming functions are derived for; for others it has to be said what to take them for.
KAIMING = WITH_GAIN - {"Sigmoid"}
#: The argument that settles the gain of an init function.
SETTLED_BY = {
    "kaiming_normal_": "nonlinearity",
    "kaiming_uniform_": "nonlinearity",
    "orthogonal_": "gain",
    "xavier_normal_": "gain",
    "xavier_uniform_": "gain",
}


def init_fits_activation(net: NetView) -> Iterator[Mistake]:
    """An init function whose gain is not known for the activation: a kaiming one must be told, others take 1."""
    init = net.spec.get("init_fn")
    if init is None or not net.has("init_fn", "hid_layers_activation"):
        return
    name = init["name"] if isinstance(init, dict) else init
    argument = SETTLED_BY.get(name, "")
    if not argument or (isinstance(init, dict) and argument in init):
        return
    kaiming = argument == "nonlinearity"
    without = [given for given in _activations(net) if given not in (KAIMING if kaiming else WITH_GAIN)]
    if without:
        example = '"relu"' if kaiming else "1.0"
        message = f"torch has no gain for {name} before {without[0]}" + ("" if kaiming else "; 1 is used")
        hint = f'write {{"name": "{name}", "{argument}": {example}}}, or another init function'
        yield Mistake(net.at("init_fn"), "init-without-gain", message, hint, ERROR if kaiming else WARNING)


def _activations(net: NetView) -> list[str]:
    value: Any = net.spec["hid_layers_activation"]
    entries = value if isinstance(value, list) else [value]
    names = [entry["name"] if isinstance(entry, dict) else entry for entry in entries if entry is not None]
    return [canonical_name("activation", name) for name in names]
