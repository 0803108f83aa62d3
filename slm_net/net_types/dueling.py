"""The dueling types without torch: each is another type with a value beside the advantages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slm_net.net_types.base import Counts, NetType
from slm_net.net_types.conv import CONV
from slm_net.net_types.mlp import MLP
from slm_net.net_types.recurrent import RECURRENT


def dueling(other: NetType) -> NetType:
    """The type with the body of another and two output layers, one for the value."""

    def count(spec: Mapping[str, Any], in_dim: Any, outputs: list[int]) -> Counts:
        return other.count(spec, in_dim, [1, *outputs]) if other.count else {}

    name = f"Dueling{other.name}"
    return replace(other, name=name, count=count, values=True, dueling=True)


DUELING_MLP, DUELING_CONV = dueling(MLP), dueling(CONV)
DUELING_RECURRENT = dueling(RECURRENT)
