"""MLPNet without torch: vectors in, dense layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.net_types.base import Counts, InDim, NetType, hidden_parameters, output_parameters, size

VECTOR = InDim(size, "the length of the state, for example 4", lambda spec: 1)


def count_mlp(spec: Mapping[str, Any], in_dim: int, outputs: list[int]) -> Counts:
    """The parameters of dense layers on a vector, and of the output layers."""
    widths = [in_dim, *spec["hid_layers"]]
    hidden = hidden_parameters(widths, spec, spec["batch_norm"])
    return {("hid_layers",): hidden, **output_parameters(widths[-1], outputs)}


MLP = NetType("MLPNet", VECTOR, count_mlp)
