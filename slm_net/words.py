"""Words for messages: texts that are safe to print, lists of choices, and the guess at what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

#: Choices that are compared letter by letter; of more, those of about the same length.
MOST = 500
#: The share of letters that two words have in common: of much alike ones, of one and a slip of it, of the same word.
LIKE, SLIP, SAME = 0.6, 0.85, 1.0

#: Other words for a choice: each with the choice, or with several, of which the first that is there counts.
Aliases = Mapping[str, str] | Mapping[str, tuple[str, ...]]


def visible(text: str, limit: int = 80) -> str:
    r"""`text` safe to print: control characters and lone surrogates escaped, shortened to `limit` characters.

    >>> visible("re\x1blu\ud800")
    're\\x1blu\\ud800'
    """
    if len(text) > limit:
        text = text[: limit - 3] + "..."
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def cells(text: str) -> int:
    r"""How many columns of a terminal the text takes: two for wide characters, none for combining ones.

    >>> cells("abc"), cells("\u6f22\u5b57"), cells("e\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    import unicodedata

    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


#: What GitHub Actions takes for a command in the output of a program: at the beginning of a line, or anywhere.
_COMMAND_AT_START = re.compile(r"(?:\A|(?<=[\r\n]))([^\S\r\n]*):(?=:)")
_COMMAND = "##["


def disarmed(text: str, colon: str = r"\x3a", number: str = r"\x23") -> str:
    r"""Text in which GitHub Actions finds none of its commands, whatever file names, keys and values stand in it.

    `colon` and `number` are how the language of the text writes these signs otherwise, as XML and JSON do.

    >>> disarmed("::error::x\n ##[debug]"), disarmed("a::b"), disarmed('{"a": "##[debug]"}', number=r"\u0023")
    ('\\x3a:error::x\n #\\x23[debug]', 'a::b', '{"a": "#\\u0023[debug]"}')
    """
    if "::" not in text and _COMMAND not in text:
        return text
    return _COMMAND_AT_START.sub(lambda found: found[1] + colon, text).replace(_COMMAND, f"#{number}[")


def nearest(
    word: str,
    choices: Iterable[str],
    aliases: Aliases | None = None,
    *,
    alike: float = LIKE,
    same_digits: bool = False,
) -> str | None:
    """The choice that `word` was most probably meant to be, or None if nothing is near.

    Known aliases come first, then the same letters in another case or with other separators (`alike=SAME` asks for no
    more), then what has most letters in common. `alike` is the share that must be: `SLIP` for what is the same but for
    a letter or two, as swapped letters are.

    >>> nearest("Adma", ["SGD", "Adamax", "Adam"]), nearest("Clip-Grad-Val", ["clip_grad_val"])
    ('Adam', 'clip_grad_val')
    >>> nearest("tranformer", ["relu"])
    >>> nearest("LSTMNet", ["MLPNet", "ConvNet"], alike=SLIP), nearest("MLPNett", ["MLPNet", "ConvNet"], alike=SLIP)
    (None, 'MLPNet')
    >>> nearest("Pendulum-v0", ["Pendulum-v1"], alike=SLIP, same_digits=True)
    >>> nearest("Swish", ["ReLU", "SiLU"], {"swish": "silu"}, alike=SAME)
    'SiLU'
    """
    choices = list(choices)
    if len(choices) > MOST:
        choices = sorted(choices, key=lambda choice: abs(len(choice) - len(word)))[:MOST]
    wanted, by_fold = folded(word[:100]), {folded(choice): choice for choice in choices}
    meant = {folded(alias): names for alias, names in (aliases or {}).items()}.get(wanted, ())
    names = [*([meant] if isinstance(meant, str) else meant), wanted]
    if found := next((by_fold[name] for name in map(folded, names) if name in by_fold), None):
        return found
    close = list(_close(wanted, tuple(by_fold))) if wanted and alike < SAME else []
    close.sort(key=lambda other: sorted(other) != sorted(wanted))  # swapped letters before lost ones
    if not close or (same_digits and digits(close[0]) != digits(wanted)):
        return None
    swapped = sorted(close[0]) == sorted(wanted)
    return by_fold[close[0]] if swapped or _likeness(wanted, close[0]) >= alike else None


@lru_cache(maxsize=500)  # files of one project have the same words wrong
def _close(word: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """The choices that have most letters in common with a word, the nearest first."""
    import difflib  # not needed while all is right

    return tuple(difflib.get_close_matches(word, choices, n=5, cutoff=LIKE))


@lru_cache(maxsize=500)
def _likeness(one: str, other: str) -> float:
    """The share of letters that two words have in common."""
    import difflib

    return difflib.SequenceMatcher(None, one, other).ratio()


def digits(word: str) -> list[str]:
    """The digits of a word, which tell names such as L1Loss and L2Loss apart.

    >>> digits("MaxPool2d1")
    ['2', '1']
    """
    return list(filter(str.isdigit, word))


def did_you_mean(word: str, choices: Iterable[str], aliases: Aliases | None = None) -> str:
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


@lru_cache(maxsize=2000)
def one_less(word: str) -> frozenset[str]:
    """A word and, if it is not short, what is left of it without one of its letters, to find slips among many words.

    Two words have one of these in common if a letter is missing, doubled, wrong, or swapped with the next.

    >>> sorted(one_less("agnet") & one_less("agent")), sorted(one_less("net"))
    (['aget', 'agnt'], ['net'])
    """
    word = folded(word[:100])
    less = (word[:at] + word[at + 1 :] for at in range(len(word)))
    return frozenset((word, *(less if len(word) > 4 else ())))
