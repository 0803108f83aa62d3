"""Rules about dims: what goes into a net, what comes out, whether it fits, and how large the net may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log10
from typing import Any

from slm_net.document.nets import NetView
from slm_net.net_types.base import (
    COUNTERS,
    IN_DIMS,
    ONE_INPUT,
    VALUE_TYPES,
    VECTOR,
    Counts,
    are_sizes,
    hydra_lists,
    image_of,
    in_dim_fits,
    is_out_dim,
    is_size,
    parameter_counts,
    smallest_in_dim,
    smallest_out_dim,
)
from slm_net.net_types.conv import channel_last, perhaps_channel_last
from slm_net.problems import WARNING, Problem, Rule
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.words import visible

MODEL_TOO_LARGE = Rule(
    "SN203",
    "model-too-large",
    what=(
        "The net would have more parameters than `--max-params` allows, 10^10 if nothing else is said: 40 GB, and "
        "its optimizer twice that again. Where the dims are not known, it is counted for the smallest ones."
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
    for name in ("in_dim", "out_dim"):
        if problem := wrong_dim(net, name):
            yield problem
    image = image_of(net)
    if image and channel_last(image):
        *sizes, channels = image
        message = f"in_dim {tuple(image)} looks like (height, width, channels)"
        hint = f"{net.type} takes (channels, height, width): {(channels, *sizes)}, and the images transposed alike"
        yield DIMS_DO_NOT_FIT.at(net.at("type"), message, hint)
    elif image and perhaps_channel_last(image):
        message = f"in_dim {tuple(image)} is read as {image[0]} channels of {image[1]}x{image[2]}"
        hint = f"if it is (height, width, channels), give {(image[2], *image[:2])}, and the images transposed alike"
        yield DIMS_DO_NOT_FIT.at(net.at("type"), message, hint, WARNING)
    if "seq_len" in net.own_keys and net.has("seq_len") and in_dim_fits(net) and net.in_dim[0] != net.spec["seq_len"]:
        message = f"seq_len is {net.spec['seq_len']}, but in_dim {tuple(net.in_dim)} brings {net.in_dim[0]} steps"
        yield DIMS_DO_NOT_FIT.at(net.at("seq_len"), message, f"write {net.in_dim[0]}, or change in_dim")


def activations_match_layers(net: NetView) -> Iterator[Problem]:
    """A list of activations has one entry per hidden layer."""
    hidden = net.spec.get("hid_layers_activation")
    stacks = [key for key in STACK_KEYS if key in net.own_keys]
    if not isinstance(hidden, list) or not net.has("hid_layers_activation", *stacks):
        return
    if net.type == "HydraMLPNet":
        message, hint = "a list of activations, but all layers of HydraMLPNet have the same", "write one name, or null"
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
    if net.type in VALUE_TYPES:
        message, hint = f"a list of activations, but {net.type} has one output", "write one name, or null"
    elif not is_out_dim(net.out_dim):
        return
    elif isinstance(net.out_dim, int):
        message, hint = f"a list of activations, but out_dim {net.out_dim} is one output", "write one name, or null"
    elif len(out) != len(net.out_dim):
        message, hint = f"{len(out)} activations for {len(net.out_dim)} outputs", "give one, or one per output"
    else:
        return
    yield LIST_DOES_NOT_FIT.at(net.at("out_layer_activation"), message, hint)


#: The keys that parameters are counted from.
SIZE_KEYS = (
    *("batch_norm", "bidirectional", "cell_type", "conv_hid_layers", "fc_hid_layers", "hid_layers"),
    *("layer_norm", "rnn_hidden_size", "rnn_num_layers"),
)


def model_fits_into_memory(net: NetView) -> Iterator[Problem]:
    """A net of more than `max_params` parameters is refused; without dims, one of more whatever they are."""
    counts = _counts(net)
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
    sizes = [key for key in SIZE_KEYS if key in net.own_keys]
    known = in_dim_fits(net)
    if net.type == "HydraMLPNet" and hydra_lists(net) is None:
        return {}
    if net.type not in COUNTERS or not net.has(*sizes) or not (known or net.in_dim is None):
        return {}
    try:
        in_dim = net.in_dim if known else smallest_in_dim(net.type, net.spec)
        out_dim = net.out_dim if is_out_dim(net.out_dim) else smallest_out_dim(net.type, net.spec)
        return parameter_counts(net.spec, in_dim, out_dim)
    except ValueError:  # said by convolutions_fit and hydra_lists_match
        return {}


def wrong_dim(net: NetView, name: str) -> Problem | None:
    """What is wrong with `in_dim` or `out_dim`, if it is known and its type takes another."""
    value = net.in_dim if name == "in_dim" else net.out_dim
    if value is None:
        return None
    if name == "out_dim" and net.type in VALUE_TYPES:
        fits, wanted = is_size(value), "one number"
    elif name == "out_dim":
        fits, wanted = is_out_dim(value), "a number, or a list of numbers"
    else:
        fits, wanted = in_dim_fits(net) or net.type not in IN_DIMS, IN_DIMS.get(net.type, VECTOR).wanted
    message = f"{net.type} cannot take {name} {_as_written(value)}"
    hint = f"{name} is {wanted}" + (_other_type(net.type, value) if name == "in_dim" else "")
    return None if fits else DIMS_DO_NOT_FIT.at(net.at("type"), message, hint)


def _other_type(net_type: str, in_dim: Any) -> str:
    """The end of a hint: the type that takes an `in_dim` which this one does not, or the number in a list of one."""
    if net_type not in ONE_INPUT:
        return ""
    if are_sizes(in_dim, (1,)):
        return f"; write {in_dim[0]}, not a list" if IN_DIMS[net_type] is VECTOR else ""
    family = "Dueling" if net_type.startswith("Dueling") else ""
    better = next((kind for kind in ONE_INPUT if kind.startswith(family) and IN_DIMS[kind].fits(in_dim)), "")
    return f"; {better} takes {_as_written(in_dim)}" if better else ""


def _as_written(value: Any) -> str:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return visible(str(tuple(value) if listed else value))
