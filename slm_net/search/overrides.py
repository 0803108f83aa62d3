"""Overrides: new values at paths of a spec, as a search draws them; each acts, or is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net.document.nets import defaults
from slm_net.document.specs import SCHEMAS, Spec
from slm_net.problems import ERROR, Caller, Path, Problem, SpecError, has_errors
from slm_net.rules.keys import BAD_OVERRIDE
from slm_net.schema import catalogue
from slm_net.schema.compose import ROLES
from slm_net.search.paths import SpecPaths, can_be_set
from slm_net.search.search import searched
from slm_net.search.trials import trials_of, unread_key
from slm_net.text.mapping import plain, refuse_no_values
from slm_net.text.paths import value_at, walk, with_value
from slm_net.wording.schema_problems import schema_problems
from slm_net.wording.values import shown, what
from slm_net.words import visible


class Override(NamedTuple):
    """One override that was made: where, how it is called, and the data that it changed."""

    target: Path
    name: str
    before: Mapping[str, Any]


class Overridden(NamedTuple):
    """A spec with its overrides: the data, what was made in which order, and what is dropped of them."""

    data: dict[str, Any]
    made: tuple[Override, ...]
    warnings: tuple[Problem, ...] = ()

    def origin(self, path: Path) -> str:
        """The override that a value comes from, "" if it is none of them."""
        return next((made.name for made in self.made if path[: len(made.target)] == made.target), "")

    @property
    def names(self) -> str:
        """How all of them are called."""
        return " ".join(made.name for made in self.made)


def overridden(spec: Spec, overrides: Mapping[str, Any], caller: Caller) -> Overridden:
    """A concrete spec with new values by path, for example `{"agent.0.net.optim_spec.lr": 1e-4}`.

    What the spec's own search varies is taken as SLM Lab takes it: missing blocks are made, and a key that nothing
    reads is a warning. Any other override that would change nothing is an error.

    Raises:
        SpecError: with every override that leads nowhere.
    """
    varied = {entry.target for entry in searched(spec.data.get("search"))}
    refuse_no_values("overrides", overrides)
    made, problems = list[Override](), list[Problem]()
    for path, given in overrides.items():
        text, value = str(path), plain(given)
        name, target = caller.override(text, value), _steps(text, spec.data)
        if problem := _problem(spec, text, target, value, target in varied):
            problems.append(replace(problem.at((*spec.path, *problem.path)), file=name, spec=spec.name))
        else:
            made.append(Override(target, name, spec.data))
            spec = replace(spec, data=_with(spec.data, target, value))
    if has_errors(problems):
        raise SpecError(problems)
    return Overridden(dict(spec.data), tuple(made), tuple(problems))


def _steps(text: str, data: Any) -> Path:
    """The keys and indices of a pydash path; digits are an index where a list stands."""
    import pydash

    steps: Path = ()
    for step in map(str, pydash.to_path(text) if text else ()):
        is_index = isinstance(value_at(data, steps), list) and step.isdecimal() and len(step) < 10
        steps = (*steps, int(step) if is_index else step)
    return steps


def _problem(spec: Spec, text: str, target: Path, value: Any, is_varied: bool) -> Problem | None:
    """Why an override would change nothing; a warning if it is of a search, which takes it all the same."""
    refused = [p for net in spec.net_blocks() for p in schema_problems(SCHEMAS["net"], net.data, net.path)]
    trials = trials_of(spec, refused, {}, {})
    if gap := _gap(SpecPaths.of(spec, trials), target, is_varied):
        depth, missing, hint = gap
        return BAD_OVERRIDE.at(target[:depth], f"the override {visible(text)!r} leads nowhere{missing}", hint)
    net = next((net for net in trials if target[: len(net)] == net != target), None)
    if net is None or not can_be_set(spec.data, target):
        return None
    unread = unread_key(trials[net], target[len(net) :], value)
    return unread and unread.at(target, severity=unread.severity if is_varied else ERROR)


def _gap(paths: SpecPaths, target: Path, is_varied: bool) -> tuple[int, str, str] | None:
    """How far a path goes that leads nowhere, what is missing there, and what was meant."""
    if missing := paths.missing(target):
        taken = {"known", "own", *(("unread", "unused") if is_varied else ())}
        return None if missing.standing in taken else (missing.depth, f": {missing.what}", missing.hint)
    depth, owner = walk(paths.data, target)
    if target and can_be_set(paths.data, target):
        return None
    return depth, "", f"{what(target[:depth])} is {shown(owner)}" if target else ""


def _with(data: Mapping[str, Any], target: Path, value: Any) -> Any:
    """The data with a value at a path; the blocks that are missing on the way are made, as SLM Lab makes them.

    A part of a net that is made has the name that it has by default: a learning rate alone is no optimizer.
    """
    depth, owner = walk(data, target[:-1])
    for step in reversed(target[depth + 1 :]):
        value = {step: value}
    if depth < len(target) - 1 and owner.get("type") in catalogue.net_types():
        key = re.sub(f"^(?:{'|'.join(ROLES)})", "", str(target[depth]))
        usual = owner.get(key, defaults(owner["type"]).get(key))
        value = {**usual, **value} if isinstance(usual, Mapping) else value
    return with_value(data, target[: depth + 1], value)
