"""Two documents compared spec by spec: the nets, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net import validation
from slm_net.agents.plan import plan_agent
from slm_net.diff.nets import Net, compared_nets, nets_without_dims, planned_nets
from slm_net.diff.records import ABSENT, Change, FileDiff, SpecDiff
from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import WHICH_SPEC, Document, Spec
from slm_net.document.variables import UNSET_VARIABLE, filled_spec
from slm_net.plan import algorithm_named, check_spec, main_plan, refuse_errors
from slm_net.problems import COMMAND, ERROR, SpecError
from slm_net.spaces.values import DIMS_UNKNOWN

#: What keeps dims from being known in a spec without a mistake.
UNKNOWN = {DIMS_UNKNOWN.id, UNSET_VARIABLE.id, WHICH_SPEC.id}


class Given(NamedTuple):
    """What a caller gives beside both documents, as `plan_agent` and `plan_net` take it."""

    in_dim: Any = None
    out_dim: Any = None
    env: str | None = None
    variables: Mapping[str, Any] = {}
    version: int | None = None


NOTHING = Given()


def compared_documents(was: Document, now: Document, given: Given = NOTHING, name: str | None = None) -> FileDiff:
    """The specs that both documents hold, or the one called `name`; a document with one spec stands for its name too.

    Raises:
        SpecError: a spec has errors, or there is none of this name in either.
    """
    before, after = _named(was, name), _named(now, name)
    if not before and not after:
        now.choose(name)  # which says why
    if len(before) == len(after) == 1:
        [old], [new] = before.values(), after.values()
        pairs: Iterable[tuple[str, Spec | None, Spec | None]] = [(new.name or old.name, old, new)]
    else:
        names = [*after, *(called for called in before if called not in after)]
        pairs = [(called, before.get(called), after.get(called)) for called in names]
    found = tuple(_pair((was, now), called, old, new, given) for called, old, new in pairs)
    return FileDiff(was.source.file, now.source.file, found)


def _named(document: Document, name: str | None) -> dict[str, Spec]:
    if problems := [problem for problem in document.source.problems if problem.severity == ERROR]:
        raise SpecError(problems)
    if not document.specs:
        document.choose(name)
    if name is not None and document.kind == "file":
        return {spec.name: spec for spec in document.specs if spec.name == name}
    return {spec.name: spec for spec in document.specs}


def _pair(
    documents: tuple[Document, Document], name: str, was: Spec | None, now: Spec | None, given: Given
) -> SpecDiff:
    if was is None or now is None:
        sides = zip(documents, (was, now), strict=True)
        nets = tuple(compared_nets(*(nets_of(document, spec, given)[0] if spec else [] for document, spec in sides)))
        return SpecDiff(name, "removed" if now is None else "added", nets)
    (old, note), (new, other) = nets_of(documents[0], was, given), nets_of(documents[1], now, given)
    was, now = _concrete(documents[0], was), _concrete(documents[1], now)
    if bool(note) != bool(other):  # what is known of one alone is no difference
        old, new = nets_without_dims(was), nets_without_dims(now)
    nets = tuple(compared_nets(old, new))
    changes, unchanged = _around(was, now)
    same = not changes and all(net.state == "unchanged" for net in nets)
    notes = tuple(dict.fromkeys(text for text in (note, other) if text))
    return SpecDiff(name, "unchanged" if same else "changed", nets, tuple(changes), tuple(unchanged), notes)


def nets_of(document: Document, spec: Spec, given: Given) -> tuple[list[Net], str]:
    """The nets of a spec, and why their dims are not known, "" if they are.

    Raises:
        SpecError: it has errors.
    """
    which: dict[str, Any] = {"name": spec.name if document.kind == "file" else None, "variables": given.variables}
    try:
        if (given.in_dim, given.out_dim) == (None, None) and algorithm_named(document, **which) in RECIPES:
            plan = plan_agent(document, env=given.env, version=given.version, caller=COMMAND, **which)
            return planned_nets(plan), ""
        if not spec.net_blocks():
            return [], ""
        dims = given.in_dim, given.out_dim
        if spec.bare and dims == (None, None) and given.env is None:
            refuse_errors(validation.examine(document, validation.Given(), which["name"]).problems)
            return nets_without_dims(spec), "a bare net block has no environment"
        return planned_nets(main_plan(check_spec(document, *dims, env=given.env, caller=COMMAND, **which))), ""
    except SpecError as error:
        errors = [problem for problem in error.problems if problem.severity == ERROR]
        if not all(problem.rule in UNKNOWN for problem in error.problems if problem in errors):
            raise
        reason = next((problem.message for problem in errors), "")
        return nets_without_dims(_concrete(document, spec)), reason


def _concrete(document: Document, spec: Spec) -> Spec:
    """A spec with the variables filled in that have one value."""
    if spec.bare:
        return spec
    try:
        data = filled_spec(document, spec.name if document.kind == "file" else None).data
    except SpecError:
        return spec
    return replace(spec, data=data)


# --- around the nets


def _around(was: Spec, now: Spec) -> tuple[list[Change], list[str]]:
    """The changes of the blocks around the nets, key by key, and the blocks that are there without any."""
    before, after = (dict(_blocks(spec)) for spec in (was, now))
    changes, unchanged = list[Change](), list[str]()
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if not old or not new:
            found = [] if not old and not new else [Change(name, name, old or ABSENT, new or ABSENT)]
        else:
            found = list(_changes(name, old, new))
        changes += found
        if not found and (old or new):
            unchanged.append(name)
    return changes, unchanged


def _blocks(spec: Spec) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The blocks by name; agents and environments of lists by their number, and no net."""
    if spec.bare:
        return
    for block in ("algorithm", "memory"):
        yield block, spec.agent.block(block).data
    nested = ("algorithm", "memory", "net", "critic_net")
    yield "agent", {key: value for key, value in spec.agent.data.items() if key not in nested}
    for index, env in enumerate(spec.envs):
        yield "env" if index == 0 else f"env {index + 1}", env.data
    for key in ("meta", "search"):
        value = spec.data.get(key)
        yield key, _of_one(value) if isinstance(value, Mapping) else {}
    known = ("name", "agent", "env", "body", "meta", "search", "$schema", "spec_params")
    yield "other blocks", {key: value for key, value in spec.data.items() if key not in known}


def _of_one(search: Mapping[str, Any]) -> dict[str, Any]:
    """A search without the lists of one agent and one environment that SLM Lab 4 has."""
    single = {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in search.items()}
    return {re.sub(r"^(agent|env)\.0\.", r"\1.", key): value for key, value in single.items()}


def _changes(part: str, was: Mapping[str, Any], now: Mapping[str, Any], above: str = "") -> Iterator[Change]:
    """Key by key, below objects that both have."""
    for key in [*now, *(key for key in was if key not in now)]:
        old, new = was.get(key, ABSENT), now.get(key, ABSENT)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _changes(part, old, new, f"{above}{key}.")
        elif old != new or (type(old) is bool) != (type(new) is bool):
            yield Change(part, f"{above}{key}", old, new)
