"""What stands between the brackets of a text that is no JSON, and what it was meant to be: words, numbers, quotes."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import NamedTuple

from slm_net.words import visible

CLOSING = {"{": "}", "[": "]", "(": ")"}
#: How far a bracket that closes is looked for.
REACH = 5_000
#: How long a word is that is looked at.
LONGEST = 100

_word = re.compile(r"""[^\s,:\[\]{}()"'`=#;]+""").match
_number = re.compile(r"(?:[-+\u2212.\w%^]|/(?![/*])|\*)+").match
_fraction = re.compile(r"([-+]?[0-9.]+)/([0-9.]+)").fullmatch
_steps = re.compile(r""""(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'|[\[\](){}]""")
_escape = re.compile(r'\\.|"')

_MEANT = {"none": "null", "null": "null", "nil": "null", "undefined": "null", "true": "true", "false": "false"} | (
    dict.fromkeys(("yes", "on"), "true") | dict.fromkeys(("no", "off"), "false")
)
_CERTAIN = {"none", "null", "true", "false"}
_NOT_FINITE = {"nan", "inf", "infinity"}
TYPOGRAPHIC = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2033\uff02"
#: What stands for a quote elsewhere.
QUOTES = f"'`{TYPOGRAPHIC}"
_HINTS = {
    "#": ("# does not begin a comment in JSON", "write // for a comment"),
    "\u2026": ("\u2026 stands for something left out", "remove the \u2026"),
    ";": ("; is no JSON", "write a comma"),
    "(": ("( ) is no JSON", "write [ ] for a list"),
    ")": ("( ) is no JSON", "write [ ] for a list"),
}


def word_at(text: str, at: int) -> str:
    """The word at an offset, at most `LONGEST` characters; of what is no word the character."""
    match = _word(text, at, at + LONGEST)
    return match[0] if match else text[at : at + 1]


def quoted(word: str) -> str:
    """The word as a JSON string, fit to be shown."""
    return '"' + visible(word, 40).replace('"', '\\"') + '"'


def as_string(word: str) -> str:
    """The word as a JSON string, fit to be written."""
    return json.dumps(word, ensure_ascii=False)


def closing_of(text: str, at: int) -> int | None:
    """Where the bracket at `at` is closed, if that is near and all in it fits together."""
    waiting: list[str] = []
    for match in _steps.finditer(text, at, at + REACH):
        found = match[0]
        if found in CLOSING:
            waiting.append(CLOSING[found])
        elif found in ")]}":
            if found != waiting.pop():
                return None
            if not waiting:
                return match.start()
    return None


def odd_character(text: str, at: int) -> tuple[str, str] | None:
    """Message and hint if the character at `at` belongs nowhere between the tokens of JSON."""
    char = text[at]
    if text.startswith("...", at):
        return "... stands for something left out", "remove the ..."
    if char in QUOTES:
        found = quoted_otherwise(text, at)
        return found and (found.message, found.hint)
    if char in _HINTS:
        return _HINTS[char]
    if char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Zs"):
        name = unicodedata.name(char, "control character").lower()
        return f"{name} (U+{ord(char):04X}) between the tokens", "use plain spaces"
    return None


class Quoted(NamedTuple):
    """A text in other quotes than JSON has: where it ends, whether it is closed, it as a JSON string, and the words."""

    end: int
    closed: bool
    new: str
    message: str
    hint: str


def quoted_otherwise(text: str, at: int) -> Quoted | None:
    """The text in single, typographic or backward quotes at `at`; one that is not closed ends with its line."""
    char = text[at]
    if char not in QUOTES:
        return None
    ends = f'{TYPOGRAPHIC}"' if char in TYPOGRAPHIC else char
    body = re.compile(rf"(?:[^\\\r\n{re.escape(ends)}]|\\.)*").match(text, at + 1, at + 1 + REACH)
    end = body.end() if body else at + 1
    closed = text[end : end + 1] in tuple(ends)
    written = text[at + 1 : end] if closed else text[at + 1 : end].rstrip(" \t,]}")
    new = '"' + _escape.sub(lambda found: {"\\'": "'", "\\`": "`", '"': '\\"'}.get(found[0], found[0]), written) + '"'
    message = "single quotes" if char == "'" else "a backtick does not quote"
    hint = f"use double quotes: {visible(new, 42) if closed and len(written) <= LONGEST else chr(34)}"
    if char in TYPOGRAPHIC:
        message, hint = f"{char} is a typographic quote", 'use straight double quotes: "'
    return Quoted(end + 1 if closed else at + 1 + len(written), closed, new, message, hint)


class Meant(NamedTuple):
    """What a word stands for where a value was expected, in JSON ("" if it is a name), and whether that is certain."""

    value: str
    certain: bool
    hint: str


def word_meant(word: str) -> Meant:
    """What was meant by a word where a value was expected."""
    folded = word.casefold().lstrip("+-")
    if folded in _NOT_FINITE:
        return Meant("null", False, "use a finite number")
    if folded in _MEANT:
        return Meant(_MEANT[folded], folded in _CERTAIN and word.isalpha(), f"use {_MEANT[folded]}")
    return Meant("", False, f"quote it: {quoted(word)}")


class Number(NamedTuple):
    """Something like a number: as it is written, its value if it has one, whether that is certain, and what to do."""

    written: str
    value: int | float | None
    certain: bool
    hint: str


def number_meant(text: str, at: int) -> Number | None:
    """The number at an offset, as people and other languages write it: 1_000, 0x10, 007, +1, 1., .5, 1/100.

    >>> number_meant("[1/100]", 1)
    Number(written='1/100', value=0.01, certain=True, hint='write 0.01')
    """
    match = _number(text, at, at + LONGEST)
    if match is None or text[at] not in "+-\u2212.0123456789" or not any(char.isdigit() for char in match[0]):
        return None
    written = match[0]
    value = _value_of(written.replace("\u2212", "-"))
    hint = "digits, then perhaps a fraction and an exponent: 0.5, 1e-3" if value is None else f"write {value}"
    octal = re.match(r"[-+]?0_?[0-9]", written) is not None  # to C, Python 2 and YAML 1.1
    return Number(written, value, len(written) < LONGEST and not octal, hint)


def _value_of(token: str) -> int | float | None:
    if len(token) > 40:
        return None
    plain = token.replace("_", "")
    if (fraction := _fraction(plain)) and (parts := (_plain_number(fraction[1]), _plain_number(fraction[2]))):
        above, below = parts
        return above / below if above is not None and below else None
    return _plain_number(plain)


def _plain_number(token: str) -> int | float | None:
    for base in (10, 0):
        try:
            return int(token, base)
        except ValueError:
            continue
    try:
        value = float(token)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
