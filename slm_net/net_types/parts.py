"""The parts of a net that keys of its spec name: its body, its tails, and its modules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: The modules and parameters that a net's outputs come from; all else is its body.
TAILS = frozenset(("model_tail", "model_tails", "tails", "v", "adv", "log_std"))


def in_part(name: str, parts: Iterable[str]) -> bool:
    """Whether a parameter or module of this name belongs to one of the parts of a net.

    A part is "body", "tails" (of which each net has both), or the name of a module.

    >>> in_part("model_tail.0.weight", ["tails"]), in_part("fc_model.0", ["fc_model"]), in_part("fc_model.0", ["fc"])
    (True, True, False)
    """
    is_tail = name.partition(".")[0] in TAILS
    return any(
        is_tail == (part == "tails") if part in ("body", "tails") else f"{name}.".startswith(f"{part}.")
        for part in parts
    )


def frozen_parts(spec: Mapping[str, Any]) -> list[str]:
    """The parts of a net that its resolved spec freezes."""
    return [*spec["freeze"], *(spec["init_from"] or {}).get("freeze", ())]
