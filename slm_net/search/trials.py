"""The values that a search may put into a net block: right if the block with the value is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from slm_net.document.nets import NetView, net_views
from slm_net.document.specs import SCHEMAS, NetBlock, Spec
from slm_net.document.variables import combinations, fill_in
from slm_net.net_types.hydra import HYDRA
from slm_net.problems import ERROR, WARNING, Path, Problem
from slm_net.rules import CHECKS, Check, broken_rules, noted_rules
from slm_net.rules.blocks import Settings
from slm_net.rules.keys import UNUSED_KEY
from slm_net.schema import catalogue
from slm_net.search.distributions import Sample, samples
from slm_net.search.paths import can_be_set
from slm_net.text.limits import FILE_TOO_LARGE
from slm_net.text.paths import value_at, with_value
from slm_net.wording.aliases import LEGACY_KEYS
from slm_net.wording.names import is_of_a_part, key_cure
from slm_net.wording.schema_problems import UNKNOWN_KEY, schema_problems
from slm_net.wording.values import kind_of_name, shown
from slm_net.words import nearest, visible

#: The keys of a net that its dims depend on.
KEYS_OF_DIMS = ("type", "seq_len", "shared")


@dataclass(frozen=True)
class Trial:
    """A net block that is tried with other values; `refused` is what the schema finds wrong with it as it is.

    Paths are those within the block. `limits` are the dims and limits of `net_views`; the dims are taken for unknown
    where they follow from the key that changes.
    """

    block: NetBlock
    refused: list[Problem]
    limits: Mapping[str, Any] = field(default_factory=dict)

    def has_tried(self, inside: Path, value: Any) -> bool:
        """True if it is known what is wrong with the value at `inside`."""
        return (inside, repr(value)) in self._tried

    def problems(self, inside: Path, value: Any) -> list[Problem]:
        """What is wrong with the value at `inside`, or with the rest of the block because of it.

        The rules look at values that the schema takes. One key is changed at a time, as each is drawn on its own: two
        keys whose choices exclude each other only in some of their combinations are not found.
        """
        key = inside, repr(value)
        if key not in self._tried:
            self._tried[key] = self._problems(inside, value)
        return self._tried[key]

    def _problems(self, inside: Path, value: Any) -> list[Problem]:
        block = with_value(self.block.data, inside, value)
        found = [p for p in self._schema_problems(block, inside) if _is_new(p, inside, self.refused)]
        # most searches draw what is written too, and of that everything has been said
        is_written = repr(block) == self._written
        if isinstance(block, Mapping) and not is_written and not any(p.severity == ERROR for p in found):
            broken = chain.from_iterable(broken_rules(*changed) for changed in self._changed(block, inside))
            found += [problem for problem in broken if _is_new(problem, inside, self._broken)]
        return list(dict.fromkeys(found))

    def _schema_problems(self, block: Any, inside: Path) -> list[Problem]:
        """Those of the one key that changes, unless the others depend on it."""
        if not inside or inside[0] == "type":
            return schema_problems(SCHEMAS["net"], block)
        key, refs = str(inside[0]), catalogue.property_refs(str(self.block.data.get("type")))
        return schema_problems(refs[key], block[key], (key,)) if key in refs else []

    def _changed(self, block: Mapping[str, Any], inside: Path) -> Iterator[tuple[NetView, Iterable[Check]]]:
        """The nets of the block that have the value at `inside`, each with the checks that may find something new."""
        dims_follow = not inside or inside[0] in KEYS_OF_DIMS
        if dims_follow or inside[0] not in self.block.data:
            dims = {"in_dim": None, "out_dim": None} if dims_follow else {}
            yield from ((view, CHECKS) for view in self._net_views(block, **dims))
            return
        key = str(inside[0])
        for view, (_, checks) in self._views:
            own = {name for name, written in view.written.items() if written == key}
            if own:
                read = dict.fromkeys(check for name in own for check in checks.get(name, ()))
                yield view.with_value(key, block[key]), read

    def _net_views(self, block: Mapping[str, Any], **dims: Any) -> Iterator[NetView]:
        return net_views(
            block,
            (),
            self.refused,
            algorithm=self.block.algorithm,
            batch_size=self.block.batch_size,
            **{**self.limits, **dims},
        )

    @cached_property
    def _tried(self) -> dict[tuple[Path, str], list[Problem]]:
        return {}

    @cached_property
    def _views(self) -> list[tuple[NetView, tuple[list[Problem], Mapping[str, list[Check]]]]]:
        """The nets of the block as it is, each with what the rules find in it, and which of them read which key."""
        return [(view, noted_rules(view)) for view in self._net_views(self.block.data)]

    @cached_property
    def _broken(self) -> list[Problem]:
        """What the rules find in the block as it is."""
        return [problem for _, (found, _) in self._views for problem in found]

    @cached_property
    def _written(self) -> str:
        return repr(self.block.data)

    @cached_property
    def size(self) -> int:
        """How many values there are in the block."""
        return size_of(self.block.data)


def trials_of(
    spec: Spec, refused: list[Problem], limits: Mapping[str, Any], known: dict[str, Trial]
) -> dict[Path, Trial]:
    """The net blocks of a spec by their paths in it, with the first values that its `spec_params` give.

    A block that is the same as one of those that are `known` is that one, with all that has been tried.
    """
    values, depth = combinations(spec.data)[0], len(spec.path)
    trials: dict[Path, Trial] = {}
    for block in spec.net_blocks():
        path, data = block.path, fill_in(block.data, values) if values else block.data
        wrong = [p.at(p.path[len(path) :]) for p in refused if p.path[: len(path)] == path]
        if values:
            wrong = schema_problems(SCHEMAS["net"], data)
        # the dims are those of the main net; other blocks (a critic's) get other ones
        own = {key: value for key, value in limits.items() if not (trials and key in ("in_dim", "out_dim"))}
        filled = replace(block, data=data, batch_size=fill_in(block.batch_size, values))
        same = repr((data, wrong, own, filled.algorithm, filled.batch_size))
        trials[path[depth:]] = known.setdefault(same, Trial(filled, wrong, own))
    return trials


def size_of(data: Any) -> int:
    """How many values there are in `data`, those within lists and objects too."""
    parts = [data]
    for part in parts:
        parts += part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
    return len(parts)


def _is_new(problem: Problem, inside: Path, known: list[Problem]) -> bool:
    """True for what is said of the sample itself, and for what is not said without it."""
    return problem.path[: len(inside)] == inside or not any(_same(problem, other) for other in known)


def _same(problem: Problem, other: Problem) -> bool:
    return (problem.path, problem.rule) == (other.path, other.rule)


#: Values of one document's searches that are looked at, the same in the same net once; the largest real file has 500.
MOST_SAMPLES = 4000
#: A sample counts as several if it, or the block that it is put into, has more values than this.
USUAL_SIZE = 50
#: What is wrong counts as several too: to find the right word takes longer than to find the wrong one.
PER_MISTAKE = 10
#: Keys that the searches of real files vary to no effect.
OFTEN_VARIED = (*LEGACY_KEYS, "lr")


class Searched(NamedTuple):
    """One searched value: where it stands in `search`, what it varies in the spec, and how."""

    path: Path
    target: Path
    distribution: str
    values: Any


class Budget:
    """How many more values of a document's searches there is time to look at, and the nets that they are tried in."""

    def __init__(self) -> None:
        self.trials: dict[str, Trial] = {}
        self.left = MOST_SAMPLES
        self._told = False

    def spend(self, count: int) -> bool:
        """Take so many from what is left; False if there was too little."""
        self.left -= count
        return self.left >= 0

    def complaint(self, path: Path) -> Iterator[Problem]:
        """That the rest is not looked at, said once: an error, as there may be some in it."""
        if not self._told:
            message = "too much is searched for all of it to be checked: what follows from here on is not"
            hint = f"up to about {MOST_SAMPLES:,} values are checked: make several files of this one"
            yield FILE_TOO_LARGE.at(path, message, hint, at_key=True)
        self._told = True


