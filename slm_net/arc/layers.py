"""Every layer by name: what its rule is, what its inputs are called, and what a lazy one becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slm_net.arc.attention import ATTENTION
from slm_net.arc.checks import tensor
from slm_net.arc.convolutions import CONVOLUTIONS
from slm_net.arc.dense import DENSE
from slm_net.arc.elementwise import ELEMENTWISE
from slm_net.arc.functions import FUNCTIONAL
from slm_net.arc.merging import MERGING
from slm_net.arc.norms import NORMS
from slm_net.arc.pooling import POOLING
from slm_net.arc.reshaping import RESHAPING
from slm_net.arc.resizing import RESIZING
from slm_net.arc.sequences import SEQUENCES
from slm_net.arc.shapes import Layer, Made, Misfit, Shape, Value
from slm_net.arc.sizes import TOO_LARGE

EAGER: Mapping[str, Layer] = {
    **ATTENTION,
    **CONVOLUTIONS,
    **DENSE,
    **ELEMENTWISE,
    **FUNCTIONAL,
    **MERGING,
    **NORMS,
    **POOLING,
    **RESHAPING,
    **RESIZING,
    **SEQUENCES,
}
#: What the lazy layers learn from their input, and from which of its dimensions.
LEARNED: Mapping[str, tuple[str, int]] = {
    "Linear": ("in_features", -1),
    "WeightNormLinear": ("in_features", -1),
    "BatchRenorm1d": ("num_features", 1),
    **{f"{norm}Norm{rank}d": ("num_features", 1) for norm in ("Batch", "Instance") for rank in (1, 2, 3)},
    **{f"Conv{kind}{rank}d": ("in_channels", 1) for kind in ("", "Transpose") for rank in (1, 2, 3)},
}
LAYERS: Mapping[str, Layer] = {
    **EAGER,
    **{
        f"Lazy{name}": Layer(EAGER[name].shapes, EAGER[name].inputs, becomes=name, learned=learned)
        for name, learned in LEARNED.items()
    },
}


def layer_made(name: str, arguments: Mapping[str, Any], inputs: Sequence[Value]) -> Made:
    """What leaves the layer of this name, and how many weights it has; of a layer that is not in the table, nothing.

    >>> layer_made("LazyLinear", {"out_features": 8, "bias": True}, [Shape((1, 4))])
    Made(output=Shape(sizes=(1, 8), batch=0, integer=False), weights=40)

    Raises:
        Misfit: the layer cannot take what comes in, or its arguments do not go together.
    """
    layer = LAYERS.get(name)
    if layer is None:
        return Made(None)
    if layer.becomes:
        learned = learned_by(name, inputs)
        if not learned:
            return Made(None)
        arguments = {**arguments, **learned}
    made = layer.shapes(arguments, inputs)
    if not _is_countable(made.output):
        raise Misfit("gives more numbers than a tensor can have")
    return made


def _is_countable(value: Value) -> bool:
    if isinstance(value, Shape):
        return value.features < TOO_LARGE
    return value is None or all(_is_countable(part) for part in value)


def is_lazy(name: str) -> bool:
    """Whether a layer takes one of its arguments from what comes in first."""
    return name in LAYERS and bool(LAYERS[name].becomes)


def learned_by(name: str, inputs: Sequence[Value]) -> dict[str, int]:
    """What a lazy layer takes from its input, by the name of the argument; nothing if the input is not known.

    >>> learned_by("LazyConv2d", [Shape((1, 4, 84, 84))]), learned_by("Linear", [Shape((1, 4))])
    ({'in_channels': 4}, {})

    Raises:
        Misfit: the input is no tensor.
    """
    argument, dim = LAYERS[name].learned if name in LAYERS else ("", 0)
    shape = tensor(inputs[0]) if argument else None
    if shape is None:
        return {}
    return {argument: shape.sizes[dim] if -len(shape.sizes) <= dim < len(shape.sizes) else 1}
