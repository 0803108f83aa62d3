"""Rules about dims: what goes into a net, what comes out, whether it fits, and how large the net may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log10
from typing import Any

from slm_net.document.nets import NetView
from slm_net.net_types.arc import counts_of
from slm_net.net_types.base import NET_TYPES, Counts, NotCounted, are_sizes, size
from slm_net.net_types.conv import channel_last, perhaps_channel_last
from slm_net.net_types.hydra import VECTORS
from slm_net.problems import WARNING, Problem, Rule
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.words import visible

MODEL_TOO_LARGE = Rule(
    "SN203",
    "model-too-large",
    what=(
        "The net would have more parameters than `--max-params` allows, 10^10 if nothing else is said: 40 GB, and "
        "its optimizer twice that again. Where the dims are not known, it is counted for the smallest ones. It is a "
        "warning that a registered type has a count that fails."
    ),
    why="a digit too many is found before anything is allocated. `build_net` builds nothing larger than 10^10.",
    wrong='{"type": "MLPNet", "hid_layers": [1000000, 1000000], "hid_layers_activation": "relu"}\n',
    right='{"type": "MLPNet", "hid_layers": [1000, 1000], "hid_layers_activation": "relu"}\n',
    options="--in-dim 4 --out-dim 2",
)


LIST_DOES_NOT_FIT = Rule(
    "SN205",
    "list-does-not-fit",
    what=(
        "A list with one entry per layer, output, head, kernel or class has another number of entries than there are."
    ),
    why=(
        "an activation would go to the wrong layer, or to none, and a loss with weights for other classes fails when "
        "it is first called."
    ),
    wrong=('{"type": "MLPNet", "hid_layers": [64, 32], "hid_layers_activation": ["relu", "tanh", "relu"]}\n'),
    right='{"type": "MLPNet", "hid_layers": [64, 32], "hid_layers_activation": ["relu", "tanh"]}\n',
)


STACK_KEYS = ("conv_hid_layers", "fc_hid_layers", "hid_layers")


def dims_fit(net: NetView) -> Iterator[Problem]:
    """`in_dim` has the shape that the type takes, `out_dim` is a number or a list of them."""
    yield from filter(None, (wrong_in_dim(net), wrong_out_dim(net)))
    image = net.image
    if image and channel_last(image):
        *sizes, channels = image
        message = f"in_dim {tuple(image)} looks like (height, width, channels)"
        hint = f"{net.type} takes (channels, height, width): {(channels, *sizes)}, and the images transposed alike"
        yield DIMS_DO_NOT_FIT.at(net.at("type"), message, hint)
    elif image and perhaps_channel_last(image):
        message = f"in_dim {tuple(image)} is read as {image[0]} channels of {image[1]}x{image[2]}"
        hint = f"if it is (height, width, channels), give {(image[2], *image[:2])}, and the images transposed alike"
        yield DIMS_DO_NOT_FIT.at(net.at("type"), message, hint, WARNING)
    if "seq_len" in net.own_keys and net.has("seq_len") and net.in_dim_fits:
        steps = net.in_dim[0] if are_sizes(net.in_dim) else 1
        if steps != net.spec["seq_len"]:
            message = f"seq_len is {net.spec['seq_len']}, but in_dim {_as_written(net.in_dim)} brings {steps} steps"
            yield DIMS_DO_NOT_FIT.at(net.at("seq_len"), message, f"write {steps}, or change in_dim")


def activations_match_layers(net: NetView) -> Iterator[Problem]:
    """A list of activations has one entry per hidden layer."""
    hidden = net.spec.get("hid_layers_activation")
    stacks = [key for key in STACK_KEYS if key in net.own_keys]
    if not isinstance(hidden, list) or not net.has("hid_layers_activation", *stacks):
        return
    if net.kind.takes is VECTORS:
        message, hint = f"a list of activations, but all layers of {net.type} have the same", "write one name, or null"
        yield LIST_DOES_NOT_FIT.at(net.at("hid_layers_activation"), message, hint)
        return
    layers = sum(len(net.spec[key]) for key in stacks)
    if len(hidden) != layers:
        message = f"{len(hidden)} activations for {layers} hidden layers"
        yield LIST_DOES_NOT_FIT.at(net.at("hid_layers_activation"), message, "give one, or one per layer")


def activations_match_outputs(net: NetView) -> Iterator[Problem]:
    """A list of activations has one entry per output."""
    out = net.spec.get("out_layer_activation")
    if not isinstance(out, list) or not net.has("out_layer_activation"):
        return
    if net.kind.values:
        message, hint = f"a list of activations, but {net.type} has one output", "write one name, or null"
    elif not net.outputs:
        return
    elif isinstance(net.out_dim, int):
        message, hint = f"a list of activations, but out_dim {net.out_dim} is one output", "write one name, or null"
    elif len(out) != len(net.out_dim):
        message, hint = f"{len(out)} activations for {len(net.out_dim)} outputs", "give one, or one per output"
    else:
        return
    yield LIST_DOES_NOT_FIT.at(net.at("out_layer_activation"), message, hint)


def model_fits_into_memory(net: NetView) -> Iterator[Problem]:
    """A net of more than `max_params` parameters is refused; without dims, one of more whatever they are."""
    try:
        counts = _counts(net)
    except NotCounted as error:
        message, hint = f"the parameters cannot be counted: {visible(str(error))}", f"mend the count of {net.type}"
        yield from () if net.wrong else (MODEL_TOO_LARGE.at(net.at("type"), message, hint, WARNING),)
        return
    if (total := sum(counts.values())) <= net.max_params:
        return
    culprit = next(
        (path for path, count in counts.items() if count > net.max_params), max(counts, key=counts.__getitem__)
    )
    least, gigabytes = "at least " if net.in_dim is None else "", 4 * total // 10**9
    memory = f", about {counted(gigabytes)} GB" if gigabytes else ""
    message = f"the net would have {least}{counted(total)} parameters{memory}"
    hint = f"at most {counted(net.max_params)} are allowed"
    yield MODEL_TOO_LARGE.at(net.at(str(culprit[0]), *culprit[1:]), message, hint)


def counted(number: int) -> str:
    """A number of things, in digits or as a power of ten.

    >>> counted(12345), counted(10**400)
    ('12,345', '1.0e+400')
    """
    if number < 10**15:
        return f"{number:,}"
    exponent = int(log10(number))  # not from a float, which ends at 1e308
    return f"{10 ** (log10(number) - exponent):.1f}e+{exponent}"


def _counts(net: NetView) -> Counts:
    """The parameters by what causes them; empty if they cannot be counted, for which other rules have the reason."""
    if net.kind.takes is VECTORS and net.hydra_lists is None:
        return {}
    if net.arc is not None:
        return counts_of(net.arc.walk, net.outputs, net.spec["tails"] is not False) if net.arc.walk else {}
    right = {key: value for key, value in net.spec.items() if net.has(key)} if net.wrong else net.spec
    try:
        return net.kind.parameters(right, net.in_dim, net.out_dim)
    except (ValueError, KeyError):  # said by convolutions_fit and hydra_lists_match, or a key that is missing or wrong
        return {}


def wrong_in_dim(net: NetView) -> Problem | None:
    """What is wrong with `in_dim`, if it is known and the type takes another; the hint names a type that takes it."""
    takes = net.kind.takes
    if net.in_dim is None or takes is None or net.in_dim_fits:
        return None
    written, others = _as_written(net.in_dim), NET_TYPES.values() if not takes.several else ()
    alike = (other for other in others if other.dueling == net.kind.dueling and other.takes and not other.takes.several)
    better = next((other.name for other in alike if other.fits(net.in_dim)), "")
    more = f"; {better} takes {written}" if better else ""
    hint = f"in_dim is {takes.wanted}{more}"
    return DIMS_DO_NOT_FIT.at(net.at("type"), f"{net.type} cannot take in_dim {written}", hint)


def wrong_out_dim(net: NetView) -> Problem | None:
    """What is wrong with `out_dim`, if it is known: nets that give values of actions have one output."""
    if net.out_dim is None or (size(net.out_dim) if net.kind.values else net.outputs):
        return None
    hint = "out_dim is one number" if net.kind.values else "out_dim is a number, or a list of numbers"
    return DIMS_DO_NOT_FIT.at(net.at("type"), f"{net.type} cannot take out_dim {_as_written(net.out_dim)}", hint)


def _as_written(value: Any) -> str:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return visible(str(tuple(value) if listed else value))