def wrong_samples(entry: Searched, trial: Trial, inside: Path, budget: Budget) -> Iterator[Problem]:
    """The problems that a net block would have with the values that can be drawn for what stands at `inside`."""
    if not can_be_set(trial.block.data, inside):
        return  # refused by the schema, or known when the spec is loaded
    if unknown := _unknown_key(trial.block.data, inside):
        budget.spend(PER_MISTAKE)
        yield unknown.at(entry.path)
        return
    of_key: set[Problem] = set()
    for sample in samples(entry.distribution, entry.values):
        cost = 1 + (trial.size + size_of(sample.value)) // USUAL_SIZE
        if not trial.has_tried(inside, sample.value) and not budget.spend(cost):
            yield from budget.complaint(entry.path)
            return
        for problem in _problems_with(trial, inside, sample):
            budget.spend(PER_MISTAKE)
            if problem.path == inside and problem.at_key:
                found = _weighed(problem, trial.block.data, inside).at(entry.path)
                yield from () if found in of_key else (found,)
                of_key.add(found)
            else:
                yield from _placed(problem, entry, inside, sample, trial.block.data.get("type"))
        if any(problem.rule == UNKNOWN_KEY.id for problem in of_key):
            return


def unread_key(trial: Trial, inside: Path, value: Any) -> Problem | None:
    """The problem of a key at `inside` that the net does not read; None if it does."""
    if unknown := _unknown_key(trial.block.data, inside):
        return unknown
    found = (problem for problem in trial.problems(inside, value) if problem.path == inside and problem.at_key)
    return next((_weighed(problem, trial.block.data, inside) for problem in found), None)


