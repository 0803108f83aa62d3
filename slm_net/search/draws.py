"""Distributions that are drawn from: each as its values, as the draw of an engine, and as a number from 0 to 1."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from slm_net.search.distributions import (
    LARGEST_EXPONENT,
    LISTED,
    NORMAL,
    STEPPED,
    STEPPED_NORMAL,
    WHOLE,
    bounds,
    multiple,
)
from slm_net.wording.values import shown

#: The numbers nearest to 0 and 1 whose normal quantiles are finite.
FIRST, LAST = 2.0**-54, 1 - 2.0**-53
#: Above this a whole number is no float any more, and no engine draws it.
MOST_STEPS = 2**53


class Trial(Protocol):
    """What is asked of a trial of Optuna: `optuna.trial.Trial`, and what stands in for it."""

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """One of the choices."""

    def suggest_float(self, name: str, low: float, high: float, *, step: Any = None, log: bool = False) -> float:
        """A number from `low` to `high`."""

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """A whole number from `low` to `high`, which counts."""


class Distribution(NamedTuple):
    """A distribution by its name in a spec, and what is written for it: a list of choices, or the ends of a range.

    >>> Distribution("quniform", [0, 1, 0.25])
    quniform(0, 1, 0.25)
    """

    name: str
    values: list[Any]

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(shown(value) for value in self.values)})"

    @property
    def is_listed(self) -> bool:
        """True for a list of choices."""
        return self.name in LISTED

    @property
    def is_log(self) -> bool:
        """True for a range of which each order of magnitude is as likely."""
        return "log" in self.name

    def at(self, share: float) -> Any:
        """The value below which this share, between 0 and 1, of all draws are: the inverse distribution function.

        Choices are equally likely, and so are the steps of a whole range; of other stepped ranges what is drawn is
        rounded to the next step, as ray.tune does it.

        >>> Distribution("choice", [[64], [64, 32]]).at(0.7), Distribution("randint", [1, 4]).at(0.7)
        ([64, 32], 3)
        >>> Distribution("quniform", [0, 1, 0.1]).at(0.33), Distribution("qrandint", [16, 64, 16]).at(0.9)
        (0.3, 64)
        >>> round(Distribution("loguniform", [1e-4, 1e-2]).at(0.5), 6), Distribution("normal", [5, 2]).at(0.5)
        (0.001, 5.0)
        """
        share = min(max(share, FIRST), LAST)
        if self.is_listed:
            return self.values[int(share * len(self.values))]
        if self.name in NORMAL + STEPPED_NORMAL:
            return self._normal(share)
        low, high = bounds(self.name, self.values)
        if self.name in WHOLE:
            # of a logarithm the upper end is drawn because all that is below the next number is rounded down
            found = self._mixed(low, high + 1, share)
            return self._stepped(min(max(math.floor(found), low), high))
        return self._stepped(self._mixed(low, high, share))

    def suggest(self, trial: Trial, path: str) -> Any:
        """A value that a trial of Optuna draws; what Optuna lacks is a number from 0 to 1 there."""
        if self.is_listed:  # by index: Optuna's storages take no lists and objects, and 1 is True to it
            return self.values[trial.suggest_categorical(path, range(len(self.values)))]
        if not self._is_native:
            return self.at(trial.suggest_float(path, 0, 1))
        low, high = bounds(self.name, self.values)
        if self.name in STEPPED:  # the step as Optuna has it, of which the value is a multiple
            step = self.values[2]
            if self.name == "qrandint":
                return trial.suggest_int(path, low * int(step), high * int(step), step=int(step))
            ends = multiple(low, step), multiple(high, step)
            return self._stepped(round(trial.suggest_float(path, *ends, step=step) / step))
        draw = trial.suggest_int if self.name in WHOLE else trial.suggest_float
        return draw(path, low, high, log=self.is_log)

    def points(self, count: int) -> list[Any]:
        """All choices of a list; of a range so many different values as there are, evenly in the distribution.

        >>> Distribution("randint", [0, 3]).points(10), Distribution("uniform", [0, 1]).points(2)
        ([0, 1, 2], [0.25, 0.75])
        """
        if self.is_listed:
            return self.values
        return list(dict.fromkeys(self.at((index + 0.5) / count) for index in range(count)))

    def made_by(self, makers: Mapping[str, Callable[..., Any]]) -> Any:
        """The distribution of ray.tune, which the maker of this name makes; steps from and to multiples of a step."""
        if self.is_listed:
            return makers[self.name](self.values)
        if self.name in NORMAL + STEPPED_NORMAL:
            return makers[self.name](*self.values)
        low, high = bounds(self.name, self.values)
        if self.name in STEPPED:
            step = int(self.values[2]) if self.name in WHOLE else self.values[2]
            if step == 1 and self.name in WHOLE:  # ray.tune leaves the last one out then
                return makers[self.name[1:]](low, high + 1)
            ends = [self._stepped(end) for end in (low, high)]
            return makers[self.name](*ends, step)
        return makers[self.name](low, high + 1 if self.name in WHOLE else high)

    @property
    def _is_native(self) -> bool:
        """True for what Optuna draws by itself."""
        if self.name in NORMAL + STEPPED_NORMAL or (self.name in STEPPED and self.is_log):
            return False
        low, high = bounds(self.name, self.values)
        is_counted = self.name in WHOLE + STEPPED
        return max(abs(low), abs(high)) < MOST_STEPS if is_counted else math.isfinite(high - low)

    def _mixed(self, low: float, high: float, share: float) -> float:
        if self.is_log:
            return math.exp(min(_between(math.log(low), math.log(high), share), LARGEST_EXPONENT))
        return _between(low, high, share)

    def _normal(self, share: float) -> float:
        from statistics import NormalDist

        value = self.values[0] + self.values[1] * NormalDist().inv_cdf(share)
        if self.name == "lognormal":
            return math.exp(min(value, LARGEST_EXPONENT))
        value = min(max(value, -sys.float_info.max), sys.float_info.max)
        if self.name not in STEPPED_NORMAL or not math.isfinite(steps := value / self.values[2]):
            return value
        return multiple(round(steps), self.values[2])

    def _stepped(self, value: float) -> Any:
        """The value of a step, of which `bounds` and so `value` are the numbers; another value as it is."""
        if self.name in STEPPED:
            step = self.values[2]
            return round(value) * int(step) if self.name in WHOLE else multiple(round(value), step)
        return value


def _between(low: float, high: float, share: float) -> float:
    return low * (1 - share) + high * share
