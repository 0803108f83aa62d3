"""Rules about dims: what goes into a net, what comes out, and whether it fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import NetView
from slm_net.spec.parameters import MAX_PARAMETERS, parameter_counts
from slm_net.spec.shapes import ConvolutionError, conv_shapes

WANTED = {
    "MLPNet": "the length of the state, for example 4",
    "ConvNet": "(channels, height, width), for example (4, 84, 84)",
    "RecurrentNet": "(seq_len, dim), for example (4, 8)",
}
#: The keys that parameters are counted from.
SIZE_KEYS = ("cell_type", "conv_hid_layers", "fc_hid_layers", "hid_layers", "rnn_hidden_size", "rnn_num_layers")
RANKS = {"MLPNet": (1,), "ConvNet": (2, 3, 4), "RecurrentNet": (2,)}


def dims_fit(net: NetView) -> Iterator[Mistake]:
    """`in_dim` has the shape that the type takes, `out_dim` is a number or a list of them."""
    for name in ("in_dim", "out_dim"):
        if mistake := _wrong_dim(net, name):
            yield mistake
    if net.type == "ConvNet" and in_dim_fits(net) and _channel_last(net.in_dim):
        *sizes, channels = net.in_dim
        message = f"in_dim {tuple(net.in_dim)} looks like (height, width, channels)"
        hint = f"ConvNet takes (channels, height, width): {(channels, *sizes)}, and the images transposed alike"
        yield Mistake(net.at("type"), "dims-do-not-fit", message, hint)
    if net.type == "RecurrentNet" and in_dim_fits(net) and net.has("seq_len") and net.in_dim[0] != net.spec["seq_len"]:
        message = f"seq_len is {net.spec['seq_len']}, but in_dim {tuple(net.in_dim)} brings {net.in_dim[0]} steps"
        yield Mistake(net.at("seq_len"), "dims-do-not-fit", message, f"write {net.in_dim[0]}, or change in_dim")


def convolutions_fit(net: NetView) -> Iterator[Mistake]:
    """Each convolution fits into what the ones before it leave of the image."""
    if not (net.type == "ConvNet" and in_dim_fits(net) and net.has("conv_hid_layers")) or _channel_last(net.in_dim):
        return
    try:
        list(conv_shapes(net.in_dim, net.spec["conv_hid_layers"]))
    except ConvolutionError as error:
        entry = [] if error.entry is None else [error.entry]
        path = net.at("conv_hid_layers", error.row, *entry)
        yield Mistake(path, "convolution-does-not-fit", str(error), error.hint)


def model_fits_into_memory(net: NetView) -> Iterator[Mistake]:
    """A net of more than `MAX_PARAMETERS` parameters is refused before it is built."""
    sizes = [key for key in SIZE_KEYS if key in net.own_keys]
    if not in_dim_fits(net) or not net.has(*sizes):
        return
    outputs = net.out_dim if _is_dim(net.out_dim) else 1
    try:
        counts = parameter_counts(net.spec, net.in_dim, outputs)
    except ConvolutionError:
        return  # said by convolutions_fit
    if (total := sum(counts.values())) > MAX_PARAMETERS:
        culprit = next(
            (key for key, count in counts.items() if count > MAX_PARAMETERS), max(counts, key=counts.__getitem__)
        )
        message = f"the net would have {total:.3g} parameters, about {4 * total / 1e9:.3g} GB"
        yield Mistake(net.at(culprit), "model-too-large", message, f"at most {MAX_PARAMETERS:.0e} are allowed")


def activations_match_layers(net: NetView) -> Iterator[Mistake]:
    """A list of activations has one entry per layer, or per output."""
    hidden = net.spec.get("hid_layers_activation")
    stacks = [key for key in SIZE_KEYS if key.endswith("hid_layers") and key in net.own_keys]
    if isinstance(hidden, list) and net.has("hid_layers_activation", *stacks):
        layers = sum(len(net.spec[key]) for key in stacks)
        if len(hidden) != layers:
            message = f"{len(hidden)} activations for {layers} hidden layers"
            yield Mistake(net.at("hid_layers_activation"), "list-does-not-fit", message, "give one, or one per layer")
    out = net.spec.get("out_layer_activation")
    if isinstance(out, list) and net.has("out_layer_activation") and _is_dim(net.out_dim):
        if isinstance(net.out_dim, int):
            message = f"a list of activations, but out_dim {net.out_dim} is one output"
            yield Mistake(net.at("out_layer_activation"), "list-does-not-fit", message, "write one name, or null")
        elif len(out) != len(net.out_dim):
            message = f"{len(out)} activations for {len(net.out_dim)} outputs"
            yield Mistake(net.at("out_layer_activation"), "list-does-not-fit", message, "give one, or one per output")


def log_std_has_actions(net: NetView) -> Iterator[Mistake]:
    """A learned log standard deviation needs outputs that are a mean and a deviation."""
    if net.spec.get("log_std_init") is None or not net.has("log_std_init") or not _is_dim(net.out_dim):
        return
    outputs = [net.out_dim] if isinstance(net.out_dim, int) else list(net.out_dim)
    policy = outputs[:-1] if len(outputs) > 1 and outputs[-1] == 1 and outputs != [1, 1] else outputs
    if policy == [2] or (len(policy) == 2 and policy[0] == policy[1]):
        return
    message = f"log_std_init is for continuous actions, but out_dim is {net.out_dim}"
    hint = "leave log_std_init out, or give out_dim [d, d] for d actions (2 for one action)"
    yield Mistake(net.at("log_std_init"), "dims-do-not-fit", message, hint)


def in_dim_fits(net: NetView) -> bool:
    """True if `in_dim` is known and has the shape that the type takes."""
    return net.in_dim is not None and _wrong_dim(net, "in_dim") is None


def _wrong_dim(net: NetView, name: str) -> Mistake | None:
    value = net.in_dim if name == "in_dim" else net.out_dim
    if value is None:
        return None
    if name == "out_dim":
        fits, wanted = _is_dim(value), "a number, or a list of numbers"
    else:
        rank = 1 if isinstance(value, int) else len(value) if isinstance(value, Sequence) else 0
        fits, wanted = _is_dim(value) and rank in RANKS[net.type], WANTED[net.type]
        fits = fits and not (rank == 1 and not isinstance(value, int))
    message = f"{net.type} cannot take {name} {_as_written(value)}"
    return None if fits else Mistake(net.at("type"), "dims-do-not-fit", message, f"{name} is {wanted}")


def _is_dim(value: Any) -> bool:
    entries = [value] if isinstance(value, int) else value
    return (
        isinstance(entries, Sequence)
        and len(entries) > 0
        and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in entries)
    )


def _as_written(value: Any) -> str:
    return str(tuple(value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def _channel_last(in_dim: Sequence[int]) -> bool:
    """(84, 84, 4): few channels at the end, many at the front."""
    return len(in_dim) == 3 and in_dim[2] <= 4 < min(in_dim[:2])
