"""The distributions that a search can name, the ranges they take, and values that they can give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from slm_net.wording.values import shown

LISTED = ("choice", "grid_search")
OPEN = ("uniform", "loguniform")
WHOLE = ("randint", "lograndint", "qrandint", "qlograndint")
BETWEEN = (*OPEN, "randint", "lograndint")
STEPPED = ("quniform", "qloguniform", "qrandint", "qlograndint")
NORMAL = ("normal", "randn", "lognormal")
STEPPED_NORMAL = ("qrandn",)
#: Those of SLM Lab 4 (numpy) and 5 (ray.tune).
DISTRIBUTIONS = (*LISTED, *BETWEEN, *STEPPED, *NORMAL, *STEPPED_NORMAL)
#: How far inside of an open end a value is taken, as a share of the range.
INSIDE = 0.001
#: The largest power of e that a float holds.
LARGEST_EXPONENT = 709.0


class Sample(NamedTuple):
    """A value that can be drawn, and where it comes from: the entry of the list, and `end`, what is written there.

    The ends of a continuous range are not drawn themselves: there `value` is a little inside of them.
    """

    entry: int
    value: Any
    end: Any


def wrong_range(distribution: str, values: Any) -> tuple[str, str] | None:
    """What is wrong with the values given to a distribution, and what to write; None if nothing is.

    >>> wrong_range("uniform", [0.1, 0.01])
    ('uniform goes from low to high, but 0.1 is not below 0.01', 'write [0.01, 0.1]')
    """
    if distribution in LISTED:
        if not isinstance(values, list) or not values:
            hint = "" if values == [] or isinstance(values, dict) else f"write [{shown(values)}]"
            return f"{distribution} is {shown(values)}, expected a list of values", hint
        return None
    names = _wanted(distribution)
    if not isinstance(values, list) or len(values) != len(names) or not all(map(_is_number, values)):
        hint = f"write [{', '.join(names)}]" + ("" if distribution in NORMAL + STEPPED_NORMAL else ", or use choice")
        return f"{distribution} is {shown(values)}, expected {len(names)} numbers", hint
    if names[-1] == "step" and values[2] <= 0:
        return f"the step is {shown(values[2])}", "give one above 0"
    if distribution in NORMAL + STEPPED_NORMAL and values[1] <= 0:
        return f"the standard deviation is {shown(values[1])}", "give one above 0"
    if names[-1] == "step" and not all(math.isfinite(value / values[2]) for value in values[:2]):
        return f"the step {shown(values[2])} is too small for such numbers", "give a larger one"
    return None if distribution in NORMAL + STEPPED_NORMAL else _wrong_bounds(distribution, values)


def _wrong_bounds(distribution: str, values: list[Any]) -> tuple[str, str] | None:
    low, high = values[:2]
    if low >= high:
        rest = "".join(f", {shown(step)}" for step in values[2:])
        message = f"{distribution} goes from low to high, but {shown(low)} is not below {shown(high)}"
        same = "give a higher second number, or use choice"
        return message, f"write [{shown(high)}, {shown(low)}{rest}]" if low > high else same
    if "log" in distribution and low <= 0:
        return f"{distribution} is {shown(values)}, and a logarithm needs numbers above 0", "give a low above 0"
    fraction = next((value for value in values if isinstance(value, float) and not value.is_integer()), None)
    if distribution in WHOLE and fraction is not None:
        message = f"{distribution} draws whole numbers, and {shown(fraction)} is none"
        return message, f"write whole numbers, or use {distribution.replace('randint', 'uniform')}"
    first, last = bounds(distribution, values)
    if first > last:
        return (
            f"no multiple of the step {shown(values[2])} lies from {shown(low)} to {shown(high)}",
            "give a smaller step",
        )
    return None


def bounds(distribution: str, values: list[Any]) -> tuple[Any, Any]:
    """The first and the last that is drawn of a range; of a stepped one as numbers of steps.

    >>> bounds("uniform", [0, 1]), bounds("randint", [1, 10]), bounds("qrandint", [10, 100, 16])
    ((0, 1), (1, 9), (1, 6))
    """
    low, high = values[:2]
    if distribution in STEPPED:
        first = _steps(low, values[2], math.ceil)
        # a tiny low by a large step is 0 in floats, and has no logarithm
        return max(first, 1) if "log" in distribution else first, _steps(high, values[2], math.floor)
    return (int(low), int(high) - 1) if distribution in WHOLE else (low, high)


def _steps(end: float, step: float, inwards: Callable[[float], int]) -> int:
    """How many steps an end of a range is from 0, which rarely is a whole number of them in floats."""
    count = end / step
    return round(count) if math.isclose(count, round(count)) else inwards(count)


def multiple(count: int, step: float) -> float:
    """So many steps, without the noise of floats.

    >>> multiple(3, 0.1), multiple(2, 5)
    (0.3, 10.0)
    """
    from decimal import Decimal

    return float(count * Decimal(repr(step)))


def samples(distribution: str, values: list[Any]) -> Iterator[Sample]:
    """Values that stand for all that can be drawn: every choice, or those at both ends of a range.

    >>> [sample.value for sample in samples("randint", [1, 10])]
    [1, 9]
    >>> list(samples("uniform", [0, 1]))
    [Sample(entry=0, value=0.001, end=0), Sample(entry=1, value=0.999, end=1)]
    """
    if distribution in LISTED:
        yield from (Sample(index, value, value) for index, value in enumerate(values))
    elif distribution in OPEN:
        mix = _between_logs if distribution == "loguniform" else _between
        yield Sample(0, mix(values[0], values[1]), values[0])
        yield Sample(1, mix(values[1], values[0]), values[1])
    elif distribution in BETWEEN + STEPPED:
        ends: list[Any] = list(bounds(distribution, values))
        if distribution in STEPPED:
            ends = [end * int(values[2]) if distribution in WHOLE else multiple(end, values[2]) for end in ends]
        yield from (Sample(index, end, end) for index, end in enumerate(ends))
    else:
        mean = math.exp(min(values[0], LARGEST_EXPONENT)) if distribution == "lognormal" else values[0]
        yield Sample(0, mean, mean)


def _between(near: float, far: float) -> float:
    return near * (1 - INSIDE) + far * INSIDE


def _between_logs(near: float, far: float) -> float:
    return math.exp(min(_between(math.log(near), math.log(far)), LARGEST_EXPONENT))


def _wanted(distribution: str) -> tuple[str, ...]:
    bounds = ("mean", "sd") if distribution in NORMAL + STEPPED_NORMAL else ("low", "high")
    return (*bounds, "step") if distribution in STEPPED + STEPPED_NORMAL else bounds


def _is_number(value: Any) -> bool:
    # the reader has refused larger ints, nan and infinity in a text; a dict can hold them
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e308 <= value <= 1e308
