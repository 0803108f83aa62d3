"""Comments `slm-net: ignore` in specs: the problems that they hide, and what is wrong with the comments themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from slm_net.problems import ERROR, WARNING, Problem
from slm_net.project.selection import ALWAYS, hint_for, no_rule, rules_called
from slm_net.text.comments import UNUSED_IGNORE, Comment, comments
from slm_net.text.limits import MAX_COMMENTS, MAX_FINDINGS
from slm_net.text.source import Source, is_yaml
from slm_net.words import visible

#: How a comment begins that hides problems.
MARK = "slm-net:"
DIRECTIVE = rf"{MARK}\s*([\w-]*)((?:[\s,]+(?!--)[\w-]+){{0,1000}})"


class Ignore(NamedTuple):
    """One comment for slm-net: what it asks for, which rules it names, and what they stand for."""

    comment: Comment
    verb: str
    names: tuple[str, ...]
    rules: tuple[frozenset[str], ...]

    def hides(self, here: set[str]) -> set[str]:
        """Those of the rules broken on its line that it hides; all if it names none."""
        if self.verb != "ignore":
            return set()
        return here.intersection(frozenset().union(*self.rules)) if self.names else here

    def complaints(self, here: set[str]) -> Iterator[tuple[str, str]]:
        """Message and hint of everything that is wrong with it."""
        if self.verb != "ignore":
            yield f"{MARK} {visible(self.verb)} is no instruction to slm-net", f"write {MARK} ignore SN101"
            return
        if not self.names and not here:
            yield "nothing is found on the line of this comment", "remove it"
        if len(self.names) > len(self.rules):
            yield f"more than {MAX_FINDINGS} rules in one comment", "leave the rules out to ignore all"
        for name, rules in zip(self.names, self.rules, strict=False):
            if not rules:
                yield no_rule(name), hint_for(name)
            elif rules <= ALWAYS:
                yield f"{name} is always reported", "remove it from the comment"
            elif not rules & here:
                yield f"{name} is not found on the line of this comment", "remove it from the comment"


def without_ignored(problems: Sequence[Problem], source: Source, strict: bool) -> list[Problem]:
    """The problems that no comment is about, and what is wrong with the comments, sorted."""
    here: dict[int, set[str]] = {}  # the rules that are broken on each line
    for problem in (problem for problem in problems if problem.file == source.file):
        here.setdefault(problem.line, set()).update({problem.rule} - ALWAYS)
    spoken = comments(source.text, is_yaml(source.file, source.text), MARK)
    ignores = [ignore for comment in spoken[:MAX_COMMENTS] if (ignore := _read(comment))]
    found = [(ignore, here.get(ignore.comment.line, set())) for ignore in ignores]
    hidden = {(ignore.comment.line, rule) for ignore, rules in found for rule in ignore.hides(rules)}
    left = [p for p in problems if p.file != source.file or (p.line, p.rule) not in hidden]
    blank = Problem(source.file, severity=ERROR if strict else WARNING, rule=UNUSED_IGNORE.id)
    complaints = _complaints(found, blank)
    if len(spoken) > MAX_COMMENTS:
        message = f"more than {MAX_COMMENTS:,} comments for slm-net"
        complaints.append(_at(blank, spoken[-1], message, "the comments from here on do nothing"))
    return sorted((*left, *complaints))


def _read(comment: Comment) -> Ignore | None:
    directive = re.search(DIRECTIVE, comment.text)
    if directive is None:
        return None
    names = tuple(dict.fromkeys(re.findall(r"[\w-]+", directive[2])))
    return Ignore(comment, directive[1], names, tuple(map(rules_called, names[:MAX_FINDINGS])))


def _complaints(found: Sequence[tuple[Ignore, set[str]]], blank: Problem) -> list[Problem]:
    """What is wrong with the comments, each with the rules that are broken on its line; of very much the first."""
    complaints = (
        _at(blank, ignore.comment, message, hint)
        for ignore, rules in found
        for message, hint in ignore.complaints(rules)
    )
    first = list(islice(complaints, MAX_FINDINGS + 1))
    if len(first) > MAX_FINDINGS:
        message = f"more than {MAX_FINDINGS} problems in comments for slm-net"
        first[-1] = replace(first[-1], message=message, hint="the comments from here on are not listed")
    return first


def _at(blank: Problem, comment: Comment, message: str, hint: str) -> Problem:
    return replace(blank, line=comment.position.line, column=comment.position.column, message=message, hint=hint)
