"""Rules about init functions: their gain follows the activation, and torch does not know one for every activation."""

from __future__ import annotations

from collections.abc import Iterator
from math import erfc, exp, pi, sqrt
from typing import Any

from slm_net.document.nets import NetView, canonical_name
from slm_net.problems import ERROR, WARNING, Problem, Rule, net_example
from slm_net.rules.arguments import ARGUMENT_CONFLICT, MOST
from slm_net.wording.schema_problems import VALUE_OUT_OF_RANGE

INIT_WITHOUT_GAIN = Rule(
    "SN302",
    "init-without-gain",
    what="The init function scales the weights by the activation, and there is no such scale for this one.",
    why=(
        "torch knows the gain of a few activations only; for another one the weights would begin too large or too "
        "small."
    ),
    wrong=('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "gelu", "init_fn": "kaiming_uniform_"}\n'),
    right=net_example('"init_fn": "kaiming_uniform_"'),
)


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


#: Fewer of the numbers drawn are kept than this, or the mean lies farther outside than so many std: that is for ever.
LEAST_KEPT, FARTHEST = 1e-3, 1000


def init_fits_activation(net: NetView) -> Iterator[Problem]:
    """An init function whose gain is not known for the activation: a kaiming one must be told, others take 1."""
    init = net.spec.get("init_fn")
    if init is None or net.lab or not net.has("init_fn", "hid_layers_activation"):
        return  # with SLM Lab's gains rules.labs is stricter
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
        yield INIT_WITHOUT_GAIN.at(net.at("init_fn"), message, hint, ERROR if kaiming else WARNING)


def init_reaches_weights(net: NetView) -> Iterator[Problem]:
    """`dirac_` is for convolutions only, and its groups divide the channels of each."""
    for part in net.parts("init_fn"):
        if part.name != "dirac_" or ("conv_hid_layers" in net.own_keys and not net.has("conv_hid_layers")):
            continue
        rows, groups = net.spec.get("conv_hid_layers", []), part.arguments["groups"]
        if "conv_hid_layers" not in net.own_keys or not rows:
            message = "dirac_ is for convolutions, and this net has none"
            yield ARGUMENT_CONFLICT.at(part.at(net), message, 'for example "orthogonal_"')
        elif left := next((row[0] for row in rows if row[0] % groups), None):
            message = f"{groups} groups do not divide the {left} channels of a convolution"
            yield ARGUMENT_CONFLICT.at(part.at(net, "groups"), message, "write 1")


def truncation_leaves_numbers(net: NetView) -> Iterator[Problem]:
    """torch draws numbers until all lie between the bounds, which takes for ever if next to none do."""
    for part in net.parts("init_fn"):
        mean, std, low, high = (part.arguments.get(key, 0) for key in ("mean", "std", "a", "b"))
        if part.name != "trunc_normal_" or low >= high or max(map(abs, (mean, std, low, high))) > MOST:
            continue
        outside = max(low - mean, mean - high, 0.0) / std
        for_ever = outside > FARTHEST or _kept(outside, (high - low) / std) < LEAST_KEPT
        if for_ever or outside > 2:
            why = "torch draws for ever to find numbers between them" if for_ever else "most lie at one of them"
            message = f"the mean lies {outside:.4g} times std outside of the bounds {low:g} and {high:g}: {why}"
            hint, severity = f"write a mean from {low:g} to {high:g}", ERROR if for_ever else WARNING
            yield VALUE_OUT_OF_RANGE.at(part.at(net, "mean"), message, hint, severity)


def _activations(net: NetView) -> list[str]:
    value: Any = net.spec["hid_layers_activation"]
    entries = value if isinstance(value, list) else [value]
    names = [entry["name"] if isinstance(entry, dict) else entry for entry in entries if entry is not None]
    return [canonical_name("activation", name) for name in names]


def _kept(outside: float, width: float) -> float:
    """The share that is kept of the numbers that torch draws; `width` is that of the bounds, both in units of std.

    It draws from the whole distribution if enough of it lies between the bounds. Else it draws evenly between them, and
    keeps a number with the ratio of its density to that at the nearer bound.
    """
    far = outside + width
    inside = (erfc(outside / sqrt(2)) - erfc(far / sqrt(2))) / 2
    if outside == 0 or inside > 0.3:
        return 1.0
    rest = exp(max((outside - far) * (outside + far) / 2, -700.0)) * _tail(far)
    return (_tail(outside) - rest) / width


def _tail(distance: float) -> float:
    """The normal distribution beyond a distance, over its density there (Mills' ratio)."""
    if distance > 10:
        return 1 / distance
    return sqrt(pi / 2) * erfc(distance / sqrt(2)) * exp(distance**2 / 2)
