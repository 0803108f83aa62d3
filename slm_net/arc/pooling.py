"""Layers that make an image smaller by pooling, and the ones that undo it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slm_net.arc.checks import Arguments, channels_dim, no_integers, rule
from slm_net.arc.convolutions import too_large
from slm_net.arc.shapes import Layer, Misfit, Shape, Value
from slm_net.arc.sizes import as_written, by, reaches, scaled, spread

Sizes = Sequence[int]


def _resize(shape: Shape, spatial: int, sizes: Sizes) -> Shape:
    """The shape with other sizes in its last dimensions."""
    return shape._replace(sizes=(*shape.sizes[:-spatial], *sizes))


def _perhaps_indices(arguments: Arguments, output: Shape) -> Value:
    """What is pooled, with the places that it is from if these are asked for."""
    return (output, output._replace(integer=True)) if arguments["return_indices"] else output


def _pooled(arguments: Arguments, sizes: Sizes, padding: Sizes, dilation: Sizes) -> tuple[int, ...]:
    """The sizes that a sliding window leaves; with ceil_mode, a last one may stand over the edge."""
    spatial = len(sizes)
    kernel = spread(arguments["kernel_size"], spatial)
    stride = kernel if arguments["stride"] is None else spread(arguments["stride"], spatial)
    reach = reaches(kernel, dilation)
    if any(pad > span // 2 for pad, span in zip(padding, kernel, strict=True)):
        fits = as_written(arguments["padding"], [span // 2 for span in kernel])
        message = f"has a padding of more than half of its kernel of {by(kernel)}"
        raise Misfit(message, "padding", f"write at most {fits}", fits=fits)
    places = []
    for size, pad, span, step in zip(sizes, padding, reach, stride, strict=True):
        free = size + 2 * pad - span
        place = (-(-free // step) if arguments["ceil_mode"] else free // step) + 1
        places.append(place - (arguments["ceil_mode"] and (place - 1) * step >= size + pad))
    if min(places) < 1:
        padded = [size + 2 * pad for size, pad in zip(sizes, padding, strict=True)]
        raise too_large(arguments["kernel_size"], sizes, padded, dilation)
    return tuple(places)


def _averaged(arguments: Arguments, sizes: Sizes, padding: Sizes) -> tuple[int, ...]:
    """The same of windows without dilation; with three dimensions, none may be larger than what comes in."""
    spatial = len(sizes)
    places, one = _pooled(arguments, sizes, padding, (1,) * spatial), (1,) * spatial
    kernel = spread(arguments["kernel_size"], spatial)
    if spatial == 3 and any(span > size for span, size in zip(kernel, sizes, strict=True)):
        raise too_large(arguments["kernel_size"], sizes, sizes, one)
    return places


def _max_pool(spatial: int) -> Callable[..., Value]:
    def shapes(arguments: Arguments, shape: Shape) -> Value:
        channels_dim(shape, spatial)
        padding, dilation = spread(arguments["padding"], spatial), spread(arguments["dilation"], spatial)
        if shape.integer and spatial == 1 and not arguments["return_indices"]:
            raise no_integers()
        sizes = _pooled(arguments, shape.sizes[-spatial:], padding, dilation)
        return _perhaps_indices(arguments, _resize(shape, spatial, sizes))

    return shapes


def _average_pool(spatial: int) -> Callable[..., Shape]:
    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        channels_dim(shape, spatial)
        padding = spread(arguments["padding"], spatial)
        return _resize(shape, spatial, _averaged(arguments, shape.sizes[-spatial:], padding))

    return shapes


def _power_pool(spatial: int) -> Callable[..., Shape]:
    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        channels_dim(shape, spatial)
        sizes = _averaged(arguments, shape.sizes[-spatial:], (0,) * spatial)
        return _resize(shape, spatial, sizes)._replace(integer=False)

    return shapes


def _adaptive(arguments: Arguments, shape: Shape, spatial: int) -> Shape:
    channels_dim(shape, spatial)
    wanted, sizes = spread(arguments["output_size"], spatial), shape.sizes[-spatial:]
    return _resize(shape, spatial, [own if size is None else size for size, own in zip(wanted, sizes, strict=True)])


def _adaptive_average(spatial: int) -> Callable[..., Shape]:
    return lambda arguments, shape: _adaptive(arguments, shape, spatial)


def _adaptive_max(spatial: int) -> Callable[..., Value]:
    return lambda arguments, shape: _perhaps_indices(arguments, _adaptive(arguments, shape, spatial))


def _fractional(spatial: int) -> Callable[..., Value]:
    def shapes(arguments: Arguments, shape: Shape) -> Value:
        channels_dim(shape, spatial)
        size, ratio, sizes = arguments["output_size"], arguments["output_ratio"], shape.sizes[-spatial:]
        if (size is None) == (ratio is None):
            raise Misfit("needs either output_size or output_ratio", "output_ratio" if size else "")
        kernel = spread(arguments["kernel_size"], spatial)
        wanted = [scaled(own, part) for own, part in zip(sizes, spread(ratio, spatial), strict=True)] if ratio else ()
        wanted = wanted or spread(size, spatial)
        inside = [own - (spatial == 3) for own in sizes]  # of three dimensions torch leaves the last place out
        most = [own - span + 1 for own, span in zip(inside, kernel, strict=True)]
        if min(most) < 1:
            raise too_large(arguments["kernel_size"], sizes, inside, (1,) * spatial)
        if min(wanted) < 1 or any(place > limit for place, limit in zip(wanted, most, strict=True)):
            fits = as_written(size, most) if size else None
            message = f"gets {by(sizes)}, and takes {by(wanted)} windows of {by(kernel)} from it"
            argument = "output_size" if size else "output_ratio"
            raise Misfit(message, argument, f"write at most {fits}" if size else "", fits=fits)
        return _perhaps_indices(arguments, _resize(shape, spatial, wanted))

    return shapes


def _unpool(spatial: int) -> Callable[..., Shape]:
    def shapes(arguments: Arguments, shape: Shape, indices: Shape) -> Shape:
        channels_dim(shape, spatial)
        if shape.integer:
            raise no_integers()
        if not indices.integer:
            hint = "take them from a pool with return_indices: true"
            raise Misfit("gets floats as indices, and needs integers", hint=hint, source=1)
        if indices.sizes != shape.sizes or indices.batch != shape.batch:
            raise Misfit(f"gets {shape}, and indices {indices}, which have to be as many", source=1)
        kernel, padding = spread(arguments["kernel_size"], spatial), spread(arguments["padding"], spatial)
        stride = kernel if arguments["stride"] is None else spread(arguments["stride"], spatial)
        each = zip(shape.sizes[-spatial:], kernel, stride, padding, strict=True)
        sizes = [(size - 1) * step - 2 * pad + span for size, span, step, pad in each]
        if min(sizes) < 1:
            raise Misfit(f"gets {by(shape.sizes[-spatial:])}, of which its padding leaves nothing", "padding")
        return _resize(shape, spatial, sizes)

    return shapes


POOLING = {
    **{f"MaxPool{spatial}d": Layer(rule(_max_pool(spatial))) for spatial in (1, 2, 3)},
    **{f"AvgPool{spatial}d": Layer(rule(_average_pool(spatial))) for spatial in (1, 2, 3)},
    **{f"LPPool{spatial}d": Layer(rule(_power_pool(spatial))) for spatial in (1, 2, 3)},
    **{f"AdaptiveAvgPool{spatial}d": Layer(rule(_adaptive_average(spatial), floats=True)) for spatial in (1, 2, 3)},
    **{f"AdaptiveMaxPool{spatial}d": Layer(rule(_adaptive_max(spatial), floats=True)) for spatial in (1, 2, 3)},
    **{f"FractionalMaxPool{spatial}d": Layer(rule(_fractional(spatial), floats=True)) for spatial in (2, 3)},
    **{f"MaxUnpool{spatial}d": Layer(rule(_unpool(spatial)), ("input", "indices")) for spatial in (1, 2, 3)},
}
