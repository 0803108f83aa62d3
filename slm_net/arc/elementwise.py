"""Layers that leave a tensor its sizes: activations, dropout, softmax; and the gate that halves one."""

from __future__ import annotations

from collections.abc import Sequence

from slm_net.arc.checks import Arguments, features, own_axis, rule
from slm_net.arc.shapes import Layer, Made, Misfit, Shape, Value
from slm_net.arc.sizes import resized


def keep(arguments: Arguments, shape: Shape) -> Shape:
    """The shape as it is, integers or not."""
    return shape


def give_floats(arguments: Arguments, shape: Shape) -> Shape:
    """The shape as it is, of floats."""
    return shape._replace(integer=False)


def _identity(arguments: Arguments, inputs: Sequence[Value]) -> Made:
    return Made(inputs[0])


def _dropout1d(arguments: Arguments, shape: Shape) -> Shape:
    """Whole channels are dropped: of (batch, features), whole samples would be."""
    if len(shape.sizes) != 3:
        alone = len(shape.sizes) == 2
        raise Misfit(f"gets {shape}, and needs (batch, channels, length)", hint="use Dropout", batch=alone)
    return shape


def _feature_dropout(arguments: Arguments, shape: Shape) -> Shape:
    if len(shape.sizes) < 2:
        raise Misfit(f"gets {shape}, and needs (batch, channels, …)", hint="use Dropout")
    return shape


def _prelu(arguments: Arguments, shape: Shape) -> Shape:
    if arguments["num_parameters"] != 1:
        features(shape, arguments["num_parameters"], "num_parameters", 1)
    return shape


def _prelu_weights(arguments: Arguments) -> int:
    count: int = arguments["num_parameters"]
    return count


def _softmax(arguments: Arguments, shape: Shape) -> Shape:
    """Without a `dim` over the last one, which torch alone would guess (see `make_activation`)."""
    own_axis(shape, -1 if arguments["dim"] is None else arguments["dim"])
    return shape


def _softmax2d(arguments: Arguments, shape: Shape) -> Shape:
    channels = len(shape.sizes) - 3
    if channels not in (0, 1) or channels == shape.batch:
        message = f"gets {shape}, and needs (batch, channels, height, width)"
        raise Misfit(message, hint="use Softmax with a dim", batch=channels == shape.batch)
    return shape


def _glu(arguments: Arguments, shape: Shape) -> Shape:
    dim = own_axis(shape, arguments["dim"])
    if shape.sizes[dim] % 2:
        raise Misfit(f"gets {shape}, and needs an even size in dimension {dim}, which it halves")
    return resized(shape, dim, shape.sizes[dim] // 2)


#: What they do to integers: leave them, make floats of them, or refuse them.
KEEP = ("Hardtanh", "ReLU", "ReLU6", "Threshold")
GIVE_FLOATS = ("Sigmoid", "Softsign", "Tanh", "Tanhshrink")
NEED_FLOATS = (
    *("AlphaDropout", "CELU", "Dropout", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "LeakyReLU"),
    *("Dropout3d", "LogSigmoid", "Mish", "RReLU", "SELU", "SiLU", "Softplus", "Softshrink"),
)
ELEMENTWISE = {
    **dict.fromkeys(KEEP, Layer(rule(keep))),
    **dict.fromkeys(GIVE_FLOATS, Layer(rule(give_floats))),
    **dict.fromkeys(NEED_FLOATS, Layer(rule(keep, floats=True))),
    **dict.fromkeys(("Dropout2d", "FeatureAlphaDropout"), Layer(rule(_feature_dropout, floats=True))),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Softmin"), Layer(rule(_softmax, floats=True))),
    "Dropout1d": Layer(rule(_dropout1d, floats=True)),
    "GLU": Layer(rule(_glu, floats=True)),
    "Identity": Layer(_identity),
    "PReLU": Layer(rule(_prelu, _prelu_weights, floats=True)),
    "Softmax2d": Layer(rule(_softmax2d, floats=True)),
}
