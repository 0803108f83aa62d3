"""Layers that normalise: over a batch, a sample, groups of channels, the last dimensions, or neighbours."""

from __future__ import annotations

from math import prod

from slm_net.arc.checks import Arguments, channels_dim, features, needed, rule
from slm_net.arc.shapes import Layer, Misfit, Shape, ShapeRule
from slm_net.arc.sizes import divisor, marked


def _affine_weights(arguments: Arguments, size: int, switch: str) -> int:
    """A scale a number, and a shift if there is a bias."""
    return size * (1 + bool(arguments.get("bias"))) if arguments[switch] else 0


def _channel_weights(arguments: Arguments) -> int:
    return _affine_weights(arguments, arguments["num_features"], "affine")


def _batch_norm(*ranks: int) -> ShapeRule:
    """Batch norm of a tensor with one of these numbers of dimensions, of two or more if none is given."""

    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        rank = len(shape.sizes)
        if rank not in ranks if ranks else rank < 2:
            raise Misfit(f"gets {shape}, and needs {' or '.join(map(needed, ranks)) or '(batch, channels, …)'}")
        if arguments["affine"] or arguments["track_running_stats"]:
            features(shape, arguments["num_features"], "num_features", 1)
        elif shape.batch == 1:
            raise Misfit(f"gets {shape}, and needs {needed(rank)}", batch=True)
        return shape

    return rule(shapes, _channel_weights, floats=True)


def _batch_renorm(arguments: Arguments, shape: Shape) -> Shape:
    if len(shape.sizes) < 2:
        raise Misfit(f"gets {shape}, and needs (batch, channels, …)")
    features(shape, arguments["num_features"], "num_features", 1)
    return shape


def _batch_renorm_weights(arguments: Arguments) -> int:
    return 2 * int(arguments["num_features"])


def _instance_norm(spatial: int) -> ShapeRule:
    """Instance norm over so many spatial dimensions."""

    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        dim = channels_dim(shape, spatial)
        if arguments["affine"] or arguments["track_running_stats"]:
            features(shape, arguments["num_features"], "num_features", dim)
        if prod(shape.sizes[dim + 1 :]) == 1:
            raise Misfit(f"gets {shape}, and needs more than one number a channel")
        return shape

    return rule(shapes, _channel_weights, floats=True)


def _group_norm(arguments: Arguments, shape: Shape) -> Shape:
    groups, channels = arguments["num_groups"], arguments["num_channels"]
    rank = len(shape.sizes)
    if rank < 2:
        raise Misfit(f"gets {shape}, and needs (batch, channels, …)")
    if shape.batch:
        raise Misfit(f"gets {shape}, and needs (batch, channels, …)", batch=True)
    if arguments["affine"]:
        features(shape, channels, "num_channels", 1)
    elif shape.sizes[1] % groups:
        raise _groups(groups, shape.sizes[1])
    return shape


def _groups(groups: int, channels: int) -> Misfit:
    fits = divisor(channels, groups)
    message = f"has {groups} groups, which do not divide {channels} channel{'s' * (channels != 1)}"
    return Misfit(message, "num_groups", f"write {fits}", fits=fits)


def _group_norm_weights(arguments: Arguments) -> int:
    if arguments["num_channels"] % arguments["num_groups"]:
        raise _groups(arguments["num_groups"], arguments["num_channels"])
    return _affine_weights(arguments, arguments["num_channels"], "affine")


def _normalized(arguments: Arguments) -> tuple[int, ...]:
    shape = arguments["normalized_shape"]
    return tuple(shape) if isinstance(shape, list | tuple) else (shape,)


def _last_norm(arguments: Arguments, shape: Shape) -> Shape:
    """LayerNorm and RMSNorm, over the last dimensions."""
    wanted = _normalized(arguments)
    last = marked(shape)[-len(wanted) :]
    if last != wanted:
        own = last[last.index(0) + 1 :] if 0 in last else last
        if not own:
            raise Misfit(f"gets {shape}, and would normalise over the batch", "normalized_shape", batch=True)
        written = list(own) if isinstance(arguments["normalized_shape"], list | tuple) else own[-1]
        made = ", ".join(map(str, wanted))
        message = f"gets {shape}, and is made for (…, {made})"
        raise Misfit(message, "normalized_shape", f"write {written}", fits=written)
    return shape


def _last_norm_weights(arguments: Arguments) -> int:
    return _affine_weights(arguments, prod(_normalized(arguments)), "elementwise_affine")


def _response_norm(*ranks: int) -> ShapeRule:
    """A norm over neighbouring channels."""

    def shapes(arguments: Arguments, shape: Shape) -> Shape:
        rank = len(shape.sizes)
        if rank not in ranks if ranks else rank < 3:
            raise Misfit(f"gets {shape}, and needs {needed(4)}")
        if shape.batch == 1:
            raise Misfit(f"gets {shape}, and needs {needed(rank)}", batch=True)
        return shape._replace(integer=False)

    return rule(shapes, floats=bool(ranks))


NORMS = {
    "BatchNorm1d": Layer(_batch_norm(2, 3)),
    "BatchNorm2d": Layer(_batch_norm(4)),
    "BatchNorm3d": Layer(_batch_norm(5)),
    "SyncBatchNorm": Layer(_batch_norm()),
    "BatchRenorm1d": Layer(rule(_batch_renorm, _batch_renorm_weights, floats=True), ("x",)),
    **{f"InstanceNorm{spatial}d": Layer(_instance_norm(spatial)) for spatial in (1, 2, 3)},
    "GroupNorm": Layer(rule(_group_norm, _group_norm_weights, floats=True)),
    "LayerNorm": Layer(rule(_last_norm, _last_norm_weights, floats=True)),
    "RMSNorm": Layer(rule(_last_norm, _last_norm_weights, floats=True), ("x",)),
    "LocalResponseNorm": Layer(_response_norm()),
    "CrossMapLRN2d": Layer(_response_norm(4)),
}
