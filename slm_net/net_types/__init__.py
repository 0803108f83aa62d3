"""What is known of each net type before anything is built: a record a type, in a file a family, without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slm_net.net_types.arc import TORCH_ARC
from slm_net.net_types.base import NET_TYPES, Counter, Counts, InDim, NetType, NotCounted
from slm_net.net_types.conv import CONV, IMAGE
from slm_net.net_types.dueling import DUELING_CONV, DUELING_MLP, DUELING_RECURRENT
from slm_net.net_types.hydra import HYDRA
from slm_net.net_types.mlp import MLP, VECTOR
from slm_net.net_types.q import FILM_Q_CONV, Q_CONV, Q_MLP
from slm_net.net_types.recurrent import RECURRENT, SEQUENCE
from slm_net.schema.entries import ENTRIES, IN_DIMS

for _type in (
    *(MLP, RECURRENT, CONV, DUELING_MLP, DUELING_RECURRENT, DUELING_CONV, HYDRA),
    *(Q_MLP, Q_CONV, FILM_Q_CONV, TORCH_ARC),
):
    NET_TYPES.register(_type.name)(_type)

#: What the entry of a type may call what it takes.
TAKES = dict(zip(IN_DIMS, (VECTOR, IMAGE, SEQUENCE), strict=True))


def net_type(name: str) -> NetType:
    """The record of a type: ours, or what a registered one says of itself; else its name alone."""
    if name in NET_TYPES:
        return NET_TYPES[name]
    if name not in ENTRIES["net"]:
        return NetType(name)
    entry = ENTRIES["net"][name]
    takes = TAKES.get(entry.takes) if isinstance(entry.takes, str) else _taking(name, entry.takes)
    return NetType(name, takes, entry.count and _counting(entry.count), counts_least=False)


def _taking(name: str, fits: Callable[[Any], object]) -> InDim:
    """What a function takes; the first line of its docstring says what that is."""
    words = (fits.__doc__ or "").strip().partition("\n")[0] or f"what {name} takes"

    def test(in_dim: Any) -> bool:
        try:
            return bool(fits(in_dim))
        except Exception:  # it was written for another shape, as in `len(in_dim) == 2`
            return False

    return InDim(test, words, lambda spec: None)


def _counting(count: Callable[..., int]) -> Counter:
    def counts(spec: Mapping[str, Any], in_dim: Any, outputs: list[int]) -> Counts:
        try:
            return {("type",): int(count(spec, in_dim, outputs[0] if len(outputs) == 1 else outputs))}
        except ValueError:
            raise
        except Exception as error:
            raise NotCounted(f"{type(error).__name__}: {error}") from error

    return counts
