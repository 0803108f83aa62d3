"""A search space: what a spec's search varies, each with its distribution, and the ways to draw from all of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from random import Random
from typing import Any, Protocol

from slm_net.extras import require
from slm_net.search.draws import Distribution, Trial
from slm_net.words import listing, visible

#: Combinations that `grid` gives unless it is asked for more.
MOST_COMBINATIONS = 10_000


class Shares(Protocol):
    """What gives random numbers from 0 to 1: `random.Random`, a generator of numpy."""

    def random(self) -> float:
        """A number from 0 to 1."""


class SearchSpace(Mapping[str, Distribution]):
    """What a search varies by path, as `search_space` reads it; whatever draws of it gives a config for `apply`.

    >>> space = SearchSpace({"agent.net.gpu": Distribution("choice", [False, True])})
    >>> space
    SearchSpace({'agent.net.gpu': choice(false, true)})
    >>> space.grid()
    [{'agent.net.gpu': False}, {'agent.net.gpu': True}]
    """

    def __init__(self, distributions: Mapping[str, Distribution]):
        self._distributions = dict(distributions)

    def __getitem__(self, path: str) -> Distribution:
        return self._distributions[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._distributions)

    def __len__(self) -> int:
        return len(self._distributions)

    def __repr__(self) -> str:
        lines = [f"{visible(path)!r}: {distribution!r}" for path, distribution in self.items()]
        whole = f"SearchSpace({{{', '.join(lines)}}})"
        return whole if len(whole) <= 100 else "SearchSpace({\n" + "".join(f"    {line},\n" for line in lines) + "})"

    def suggest(self, trial: Trial) -> dict[str, Any]:
        """The config of a trial of Optuna; `OptunaSearch` of Ray Tune takes this function as its `space`.

        Optuna knows each value by its path: a choice as its index, and what Optuna has no distribution for (normal
        ones, logarithms in steps) as a number from 0 to 1.
        """
        return {path: distribution.suggest(trial, path) for path, distribution in self.items()}

    def to_ray(self) -> dict[str, Any]:
        """The `param_space` of a `ray.tune.Tuner`; a trial gets the config of `apply` in it.

        All are distributions of ray.tune itself, and `grid_search` is combined exhaustively with them, as in SLM Lab;
        `lognormal`, which ray.tune has not, is a `sample_from`.

        Raises:
            MissingExtra: Ray Tune is not installed.
        """
        require("ray", "a search space of Ray Tune")
        from ray import tune

        own = {"choice": tune.choice, "grid_search": tune.grid_search, "normal": tune.randn, "lognormal": _from(tune)}
        named = (tune.uniform, tune.loguniform, tune.randint, tune.lograndint, tune.randn, tune.qrandn)
        makers = {**own, **{make.__name__: make for make in (*named, tune.quniform, tune.qloguniform)}}
        makers.update(qrandint=tune.qrandint, qlograndint=tune.qlograndint)
        return {path: distribution.made_by(makers) for path, distribution in self.items()}

    def grid(self, points: int | None = None, *, most: int = MOST_COMBINATIONS) -> list[dict[str, Any]]:
        """Every combination of the listed values, as configs; the last key changes first.

        Args:
            points: how many values to take of each range, evenly in its distribution; without it a range is refused,
                as it has no end of values.
            most: the most combinations that are given.

        Raises:
            ValueError: a range without `points`, or more than `most` combinations.

        >>> ranges = SearchSpace({"lr": Distribution("loguniform", [1e-4, 1e-2]), "n": Distribution("randint", [1, 3])})
        >>> [(round(config["lr"], 5), config["n"]) for config in ranges.grid(points=2)]
        [(0.00032, 1), (0.00032, 2), (0.00316, 1), (0.00316, 2)]
        """
        ranges = [path for path, distribution in self.items() if not distribution.is_listed]
        if ranges and points is None:
            raise ValueError(f"a grid needs lists of values, and {listing(ranges, 3)} has a range: give points=5")
        if points is not None and points < 1:
            raise ValueError(f"points is {points}, expected a whole number above 0")
        values = [distribution.points(points or 1) for distribution in self.values()]
        if (count := math.prod(map(len, values))) > most:
            raise ValueError(f"the grid has {count:,} combinations, more than {most:,}: search less, or give most=")
        return [dict(zip(self, row, strict=True)) for row in product(*values)]

    def sample(self, rng: Shares | None = None) -> dict[str, Any]:
        """A config that is drawn at random, each value from its distribution.

        >>> SearchSpace({"lr": Distribution("uniform", [0, 1])}).sample(Random(0))
        {'lr': 0.8444218515250481}
        """
        rng = rng or Random()  # noqa: S311 (nothing secret)
        return {path: distribution.at(rng.random()) for path, distribution in self.items()}


def _from(tune: Any) -> Any:
    """What makes a distribution of ray.tune that numpy's random numbers draw, as they do its own."""

    def make(*values: float) -> Any:
        import numpy as np

        return tune.sample_from(lambda config: Distribution("lognormal", [*values]).at(np.random.random()))

    return make