def wrong_settings(entry: Searched, settings: Settings, inside: Path, budget: Budget) -> Iterator[Problem]:
    """The problems that a block around the nets would have with the values that can be drawn for what stands there."""
    if not can_be_set(settings.block.data, inside):
        return
    for sample in samples(entry.distribution, entry.values):
        if not budget.spend(1 + size_of(sample.value) // USUAL_SIZE):
            yield from budget.complaint(entry.path)
            return
        for problem in settings.wrong_values(with_value(settings.block.data, inside, sample.value)):
            if problem.path[: len(inside)] == inside:
                budget.spend(PER_MISTAKE)
                yield problem.at((*entry.path, sample.entry, *problem.path[len(inside) :]))


def _problems_with(trial: Trial, inside: Path, sample: Sample) -> list[Problem]:
    """What is wrong with a sample, without what is wrong within a wrong value; near an end in the words for the end."""
    found = trial.problems(inside, sample.value)
    wrong = {problem.path for problem in found if not problem.at_key}
    found = [m for m in found if not any(m.path[:depth] in wrong for depth in range(len(m.path)))]
    if found and sample.value != sample.end:
        at_end = [p for p in trial.problems(inside, sample.end) if any(_same(p, other) for other in found)]
        return at_end if len(at_end) == len(found) else found
    return found


def _placed(problem: Problem, entry: Searched, inside: Path, sample: Sample, net_type: Any) -> Iterator[Problem]:
    """A problem in a sample at its place in the search; one elsewhere in the block at the sample that brings it."""
    if problem.path[: len(inside)] == inside:
        # real files search Hydra nets with an MLP's lists
        of_hydra = net_type == HYDRA.name and inside == ("hid_layers",)
        severity = WARNING if of_hydra else problem.severity
        yield problem.at((*entry.path, sample.entry, *problem.path[len(inside) :]), severity=severity)
    elif problem.rule != UNUSED_KEY.id:  # another choice may use the key
        hint = "" if problem.fix else problem.hint
        message = f"with {shown(sample.end)}: {problem.message}"
        yield replace(problem, fix=()).at((*entry.path, sample.entry), message=message, hint=hint, at_key=False)


def _unknown_key(block: Mapping[str, Any], inside: Path) -> Problem | None:
    """The problem of a key that nets of this type do not have."""
    key, net_type = str(inside[0]) if inside else "type", str(block.get("type"))
    refs = catalogue.property_refs(net_type)
    if key in refs or (key in catalogue.net_keys() and net_type not in catalogue.net_types()):
        return None
    if key in catalogue.net_keys():
        message = f"{visible(key)} is not used by {net_type}, so nothing is varied"
        return UNUSED_KEY.at(inside, message, "remove it", WARNING, at_key=True)
    cure = key_cure(key, inside, block, refs)
    message = f"{visible(key)!r} is not a key of the net"
    return _weighed(UNKNOWN_KEY.at(inside, message, cure.hint, at_key=True, fix=cure.fix), block, inside)


def _weighed(problem: Problem, data: Any, inside: Path) -> Problem:
    """Real files vary keys that nothing reads; a typo, or a key of a part of the net, is an error all the same."""
    if problem.rule != UNKNOWN_KEY.id:
        return problem
    key = str(inside[-1])
    if key in OFTEN_VARIED:
        return replace(problem, severity=WARNING)
    twin = next(
        (edit.value for edit in problem.fix if edit.action == "remove"), None
    )  # it is there: to vary it is right
    if guess := nearest(key, value_at(data, inside[:-1])) or twin:
        return replace(problem, hint=f"did you mean {guess!r}?")
    is_known = any(edit.action == "rename" for edit in problem.fix) or is_of_a_part(key, kind_of_name(inside[:-1]))
    return problem if is_known else replace(problem, severity=WARNING)
