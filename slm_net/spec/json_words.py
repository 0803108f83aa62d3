"""Words and characters that people write into JSON and that are none: what they meant."""

from __future__ import annotations

import math
import re
import unicodedata

from slm_net.problems import visible

_word = re.compile(r"""[^\s,:\[\]{}"'=#]+""").match
_number = re.compile(r"(?:[-+.\w%^]|/(?![/*])|\*)+").match
_single_quoted = re.compile(r"'((?:[^'\\\n]|\\.){0,100})'").match
_fraction = re.compile(r"([-+]?[0-9.]+)/([0-9.]+)").fullmatch

_MEANT = {"none": "null", "null": "null", "nil": "null", "undefined": "null", "true": "true", "false": "false"} | (
    dict.fromkeys(("yes", "on"), "true") | dict.fromkeys(("no", "off"), "false")
)
_NOT_FINITE = {"nan", "inf", "infinity"}
_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2033\uff02"
_HINTS = {
    "#": ("# does not begin a comment in JSON", "write // for a comment"),
    "\u2026": ("\u2026 stands for something left out", "remove the \u2026"),
    ";": ("; is no JSON", "write a comma"),
    "(": ("( ) is no JSON", "write [ ] for a list"),
    ")": ("( ) is no JSON", "write [ ] for a list"),
    "`": ("a backtick does not quote", 'use double quotes: "'),
}


def word_at(text: str, at: int) -> str:
    """The word at an offset, at most 100 characters; of what is no word the character."""
    match = _word(text, at, at + 100)
    return match[0] if match else text[at : at + 1]


def quoted(word: str) -> str:
    """The word as a JSON string, fit to be shown."""
    return '"' + visible(word, 40).replace('"', '\\"') + '"'


def odd_character(text: str, at: int) -> tuple[str, str] | None:
    """Message and hint if the character at `at` belongs nowhere between the tokens of JSON."""
    char = text[at]
    if text.startswith("...", at):
        return "... stands for something left out", "remove the ..."
    if char == "'":
        match = _single_quoted(text, at)
        return "single quotes", f"use double quotes: {quoted(match[1]) if match else chr(34)}"
    if char in _QUOTES:
        return f"{char} is a typographic quote", 'use straight double quotes: "'
    if char in _HINTS:
        return _HINTS[char]
    if char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Zs"):
        name = unicodedata.name(char, "control character").lower()
        return f"{name} (U+{ord(char):04X}) between the tokens", "use plain spaces"
    return None


def explain_string(text: str, start: int, at: int) -> tuple[int, str, str]:
    """Offset, message and hint for the string that opens at `start` and breaks at `at`."""
    if at == start or at >= len(text):
        return start, "this string is never closed", 'add the closing "'
    char = text[at]
    if char in "\r\n":
        return (
            at,
            "a string ends in the middle: the line breaks before its closing quote",
            'close it with ", or write \\n',
        )
    if ord(char) < 0x20:
        return at, f"control character U+{ord(char):04X} in a string", f"remove it, or write \\u{ord(char):04x}"
    backslash = max(text.rfind("\\", start, at + 1), start)
    escape = visible(text[backslash : backslash + (6 if text[backslash + 1 : backslash + 2] == "u" else 2)])
    return (
        backslash,
        f"invalid escape {escape} in a string",
        'allowed: \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with 4 hex digits',
    )


def word_meant(word: str) -> str:
    """The hint for a word where a value was expected."""
    folded = word.casefold().lstrip("+-")
    if folded in _NOT_FINITE:
        return "use a finite number"
    if folded in _MEANT:
        return f"use {_MEANT[folded]}"
    return f"quote it: {quoted(word)}"


def number_written(text: str, at: int) -> tuple[str, str] | None:
    """Message and hint if something like a number stands at `at`: 1_000, 0x10, 007, +1, 1., .5, 1/100.

    >>> number_written("[1/100]", 1)
    ('1/100 is no JSON number', 'write 0.01')
    """
    match = _number(text, at, at + 100)
    if match is None or text[at] not in "+-.0123456789" or not any(char.isdigit() for char in match[0]):
        return None
    value = _number_meant(match[0])
    hint = "digits, then perhaps a fraction and an exponent: 0.5, 1e-3" if value is None else f"write {value}"
    return f"{visible(match[0], 40)} is no JSON number", hint


def _number_meant(token: str) -> int | float | None:
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
