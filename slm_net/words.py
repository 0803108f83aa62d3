"""Words for messages: texts that are safe to print, lists of choices, and the guess at what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def visible(text: str, limit: int = 80) -> str:
    r"""`text` safe to print: control characters and lone surrogates escaped, shortened to `limit` characters.

    >>> visible("re\x1blu\ud800")
    're\\x1blu\\ud800'
    """
    if len(text) > limit:
        text = text[: limit - 3] + "..."
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def nearest(word: str, choices: Iterable[str], aliases: dict[str, str] | None = None) -> str | None:
    """The choice that `word` was most probably meant to be, or None if nothing is near.

    Known aliases come first, then the same letters in another case or with other separators, then edit distance.

    >>> nearest("Adma", ["SGD", "Adamax", "Adam"])
    'Adam'
    >>> nearest("Clip-Grad-Val", ["clip_grad_val"])
    'clip_grad_val'
    >>> nearest("tranformer", ["relu"])
    """
    choices = list(choices)
    wanted = folded(word[:100])
    meant = {folded(alias): name for alias, name in (aliases or {}).items()}.get(wanted)
    if meant in choices:
        return meant
    by_fold = {folded(choice): choice for choice in choices}
    if wanted in by_fold:
        return by_fold[wanted]
    close = difflib.get_close_matches(wanted, by_fold, n=5, cutoff=0.6) if wanted else []
    close.sort(key=lambda word: sorted(word) != sorted(wanted))  # swapped letters before lost ones
    return by_fold[close[0]] if close else None


def did_you_mean(word: str, choices: Iterable[str], aliases: dict[str, str] | None = None) -> str:
    """A hint for a name that is not among `choices`: the nearest one, else the choices themselves."""
    choices = list(choices)
    if guess := nearest(word, choices, aliases):
        return f"did you mean {guess!r}?"
    return "expected " + listing(choices) if choices else ""


def listing(choices: Sequence[str], limit: int = 12) -> str:
    """The choices in a row, cut after `limit` of them.

    >>> listing(["GRU", "LSTM", "RNN"])
    'GRU, LSTM, RNN'
    """
    rest = len(choices) - limit
    return ", ".join(choices[:limit]) + (f" and {rest} more" if rest > 0 else "")


def folded(word: str) -> str:
    """A word without what tells spellings of one name apart: case and separators.

    >>> folded("Clip-Grad_Val")
    'clipgradval'
    """
    return word.casefold().replace("_", "").replace("-", "").replace(" ", "")
