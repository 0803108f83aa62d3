"""The smallest dims that a net could have: what is counted for them is there whatever the real dims are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slm_net.spec.net_dims import IMAGE_ACTION_TYPES, IMAGE_TYPES
from slm_net.spec.shapes import ConvLayer, Shape, conv_layer


def smallest_in_dim(net_type: str, spec: Mapping[str, Any]) -> Any:
    """The smallest `in_dim` that a net of this type and spec takes.

    >>> smallest_in_dim("MLPNet", {}), smallest_in_dim("RecurrentNet", {}), smallest_in_dim("QMLPNet", {})
    (1, (1, 1), (1, 1))
    >>> smallest_in_dim("HydraMLPNet", {"hid_layers": [[[8], [8]], [16], []]})
    [1, 1]
    """
    if net_type in IMAGE_TYPES:
        return smallest_image(spec["conv_hid_layers"])
    if net_type in IMAGE_ACTION_TYPES:
        return smallest_image(spec["conv_hid_layers"]), 1
    if net_type == "HydraMLPNet":
        return [1] * len(spec["hid_layers"][0])
    return 1 if net_type in ("MLPNet", "DuelingMLPNet") else (1, 1)


def smallest_out_dim(net_type: str, spec: Mapping[str, Any]) -> Any:
    """The smallest `out_dim`: one number, or one for each tail."""
    return [1] * max(1, len(spec["hid_layers"][2])) if net_type == "HydraMLPNet" else 1


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
