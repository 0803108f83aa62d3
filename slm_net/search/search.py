"""The `search` of a spec: what is varied exists, and every value that a trial may draw is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.document.specs import Spec
from slm_net.document.variables import find_variables
from slm_net.problems import ERROR, WARNING, Problem
from slm_net.search.distributions import DISTRIBUTIONS, LISTED, wrong_range
from slm_net.search.paths import SpecPaths
from slm_net.search.trials import PER_MISTAKE, Budget, Searched, Trial, trials_of, wrong_samples, wrong_settings
from slm_net.text.places import WRONG_TYPE, Path
from slm_net.wording.schema_problems import UNKNOWN_NAME, VALUE_OUT_OF_RANGE
from slm_net.words import did_you_mean, visible


def search_problems(spec: Spec, refused: list[Problem], limits: Mapping[str, Any], budget: Budget) -> Iterator[Problem]:
    """What is wrong with the search of a spec: its paths, its ranges, and what they put into its net blocks.

    `refused` is what the schema has found; `limits` are the dims of the main net and the limits of `net_views`.
    """
    search = spec.data.get("search")
    if not isinstance(search, Mapping):
        return
    trials = trials_of(spec, refused, limits, budget.trials)
    paths = SpecPaths.of(spec, trials)
    for entry in searched(search, (*spec.path, "search")):
        if not budget.spend(1):
            yield from budget.complaint(entry.path)
            return
        if not (isinstance(entry.values, str) and any(find_variables(entry.values))):  # may be a part of the search
            yield from _entry_problems(entry, paths, trials, budget)


def _entry_problems(
    entry: Searched, paths: SpecPaths, trials: Mapping[Path, Trial], budget: Budget
) -> Iterator[Problem]:
    missing = gap.searched if (gap := paths.missing(entry.target)) else None
    budget.spend(PER_MISTAKE if missing else 0)
    if entry.distribution not in DISTRIBUTIONS:
        yield _no_distribution(entry, missing.severity if missing else ERROR)
    elif missing:
        yield missing.at(entry.path)
    elif any(find_variables(entry.values)):
        return  # known when the spec is loaded
    elif reason := wrong_range(entry.distribution, entry.values):
        yield VALUE_OUT_OF_RANGE.at(entry.path, *reason)
    else:
        yield from _wrong_objects(entry)
        if (net := next((net for net in trials if entry.target[: len(net)] == net), None)) is not None:
            yield from wrong_samples(entry, trials[net], entry.target[len(net) :], budget)
        elif block := next((block for block in paths.judged if entry.target[: len(block)] == block), None):
            yield from wrong_settings(entry, paths.blocks[block], entry.target[len(block) :], budget)


def searched(node: Any, path: Path = (), target: Path = ()) -> Iterator[Searched]:
    """The entries of a search that stands at `path`."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from searched(child, (*path, index), (*target, index))
    elif isinstance(node, Mapping):
        for key, child in node.items():
            *parents, last = str(key).split(".")
            name, _, distribution = last.partition("__")
            below = (*target, *map(_step, (*parents, name)))
            if distribution not in DISTRIBUTIONS and (isinstance(child, Mapping) or _is_list_of_objects(child)):
                yield from searched(child, (*path, key), below)
            else:
                yield Searched((*path, key), below, distribution, child)


def _step(part: str) -> str | int:
    return int(part) if part.isdecimal() and len(part) < 10 else part


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _no_distribution(entry: Searched, severity: str) -> Problem:
    key, name = str(entry.path[-1]), str(entry.target[-1])
    if entry.distribution:
        message = f"{visible(entry.distribution)!r} is no distribution"
        hint = did_you_mean(entry.distribution, DISTRIBUTIONS)
    else:
        message = f"{visible(key)!r} names no distribution"
        short = next((known for known in DISTRIBUTIONS if name.endswith(f"_{known}")), "")
        meant = f"{name.removesuffix(f'_{short}')}__{short}"
        hint = f"did you mean {visible(meant)!r}?" if short else f"write '{visible(name)}__choice'"
    return UNKNOWN_NAME.at(entry.path, message, hint, severity, at_key=True)


def _wrong_objects(entry: Searched) -> Iterator[Problem]:
    if entry.distribution in LISTED and isinstance(entry.values[0], Mapping):
        message = "the first choice is an object: SLM Lab's own search takes such a list apart"
        hint = "for SLM Lab put a choice that is no object first, or vary the keys of the objects one by one"
        yield WRONG_TYPE.at(entry.path, message, hint, WARNING)
