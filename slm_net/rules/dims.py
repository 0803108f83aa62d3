"""Rules about dims: what goes into a net, what comes out, whether it fits, and how large the net may be."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from slm_net.document.nets import NetView
from slm_net.mistakes import Mistake
from slm_net.net_types.base import (
    COUNTERS,
    VALUE_TYPES,
    Counts,
    hydra_lists,
    image_of,
    in_dim_fits,
    is_out_dim,
    parameter_counts,
    smallest_in_dim,
    smallest_out_dim,
    wrong_dim,
)
from slm_net.net_types.conv import channel_last, perhaps_channel_last
from slm_net.problems import WARNING

STACK_KEYS = ("conv_hid_layers", "fc_hid_layers", "hid_layers")


def dims_fit(net: NetView) -> Iterator[Mistake]:
    """`in_dim` has the shape that the type takes, `out_dim` is a number or a list of them."""
    for name in ("in_dim", "out_dim"):
        if mistake := wrong_dim(net, name):
            yield mistake
    image = image_of(net)
    if image and channel_last(image):
        *sizes, channels = image
        message = f"in_dim {tuple(image)} looks like (height, width, channels)"
        hint = f"{net.type} takes (channels, height, width): {(channels, *sizes)}, and the images transposed alike"
        yield Mistake(net.at("type"), "dims-do-not-fit", message, hint)
    elif image and perhaps_channel_last(image):
        message = f"in_dim {tuple(image)} is read as {image[0]} channels of {image[1]}x{image[2]}"
        hint = f"if it is (height, width, channels), give {(image[2], *image[:2])}, and the images transposed alike"
        yield Mistake(net.at("type"), "dims-do-not-fit", message, hint, WARNING)
    if "seq_len" in net.own_keys and net.has("seq_len") and in_dim_fits(net) and net.in_dim[0] != net.spec["seq_len"]:
        message = f"seq_len is {net.spec['seq_len']}, but in_dim {tuple(net.in_dim)} brings {net.in_dim[0]} steps"
        yield Mistake(net.at("seq_len"), "dims-do-not-fit", message, f"write {net.in_dim[0]}, or change in_dim")


def activations_match_layers(net: NetView) -> Iterator[Mistake]:
    """A list of activations has one entry per hidden layer."""
    hidden = net.spec.get("hid_layers_activation")
    stacks = [key for key in STACK_KEYS if key in net.own_keys]
    if not isinstance(hidden, list) or not net.has("hid_layers_activation", *stacks):
        return
    if net.type == "HydraMLPNet":
        message, hint = "a list of activations, but all layers of HydraMLPNet have the same", "write one name, or null"
        yield Mistake(net.at("hid_layers_activation"), "list-does-not-fit", message, hint)
        return
    layers = sum(len(net.spec[key]) for key in stacks)
    if len(hidden) != layers:
        message = f"{len(hidden)} activations for {layers} hidden layers"
        yield Mistake(net.at("hid_layers_activation"), "list-does-not-fit", message, "give one, or one per layer")


def activations_match_outputs(net: NetView) -> Iterator[Mistake]:
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
    yield Mistake(net.at("out_layer_activation"), "list-does-not-fit", message, hint)


#: The keys that parameters are counted from.
SIZE_KEYS = (
    *("batch_norm", "bidirectional", "cell_type", "conv_hid_layers", "fc_hid_layers", "hid_layers"),
    *("layer_norm", "rnn_hidden_size", "rnn_num_layers"),
)


def model_fits_into_memory(net: NetView) -> Iterator[Mistake]:
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
    yield Mistake(net.at(str(culprit[0]), *culprit[1:]), "model-too-large", message, hint)


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
