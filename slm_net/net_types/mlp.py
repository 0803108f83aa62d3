"""MLPNet without torch: vectors in, dense layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.net_types.base import (
    Counts,
    InDim,
    NetType,
    by_layer,
    hidden_activations,
    hidden_parameters,
    output_activations,
    output_parameters,
    size,
)

VECTOR = InDim(size, "the length of the state, for example 4", lambda spec: 1)


def count_mlp(spec: Mapping[str, Any], in_dim: int, outputs: list[int]) -> Counts:
    """The parameters of dense layers on a vector, and of the output layers."""
    widths = [in_dim, *spec["hid_layers"]]
    hidden = hidden_parameters(widths, spec, spec["batch_norm"])
    return {("hid_layers",): hidden, **output_parameters(widths[-1], outputs)}


def mlp_activations(spec: Mapping[str, Any], in_dim: int, outputs: list[int]) -> Counts:
    """Those of dense layers, and of the output layers."""
    hidden = hidden_activations([in_dim, *spec["hid_layers"]], spec, spec["batch_norm"])
    return {**by_layer("hid_layers", hidden), ("out_dim",): output_activations(spec, outputs)}


MLP = NetType("MLPNet", VECTOR, count_mlp, mlp_activations, body=("model",))
