"""Rules about the geometry of convolutions: what reaches each of them, and what reaches none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

from slm_net.arc.sizes import by
from slm_net.document.nets import NetView
from slm_net.net_types.conv import ConvLayer, ConvolutionError, Shape, channel_last, conv_layer, conv_shapes
from slm_net.problems import WARNING, Problem, Rule, spec_example
from slm_net.words import visible

GAME = '{"name": "ALE/Pong-v5"}'
IMAGES = (
    '"type": "ConvNet", "conv_hid_layers": [[32, 8, 4]], "fc_hid_layers": [64], "hid_layers_activation": "relu", '
    '"batch_norm": false'
)

CONVOLUTION_DOES_NOT_FIT = Rule(
    "SN201",
    "convolution-does-not-fit",
    what="A convolution gets less than its kernel needs, or its groups, padding or channels do not fit each other.",
    why="torch finds this only when the first observation comes; it is arithmetic, and known before.",
    wrong=(
        '{"type": "ConvNet", "conv_hid_layers": [[32, 8, 4], [64, 8, 2]], "fc_hid_layers": [64], '
        '"hid_layers_activation": "relu"}\n'
    ),
    right=(
        '{"type": "ConvNet", "conv_hid_layers": [[32, 8, 4], [64, 8, 2]], "fc_hid_layers": [64], '
        '"hid_layers_activation": "relu"}\n'
    ),
    options="--in-dim 4,20,20 --out-dim 6",
    right_options="--in-dim 4,84,84 --out-dim 6",
)


PIXELS_LEFT_OUT = Rule(
    "SN206",
    "pixels-left-out",
    what=(
        "The stride of a convolution leaves a remainder, and with it more than a tenth of the image's height or "
        "width reaches no output. This is a warning."
    ),
    why=(
        "the net is blind at the right and at the lower edge of the image, and no number shows it. Remainders of a "
        "few pixels are common and not reported."
    ),
    wrong=(
        '{"type": "ConvNet", "conv_hid_layers": [[32, 8, 40]], "fc_hid_layers": [64], "hid_layers_activation": '
        '"relu"}\n'
    ),
    right=(
        '{"type": "ConvNet", "conv_hid_layers": [[32, 8, 38]], "fc_hid_layers": [64], "hid_layers_activation": '
        '"relu"}\n'
    ),
    options="--in-dim 4,84,84 --out-dim 6",
)


BYTES_NOT_SCALED = Rule(
    "SN209",
    "bytes-not-scaled",
    what=(
        "The environment shows images of bytes, SLM Lab feeds them as they are, and the net does not say whether to "
        "divide them by 255: `normalize` is false where it is not written. This is a warning."
    ),
    why=(
        "init functions and learning rates are made for inputs near 1. SLM Lab's own specs of A2C, PPO and SAC write "
        "`normalize: true`; most of DQN's leave it out and were trained on bytes."
    ),
    wrong=spec_example(f"{{{IMAGES}}}", GAME),
    right=spec_example(f'{{{IMAGES}, "normalize": true}}', GAME),
)


BATCH_NORM_OF_ONE_VALUE = Rule(
    "SN207",
    "batch-norm-of-one-value",
    what="A convolution leaves a map of one pixel, and batch norm stands behind it. This is a warning.",
    why=(
        "batch norm takes the mean over the images of the batch and the pixels of the map. With one image and one "
        "pixel there is one value, and torch refuses to train; with few images its statistics are poor."
    ),
    wrong=(
        '{"type": "ConvNet", "conv_hid_layers": [[16, 14, 14], [32, 2, 1]], "fc_hid_layers": [64], '
        '"hid_layers_activation": "relu"}\n'
    ),
    right=(
        '{"type": "ConvNet", "conv_hid_layers": [[16, 14, 14], [32, 2, 1]], "fc_hid_layers": [64], '
        '"hid_layers_activation": "relu", "batch_norm": false}\n'
    ),
    options="--in-dim 3,28,28 --out-dim 6",
)


#: The share of a side of the image that the strides may leave out without a word. Remainders of a pixel or two are
#: common in published networks.
UNSEEN = 0.1


def convolutions_fit(net: NetView) -> Iterator[Problem]:
    """Each convolution fits into what the ones before it leave of the image."""
    image = _image(net)
    if image is None:
        return
    try:
        list(conv_shapes(image, net.spec["conv_hid_layers"]))
    except ConvolutionError as error:
        entry = [] if error.entry is None else [error.entry]
        path = net.at("conv_hid_layers", error.row, *entry)
        yield CONVOLUTION_DOES_NOT_FIT.at(path, str(error), error.hint)


def padding_can_be_made(net: NetView) -> Iterator[Problem]:
    """Reflected padding needs a pixel more than it adds, circular padding as many; torch finds it out in `forward`."""
    rows = () if _image(net) is None else net.spec["conv_hid_layers"]
    shapes = _shapes(net) if any(len(row) > 7 for row in rows) else []
    for index, row in enumerate(rows if shapes else ()):
        mode, sizes = str(row[7]) if len(row) > 7 else "zeros", shapes[index][1:]
        layer = conv_layer(row, len(sizes), index)
        missing = (_padding(layer, axis)[1] + (mode == "reflect") - size for axis, size in enumerate(sizes))
        if mode in ("reflect", "circular") and max(missing) > 0:
            message = f"padding of {mode!r} takes more pixels than the {by(sizes)} that reach row {index + 1} have"
            hint = 'write less padding, or "zeros"'
            yield CONVOLUTION_DOES_NOT_FIT.at(net.at("conv_hid_layers", index, 7), message, hint)


def bytes_are_scaled(net: NetView) -> Iterator[Problem]:
    """Images of bytes are divided by 255, or it is said that they are not."""
    if net.bytes_of and net.image and "normalize" in net.own_keys and "normalize" not in net.written:
        message = f"the net sees the bytes of {visible(net.bytes_of)} as they are, from 0 to 255"
        hint = 'add "normalize": true, which divides them by 255, or "normalize": false if they are meant so'
        yield BYTES_NOT_SCALED.at(net.path, message, hint, WARNING)


def image_is_seen(net: NetView) -> Iterator[Problem]:
    """A stride that leaves a remainder never gets to the far end of the image."""
    shapes, rows = _shapes(net), net.spec.get("conv_hid_layers", ())
    sides = shapes[0][1:] if shapes else ()
    before = sides
    for index, ends in enumerate(zip(*(seen_ends(rows, shapes, axis) for axis in range(len(sides))), strict=True)):
        lost = [(old - end, side) for old, end, side in zip(before, ends, sides, strict=True)]
        if most := max((loss for loss in lost if loss[0] > UNSEEN * loss[1]), default=None):
            message = f"the stride leaves out {most[0]} of the image's {most[1]} pixels, at its far end"
            hint = "let size + 2 * padding - kernel_size be a multiple of the stride"
            yield PIXELS_LEFT_OUT.at(net.at("conv_hid_layers", index, 2), message, hint, WARNING)
        before = ends


def seen_ends(rows: Sequence[Sequence[Any]], shapes: Sequence[Shape], axis: int) -> Iterator[int]:
    """Up to which pixel of one side of the image the map behind each row sees.

    `shapes` are those of the image and of the map behind each row.

    >>> list(seen_ends([[32, 8, 40]], [(4, 84, 84), (32, 2, 2)], axis=0))
    [48]
    """
    end = shapes[0][1 + axis]
    start, jump, field = 0, 1, 1  # of the first entry of a map: its first pixel, those to the next entry, those it sees
    for index, row in enumerate(rows):
        layer = conv_layer(row, len(shapes[0]) - 1, index)
        start -= _padding(layer, axis)[0] * jump
        field += (layer.reach[axis] - 1) * jump
        jump *= layer.stride[axis]
        end = min(end, start + (shapes[index + 1][1 + axis] - 1) * jump + field)
        yield end


def _padding(layer: ConvLayer, axis: int) -> tuple[int, int]:
    """What is added in front of a map, and behind it."""
    if layer.padding == "same":
        return (layer.reach[axis] - 1) // 2, layer.reach[axis] // 2
    padding = 0 if isinstance(layer.padding, str) else layer.padding[axis]
    return padding, padding


def maps_can_be_normalised(net: NetView) -> Iterator[Problem]:
    """Batch norm stands behind every convolution but the first; over one value per image it needs a larger batch."""
    if not net.has("batch_norm") or not net.spec["batch_norm"]:
        return
    for index, shape in enumerate(_shapes(net)[1:]):
        if index > 0 and prod(shape[1:]) == 1:
            message = f"the map behind row {index + 1} is {by(shape[1:])}: batch norm fails on a training batch of one"
            hint = 'write "batch_norm": false, or smaller kernels and strides'
            yield BATCH_NORM_OF_ONE_VALUE.at(net.at("conv_hid_layers", index), message, hint, WARNING)
            return


def _image(net: NetView) -> Any:
    """The image that the convolutions see, if it is known and none of the rows has been refused."""
    image = net.image
    return None if image is None or not net.has("conv_hid_layers") or channel_last(image) else image


def _shapes(net: NetView) -> list[Shape]:
    """The shape of the image and of each map; empty if it is not known, or a row does not fit."""
    if (image := _image(net)) is None:
        return []
    try:
        return [tuple(image), *conv_shapes(image, net.spec["conv_hid_layers"])]
    except ConvolutionError:
        return []
