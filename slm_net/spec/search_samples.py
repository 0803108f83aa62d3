"""The values that a search may put into a net block: all that can be drawn, as far as there is time for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.problems import WARNING, nearest, visible
from slm_net.spec import schema
from slm_net.spec.aliases import LEGACY_KEYS
from slm_net.spec.distributions import Sample, samples
from slm_net.spec.hints import key_hint
from slm_net.spec.mistakes import Mistake
from slm_net.spec.places import Path
from slm_net.spec.rule_runs import marks
from slm_net.spec.search_paths import can_be_set
from slm_net.spec.search_trials import Trial, size_of
from slm_net.spec.wording import shown

#: Values of one document's searches that are looked at; the largest real file has 500.
MOST_SAMPLES = 2000
#: A sample counts as several if it, or the block that it is put into, has more values than this.
USUAL_SIZE = 50
#: What is wrong counts as several too: to find the right word takes longer than to find the wrong one.
PER_MISTAKE = 10
#: Keys that the searches of real files vary to no effect.
OFTEN_VARIED = (*LEGACY_KEYS, "lr")
#: How a hint says that a key belongs in a part of the net.
PART_OF_NET = re.compile(r"belongs in \w+_spec\b")
#: How it names the key that was meant, which is there: to vary it is right.
_twin = re.compile(r"'(\w+)' is there already").match


class Searched(NamedTuple):
    """One searched value: where it stands in `search`, what it varies in the spec, and how."""

    path: Path
    target: Path
    distribution: str
    values: Any


class Budget:
    """How many more values of a document's searches there is time to look at."""

    def __init__(self) -> None:
        self._left = MOST_SAMPLES
        self._told = False

    def spend(self, count: int) -> bool:
        """Take so many from what is left; False if there was too little."""
        self._left -= count
        return self._left >= 0

    def complaint(self, path: Path) -> Iterator[Mistake]:
        """That the rest is not looked at, said once."""
        if not self._told:
            message = "too much is searched for all of it to be checked: what follows from here on is not"
            hint = f"up to about {MOST_SAMPLES:,} values are checked"
            yield Mistake(path, "file-too-large", message, hint, WARNING, at_key=True)
        self._told = True


def wrong_samples(entry: Searched, trial: Trial, inside: Path, budget: Budget) -> Iterator[Mistake]:
    """The mistakes that a net block would have with the values that can be drawn for what stands at `inside`."""
    if not can_be_set(trial.block.data, inside):
        return  # refused by the schema, or known when the spec is loaded
    if unknown := _unknown_key(trial.block.data, inside):
        budget.spend(PER_MISTAKE)
        yield unknown._replace(path=entry.path)
        return
    of_key: set[Mistake] = set()
    for sample in samples(entry.distribution, entry.values):
        if not budget.spend(1 + (trial.size + size_of(sample.value)) // USUAL_SIZE):
            yield from budget.complaint(entry.path)
            return
        for mistake in _mistakes_with(trial, inside, sample):
            budget.spend(PER_MISTAKE)
            if mistake.path == inside and mistake.at_key:
                found = _weighed(mistake, trial.block.data, inside)._replace(path=entry.path)
                yield from () if found in of_key else (found,)
                of_key.add(found)
            else:
                yield from _placed(mistake, entry, inside, sample, trial.block.data.get("type"))
        if any(mistake.rule == "unknown-key" for mistake in of_key):
            return


def _mistakes_with(trial: Trial, inside: Path, sample: Sample) -> list[Mistake]:
    """What is wrong with a sample, without what is wrong within a wrong value; near an end in the words for the end."""
    found = trial.mistakes(inside, sample.value)
    wrong = {mistake.path for mistake in found if not mistake.at_key}
    found = [m for m in found if not any(m.path[:depth] in wrong for depth in range(len(m.path)))]
    if found and sample.value != sample.end:
        known = marks(found)
        at_end = [m for m in trial.mistakes(inside, sample.end) if (m.path, m.rule) in known]
        return at_end if len(at_end) == len(found) else found
    return found


def _placed(mistake: Mistake, entry: Searched, inside: Path, sample: Sample, net_type: Any) -> Iterator[Mistake]:
    """A mistake in a sample at its place in the search; one elsewhere in the block at the sample that brings it."""
    if mistake.path[: len(inside)] == inside:
        # real files search Hydra nets with an MLP's lists
        of_hydra = net_type == "HydraMLPNet" and inside == ("hid_layers",)
        severity = WARNING if of_hydra else mistake.severity
        yield mistake._replace(path=(*entry.path, sample.entry, *mistake.path[len(inside) :]), severity=severity)
    elif mistake.rule != "unused-key":  # another choice may use the key
        hint = "" if mistake.hint.startswith("did you mean") else mistake.hint
        message = f"with {shown(sample.end)}: {mistake.message}"
        path = (*entry.path, sample.entry)
        yield mistake._replace(path=path, message=message, hint=hint, at_key=False)


def _unknown_key(block: Mapping[str, Any], inside: Path) -> Mistake | None:
    """The mistake of a key that nets of this type do not have."""
    key, net_type = str(inside[0]) if inside else "type", str(block.get("type"))
    refs = schema.property_refs(net_type)
    if key in refs or (key in schema.net_keys() and net_type not in schema.net_types()):
        return None
    if key in schema.net_keys():
        message = f"{visible(key)} is not used by {net_type}, so nothing is varied"
        return Mistake(inside, "unused-key", message, "remove it", WARNING, at_key=True)
    hint = key_hint(key, block, refs)
    mistake = Mistake(inside, "unknown-key", f"{visible(key)!r} is not a key of the net", hint, at_key=True)
    return _weighed(mistake, block, inside)


def _weighed(mistake: Mistake, data: Any, inside: Path) -> Mistake:
    """Real files vary keys that nothing reads; a typo, or a key of a part of the net, is an error all the same."""
    if mistake.rule != "unknown-key":
        return mistake
    key = str(inside[-1])
    for step in inside[:-1]:
        data = data[step]
    if key in OFTEN_VARIED:
        return mistake._replace(severity=WARNING)
    twin = _twin(mistake.hint)
    if guess := nearest(key, data) or (twin and twin[1]):
        return mistake._replace(hint=f"did you mean {guess!r}?")
    is_known = mistake.hint.startswith("did you mean") or PART_OF_NET.search(mistake.hint)
    return mistake if is_known else mistake._replace(severity=WARNING)
