"""ConvNet without torch: images in, and convolutions as arithmetic on ints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from slm_net.arc.sizes import by, reaches, windows
from slm_net.net_types.base import (
    Counts,
    InDim,
    NetType,
    are_sizes,
    by_layer,
    hidden_activations,
    hidden_parameters,
    is_active,
    output_activations,
    output_parameters,
)

#: Three or four stacked frames of three colours.
STACKED = (9, 12)


def channel_last(image: Sequence[int]) -> bool:
    """True for an image that is (height, width, channels): a square or a large one, and clearly fewer channels.

    >>> channel_last((84, 84, 4)), channel_last((210, 160, 3)), channel_last((4, 84, 84)), channel_last((12, 8, 4))
    (True, True, False, False)
    """
    if len(image) != 3:
        return False
    height, width, channels = image
    side = min(height, width)
    fewer = side > 4 and (channels <= 4 or 4 * channels <= side)
    stacked = side >= 32 and channels in STACKED and height == width
    return stacked or (fewer and (height == width or side >= 16))


def perhaps_channel_last(image: Sequence[int]) -> bool:
    """True for an image that may be (height, width, channels), or a board with its planes in front.

    >>> perhaps_channel_last((12, 8, 4)), perhaps_channel_last((7, 7, 20)), perhaps_channel_last((3, 5, 7))
    (True, True, False)
    """
    if len(image) != 3 or channel_last(image):
        return False
    height, width, channels = image
    return channels <= 4 < min(height, width) or height == width not in (channels, *range(5))


Shape = tuple[int, ...]


class ConvLayer(NamedTuple):
    """One row of `conv_hid_layers` with the defaults of torch.nn.Conv2d filled in, one entry per spatial dimension."""

    out_channels: int
    kernel_size: Shape
    stride: Shape
    padding: Shape | str
    dilation: Shape
    groups: int
    bias: bool

    @property
    def reach(self) -> Shape:
        """How many input cells the dilated kernel spans in each dimension."""
        return reaches(self.kernel_size, self.dilation)


class ConvolutionError(ValueError):
    """A row of `conv_hid_layers` that cannot be applied to the input that reaches it.

    `row` and `entry` are indices into `conv_hid_layers` (`entry` is None when the whole row is meant); `hint` says
    what would fit.
    """

    def __init__(self, message: str, row: int, entry: int | None = None, hint: str = ""):
        super().__init__(message)
        self.row, self.entry, self.hint = row, entry, hint


def conv_layer(row: Sequence[Any], rank: int, index: int = 0) -> ConvLayer:
    """One row `[out_channels, kernel_size, stride, padding, dilation, groups, bias, ...]` in `rank` dimensions.

    >>> conv_layer([32, 8, 4], rank=2)
    ConvLayer(out_channels=32, kernel_size=(8, 8), stride=(4, 4), padding=(0, 0), dilation=(1, 1), groups=1, bias=True)

    Raises:
        ConvolutionError: an entry lists sizes for another number of dimensions.
    """
    out_channels, kernel_size, stride, padding, dilation, groups, bias = (list(row) + [None] * 7)[:7]

    def spread(value: Any, default: int, entry: int) -> Shape:
        if not isinstance(value, list | tuple):
            return (default if value is None else value,) * rank
        if len(value) != rank:
            hint = f"give one number, or {rank} of them"
            raise ConvolutionError(
                f"{len(value)} size{'s' * (len(value) > 1)} for a {rank}-d convolution", index, entry, hint
            )
        return tuple(value)

    return ConvLayer(
        out_channels,
        spread(kernel_size, 1, 1),
        spread(stride, 1, 2),
        padding if isinstance(padding, str) else spread(padding, 0, 3),
        spread(dilation, 1, 4),
        1 if groups is None else groups,
        True if bias is None else bias,
    )


def conv_shapes(in_dim: Sequence[int], rows: Sequence[Sequence[Any]]) -> Iterator[Shape]:
    """The shape `(channels, *sizes)` after each row of `conv_hid_layers`.

    >>> list(conv_shapes((4, 84, 84), [[32, 8, 4], [64, 4, 2], [64, 3, 1]]))
    [(32, 20, 20), (64, 9, 9), (64, 7, 7)]

    Raises:
        ConvolutionError: a row does not fit, with the size that reached it and what would fit.
    """
    shape = tuple(in_dim)
    for index, row in enumerate(rows):
        layer = conv_layer(row, len(shape) - 1, index)
        shape = (layer.out_channels, *_sizes(layer, shape, index))
        yield shape


def conv_output_shape(in_dim: Sequence[int], rows: Sequence[Sequence[Any]]) -> Shape:
    """The shape `(channels, *sizes)` after all rows; `in_dim` itself when there are none.

    >>> conv_output_shape((4, 84, 84), [[32, 8, 4], [64, 4, 2], [64, 3, 1]])
    (64, 7, 7)
    """
    return [tuple(in_dim), *conv_shapes(in_dim, rows)][-1]


def _sizes(layer: ConvLayer, shape: Shape, index: int) -> Shape:
    channels, *sizes = shape
    if channels % layer.groups or layer.out_channels % layer.groups:
        message = f"{layer.groups} groups do not divide {channels} input and {layer.out_channels} output channels"
        largest = _divisor(channels, layer)
        raise ConvolutionError(message, index, 5, f"use {largest} or 1" if largest > 1 else "use 1")
    if layer.padding == "same":
        if any(step != 1 for step in layer.stride):
            hint = "give a number, or make the stride 1"
            raise ConvolutionError('padding "same" needs a stride of 1', index, 3, hint)
        return tuple(sizes)
    padding = (0,) * len(sizes) if isinstance(layer.padding, str) else layer.padding
    padded = [size + 2 * pad for size, pad in zip(sizes, padding, strict=True)]
    if any(reach > size for reach, size in zip(layer.reach, padded, strict=True)):
        raise ConvolutionError(
            _does_not_fit(layer, sizes, padded, index), index, None, _what_fits(layer, padded, index)
        )
    return windows(padded, layer.reach, layer.stride)


def _does_not_fit(layer: ConvLayer, sizes: Sequence[int], padded: Sequence[int], index: int) -> str:
    kernel = f"a kernel of {by(layer.kernel_size)}"
    if any(step != 1 for step in layer.dilation):
        kernel += f" with dilation {by(layer.dilation)} (reaching over {by(layer.reach)})"
    reached = by(sizes) + (f" (padded to {by(padded)})" if list(padded) != list(sizes) else "")
    return f"{kernel} does not fit into the {reached} that reaches row {index + 1}"


def _what_fits(layer: ConvLayer, padded: Sequence[int], index: int) -> str:
    kernels = [(size - 1) // d + 1 for size, d in zip(padded, layer.dilation, strict=True)]
    missing = max(reach - size for reach, size in zip(layer.reach, padded, strict=True))
    padding = 0 if isinstance(layer.padding, str) else max(layer.padding)
    before = ", or smaller strides and kernels before it" if index else ""
    return f"a kernel of at most {by(kernels)} fits, or padding of {padding + (missing + 1) // 2}{before}"


def _divisor(channels: int, layer: ConvLayer) -> int:
    return max(n for n in range(1, min(channels, 64) + 1) if channels % n == 0 and layer.out_channels % n == 0)


def smallest_image(rows: Sequence[Sequence[Any]]) -> Shape:
    """The smallest image of which the convolutions leave one pixel, with one dimension if no row tells how many.

    >>> smallest_image([[32, [8, 8], 4], [64, 4, 2]])
    (1, 20, 20)
    """
    rank = next((len(entry) for row in rows for entry in row if isinstance(entry, list)), 1)
    layers = [conv_layer(row, rank, index) for index, row in enumerate(rows)]
    sizes = [1] * rank
    for layer in reversed(layers):
        sizes = [_smallest_before(layer, axis, size) for axis, size in enumerate(sizes)]
    return (layers[0].groups if layers else 1, *sizes)


def _smallest_before(layer: ConvLayer, axis: int, size: int) -> int:
    """The least of which a convolution leaves `size`."""
    if layer.padding == "same":
        return size
    padding = 0 if isinstance(layer.padding, str) else layer.padding[axis]
    return max(1, (size - 1) * layer.stride[axis] + layer.reach[axis] - 2 * padding)


def features_of(image: Sequence[int], rows: Sequence[Sequence[Any]]) -> int:
    """How many features the convolutions leave of an image."""
    return prod(conv_output_shape(image, rows))


def conv_parameters(image: Sequence[int], rows: Sequence[Sequence[Any]], batch_norm: bool = False) -> int:
    """Weights and biases of the convolutions; batch norm adds two per channel, from the second row on."""
    total, channels = 0, image[0]
    for index, row in enumerate(rows):
        layer = conv_layer(row, len(image) - 1, index)
        weights = layer.out_channels * (channels // layer.groups) * prod(layer.kernel_size)
        total += weights + layer.out_channels * layer.bias + 2 * layer.out_channels * (batch_norm and index > 0)
        channels = layer.out_channels
    return total


def count_conv(spec: Mapping[str, Any], image: Sequence[int], outputs: list[int], beside: int = 0) -> Counts:
    """The parameters of convolutions and of dense layers on their features and `beside` others."""
    rows = spec["conv_hid_layers"]
    widths = [features_of(image, rows) + beside, *spec["fc_hid_layers"]]
    return {
        ("conv_hid_layers",): conv_parameters(image, rows, spec["batch_norm"]),
        ("fc_hid_layers",): hidden_parameters(widths, spec),
        **output_parameters(widths[-1], outputs),
    }


def conv_activations(spec: Mapping[str, Any], image: Sequence[int], outputs: list[int], beside: int = 0) -> Counts:
    """The activations of convolutions, of dense layers on their features and `beside` others, and of the outputs."""
    rows, activation = spec["conv_hid_layers"], spec["hid_layers_activation"]
    maps = [
        prod(shape) * (1 + is_active(activation, index) + (spec["batch_norm"] and index > 0))
        for index, shape in enumerate(conv_shapes(image, rows))
    ]
    widths = [features_of(image, rows) + beside, *spec["fc_hid_layers"]]
    return {
        **by_layer("conv_hid_layers", maps),
        **by_layer("fc_hid_layers", hidden_activations(widths, spec, first=len(rows))),
        ("out_dim",): output_activations(spec, outputs),
    }


#: The numbers of dimensions of an image, the channels among them.
RANKS = (2, 3, 4)
IMAGE = InDim(
    lambda dim: are_sizes(dim, RANKS),
    "(channels, height, width), for example (4, 84, 84)",
    lambda spec: smallest_image(spec["conv_hid_layers"]),
    image=lambda dim: dim,
)
CONV = NetType("ConvNet", IMAGE, count_conv, conv_activations, body=("conv_model", "fc_model"))
