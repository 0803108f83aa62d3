"""Convolutions, the ones that go back to larger images, and the unfolding of images into patches and back."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, prod
from typing import Any

from slm_net.arc.checks import Arguments, features, images, rule
from slm_net.arc.shapes import Layer, Misfit, Shape, ShapeRule
from slm_net.arc.sizes import as_written, by, reaches, spread, windows


def too_large(written: Any, sizes: Sequence[int], padded: Sequence[int], dilation: Sequence[int]) -> Misfit:
    """What is said of a kernel that does not fit into what comes in."""
    fits = as_written(written, [(size - 1) // step + 1 for size, step in zip(padded, dilation, strict=True)])
    around = "" if tuple(padded) == tuple(sizes) else f" (padded to {by(padded)})"
    dilated = "" if all(step == 1 for step in dilation) else f" with dilation {by(dilation)}"
    kernel = by(spread(written, len(sizes)))
    message = f"gets {by(sizes)}{around}, and has a kernel of {kernel}{dilated}"
    return Misfit(message, "kernel_size", f"write at most {fits}", fits=fits)


def _convolution(spatial: int) -> ShapeRule:
    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        sizes = images(shape, spatial)
        features(shape, arguments["in_channels"], "in_channels", 1)
        kernel, stride, dilation = (spread(arguments[key], spatial) for key in ("kernel_size", "stride", "dilation"))
        padded = [size + sum(pads) for size, pads in zip(sizes, _pads(arguments, sizes), strict=True)]
        places = windows(padded, reaches(kernel, dilation), stride)
        if min(places) < 1:
            raise too_large(arguments["kernel_size"], sizes, padded, dilation)
        return Shape((1, arguments["out_channels"], *places))

    def weights(arguments: Arguments) -> int:
        if arguments["padding"] == "same" and max(spread(arguments["stride"], spatial)) > 1:
            hint = "give a number, or make the stride 1"
            raise Misfit('has padding "same", which needs a stride of 1', "padding", hint)
        return _weights(arguments, spatial)

    return rule(shapes, weights, floats=True)


def _weights(arguments: Arguments, spatial: int) -> int:
    inputs, outputs, groups = arguments["in_channels"], arguments["out_channels"], arguments["groups"]
    if inputs % groups or outputs % groups:
        fits = gcd(inputs, outputs)
        message = f"has {groups} groups, which do not divide {inputs} input and {outputs} output channels"
        raise Misfit(message, "groups", f"write {fits}" + (" or 1" if fits > 1 else ""), fits=fits)
    kernel = prod(spread(arguments["kernel_size"], spatial))
    return inputs * outputs // groups * kernel + outputs * bool(arguments["bias"])


def _pads(arguments: Arguments, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """What is put before and after in each dimension."""
    padding, spatial = arguments["padding"], len(sizes)
    if padding == "valid":
        return [(0, 0)] * spatial
    if padding == "same":
        reach = reaches(spread(arguments["kernel_size"], spatial), spread(arguments["dilation"], spatial))
        pads = [((span - 1) // 2, span // 2) for span in reach]
    else:
        pads = [(pad, pad) for pad in spread(padding, spatial)]
    most = {"reflect": -1, "circular": 0}.get(arguments["padding_mode"])
    if most is not None and any(max(pad) > size + most for pad, size in zip(pads, sizes, strict=True)):
        fits = None if padding == "same" else as_written(padding, [size + most for size in sizes])
        hint = "" if fits is None else f"write at most {fits}"
        message = (
            f"gets {by(sizes)}, which is too small for padding_mode {arguments['padding_mode']} to fill the padding"
        )
        raise Misfit(message, "padding", hint, fits=fits)
    return pads


def _transposed(spatial: int) -> ShapeRule:
    keys = ("kernel_size", "stride", "padding", "output_padding", "dilation")

    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        sizes = images(shape, spatial)
        features(shape, arguments["in_channels"], "in_channels", 1)
        kernel, stride, padding, beside, dilation = (spread(arguments[key], spatial) for key in keys)
        reach = reaches(kernel, dilation)
        full = [(size - 1) * step + span for size, step, span in zip(sizes, stride, reach, strict=True)]
        larger = [size + more for size, more in zip(full, beside, strict=True)]
        left = [size - 2 * pad for size, pad in zip(larger, padding, strict=True)]
        if min(left) < 1:
            fits = as_written(arguments["padding"], [(size - 1) // 2 for size in larger])
            message = f"gets {by(sizes)}, makes {by(larger)} of it, and takes {by(padding)} away on each side"
            raise Misfit(message, "padding", f"write at most {fits}", fits=fits)
        return Shape((1, arguments["out_channels"], *left))

    def weights(arguments: Arguments) -> int:
        if arguments["padding_mode"] != "zeros":
            message = f"has padding_mode {arguments['padding_mode']}, and knows only zeros"
            raise Misfit(message, "padding_mode", "write zeros", fits="zeros")
        beside, stride, dilation = (spread(arguments[key], spatial) for key in ("output_padding", "stride", "dilation"))
        most = [max(step, apart) - 1 for step, apart in zip(stride, dilation, strict=True)]
        if any(more > limit for more, limit in zip(beside, most, strict=True)):
            fits = as_written(arguments["output_padding"], most)
            message = "has an output_padding that is not below stride or dilation"
            raise Misfit(message, "output_padding", f"write at most {fits}", fits=fits)
        return _weights(arguments, spatial)

    return rule(shapes, weights, floats=True)


def _patches(arguments: Arguments, sizes: Sequence[int]) -> tuple[int, ...]:
    """In how many places a window of Fold or Unfold stands in an image."""
    keys = ("kernel_size", "dilation", "padding", "stride")
    kernel, dilation, padding, stride = (spread(arguments[key], 2) for key in keys)
    padded = [size + 2 * pad for size, pad in zip(sizes, padding, strict=True)]
    places = windows(padded, reaches(kernel, dilation), stride)
    if min(places) < 1:
        raise too_large(arguments["kernel_size"], sizes, padded, dilation)
    return places


def _unfold(arguments: Arguments, shape: Shape) -> Shape:
    if len(shape.sizes) == 3:
        raise Misfit(f"gets {shape}, and needs (batch, channels, height, width)", batch=True)
    places = _patches(arguments, images(shape, 2))
    window = prod(spread(arguments["kernel_size"], 2))
    return Shape((1, shape.sizes[1] * window, prod(places)))


def _fold(arguments: Arguments, shape: Shape) -> Shape:
    if len(shape.sizes) != 3 or shape.batch != 0:
        message = f"gets {shape}, and needs (batch, channels and window, places)"
        raise Misfit(message, batch=len(shape.sizes) in (2, 3))
    image = spread(arguments["output_size"], 2)
    places, window = prod(_patches(arguments, image)), prod(spread(arguments["kernel_size"], 2))
    if shape.sizes[1] % window:
        message = f"gets {shape}, and has a window of {window}, which does not divide {shape.sizes[1]}"
        raise Misfit(message, "kernel_size")
    if shape.sizes[2] != places:
        message = f"gets {shape}, and needs {places} places for an image of {by(image)}"
        raise Misfit(message, "output_size")
    return Shape((1, shape.sizes[1] // window, *image))


CONVOLUTIONS = {
    **{f"Conv{spatial}d": Layer(_convolution(spatial)) for spatial in (1, 2, 3)},
    **{f"ConvTranspose{spatial}d": Layer(_transposed(spatial)) for spatial in (1, 2, 3)},
    "Fold": Layer(rule(_fold, floats=True)),
    "Unfold": Layer(rule(_unfold, floats=True)),
}
