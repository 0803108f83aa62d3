"""Rules about dims: what goes into a net, what comes out, and whether it fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_dims import VALUE_TYPES, image_of, in_dim_fits, is_out_dim, wrong_dim
from slm_net.spec.net_view import NetView
from slm_net.spec.parameters import COUNTERS, MAX_PARAMETERS, parameter_counts
from slm_net.spec.shapes import ConvolutionError, conv_shapes

#: The keys that parameters are counted from.
SIZE_KEYS = ("cell_type", "conv_hid_layers", "fc_hid_layers", "hid_layers", "rnn_hidden_size", "rnn_num_layers")


def dims_fit(net: NetView) -> Iterator[Mistake]:
    """`in_dim` has the shape that the type takes, `out_dim` is a number or a list of them."""
    for name in ("in_dim", "out_dim"):
        if mistake := wrong_dim(net, name):
            yield mistake
    image = image_of(net)
    if image and _channel_last(image):
        *sizes, channels = image
        message = f"in_dim {tuple(image)} looks like (height, width, channels)"
        hint = f"{net.type} takes (channels, height, width): {(channels, *sizes)}, and the images transposed alike"
        yield Mistake(net.at("type"), "dims-do-not-fit", message, hint)
    if "seq_len" in net.own_keys and net.has("seq_len") and in_dim_fits(net) and net.in_dim[0] != net.spec["seq_len"]:
        message = f"seq_len is {net.spec['seq_len']}, but in_dim {tuple(net.in_dim)} brings {net.in_dim[0]} steps"
        yield Mistake(net.at("seq_len"), "dims-do-not-fit", message, f"write {net.in_dim[0]}, or change in_dim")


def convolutions_fit(net: NetView) -> Iterator[Mistake]:
    """Each convolution fits into what the ones before it leave of the image."""
    image = image_of(net)
    if image is None or not net.has("conv_hid_layers") or _channel_last(image):
        return
    try:
        list(conv_shapes(image, net.spec["conv_hid_layers"]))
    except ConvolutionError as error:
        entry = [] if error.entry is None else [error.entry]
        path = net.at("conv_hid_layers", error.row, *entry)
        yield Mistake(path, "convolution-does-not-fit", str(error), error.hint)


def model_fits_into_memory(net: NetView) -> Iterator[Mistake]:
    """A net of more than `MAX_PARAMETERS` parameters is refused before it is built."""
    sizes = [key for key in SIZE_KEYS if key in net.own_keys]
    if not in_dim_fits(net) or net.type not in COUNTERS or not net.has(*sizes):
        return
    outputs = net.out_dim if is_out_dim(net.out_dim) else 1
    try:
        counts = parameter_counts(net.spec, net.in_dim, outputs)
    except ValueError:
        return  # said by convolutions_fit and hydra_lists_match
    if (total := sum(counts.values())) > MAX_PARAMETERS:
        culprit = next(
            (path for path, count in counts.items() if count > MAX_PARAMETERS), max(counts, key=counts.__getitem__)
        )
        message = f"the net would have {total:.3g} parameters, about {4 * total / 1e9:.3g} GB"
        yield Mistake(
            net.at(str(culprit[0]), *culprit[1:]),
            "model-too-large",
            message,
            f"at most {MAX_PARAMETERS:.0e} are allowed",
        )


def activations_match_layers(net: NetView) -> Iterator[Mistake]:
    """A list of activations has one entry per hidden layer."""
    hidden = net.spec.get("hid_layers_activation")
    stacks = [key for key in SIZE_KEYS if key.endswith("hid_layers") and key in net.own_keys]
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


def _channel_last(in_dim: Sequence[int]) -> bool:
    """(84, 84, 4): few channels at the end, many at the front."""
    return len(in_dim) == 3 and in_dim[2] <= 4 < min(in_dim[:2])
