"""Words for messages: texts that are safe to print, lists of choices, and the guess at what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

#: Choices that are compared letter by letter; of more, those of about the same length.
MOST = 500


def visible(text: str, limit: int = 80) -> str:
    r"""`text` safe to print: control characters and lone surrogates escaped, shortened to `limit` characters.

    >>> visible("re\x1blu\ud800")
    're\\x1blu\\ud800'
    """
    if len(text) > limit:
        text = text[: limit - 3] + "..."
    if text.isprintable():
        return text
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def nearest(word: str, choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> str | None:
    """The choice that `word` was most probably meant to be, or None if nothing is near.

    Known aliases come first, then the same letters in another case or with other separators, then edit distance.

    >>> nearest("Adma", ["SGD", "Adamax", "Adam"])
    'Adam'
    >>> nearest("Clip-Grad-Val", ["clip_grad_val"])
    'clip_grad_val'
    >>> nearest("tranformer", ["relu"])
    """
    choices = list(choices)
    if len(choices) > MOST:
        choices = sorted(choices, key=lambda choice: abs(len(choice) - len(word)))[:MOST]
    if found := same(word, choices, aliases):
        return found
    wanted = folded(word[:100])
    by_fold = {folded(choice): choice for choice in choices}
    close = difflib.get_close_matches(wanted, by_fold, n=5, cutoff=0.6) if wanted else []
    close.sort(key=lambda word: sorted(word) != sorted(wanted))  # swapped letters before lost ones
    return by_fold[close[0]] if close else None


def nearest_slip(word: str, choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> str | None:
    """The choice that `word` was surely meant to be: an alias of it, or the same but for a letter or two.

    >>> nearest_slip("MLPNett", ["MLPNet", "ConvNet"]), nearest_slip("Adma", ["Adam", "SGD"])
    ('MLPNet', 'Adam')
    >>> nearest_slip("LSTMNet", ["MLPNet", "ConvNet"]), nearest_slip("Pendulum-v0", ["Pendulum-v1"])
    (None, None)
    """
    guess = nearest(word, choices, aliases)
    if guess is None:
        return None
    meant, wanted = folded(guess), folded(word[:100])
    digits = [[char for char in text if char.isdigit()] for text in (meant, wanted)]
    alike = sorted(meant) == sorted(wanted) or difflib.SequenceMatcher(None, wanted, meant).ratio() >= 0.85
    alias = folded(guess) == folded({folded(a): name for a, name in (aliases or {}).items()}.get(wanted, ""))
    return guess if alias or (alike and digits[0] == digits[1]) else None


def same(word: str, choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> str | None:
    """The choice that `word` stands for by a known alias, or spells with another case or other separators.

    >>> same("Swish", ["ReLU", "SiLU"], {"swish": "silu"})
    'SiLU'
    >>> same("relu6", ["ReLU"])
    """
    wanted = folded(word[:100])
    by_fold = {folded(choice): choice for choice in choices}
    meant = {folded(alias): name for alias, name in (aliases or {}).items()}.get(wanted, "")
    return by_fold.get(folded(meant)) or by_fold.get(wanted)


def did_you_mean(word: str, choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> str:
    """A hint for a name that is not among `choices`: the nearest one, else the choices themselves."""
    choices = list(choices)
    if guess := nearest(word, choices, aliases):
        return f"did you mean {guess[:100]!r}?"
    return "expected " + listing(choices) if choices else ""


def listing(choices: Sequence[str], limit: int = 12) -> str:
    """The choices in a row, cut after `limit` of them.

    >>> listing(["GRU", "LSTM", "RNN"])
    'GRU, LSTM, RNN'
    """
    rest = len(choices) - limit
    return ", ".join(visible(choice) for choice in choices[:limit]) + (f" and {rest} more" if rest > 0 else "")


@lru_cache(maxsize=2000)  # the same few names are compared with every misspelt one
def folded(word: str) -> str:
    """A word without what tells spellings of one name apart: case and separators.

    >>> folded("Clip-Grad_Val")
    'clipgradval'
    """
    return word.casefold().replace("_", "").replace("-", "").replace(" ", "")
