"""`--add-ignore`: comments that hide what is wrong, behind the lines or, where that cannot be, above them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from slm_net.document.specs import Document
from slm_net.editing.fix import TRIALS, Find, Fixed
from slm_net.problems import Problem
from slm_net.project.ignores import MARK
from slm_net.project.selection import ALWAYS
from slm_net.text.comments import UNUSED_IGNORE
from slm_net.text.mending import Change, applied
from slm_net.text.places import Lines
from slm_net.text.source import is_yaml

_line = re.compile(r"([^\S\n\r]*)[^\n\r]*(\r\n?|\n)?").match


def add_ignores(document: Document, problems: list[Problem], find: Find, rules: Collection[str], reason: str) -> Fixed:
    """The document with comments about the lines that have problems of `rules`; its data stay as they are.

    A comment can be the end of a text, or lie in another comment: one that does not do what it should is not written.
    """
    commenter = _Commenter(document, problems, find, rules, reason)
    if (done := commenter.commented(commenter.places)) and done.fixes == commenter.count:
        return done
    best, kept = Fixed(document, problems), dict[int, bool]()
    tries = [(line, above) for line in sorted(commenter.places, reverse=True) for above in (False, True)]
    for line, above in tries[:TRIALS]:
        if line not in kept and (done := commenter.commented({**kept, line: above})) and done.fixes > best.fixes:
            best, kept[line] = done, above
    return best


class _Commenter:
    """`places` are the lines that need a comment, each with whether it is to stand above."""

    def __init__(
        self, document: Document, problems: Sequence[Problem], find: Find, rules: Collection[str], reason: str
    ):
        self._document, self._find, self._reason = document, find, f" -- {reason}" if reason else ""
        self._rules = frozenset(rules) - ALWAYS - {UNUSED_IGNORE.id}
        self._lines: dict[int, set[str]] = {}
        for problem in self.wanted(problems):
            self._lines.setdefault(problem.line, set()).add(problem.rule)
        self.count, self._starts = len(self.wanted(problems)), Lines(document.source.text)
        self._complaints = _complaints(problems)
        self.places = {line: MARK in self._text_of(line)[0] for line in self._lines}

    def wanted(self, problems: Sequence[Problem]) -> list[Problem]:
        """Those of the problems that a comment can hide."""
        return [problem for problem in problems if problem.line and problem.rule in self._rules]

    def commented(self, places: Mapping[int, bool]) -> Fixed | None:
        """The document with the comments at these places; None if it has other data then, or wrong comments."""
        source = self._document.source
        document, problems = self._find(applied(source.text, self._changes(places)), source.bom)
        same = document.source.readable and document.source.data == source.data
        if not same or _complaints(problems) > self._complaints:
            return None
        return Fixed(document, problems, self.count - len(self.wanted(problems)))

    def _changes(self, places: Mapping[int, bool]) -> Iterator[Change]:
        source = self._document.source
        sign = "#" if is_yaml(source.file, source.text) else "//"
        for line, above in places.items():
            text, start = self._text_of(line)
            comment = f"{sign} {MARK} ignore {', '.join(sorted(self._lines[line]))}{self._reason}"
            indent, ending = _line(text).groups("\n")  # type: ignore[union-attr]
            at = start if above else start + len(text.rstrip("\n\r"))
            yield Change(at, at, f"{indent}{comment}{ending}" if above else f"  {comment}")

    def _text_of(self, line: int) -> tuple[str, int]:
        start = self._starts.start(line) or 0
        return _line(self._document.source.text, start)[0], start  # type: ignore[index]


def _complaints(problems: Sequence[Problem]) -> int:
    return sum(problem.rule == UNUSED_IGNORE.id for problem in problems)
