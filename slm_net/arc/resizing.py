"""Layers that pad and stretch images, or move numbers between channels and image."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slm_net.arc.checks import Arguments, as_written, by, channels_dim, divisor, needed, over_batch, rule
from slm_net.arc.shapes import Layer, Misfit, Shape

#: How many spatial dimensions each mode of interpolation knows.
MODES = {"linear": (1,), "bilinear": (2,), "bicubic": (2,), "trilinear": (3,)}


def _padded(arguments: Arguments, shape: Shape, spatial: int, most: int | None) -> Shape:
    """The shape with padding, first that of the last dimension; none may exceed the size and `most`."""
    padding, sizes = arguments["padding"], shape.sizes[-spatial:]
    pads = list(padding) if isinstance(padding, list | tuple) else [padding] * (2 * spatial)
    pairs = [(pads[2 * place], pads[2 * place + 1]) for place in range(spatial - 1, -1, -1)]
    if most is not None and any(max(pair) > size + most for pair, size in zip(pairs, sizes, strict=True)):
        fits = as_written(padding, [size + most for size in reversed(sizes) for _ in range(2)])
        message = f"gets {shape}, which is too small to fill a padding of {padding}"
        raise Misfit(message, "padding", f"write at most {fits}", fits=fits)
    larger = [size + before + after for size, (before, after) in zip(sizes, pairs, strict=True)]
    cut = [size + min(before, 0) + min(after, 0) for size, (before, after) in zip(sizes, pairs, strict=True)]
    if min(larger) < 1 or min(cut) < 0:
        raise Misfit(f"gets {shape}, of which a padding of {padding} leaves nothing", "padding")
    return shape._replace(sizes=(*shape.sizes[:-spatial], *larger))


def _pad(spatial: int, most: int | None = None) -> Callable[..., Shape]:
    """Padding with what is in the image: mirrored, repeated, or from the other side."""

    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        channels_dim(shape, spatial)
        return _padded(arguments, shape, spatial, most)

    return shapes


def _pad_constant(spatial: int) -> Callable[..., Shape]:
    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        own = len(shape.sizes) if shape.batch is None else len(shape.sizes) - shape.batch - 1
        if own < spatial:
            rank = len(shape.sizes)
            raise Misfit(f"gets {shape}, and needs {needed(spatial + 2)}", batch=rank >= spatial)
        return _padded(arguments, shape, spatial, None)

    return shapes


def _channels(arguments: Arguments, shape: Shape) -> Shape:
    """Shuffled channels, which leave the sizes as they are."""
    groups = arguments["groups"]
    if len(shape.sizes) < 3:
        raise Misfit(f"gets {shape}, and needs {needed(4)}")
    if shape.batch == 1:
        raise over_batch(shape, "")
    if shape.sizes[1] % groups:
        fits = divisor(shape.sizes[1], groups)
        message = f"gets {shape}, and has {groups} groups, which do not divide {shape.sizes[1]} channels"
        raise Misfit(message, "groups", f"write {fits}", fits=fits)
    return shape


def _pixels(shape: Shape) -> tuple[int, int, int]:
    """Channels, height and width, in the last three dimensions."""
    rank = len(shape.sizes)
    if rank < 3 or (shape.batch is not None and shape.batch >= rank - 3):
        raise Misfit(f"gets {shape}, and needs {needed(4)}", batch=rank >= 3)
    channels, height, width = shape.sizes[-3:]
    return channels, height, width


def _shuffle(arguments: Arguments, shape: Shape) -> Shape:
    factor, (channels, height, width) = arguments["upscale_factor"], _pixels(shape)
    if channels % factor**2:
        message = f"gets {shape}, and needs channels that {factor}x{factor} divides"
        raise Misfit(message, "upscale_factor")
    return shape._replace(sizes=(*shape.sizes[:-3], channels // factor**2, height * factor, width * factor))


def _unshuffle(arguments: Arguments, shape: Shape) -> Shape:
    factor, (channels, height, width) = arguments["downscale_factor"], _pixels(shape)
    if height % factor or width % factor:
        message = f"gets {shape}, and needs height and width that {factor} divides"
        raise Misfit(message, "downscale_factor")
    return shape._replace(sizes=(*shape.sizes[:-3], channels * factor**2, height // factor, width // factor))


def _stretched(arguments: Arguments, sizes: Sequence[int]) -> list[int]:
    """The sizes that `size` or `scale_factor` ask for."""
    size, scale = arguments["size"], arguments["scale_factor"]
    if (size is None) == (scale is None):
        raise Misfit("needs either size or scale_factor", "scale_factor" if size else "")
    asked = scale if size is None else size
    each = list(asked) if isinstance(asked, list | tuple) else [asked] * len(sizes)
    if len(each) != len(sizes):
        argument = "scale_factor" if size is None else "size"
        message = f"gets {by(sizes)}, and has {len(each)} sizes for it"
        raise Misfit(message, argument, f"write one number or {len(sizes)} of them")
    wanted = [int(own * part) for own, part in zip(sizes, each, strict=True)] if size is None else each
    if min(wanted) < 1:
        raise Misfit(f"gets {by(sizes)}, and leaves nothing of it", "scale_factor")
    return wanted


def _interpolate(mode: str = "", *, corners: bool = True) -> Callable[..., Shape]:
    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        kind = mode or arguments["mode"]
        ranks = MODES.get(kind, (1, 2, 3))
        spatial = len(shape.sizes) - 2
        if spatial not in ranks:
            fits = _mode_for(kind, spatial) if not mode else None
            hint = f"write {fits}" if fits else ""
            needs = " or ".join(needed(rank + 2) for rank in ranks)
            raise Misfit(f"gets {shape}, and needs {needs} for {kind}", "" if mode else "mode", hint, fits=fits)
        if shape.batch is not None and shape.batch > 1:
            raise Misfit(f"gets {shape}, and needs {needed(spatial + 2)}", batch=True)
        if corners and arguments["align_corners"] is not None and kind not in MODES:
            raise Misfit(f"has align_corners, which {kind} does not know", "align_corners")
        return shape._replace(sizes=(*shape.sizes[:2], *_stretched(arguments, shape.sizes[2:])))

    return shapes


def _mode_for(kind: str, spatial: int) -> str | None:
    """The mode of so many spatial dimensions that is nearest to one that does not know them."""
    return {1: "linear", 2: "bilinear", 3: "trilinear"}.get(spatial)


DIMENSIONS = (1, 2, 3)
RESIZING = {
    **{
        f"{kind}Pad{spatial}d": Layer(rule(_pad_constant(spatial)))
        for kind in ("Constant", "Zero")
        for spatial in DIMENSIONS
    },
    **{f"ReflectionPad{spatial}d": Layer(rule(_pad(spatial, -1))) for spatial in DIMENSIONS},
    **{f"ReplicationPad{spatial}d": Layer(rule(_pad(spatial))) for spatial in DIMENSIONS},
    **{f"CircularPad{spatial}d": Layer(rule(_pad(spatial, 0))) for spatial in DIMENSIONS},
    "ChannelShuffle": Layer(rule(_channels)),
    "PixelShuffle": Layer(rule(_shuffle)),
    "PixelUnshuffle": Layer(rule(_unshuffle)),
    "Upsample": Layer(rule(_interpolate(), floats=True)),
    "UpsamplingNearest2d": Layer(rule(_interpolate("nearest", corners=False), floats=True)),
    "UpsamplingBilinear2d": Layer(rule(_interpolate("bilinear", corners=False), floats=True)),
}
