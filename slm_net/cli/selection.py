"""Which rules count: their ids, names and prefixes, from the command line and pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from slm_net.cli.exits import UsageError
from slm_net.problems import RULE_IDS, RULES, did_you_mean, visible

#: What makes a check impossible is always reported: a file that was not read is not fine.
ALWAYS = frozenset(
    RULE_IDS[name]
    for name in (
        *("file-not-readable", "not-utf8-text", "syntax", "nested-too-deep"),
        *("file-too-large", "missing-package", "which-spec"),
    )
)
#: How a comment begins that hides problems.
MARK = "slm-net:"
_PREFIX = r"SN[0-9]{0,2}"


def rules_called(pattern: str) -> frozenset[str]:
    """The ids that an id, a name or the beginning of an id stands for; none if there is no such rule.

    >>> sorted(rules_called("unknown-key") | rules_called("SN30"))
    ['SN101', 'SN301', 'SN302', 'SN303', 'SN304']
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


def listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The parts of comma-separated texts.

    >>> listed(["SN101,SN2", "syntax"])
    ('SN101', 'SN2', 'syntax')
    """
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
