"""Which rules count: their ids, names and prefixes, from the command line and pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from slm_net.cli.exits import UsageError
from slm_net.document.specs import WHICH_SPEC
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
#: How a comment begins that hides problems.
MARK = "slm-net:"
_PREFIX = r"SN[0-9]{0,2}"


def rules_called(pattern: str) -> frozenset[str]:
    """The ids that an id, a name or the beginning of an id stands for; none if there is no such rule.

    >>> sorted(rules_called("unknown-key") | rules_called("SN30"))
    ['SN101', 'SN301', 'SN302', 'SN303', 'SN304']
    """
    written = pattern.strip()
    rule = _ids().get(written.lower(), written.upper())
    if rule in rules():
        return frozenset((rule,))
    return (
        frozenset(known for known in rules() if known.startswith(rule)) if re.fullmatch(_PREFIX, rule) else frozenset()
    )


def hint_for(pattern: str) -> str:
    """The rule that was probably meant."""
    return did_you_mean(pattern, [*rules(), *_ids()] if pattern[:2].upper() == "SN" else _ids())


def selected(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The ids that count: those of `select` (all if there are none) without those of `ignore`.

    Raises:
        UsageError: there is no such rule.
    """
    chosen = frozenset().union(*map(_known, select)) if select else frozenset(rules())
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


def _ids() -> dict[str, str]:
    return {rule.name: rule.id for rule in rules().values()}
