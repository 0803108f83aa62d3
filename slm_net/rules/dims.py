"""Rules about dims: what goes into a net, what comes out, whether it fits, and how large the net may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import log10
from typing import Any

from slm_net.document.nets import NetView
from slm_net.net_types.arc import activations_of, counts_of
from slm_net.net_types.base import NET_TYPES, Counts, NotCounted, are_sizes, size
from slm_net.net_types.conv import channel_last, perhaps_channel_last
from slm_net.net_types.hydra import VECTORS
from slm_net.problems import WARNING, Caller, Path, Problem, Rule
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.text.limits import MAX_ACTIVATIONS, MAX_OF_BATCH, MAX_OUTPUTS
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


TOO_MANY_ACTIVATIONS = Rule(
    "SN210",
    "too-many-activations",
    what=(
        "The layers of the net would give out more than 10^9 numbers for one observation, 4 GB, or more than 10^10 for "
        "a batch, 40 GB: one of the `batch_size` of the memory, else of the `minibatch_size` of the algorithm, else of "
        "32. Each layer counts, activations, norms and dropout too, as training keeps what leaves them. Where the dims "
        "are not known, they are counted for the smallest ones. It points to the first layer that is too large by "
        "itself, else to the largest."
    ),
    why=(
        "a net of few weights can fill the machine too, with a padding or an image of a digit too many, and it would "
        "end at the first observation. `build_net` counts before anything is allocated."
    ),
    wrong=(
        '{"type": "ConvNet", "conv_hid_layers": [[8, 3, 1, 20000], [8, 3, 20000]], "fc_hid_layers": [], '
        '"hid_layers_activation": "relu", "batch_norm": false}\n'
    ),
    right=(
        '{"type": "ConvNet", "conv_hid_layers": [[8, 3, 1, 2], [8, 3, 2]], "fc_hid_layers": [], '
        '"hid_layers_activation": "relu", "batch_norm": false}\n'
    ),
    options="--in-dim 4,84,84 --out-dim 2",
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


#: The batch of a spec that says none.
USUAL_BATCH = 32
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
    """A net of too many parameters or activations is refused; without dims, one of too many whatever they are."""
    large = list(_too_many_parameters(net))
    yield from large or _too_many_activations(net)


def _too_many_parameters(net: NetView) -> Iterator[Problem]:
    try:
        counts = _counts(net)
    except NotCounted as error:
        message, hint = f"the parameters cannot be counted: {visible(str(error))}", f"mend the count of {net.type}"
        yield from () if net.wrong else (MODEL_TOO_LARGE.at(net.at("type"), message, hint, WARNING),)
        return
    if (total := sum(counts.values())) <= net.max_params:
        return
    message = f"the net would have {_amount(net, total)} parameters{_memory(total)}"
    key, *inside = _cause(counts, net.max_params)
    yield MODEL_TOO_LARGE.at(net.at(str(key), *inside), message, partial(_allowed, net.max_params))


def _allowed(most: int, to: Caller) -> str:
    more = "; --max-params of validate and show allows more" if to.is_command else ""
    return f"at most {counted(most)} are allowed{more}"


def _too_many_activations(net: NetView) -> Iterator[Problem]:
    """For one observation, or for the batch that the spec says, else one of 32."""
    counts, written = _activations(net), size(net.batch_size)
    total, batch = sum(counts.values()), written or USUAL_BATCH
    samples, limit, smaller = "one observation", MAX_ACTIVATIONS, ""
    if total <= limit:
        samples, limit = f"a batch of {counted(batch)}", MAX_OF_BATCH
        smaller = f", or the batch {counted(limit // max(total, 1))}" if written else ""
        total *= batch
    if total > limit:
        message = f"{_amount(net, total)} activations would leave its layers for {samples}{_memory(total)}"
        key, *inside = _cause(counts, limit)
        layer = "the outputs" if key == "out_dim" else "this layer"
        hint = f"at most {counted(limit)} are allowed: make {layer} smaller{smaller}"
        yield TOO_MANY_ACTIVATIONS.at(net.at(str(key), *inside), message, hint)


def _amount(net: NetView, number: int) -> str:
    return f"{'at least ' if net.in_dim is None else ''}{counted(number)}"


def _memory(floats: int) -> str:
    """What so many numbers need, if that is worth telling."""
    return f", about {counted(gigabytes)} GB" if (gigabytes := 4 * floats // 10**9) else ""


def _cause(counts: Counts, limit: int) -> Path:
    """What is the first that is too much by itself, else the most; the layers behind it follow from it."""
    return next((path for path, count in counts.items() if count > limit), max(counts, key=counts.__getitem__))


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
    if net.arc is not None:
        return counts_of(net.arc.walk, net.outputs, net.spec["tails"] is not False) if net.arc.walk else {}
    return _by_cause(net, net.kind.parameters)


def _activations(net: NetView) -> Counts:
    """The activations for one observation, likewise."""
    if net.arc is not None:
        return activations_of(net.arc.walk, net.spec, net.outputs) if net.arc.walk else {}
    return _by_cause(net, net.kind.activations)


def _by_cause(net: NetView, counter: Callable[[Mapping[str, Any], Any, Any], Counts]) -> Counts:
    if net.kind.takes is VECTORS and net.hydra_lists is None:
        return {}
    right = {key: value for key, value in net.spec.items() if net.has(key)} if net.wrong else net.spec
    try:
        return counter(right, net.in_dim, net.out_dim)
    except (ValueError, KeyError):  # said by convolutions_fit and hydra_lists_match, or a key that is missing or wrong
        return {}


def wrong_in_dim(net: NetView) -> Problem | None:
    """What is wrong with `in_dim`, if it is known and the type takes another; the hint names a type that takes it."""
    takes = net.kind.takes
    if net.in_dim is None or takes is None:
        return None
    if net.in_dim_fits:
        return _too_many(net, "inputs", net.in_dim) if takes.several else None
    written, others = _as_written(net.in_dim), NET_TYPES.values() if not takes.several else ()
    alike = (other for other in others if other.dueling == net.kind.dueling and other.takes and not other.takes.several)
    better = next((other.name for other in alike if other.fits(net.in_dim)), "")
    more = f"; {better} takes {written}" if better else ""
    hint = f"in_dim is {takes.wanted}{more}"
    return DIMS_DO_NOT_FIT.at(net.at("type"), f"{net.type} cannot take in_dim {written}", hint)


def wrong_out_dim(net: NetView) -> Problem | None:
    """What is wrong with `out_dim`, if it is known: nets that give values of actions have one output."""
    if net.out_dim is None or (size(net.out_dim) if net.kind.values else net.outputs):
        return _too_many(net, "outputs", net.outputs)
    hint = "out_dim is one number" if net.kind.values else "out_dim is a number, or a list of numbers"
    return DIMS_DO_NOT_FIT.at(net.at("type"), f"{net.type} cannot take out_dim {_as_written(net.out_dim)}", hint)


def _too_many(net: NetView, what: str, listed: Sequence[Any]) -> Problem | None:
    """That there are more inputs or outputs than one net has; each is a layer of its own."""
    if len(listed) <= MAX_OUTPUTS:
        return None
    message, hint = f"{counted(len(listed))} {what}", f"a net has at most {counted(MAX_OUTPUTS)}"
    return DIMS_DO_NOT_FIT.at(net.at("type"), message, hint)


def _as_written(value: Any) -> str:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return visible(str(tuple(value) if listed else value))
