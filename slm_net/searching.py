"""A spec's own search: `search_space` reads it, `apply` makes a spec of what was drawn, and `outcome` tries that."""

from __future__ import annotations

import math
import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from slm_net.concrete import Concrete
from slm_net.document.specs import SpecSource, read_document
from slm_net.plan import load_spec, loaded, refuse_errors
from slm_net.problems import ERROR, SpecError
from slm_net.search.distributions import DISTRIBUTIONS, wrong_range
from slm_net.search.draws import Distribution
from slm_net.search.search import searched
from slm_net.search.space import SearchSpace
from slm_net.text.mapping import plain
from slm_net.text.places import DUPLICATE_KEY
from slm_net.validation import Given, examine
from slm_net.wording.schema_problems import MISSING_KEY, VALUE_OUT_OF_RANGE
from slm_net.words import visible


def search_space(
    spec: SpecSource, *, name: str | None = None, variables: Mapping[str, Any] | None = None
) -> SearchSpace:
    """What the `search` of a spec varies, by path, each with its distribution (docs/searches.md).

    Args:
        spec: a spec file (or its text, or a dict).
        name: which spec of the file; not needed if there is one.
        variables: values for `${variables}`, in the search too.

    Raises:
        SpecError: with everything that is wrong with the spec and its search, or that it has none.

    >>> space = search_space({
    ...     "agent": {"algorithm": {"name": "Random"}, "net": {}},
    ...     "env": {"name": "CartPole-v1"},
    ...     "search": {"env.max_t__randint": [100, 500], "meta": {"max_session__choice": [1, 4]}},
    ... })
    >>> space
    SearchSpace({'env.max_t': randint(100, 500), 'meta.max_session': choice(1, 4)})
    """
    return space_of(loaded(read_document(spec), name, variables).concrete)


def apply(
    spec: SpecSource,
    config: Mapping[str, Any],
    *,
    name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The spec of one trial: `load_spec` with a config as its overrides, and without `search`.

    Args:
        spec: a spec file (or its text, or a dict).
        config: values by path, as every way to draw from a `SearchSpace` gives them.
        name: which spec of the file; not needed if there is one.
        variables: values for `${variables}`.

    Raises:
        SpecError: with everything that is wrong with the spec of this trial.

    >>> spec = {"agent": {"algorithm": {"name": "Random"}, "net": {}}, "env": {"name": "CartPole-v1", "max_t": 200}}
    >>> apply({**spec, "search": {"env.max_t__choice": [100, 500]}}, {"env.max_t": 500})["env"]
    {'name': 'CartPole-v1', 'max_t': 500}
    """
    data = load_spec(spec, name, variables=variables, overrides=config)
    return {key: value for key, value in data.items() if key != "search"}


def space_of(one: Concrete) -> SearchSpace:
    """The search space of a concrete spec.

    Raises:
        SpecError: something is wrong with its search, or it has none.
    """
    search = one.spec.data.get("search")
    if not search:
        net = "agent.0.net" if one.spec.version == 4 else "agent.net"
        hint = f'add "search": {{"{net}.optim_spec.lr__loguniform": [1e-4, 1e-2]}}'
        what = "a net block has no search" if one.spec.bare else "the spec has no search: there is nothing to vary"
        refuse_errors([one.placed(MISSING_KEY.at((), what, "" if one.spec.bare else hint))])
    found = examine(read_document(one.spec.data), Given()).problems
    wrong = [problem for problem in found if problem.path[:1] == ("search",)]
    distributions: dict[str, Distribution] = {}
    for entry in searched(search, ("search",)):
        path = ".".join(map(str, entry.target))
        if entry.distribution not in DISTRIBUTIONS:  # only a warning where nothing reads the key
            wrong = [replace(problem, severity=ERROR) if problem.path == entry.path else problem for problem in wrong]
        elif reason := wrong_range(entry.distribution, entry.values):
            problem = VALUE_OUT_OF_RANGE.at(entry.path, *reason)
            wrong += [] if any((p.path, p.rule) == (problem.path, problem.rule) for p in wrong) else [problem]
        elif path in distributions:
            message, hint = f"{visible(path)} is varied twice", "leave one of the two out"
            wrong.append(DUPLICATE_KEY.at(entry.path, message, hint, at_key=True))
        else:
            distributions[path] = Distribution(entry.distribution, list(entry.values))
    refuse_errors(map(one.placed, wrong))
    return SearchSpace(distributions)


@dataclass(frozen=True)
class Report:
    """What an objective is given beside its spec: called with a step and a value, it may end the trial.

    A trial that does worse than others is ended by an exception out of the call. `number` is that of the trial.
    """

    number: int
    told: Callable[[int, float], None]

    def __call__(self, step: int, value: float) -> None:
        """Say how good the trial is at a step, frames for example, which grow.

        Raises:
            ValueError: the value is no number, or the step no whole one from 0.
        """
        if not isinstance(step := plain(step), int) or step < 0:
            raise ValueError(f"report(step, value) was given the step {step!r}, expected a whole number from 0")
        self.told(step, _number(value, "report(step, value) was given the value"))


#: What is searched with: a concrete spec and a `Report` to a number.
Objective = Callable[[dict[str, Any], Report], Any]


@dataclass(frozen=True)
class Search:
    """What is searched: the space of a spec, what tries a spec with a config, and how many times in all.

    `jobs` trials run at once, as many as fit if that is 0 and the engine can tell; none is ended before `warmup` steps.
    """

    name: str
    space: SearchSpace
    spec: dict[str, Any]
    objective: Objective
    total: int
    maximize: bool = True
    seed: int | None = None
    jobs: int = 0
    warmup: int = 0

    @property
    def direction(self) -> Literal["maximize", "minimize"]:
        """The direction as Optuna calls it."""
        return "maximize" if self.maximize else "minimize"

    @property
    def is_grid(self) -> bool:
        """True if everything is a `grid_search`: then each combination is tried once."""
        return all(distribution.name == "grid_search" for distribution in self.space.values())

    @property
    def most(self) -> int:
        """How many trials there are to try at most."""
        combinations = math.prod(len(distribution.values) for distribution in self.space.values())
        return min(self.total, combinations) if self.is_grid else self.total


def outcome(objective: Objective, spec: dict[str, Any], report: Report) -> float:
    """The number that an objective gives a spec.

    Raises:
        ValueError: it is no number.
        RuntimeError: the objective ended the program.
    """
    try:
        return _number(objective(spec, report), "the objective gave")
    except SystemExit as ended:
        raise RuntimeError(f"the objective ended the program, with {ended.code!r}") from ended


def _number(value: Any, said: str) -> float:
    number = plain(value)  # of numpy and torch too
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise ValueError(f"{said} {visible(repr(value))}, expected a finite number")
    return float(number)


def fault(error: BaseException) -> str:
    """What went wrong in a trial, as one line that is safe to print; SLM_NET_DEBUG=1 shows the traceback.

    >>> fault(ValueError("no\\nroom"))
    'ValueError: no room'
    """
    if os.environ.get("SLM_NET_DEBUG"):
        traceback.print_exception(error)
    problems = (
        [problem for problem in error.problems if problem.severity == ERROR] if isinstance(error, SpecError) else []
    )
    text = str(problems[0]) if problems else f"{type(error).__name__}: {error}"
    return visible(" ".join(text.split()).removesuffix(":"), 300)
