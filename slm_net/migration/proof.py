"""The proof that a migration leaves the nets as they are: the plans of both specs, compared as `slm-net diff` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from slm_net.diff.nets import Net, compared_nets
from slm_net.diff.records import FileDiff, SpecDiff
from slm_net.diff.specs import Given, nets_of
from slm_net.document.specs import Document, Spec
from slm_net.document.variables import combinations
from slm_net.migration.layout import LAB
from slm_net.problems import ERROR, SpecError

#: Combinations of the values of `spec_params` that are compared.
MOST = 50


class Proof(NamedTuple):
    """What was compared: the specs whose nets are equal, those that differ, and those of which that is not known."""

    equal: tuple[str, ...]
    differ: FileDiff
    unknown: tuple[tuple[str, str], ...]


def proof(before: Document, after: Document) -> Proof:
    """Each spec as SLM Lab 5 would build it from either text, with all values of its variables."""
    equal, unknown, differ = list[str](), list[tuple[str, str]](), list[SpecDiff]()
    for old, new in zip(before.specs, after.specs, strict=True):
        try:
            found = list(_compared(before, after, old, new))
        except SpecError as error:
            if gone := _built_before(before, old):
                differ.append(SpecDiff(new.name, "changed", tuple(compared_nets(gone, []))))
            else:
                unknown.append((new.name, _reason(error)))
            continue
        different = [spec for spec in found if spec.nets_differ]
        differ += different[:1]
        if not different:
            equal.append(new.name)
    return Proof(tuple(equal), FileDiff(before.source.file, after.source.file, tuple(differ)), tuple(unknown))


def _built_before(before: Document, old: Spec) -> list[Net]:
    """The nets of a spec that had no mistakes, as it has after a migration if it extends a file that has none."""
    try:
        return nets_of(before, old, Given(variables=combinations(old.data)[0], version=LAB))[0]
    except SpecError:
        return []


def _reason(error: SpecError) -> str:
    return next((problem.message for problem in error.problems if problem.severity == ERROR), "it has errors")


def _compared(before: Document, after: Document, old: Spec, new: Spec) -> Iterator[SpecDiff]:
    for was, now in pairs_of_values(old, new):
        nets = [
            nets_of(document, spec, Given(variables=values, version=LAB))
            for document, spec, values in ((before, old, was), (after, new, now))
        ]
        diffs = tuple(compared_nets(nets[0][0], nets[1][0]))
        state = "changed" if any(net.state != "unchanged" for net in diffs) else "unchanged"
        yield SpecDiff(new.name, state, diffs, notes=tuple(note for _, note in nets if note))


def pairs_of_values(old: Spec, new: Spec) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The values that the variables have before and after, combination by combination."""
    before, after = (combinations(spec.data)[:MOST] for spec in (old, new))
    yield from zip_longest(before, after, fillvalue=before[0])
