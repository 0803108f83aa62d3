"""Which rules count: what ids, names and beginnings of ids stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from slm_net.document.specs import WHICH_SPEC
from slm_net.problems import UsageError
from slm_net.rules.pages import rules
from slm_net.text.files import FILE_NOT_READABLE, NOT_UTF8_TEXT
from slm_net.text.limits import FILE_TOO_LARGE, NESTED_TOO_DEEP
from slm_net.text.places import SYNTAX
from slm_net.text.yaml12 import MISSING_PACKAGE
from slm_net.words import did_you_mean, visible

#: What makes a check impossible is always reported: a file that was not read is not fine.
ALWAYS = frozenset(
    rule.id
    for rule in (FILE_NOT_READABLE, NOT_UTF8_TEXT, SYNTAX, NESTED_TOO_DEEP, FILE_TOO_LARGE, MISSING_PACKAGE, WHICH_SPEC)
)


def selected(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The ids that count: those of `select` (all if there are none) without those of `ignore`.

    Raises:
        UsageError: there is no such rule.
    """
    chosen = frozenset().union(*map(known_rules, select)) if select else frozenset(rules())
    return chosen.difference(*map(known_rules, ignore)) | ALWAYS


def known_rules(pattern: str) -> frozenset[str]:
    """The ids that a pattern stands for.

    Raises:
        UsageError: there is no such rule.
    """
    if found := rules_called(pattern):
        return found
    raise UsageError(f"{no_rule(pattern)}, {hint_for(pattern)}")


def rules_called(pattern: str) -> frozenset[str]:
    """The ids that an id, a name or the beginning of an id stands for; none if there is no such rule.

    >>> sorted(rules_called("unknown-key") | rules_called("SN30"))
    ['SN101', 'SN301', 'SN302', 'SN303', 'SN304', 'SN305', 'SN306']
    """
    written = pattern.strip()
    rule = _ids().get(written.lower(), written.upper())
    if rule in rules():
        return frozenset((rule,))
    beginning = re.fullmatch(r"SN[0-9]{0,2}", rule)
    return frozenset(known for known in rules() if known.startswith(rule)) if beginning else frozenset()


def no_rule(pattern: str) -> str:
    """What is said of a pattern that stands for no rule."""
    return f"there is no rule {visible(pattern)!r}"


def hint_for(pattern: str) -> str:
    """The rule that was probably meant."""
    return did_you_mean(pattern, [*rules(), *_ids()] if pattern[:2].upper() == "SN" else _ids())


def _ids() -> dict[str, str]:
    return {rule.name: rule.id for rule in rules().values()}
