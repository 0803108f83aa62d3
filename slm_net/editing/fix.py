"""`--fix`: the fixes of problems written into the text, all but those that make anything worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from itertools import chain
from typing import NamedTuple

from slm_net.document.specs import Document
from slm_net.editing.edits import changes_for
from slm_net.problems import ERROR, Path, Problem
from slm_net.project.ignores import MARK
from slm_net.text.comments import NOT_STRICT_JSON, extras
from slm_net.text.mending import Change, applied
from slm_net.text.places import DUPLICATE_KEY, SYNTAX, Lines

#: A text, and whether a byte order mark stands before it → what it is, and its problems.
Find = Callable[[str, bool], tuple[Document, list[Problem]]]
#: How many levels of problems that hid each other.
DEPTH = 3
#: How often a changed text is checked, and how many characters all these texts may have.
TRIALS, CHARACTERS = 200, 5_000_000


class Fixed(NamedTuple):
    """A document after its fixes, what is still wrong with it, and how many fixes there were."""

    document: Document
    problems: list[Problem]
    fixes: int = 0


def fix(
    document: Document, problems: list[Problem], find: Find, rules: Collection[str], *, unsafe: bool = False
) -> Fixed:
    """Fix what can be of `rules`, all at once or in smaller parts; a fix that makes anything worse is left out.

    Only what is safe to fix is, unless the rest is asked for.
    """
    fixer, best = _Fixer(find, rules, unsafe), Fixed(document, problems)
    if SYNTAX.id in rules:
        best = fixer.written(best)
    if NOT_STRICT_JSON.id in rules:
        best = fixer.strict(best)
    return fixer.fixed(best, DEPTH)


class _Fixer:
    def __init__(self, find: Find, rules: Collection[str], unsafe: bool):
        self._find, self._rules, self._unsafe = find, rules, unsafe
        self._trials, self._characters = TRIALS, CHARACTERS

    def written(self, best: Fixed) -> Fixed:
        """The document with what was meant where its text is wrong; the data must be what it was taken for."""
        doubted = set[Path]()
        while self._trials > 0 and self._characters > 0:
            source = best.document.source
            wanted = [found for found in best.problems if written_for(found) and found.path not in doubted]
            if not wanted:
                break
            self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
            changes = [change for problem in wanted for change in written_for(problem)]
            document, problems = self._find(applied(source.text, changes), source.bom)
            after = Fixed(document, problems, best.fixes + len(wanted))
            # a word may be a name without quotes, or no name at all: it is one if nothing is wrong with it
            doubtful = {found.path for found in wanted if found.path in source.unread}
            if wrong := doubtful & _wrong_in(after) if document.source.readable else doubtful:
                doubted |= wrong
                continue
            if document.source.data != source.data or _mistakes(after) > max(_mistakes(best) - len(wanted), 0):
                break
            best = after
        return best

    def strict(self, best: Fixed) -> Fixed:
        """The document without the byte order mark and the commas before a bracket that are among its problems.

        A comment where the text begins has the place of the mark too, but is reported only if the mark is.
        """
        while self._trials > 0 and self._characters > 0:
            source = best.document.source
            places = {(found.line, found.column) for found in best.problems if found.rule == NOT_STRICT_JSON.id}
            bom = source.bom and (1, 1) not in places
            commas = _commas(source.text, places)
            if not commas and bom == source.bom:
                break
            self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
            document, problems = self._find(applied(source.text, commas), bom)
            if document.source.data != source.data:
                break
            best = Fixed(document, problems, best.fixes + len(commas) + (source.bom and not bom))
        return best

    def fixed(self, best: Fixed, depth: int) -> Fixed:
        """The document with every change that makes nothing worse: in ever smaller parts where one of many does."""
        refused: set[tuple[str, ...]] = set()
        size = len(best.problems)
        while self._trials > 0 and self._characters > 0:
            wanted = (problem for problem in best.problems if problem.rule in self._rules)
            allowed = (problem for problem in wanted if self._unsafe or is_safe(problem))
            changes = changes_for(best.document.source, (p for p in allowed if _what(p) not in refused))
            some = dict(list(changes.items())[:size])
            if not some:
                break
            if done := self._better(best, some.values(), depth):
                best, size = done, 2 * size
            elif len(some) == 1:
                refused.update(map(_what, some))
            else:
                size = len(some) // 2
        return best

    def _better(self, before: Fixed, fixes: Collection[tuple[Change, ...]], depth: int) -> Fixed | None:
        """The document with these fixes, or None if it is no better with them.

        Below a wrong key or name nothing was checked: what a change brings to light must be fixed as well.
        """
        source = before.document.source
        self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
        document, problems = self._find(applied(source.text, chain.from_iterable(fixes)), source.bom)
        after = Fixed(document, problems, before.fixes + len(set(fixes)))
        if not _new(before, after):
            return None
        new_ones = _new(after, before)
        if (new_ones and not depth) or any(rule == DUPLICATE_KEY.id for rule, *_ in new_ones):
            return None
        if new_ones:
            after = self.fixed(after, depth - 1)
            new_ones = _new(after, before)
        return None if _worse(after, before) or (new_ones and len(fixes) > 1) else after


def is_safe(problem: Problem) -> bool:
    """True if the fix of a problem, if there is one, only says what the spec means already."""
    return all(edit.safe for edit in problem.fix)


def _commas(text: str, places: Collection[tuple[int, int]]) -> list[Change]:
    """What removes the commas before a bracket: all if one is listed, unless comments may stand for others."""
    lines = Lines(text)
    commas = [extra for extra in extras(text) if extra.kind == "comma"] if places else []
    listed = (comma for comma in commas if lines.position(comma.start) in places)
    chosen = listed if MARK in text else commas if any(listed) else ()
    return [Change(comma.start, comma.end, "") for comma in chosen]


def _new(after: Fixed, before: Fixed) -> Counter[tuple[str, ...]]:
    """The problems of one that the other does not have."""
    return Counter(map(_what, after.problems)) - Counter(map(_what, before.problems))


def _worse(after: Fixed, before: Fixed) -> bool:
    return len(after.problems) > len(before.problems) or _errors(after) > _errors(before)


def _mistakes(fixed: Fixed) -> int:
    return sum(problem.rule == SYNTAX.id for problem in fixed.problems)


def _wrong_in(fixed: Fixed) -> set[Path]:
    """Where the values are that have an error for which there is no safe fix."""
    curable = changes_for(fixed.document.source, filter(is_safe, fixed.problems))
    return {problem.path for problem in fixed.problems if problem.severity == ERROR and problem not in curable}


def _errors(fixed: Fixed) -> int:
    return sum(problem.severity == ERROR for problem in fixed.problems)


def _what(problem: Problem) -> tuple[str, ...]:
    return problem.rule, problem.pointer, problem.severity


def written_for(problem: Problem) -> list[Change]:
    """The changes that cure a mistake of the text itself."""
    return [edit.value for edit in problem.fix if edit.action == "write"]
