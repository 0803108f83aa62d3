"""The dueling types without torch: each is another type with a value beside the advantages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slm_net.net_types.base import Counter, Counts, NetType, is_active
from slm_net.net_types.conv import CONV
from slm_net.net_types.mlp import MLP
from slm_net.net_types.recurrent import RECURRENT


def dueling(other: NetType) -> NetType:
    """The type with the body of another and two output layers, one for the value."""

    def with_value(counter: Counter | None) -> Counter:
        return lambda spec, in_dim, outputs: counter(spec, in_dim, [1, *outputs]) if counter else {}

    def activations(spec: Mapping[str, Any], in_dim: Any, outputs: list[int]) -> Counts:
        """The activation of the outputs stands behind what value and advantages make together."""
        counts = with_value(other.count_activations)({**spec, "out_layer_activation": None}, in_dim, outputs)
        counts["out_dim",] += sum(outputs) * is_active(spec["out_layer_activation"], 0)
        return counts

    return replace(
        other,
        name=f"Dueling{other.name}",
        count=with_value(other.count),
        count_activations=activations,
        values=True,
        dueling=True,
    )


DUELING_MLP, DUELING_CONV = replace(dueling(MLP), body=("model_body",)), dueling(CONV)
DUELING_RECURRENT = dueling(RECURRENT)
