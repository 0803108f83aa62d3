"""What is safe to fix: typos and letters in the wrong case, commas before a bracket, a byte order mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from slm_net.cli.edits import Edit, applied, edits_of
from slm_net.cli.selection import MARK
from slm_net.document.specs import Document
from slm_net.problems import ERROR, Problem
from slm_net.text.comments import NOT_STRICT_JSON, extras
from slm_net.text.places import DUPLICATE_KEY, Lines

#: A text, and whether a byte order mark stands before it → what it is, and its problems.
Find = Callable[[str, bool], tuple[Document, list[Problem]]]
#: How many levels of problems that hid each other.
DEPTH = 3
#: How often a changed text is checked, and how many characters all these texts may have.
TRIALS, CHARACTERS = 200, 5_000_000


@dataclass(frozen=True)
class Fixed:
    """A document after its fixes, what is still wrong with it, and how many fixes there were."""

    document: Document
    problems: list[Problem]
    count: int = 0


def fix(document: Document, problems: list[Problem], find: Find, rules: Collection[str]) -> Fixed:
    """Fix what can be of `rules`, all at once or in smaller parts; a fix that makes anything worse is left out."""
    fixer, best = _Fixer(find, rules), Fixed(document, problems)
    if NOT_STRICT_JSON.id in rules:
        best = fixer.strict(best)
    return fixer.fixed(best, DEPTH)


class _Fixer:
    def __init__(self, find: Find, rules: Collection[str]):
        self._find, self._rules = find, rules
        self._trials, self._characters = TRIALS, CHARACTERS

    def strict(self, best: Fixed) -> Fixed:
        """The document without the byte order mark and the commas before a bracket that are among its problems."""
        while self._trials > 0 and self._characters > 0:
            source = best.document.source
            found = [problem for problem in best.problems if problem.rule == NOT_STRICT_JSON.id]
            bom = source.bom and not any("byte order" in problem.message for problem in found)
            commas = _commas(source.text, {(problem.line, problem.column) for problem in found})
            if not commas and bom == source.bom:
                break
            self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
            document, problems = self._find(applied(source.text, commas), bom)
            if document.source.data != source.data:
                break
            best = Fixed(document, problems, best.count + len(commas) + (source.bom and not bom))
        return best

    def fixed(self, best: Fixed, depth: int) -> Fixed:
        """The document with every edit that makes nothing worse: in ever smaller parts where one of many does."""
        refused: set[tuple[str, ...]] = set()
        size = len(best.problems)
        while self._trials > 0 and self._characters > 0:
            wanted = [problem for problem in best.problems if problem.rule in self._rules]
            edits = edits_of(best.document.source, [problem for problem in wanted if _what(problem) not in refused])
            some = dict(list(edits.items())[:size])
            if not some:
                break
            if done := self._better(best, some.values(), depth):
                best, size = done, 2 * size
            elif len(some) == 1:
                refused.update(map(_what, some))
            else:
                size = len(some) // 2
        return best

    def _better(self, before: Fixed, edits: Collection[Edit], depth: int) -> Fixed | None:
        """The document with these edits, or None if it is no better with them.

        Below a wrong key or name nothing was checked: what an edit brings to light must be fixed as well.
        """
        source = before.document.source
        self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
        document, problems = self._find(applied(source.text, edits), source.bom)
        after = Fixed(document, problems, before.count + len(set(edits)))
        if not _new(before, after):
            return None
        new_ones = _new(after, before)
        if (new_ones and not depth) or any(rule == DUPLICATE_KEY.id for rule, *_ in new_ones):
            return None
        if new_ones:
            after = self.fixed(after, depth - 1)
            new_ones = _new(after, before)
        return None if _worse(after, before) or (new_ones and len(edits) > 1) else after


def _commas(text: str, places: Collection[tuple[int, int]]) -> list[Edit]:
    """The edits that remove the commas before a bracket: all if one is listed, unless comments may stand for others."""
    lines = Lines(text)
    commas = [extra for extra in extras(text) if extra.kind == "comma"] if places else []
    listed = (comma for comma in commas if lines.position(comma.start) in places)
    chosen = listed if MARK in text else commas if any(listed) else ()
    return [Edit(comma.start, comma.end, "") for comma in chosen]


def _new(after: Fixed, before: Fixed) -> Counter[tuple[str, ...]]:
    """The problems of one that the other does not have."""
    return Counter(map(_what, after.problems)) - Counter(map(_what, before.problems))


def _worse(after: Fixed, before: Fixed) -> bool:
    return len(after.problems) > len(before.problems) or _errors(after.problems) > _errors(before.problems)


def _errors(problems: Sequence[Problem]) -> int:
    return sum(problem.severity == ERROR for problem in problems)


def _what(problem: Problem) -> tuple[str, ...]:
    return problem.rule, problem.pointer, problem.message, problem.severity
