"""What is safe to fix: typos and letters in the wrong case, commas before a bracket, a byte order mark."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from slm_net.cli.typos import is_typo_of
from slm_net.problems import ERROR, RULE_IDS, Problem
from slm_net.spec.document import Document
from slm_net.spec.mistakes import steps
from slm_net.spec.source import Source, is_yaml

#: A text, and whether a byte order mark stands before it → what it is, and its problems.
Find = Callable[[str, bool], tuple[Document, list[Problem]]]
ROUNDS = 100
#: How many levels of mistakes that hid each other.
DEPTH = 3
_meant = re.compile(r"did you mean '([\w.-]+)'\?")
_breaks = re.compile(r"\r\n|\r|\n")


class Edit(NamedTuple):
    """A part of the text, from `start` to `end`, and what to write there."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Fixed:
    """A document after its fixes, what is still wrong with it, and how many fixes there were."""

    document: Document
    problems: list[Problem]
    count: int = 0


def fix(document: Document, problems: list[Problem], find: Find, rules: Collection[str]) -> Fixed:
    """Fix what can be of `rules`, at once or else one by one; a fix that makes anything worse is left out."""
    fixer, best = _Fixer(find, rules), Fixed(document, problems)
    if document.source.bom and any(_is_bom(problem) and problem.rule in rules for problem in problems):
        best = fixer.better(best, (), DEPTH, bom=False) or best
    return fixer.fixed(best, DEPTH)


@dataclass(frozen=True)
class _Fixer:
    find: Find
    rules: Collection[str]

    def fixed(self, best: Fixed, depth: int) -> Fixed:
        refused: set[Problem] = set()
        for _ in range(ROUNDS):
            wanted = [problem for problem in best.problems if problem.rule in self.rules and problem not in refused]
            edits = {problem: edit for problem in wanted if (edit := _edit(problem, best))}
            done = self.better(best, edits.values(), 0) if edits else None
            for problem, edit in edits.items() if done is None else ():
                if done := self.better(best, [edit], depth):
                    break
                refused.add(problem)
            if done is None:
                break
            best = done
        return best

    def better(self, before: Fixed, edits: Iterable[Edit], depth: int, bom: bool | None = None) -> Fixed | None:
        """The document with these edits, or None if it is no better with them.

        Below a wrong key or name nothing was checked: what one edit brings to light must be fixed as well.
        """
        source = before.document.source
        text, unique = source.text, sorted(set(edits), reverse=True)
        for start, end, new in unique:
            text = text[:start] + new + text[end:]
        document, problems = self.find(text, source.bom if bom is None else bom)
        after = Fixed(document, problems, before.count + max(1, len(unique)))
        old, now = Counter(map(_what, before.problems)), Counter(map(_what, problems))
        new_ones = now - old
        if not old - now or (new_ones and not depth):
            return None
        if any(rule == RULE_IDS["duplicate-key"] for rule, *_ in new_ones):
            return None
        after = self.fixed(after, depth - 1) if new_ones else after
        worse = len(after.problems) > len(before.problems) or _errors(after.problems) > _errors(before.problems)
        return None if worse else after


def _errors(problems: Sequence[Problem]) -> int:
    return sum(problem.severity == ERROR for problem in problems)


def _what(problem: Problem) -> tuple[str, str, str, str]:
    return problem.rule, problem.pointer, problem.message, problem.severity


def _edit(problem: Problem, best: Fixed) -> Edit | None:
    source = best.document.source
    if problem.rule == RULE_IDS["not-strict-json"] and "comma" in problem.message:
        at = _offset(source.text, problem)
        return Edit(at, at + 1, "")
    match = _meant.fullmatch(problem.hint)
    if not match or problem.rule not in (RULE_IDS["unknown-key"], RULE_IDS["unknown-name"]) or not problem.line:
        return None
    path = steps(problem.pointer, source.data)
    old = path[-1] if problem.rule == RULE_IDS["unknown-key"] and path else _value(source.data, path)
    if not isinstance(old, str) or not is_typo_of(old, match[1]):
        return None
    return _written(source, _offset(source.text, problem), old, match[1])


def _value(data: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _offset(text: str, problem: Problem) -> int:
    starts = [0, *(match.end() for match in _breaks.finditer(text))]
    return starts[min(problem.line, len(starts)) - 1] + problem.column - 1


def _written(source: Source, at: int, old: str, new: str) -> Edit | None:
    """The edit that writes `new` for `old`, quoted as it is; None if something else stands there."""
    text = source.text
    if not is_yaml(source.file, text):
        if text[at : at + 1] != '"':
            return None
        found, end = scanstring(text, at + 1, True)
        return Edit(at, end, json.dumps(new)) if found == old else None
    quote = text[at : at + 1] if text[at : at + 1] in ("'", '"') else ""
    end = at + len(old) + 2 * len(quote)
    if text[at:end] != quote + old + quote or re.match(r"[^\s,\]}:#]", text[end : end + 1] * (not quote)):
        return None
    return Edit(at, end, quote + new + quote)


def _is_bom(problem: Problem) -> bool:
    return problem.rule == RULE_IDS["not-strict-json"] and "byte order" in problem.message
