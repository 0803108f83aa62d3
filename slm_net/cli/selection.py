"""Which rules count: ids, names and prefixes from the command line, pyproject.toml and comments in the specs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from slm_net.cli.exits import UsageError
from slm_net.problems import ERROR, RULE_IDS, RULES, WARNING, Problem, did_you_mean, visible

if TYPE_CHECKING:
    from slm_net.spec.comments import Comment

#: What makes a check impossible is always reported: a file that was not read is not fine.
ALWAYS = frozenset(
    RULE_IDS[name]
    for name in (
        *("file-not-readable", "not-utf8-text", "syntax", "nested-too-deep"),
        *("file-too-large", "missing-package", "which-spec"),
    )
)
MARK = "slm-net:"
_DIRECTIVE = rf"{MARK}\s*([\w-]*)((?:[\s,]+(?!--)[\w-]+)*)"
_PREFIX = r"SN[0-9]{0,2}"


def rules_called(pattern: str) -> frozenset[str]:
    """The ids that an id, a name or the beginning of an id stands for; none if there is no such rule.

    >>> sorted(rules_called("unknown-key") | rules_called("SN30"))
    ['SN101', 'SN301', 'SN302']
    """
    written = pattern.strip()
    rule = RULE_IDS.get(written.lower(), written.upper())
    if rule in RULES:
        return frozenset((rule,))
    return frozenset(known for known in RULES if known.startswith(rule)) if re.fullmatch(_PREFIX, rule) else frozenset()


def hint_for(pattern: str) -> str:
    """The rule that was probably meant."""
    return did_you_mean(pattern, [*RULES, *RULE_IDS] if pattern[:2].upper() == "SN" else RULE_IDS)


def selected(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The ids that count: those of `select` (all if there are none) without those of `ignore`.

    Raises:
        UsageError: there is no such rule.
    """
    chosen = frozenset().union(*map(_known, select)) if select else frozenset(RULES)
    return chosen.difference(*map(_known, ignore)) | ALWAYS


def _known(pattern: str) -> frozenset[str]:
    if rules := rules_called(pattern):
        return rules
    raise UsageError(f"there is no rule {visible(pattern)!r}, {hint_for(pattern)}")


def without_ignored(problems: Sequence[Problem], text: str, yaml: bool, file: str, strict: bool) -> list[Problem]:
    """The problems that no comment `slm-net: ignore` is about, and what is wrong with these comments, sorted."""
    if MARK not in text:
        return list(problems)
    from slm_net.spec.comments import comments

    left = list(problems)
    severity = ERROR if strict else WARNING
    found: list[Problem] = []
    for comment in comments(text, yaml):
        if match := re.search(_DIRECTIVE, comment.text):
            left, complaints = _apply(comment, match[1], re.findall(r"[\w-]+", match[2]), left, problems)
            blank = Problem(file, *comment.position, "", severity, RULE_IDS["unused-ignore"])
            found += [replace(blank, message=message, hint=hint) for message, hint in complaints]
    return sorted((*left, *found))


def _apply(
    comment: Comment, verb: str, patterns: list[str], left: list[Problem], problems: Sequence[Problem]
) -> tuple[list[Problem], list[tuple[str, str]]]:
    """What is left of the problems after one comment, and message and hint of what is wrong with it."""
    if verb != "ignore":
        return left, [(f"{MARK} {visible(verb)} is no instruction to slm-net", f"write {MARK} ignore SN101")]
    here = {problem.rule for problem in problems if problem.line == comment.line} - ALWAYS
    ignored = here if not patterns else {rule for pattern in patterns for rule in rules_called(pattern)} - ALWAYS
    kept = [problem for problem in left if problem.line != comment.line or problem.rule not in ignored]
    return kept, list(_complaints(patterns, here))


def _complaints(patterns: list[str], here: set[str]) -> Iterator[tuple[str, str]]:
    if not patterns and not here:
        yield "nothing is found on the line of this comment", "remove it"
    for pattern in patterns:
        if not (rules := rules_called(pattern)):
            yield f"there is no rule {visible(pattern)!r}", hint_for(pattern)
        elif rules <= ALWAYS:
            yield f"{pattern} is always reported", "remove it from the comment"
        elif not rules & here:
            yield f"{pattern} is not found on the line of this comment", "remove it from the comment"


def listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The parts of comma-separated texts.

    >>> listed(["SN101,SN2", "syntax"])
    ('SN101', 'SN2', 'syntax')
    """
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
