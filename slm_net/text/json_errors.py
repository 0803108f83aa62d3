"""The first problem of a text that is no JSON: where it is, what it is, and what to write instead."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import NamedTuple

from slm_net.text.places import Lines
from slm_net.words import visible

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


Mistake = tuple[int, str, str]  # offset, message, hint

_CLOSING = {"{": "}", "[": "]"}
_KIND = {"{": "object", "[": "array"}
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")
_numbers_before = re.compile(r":\s*([-+.\w]+)\s*,\s*$")
_numbers = re.compile(r"[-+]?[0-9][-+.\w]*(?:\s*,\s*[-+]?[0-9][-+.\w]*)*(?!\w*\s*:)")


class Spot(NamedTuple):
    """Where the grammar stopped: the token at `at`, the end of the one before, and what could have come."""

    text: str
    at: int
    before: int
    expecting: str  # "key", "colon", "value", "comma" or "end"
    opened: int | None  # the innermost bracket that is open
    lines: Lines

    @property
    def char(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def last(self) -> str:
        """The character that ends the token before."""
        return self.text[self.before - 1 : self.before]

    @property
    def bracket(self) -> str:
        return "" if self.opened is None else self.text[self.opened]

    @property
    def container(self) -> str:
        """The innermost open object or array, in words."""
        if self.opened is None:
            return "the document"
        return f"the {_KIND[self.bracket]} opened at {self.lines.position(self.opened)}"


def explain(spot: Spot) -> Mistake:
    """The mistake at a spot, from the tellable ones to what is merely not expected."""
    for examine in (_unfinished, _odd, _closer, _comma, _BY_EXPECTATION[spot.expecting]):
        if mistake := examine(spot):
            return mistake
    found = visible(word_at(spot.text, spot.at), 40)
    return spot.at, f"{found} was not expected here", "compare with the lines around it"


def _unfinished(spot: Spot) -> Mistake | None:
    if spot.at == len(spot.text):
        return spot.before, f"{spot.container} is never closed", f"add the missing {_CLOSING[spot.bracket]}"
    if spot.text.startswith("/*", spot.at):
        return spot.at, "this comment is never closed", "add */"
    return None


def _odd(spot: Spot) -> Mistake | None:
    if spot.text.startswith(_CONFLICT, spot.at):
        return spot.at, "a marker of a merge conflict", "keep one of the two versions, and remove the markers"
    found = odd_character(spot.text, spot.at)
    return (spot.at, *found) if found else None


def _closer(spot: Spot) -> Mistake | None:
    if spot.char not in ("}", "]"):
        return None
    if spot.opened is None:
        return spot.at, f"there is nothing left that this {spot.char} could close", f"remove the {spot.char}"
    closing = _CLOSING[spot.bracket]
    if spot.char != closing:
        return spot.at, f"{spot.char} where {spot.container} needs {closing}", f"write {closing} to close it"
    if spot.expecting == "colon":
        return spot.before, "a key without a value", 'write "key": value'
    return spot.before, "a value is missing after the colon", "write the value, or null"


def _comma(spot: Spot) -> Mistake | None:
    if spot.char != ",":
        return None
    if spot.expecting == "end":
        return spot.at, "a comma after the end of the document", "remove the comma"
    if spot.expecting == "colon":
        return spot.before, "a key without a value", 'write "key": value; a list of values stands in [ ]'
    if spot.last == ":":
        return spot.before, "a value is missing after the colon", "write the value, or null"
    what = "two commas in a row" if spot.last == "," else "a comma with nothing before it"
    return spot.at, what, "remove one comma" if spot.last == "," else "remove the comma"


def _key(spot: Spot) -> Mistake | None:
    if spot.char == ":":
        return spot.at, "a colon without a key before it", 'write "key": value'
    if spot.char in ("{", "["):
        return spot.at, f"a value without a key in {spot.container}", 'write "key": before it'
    first = _numbers_before.search(spot.text[max(0, spot.at - 80) : spot.at])
    if first and (rest := _numbers.match(spot.text, spot.at, spot.at + 80)):
        return spot.at, "several values for one key", f"write a list: [{visible(f'{first[1]}, {rest[0]}', 60)}]"
    word = word_at(spot.text, spot.at)
    return spot.at, f"the key {visible(word, 40)} is not quoted", f"quote the key: {quoted(word)}"


def _colon(spot: Spot) -> Mistake:
    if spot.char == "=":
        return spot.at, "= between key and value", "write : instead of ="
    return spot.before, "a colon is missing between key and value", 'write "key": value'


def _value(spot: Spot) -> Mistake | None:
    if spot.char in (":", "="):
        return spot.at, f"{spot.char} where a value was expected", f"remove the {spot.char}"
    if found := number_written(spot.text, spot.at):
        return (spot.at, *found)
    word = word_at(spot.text, spot.at)
    return (spot.at, f"{visible(word, 40)} is no JSON value", word_meant(word))


def _item(spot: Spot) -> Mistake:
    if spot.char in (":", "="):
        where = "a key and a value inside of an array" if spot.bracket == "[" else f"a second {spot.char} after a key"
        hint = "use { } for keys and values" if spot.bracket == "[" else "is the comma before this key missing?"
        return spot.at, where, hint
    if spot.last == '"' and spot.at == spot.before and spot.char.isalnum():
        return spot.before, "the string ends here, but text follows", 'write \\" for a quote inside of a string'
    return spot.before, "a comma is missing", "add a comma here"


def _end(spot: Spot) -> Mistake:
    if spot.char in ("{", "["):
        return spot.at, "a second document begins here", "keep one; several specs are the keys of one object"
    return spot.at, f"{visible(word_at(spot.text, spot.at), 40)} follows the end of the document", "remove what follows"


_BY_EXPECTATION = {"key": _key, "colon": _colon, "value": _value, "comma": _item, "end": _end}
