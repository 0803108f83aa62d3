"""The distributions that a search can name, the ranges they take, and values that they can give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slm_net.spec.wording import shown

LISTED = ("choice", "grid_search")
BETWEEN = ("uniform", "loguniform", "randint", "lograndint")
STEPPED = ("quniform", "qloguniform", "qrandint", "qlograndint")
NORMAL = ("normal", "randn", "lognormal")
STEPPED_NORMAL = ("qrandn",)
#: Those of SLM Lab 4 (numpy) and 5 (ray.tune).
DISTRIBUTIONS = (*LISTED, *BETWEEN, *STEPPED, *NORMAL, *STEPPED_NORMAL)


def wrong_range(distribution: str, values: Any) -> tuple[str, str] | None:
    """What is wrong with the values given to a distribution, and what to write; None if nothing is.

    >>> wrong_range("uniform", [0.1, 0.01])
    ('uniform goes from low to high, but 0.1 is not below 0.01', 'write [0.01, 0.1]')
    """
    if distribution in LISTED:
        if not isinstance(values, list) or not values:
            return f"{distribution} is {shown(values)}, expected a list of values", f"write [{shown(values)}]"
        return None
    names = _wanted(distribution)
    if not isinstance(values, list) or len(values) != len(names) or not all(map(_is_number, values)):
        hint = f"write [{', '.join(names)}]" + ("" if distribution in NORMAL else ", or use choice")
        return f"{distribution} is {shown(values)}, expected {len(names)} numbers", hint
    if distribution in NORMAL + STEPPED_NORMAL:
        return None if values[1] > 0 else (f"the standard deviation is {values[1]}", "give one above 0")
    low, high = values[:2]
    if low >= high:
        return f"{distribution} goes from low to high, but {low} is not below {high}", f"write [{high}, {low}]"
    if "log" in distribution and low <= 0:
        return f"{distribution} is {shown(values)}, and a logarithm needs numbers above 0", "give a low above 0"
    return None


def samples(distribution: str, values: list[Any]) -> Iterator[tuple[int, Any]]:
    """Values that stand for all that can be drawn, each with its index in `values`: every choice, or both ends."""
    if distribution in LISTED:
        yield from enumerate(values)
    elif distribution in BETWEEN + STEPPED:
        # the upper end of randint is not drawn
        yield 0, values[0]
        yield 1, values[1] - ("randint" in distribution)
    else:
        yield 0, values[0]


def _wanted(distribution: str) -> tuple[str, ...]:
    bounds = ("mean", "sd") if distribution in NORMAL + STEPPED_NORMAL else ("low", "high")
    return (*bounds, "step") if distribution in STEPPED + STEPPED_NORMAL else bounds


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
