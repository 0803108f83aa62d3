"""The first mistake of a text that is no JSON: where it is, what it is, and what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from slm_net.problems import visible
from slm_net.spec.json_words import number_written, odd_character, quoted, word_at, word_meant
from slm_net.spec.lines import Lines

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
