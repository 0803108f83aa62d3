"""The migration of one document: step after step, each a change of the text, until nothing is left that can be done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from slm_net.document.specs import Document, Spec, read_document
from slm_net.editing.edits import changes_for
from slm_net.editing.fix import written_for
from slm_net.migration.blocks import block_steps, other_frames
from slm_net.migration.layout import LAB, layout_steps, several, text_steps
from slm_net.migration.words import OF_NETS
from slm_net.problems import ERROR, Path, Problem, has_errors
from slm_net.text.mending import Change, applied
from slm_net.text.source import Source
from slm_net.validation import Given, examine
from slm_net.wording.aliases import NAMES, TYPES
from slm_net.wording.schema_problems import UNKNOWN_NAME
from slm_net.words import folded

#: Steps that wait for each other, as two that change the same part of the text.
ROUNDS = 12
#: A text, problems with edits → the changes of the text that cure each of them, for those that can be made.
Apply = Callable[[Source, Iterable[Problem]], Mapping[Problem, tuple[Change, ...]]]


class Migrated(NamedTuple):
    """A document after its migration, the steps that were made, and what SLM Lab 5 would still stumble over."""

    document: Document
    done: tuple[Problem, ...]
    left: tuple[Problem, ...]


def made(source: Source, problems: Iterable[Problem]) -> Mapping[Problem, tuple[Change, ...]]:
    """The changes of a text that the edits of problems ask for."""
    listed = list(problems)
    of_text = {problem: tuple(written_for(problem)) for problem in listed if written_for(problem)}
    return {**of_text, **changes_for(source, listed)}


def migrated(document: Document, apply: Apply = made) -> Migrated:
    """A document of any SLM Lab as one of SLM Lab 5; a spec whose nets would be others there stays as it is."""
    done, held = list[Problem](), {spec.path for spec in document.specs if spec.bare or any(_blockers(spec))}
    for find in (_of_specs(layout_steps), _of_specs(block_steps), net_steps, text_steps):
        for _ in range(ROUNDS):
            steps = [document.placed(problem) for problem in find(document) if not _is_in(problem, held)]
            changes = apply(document.source, (step for step in steps if step.fix))
            after = _changed(document, chain.from_iterable(changes.values())) if changes else None
            if after is None:
                break
            document, done = after, [*done, *changes]
    return Migrated(document, tuple(done), tuple(_left(document, held)))


def _blockers(spec: Spec) -> Iterator[Problem]:
    return chain(several(spec), other_frames(spec))


def _of_specs(find: Callable[[Spec], Iterator[Problem]]) -> Callable[[Document], Iterator[Problem]]:
    return lambda document: chain.from_iterable(find(spec) for spec in document.specs)


def _is_in(problem: Problem, held: Collection[Path]) -> bool:
    """Whether a problem is in one of these specs; what is about the text as a whole is not."""
    return bool(problem.path) and any(problem.path[: len(path)] == path for path in held)


def _changed(document: Document, changes: Iterable[Change]) -> Document | None:
    """The document with these changes; None if it cannot be read any more."""
    source = document.source
    after = read_document(applied(source.text, changes), source.file)
    is_read = after.source.readable and not after.source.mended and len(after.specs) == len(document.specs)
    return after if is_read else None


def net_steps(document: Document) -> Iterator[Problem]:
    """Keys and types of nets that only SLM Lab 0 to 3 have, where it is certain what they are now."""
    for problem in examine(document, Given(lab=LAB)).problems:
        in_net = {"net", "critic_net"} & set(problem.path[:-1])
        is_old = problem.path[-1:] and problem.path[-1] in OF_NETS
        if problem.fix and in_net and "search" not in problem.path and (is_old or _is_old_type(document, problem)):
            yield problem


def _is_old_type(document: Document, problem: Problem) -> bool:
    if problem.rule != UNKNOWN_NAME.id or problem.path[-1] != "type":
        return False
    written = document.source.data
    for step in problem.path:
        written = written[step]
    return folded(str(written)) in {*TYPES, *map(folded, NAMES)}


def _left(document: Document, held: Collection[Path]) -> list[Problem]:
    """What SLM Lab 5 fails on, and what could not be migrated; of a spec that stays as it is, the reason."""
    found = [problem for problem in examine(document, Given(lab=LAB)).problems if problem.severity == ERROR]
    found = [problem for problem in found if not _is_in(problem, held)]
    found += [document.placed(problem) for spec in document.specs for problem in _blockers(spec)]
    said = {problem.path for problem in found}
    steps = chain(_of_specs(layout_steps)(document), _of_specs(block_steps)(document), text_steps(document))
    others = (step for step in steps if step.path not in said and not _is_in(step, held))
    return sorted([*found, *map(document.placed, others)])


def runs(found: Migrated) -> bool:
    """True if SLM Lab 5 reads and runs it, as far as can be told."""
    return not has_errors(found.left)
