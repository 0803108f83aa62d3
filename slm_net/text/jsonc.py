"""JSON with comments and trailing commas, as fast as `json.loads` while nothing is odd."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from slm_net.problems import Edit, Path, Problem
from slm_net.text.comments import without_comments, without_trailing_commas
from slm_net.text.json_errors import Spot, explain, explain_string, is_balanced, unclosed_array
from slm_net.text.json_places import JsonPlaces
from slm_net.text.limits import (
    FILE_TOO_LARGE,
    KEY_TOO_LONG,
    MAX_DEPTH,
    MAX_FINDINGS,
    MAX_KEY,
    MAX_VALUES,
    NESTED_TOO_DEEP,
    TOO_DEEP,
    TOO_MANY,
    TOO_MANY_MISTAKES,
    Fault,
    deeper_than_allowed,
    has_long_key,
    int_fault,
    number_fault,
)
from slm_net.text.mending import Change, Mended, MendedPlaces, Mistake, as_edits
from slm_net.text.other_formats import as_literal, other_format, unbraced, wrapping
from slm_net.text.places import SYNTAX, Found, Note, Place, Places, Reading, Refused, duplicate

_LONG_NUMBER = re.compile(r"[0-9](?:[0-9]{18}|[eE]\+?[0-9]{3})")
_LONG_STRING = re.compile(rf'"[^"]{{{MAX_KEY}}}')


class _Odd(ValueError):
    """The text needs the parser that explains."""


def read_json(text: str) -> Reading:
    """Data, problems and places of a JSON text; comments (`//`, `/* */`) and trailing commas are allowed.

    >>> read_json('{"hid_layers": [64, 64,]} // two layers').data
    {'hid_layers': [64, 64]}
    """
    brackets = text.count("[") + text.count("{")
    if text.count(",") + brackets > MAX_VALUES:
        return Reading(None, (FILE_TOO_LARGE.at((), *TOO_MANY),))
    bare = None
    try:
        if _LONG_NUMBER.search(text):
            raise _Odd
        if (reading := _read_strict(text, brackets > MAX_DEPTH)) is not None:
            return reading
        bare = without_comments(text)
        if (reading := _read_strict(without_trailing_commas(bare), brackets > MAX_DEPTH)) is not None:
            return reading
    except (_Odd, RecursionError):
        pass
    return parse_json(text, bare)


def _read_strict(text: str, may_be_deep: bool) -> Reading | None:
    """The reading of a strict JSON text; None if it is none."""
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError:
        return None
    may_have_long_key = len(text) > MAX_KEY and ('\\"' in text or _LONG_STRING.search(text) is not None)
    if (may_be_deep and deeper_than_allowed(data)) or (may_have_long_key and has_long_key(data)):
        raise _Odd
    return Reading(data, (), JsonPlaces(text))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _Odd
    return data


def _refuse(constant: str) -> NoReturn:
    raise _Odd(constant)


def parse_json(text: str, bare: str | None = None) -> Reading:
    """Data, problems and places of a text; of one that is not JSON with comments, all mistakes, and what was meant.

    `bare` is the text without comments, if that is known.
    """
    parser = _Parser(text)
    try:
        data = parser.document()
        problems = (*parser.mistakes, *parser.problems)
    except Refused as refused:
        data, parser.lost = None, True
        problems = (*parser.mistakes, refused.problem)
    if len(parser.mistakes) > FEW and (reading := _read_literal(text)) is not None:
        return reading
    if parser.lost:
        return Reading(None, problems)
    if parser.mistakes or bare is None:
        bare = without_comments(parser.text)
    places: Places = JsonPlaces(without_trailing_commas(bare), parser.replaced)
    if parser.mistakes:
        places = MendedPlaces(places, parser.mended)
    return Reading(data, problems, places, unread=frozenset(parser.unread))


#: More mistakes than these are one, if the text is right in another language.
FEW = 3


def _read_literal(text: str) -> Reading | None:
    """The reading of a literal of another language, which is one mistake; None if it is none."""
    parser = _Parser(text)
    try:
        parser.begin()
        if (literal := as_literal(parser.text)) is None:
            return None
        place = parser.position(literal.start)
        fix = parser.change(literal.changes)
        reading = _read_strict(without_trailing_commas(without_comments(parser.text)), may_be_deep=True)
    except (Refused, _Odd, RecursionError):
        return None
    if reading is None or reading.places is None:
        return None
    problem = SYNTAX.at((), literal.message, literal.hint, place=place, fix=fix)
    return Reading(reading.data, (*parser.mistakes, problem), MendedPlaces(reading.places, parser.mended))


_SPACE = r"[ \t\n\r]*"
_space = re.compile(_SPACE).match
_comments = re.compile(r"(?:[ \t\n\r]+|//[^\n\r]*|/\*[\s\S]*?\*/){1,1000}").match
_number = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?").match
_word = re.compile(r"(null|true|false)|-?Infinity|NaN").match
_WORDS = {"null": None, "true": True, "false": False}
_NUMBER_SIGNS = frozenset("._+-*/%^")
_MAX_INT_LENGTH = 20
#: Values that nothing can be wrong with, and what comes after them.
_PLAIN = r'-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17}(?:[eE]-?[0-9]{1,2})?)?|null|true|false|"[^"\\\x00-\x1f]*"'
_NEXT = f"{_SPACE},{_SPACE}"
_plain_entries = re.compile(rf"(?:(?:{_PLAIN}){_NEXT}){{1,1000}}").match
_plain_member = re.compile(rf'"([^"\\\x00-\x1f]{{0,{MAX_KEY}}})"{_SPACE}:{_SPACE}({_PLAIN}){_NEXT}').match

Parsed = tuple[Any, int]  # data, and where it ends


class _Parser:
    """Reads a text with comments; what it reads is where the grammar says, so it knows the path.

    Where the text is no JSON it writes down the mistake, changes the text to what was meant, or to what can be read,
    and goes on: at most `MAX_FINDINGS` times.

    Raises:
        Refused: from every method, for what it cannot go on after.
    """

    def __init__(self, text: str):
        self.text, self.mended = text, Mended(text)
        self.position = self.mended.position
        self.problems = Found()
        self.mistakes: list[Problem] = []
        self.lost = False  # whether the data is none that could be judged
        self.unread: set[Path] = set()  # where values are that could not be read
        self.replaced: dict[Path, tuple[Note, ...]] = {}  # values that stand before another one of the same key
        self.path: list[str | int] = []
        self.opened: list[int] = []  # offsets of the brackets that are open
        self.before = 0  # where the last token ends, or the space behind it
        self.found: re.Match[str] | None = None  # the number or word that was looked at last

    def document(self) -> Any:
        start = self.begin()
        while not self.is_value(start):
            start = self.again()
        data, end = self.value(start)
        while (rest := self.skip(end)) < len(self.text):
            self.fail(rest, "end")
        return data

    def begin(self) -> int:
        """Where the document begins, without what stands around it."""
        start = self.skip(0)
        if start == len(self.text):
            raise self.refused(0, "the file is empty", 'write a spec, or at least {"type": "MLPNet", ...}')
        if named := other_format(self.text, "JSON"):
            raise self.refused(*named)
        while mistake := wrapping(self.text, start) or unbraced(self.text, start):
            self.mend(mistake)
            start = self.again()
        return start

    def is_value(self, at: int) -> bool:
        """Whether a value begins at `at`; what else stands there is a mistake, and has been mended."""
        if self.text[at : at + 1] in ('"', "{", "["):
            return True
        self.found = self.literal(at)
        if self.found is not None:
            return True
        self.fail(at, "value")
        return False

    def value(self, start: int) -> Parsed:
        char = self.text[start : start + 1]
        if char == '"':
            return self.string(start)
        if char == "{":
            return self.object(start)
        if char == "[":
            return self.array(start)
        return self.scalar(start)

    def object(self, start: int) -> Parsed:
        data: dict[str, Any] = {}
        starts: dict[str, int] = {}  # of the keys
        at = self.enter(start)
        while (char := self.text[at : at + 1]) != "}":
            if (plain := _plain_member(self.text, at)) and (key := plain[1]) not in starts:
                data[key], starts[key] = json.loads(plain[2]), at
                at = self.before = plain.end()
                if self.text[at : at + 1] == "/":
                    at = self.skip(at)
            elif char == '"':
                key, value, end = self.member(at, starts)
                if key in data:
                    self.note_replaced(key, data[key], starts[key])
                data[key], starts[key], at = value, at, self.next_item(end, "}")
            else:
                self.fail(at, "key")
                at = self.again()
        self.opened.pop()
        return data, at + 1

    def member(self, at: int, starts: Mapping[str, int]) -> tuple[str, Any, int]:
        key, end = self.string(at, is_key=True)
        while self.text[(colon := self.skip(end)) : colon + 1] != ":":
            self.fail(colon, "colon")
            key, end = self.string(at, is_key=True)
        self.path.append(key)
        if len(key) > MAX_KEY:
            raise Refused(FILE_TOO_LARGE.at(self.path, *KEY_TOO_LONG, place=self.position(at)))
        start = self.skip(colon + 1)
        while not self.is_value(start):
            start = self.again()
        value, end = self.value(start)
        if key in starts:
            self.problems.add(duplicate(self.path, self.position(starts[key]), self.position(at)))
        self.path.pop()
        return key, value, end

    def note_replaced(self, key: str, value: Any, at: int) -> None:
        """Note the value of a key that another one takes the place of."""
        path = (*self.path, key)
        self.replaced[path] = (Note("replaced", at, "", value, Place(at, at, ())), *self.replaced.get(path, ()))

    def array(self, start: int) -> Parsed:
        data: list[Any] = []
        path, at = self.path, self.enter(start)
        while self.text[at : at + 1] != "]":
            if plain := _plain_entries(self.text, at):
                data += json.loads(f"[{plain[0].rstrip()[:-1]}]")
                at = self.before = plain.end()
                if self.text[at : at + 1] == "/":
                    at = self.skip(at)
                continue
            path.append(len(data))
            if is_value := self.is_value(at):
                value, end = self.value(at)
            path.pop()
            if is_value and self.ends_before(at, end, data):
                at = self.again()
            elif is_value:
                data.append(value)
                at = self.next_item(end, "]")
            else:
                at = self.again()
        self.opened.pop()
        return data, at + 1

    def ends_before(self, at: int, end: int, data: list[Any]) -> bool:
        """Whether the array ended before its entry at `at`, which is the next key; that has been mended then."""
        colon = self.skip(end)
        if self.text[colon : colon + 1] != ":" or self.text[at] != '"' or not data or is_balanced(self.text):
            return False
        before = self.text[:at].rstrip()
        if len(self.opened) < 2 or self.text[self.opened[-2]] != "{" or not before.endswith(","):
            return False
        self.before = len(before[:-1].rstrip())
        self.mend(unclosed_array(self.spot(self.before, "comma"), "]"))
        return True

    def enter(self, start: int) -> int:
        """Where the first thing in a bracket is."""
        if len(self.opened) == MAX_DEPTH:
            raise Refused(NESTED_TOO_DEEP.at(self.path, *TOO_DEEP, place=self.position(start)))
        self.opened.append(start)
        return self.skip(start + 1)

    def next_item(self, end: int, closing: str) -> int:
        """Where the next thing is after one that ends at `end`, or the closing bracket."""
        while True:
            at = self.skip(end)
            char = self.text[at : at + 1]
            if char == ",":
                return self.skip(at + 1)
            if char == closing:
                return at
            self.fail(at, "comma")

    def string(self, start: int, is_key: bool = False) -> tuple[str, int]:
        while True:
            try:
                return scanstring(self.text, start + 1, True)
            except json.JSONDecodeError as error:
                self.mend(explain_string(self.text, start, error.pos, is_key))

    def literal(self, start: int) -> re.Match[str] | None:
        """The number or word at an offset, if it is one of JSON."""
        match = _number(self.text, start) or _word(self.text, start)
        if match is not None:
            after = self.text[match.end() : match.end() + 1]
            if (after.isalnum() or after in _NUMBER_SIGNS) and not self.text.startswith(("/*", "//"), match.end()):
                return None
        return match

    def scalar(self, start: int) -> Parsed:
        match: re.Match[str] = self.found  # type: ignore[assignment]
        written = match[0]
        if written in _WORDS:
            return _WORDS[written], match.end()
        return self.number(written, match.lastindex == 1, start), match.end()

    def number(self, written: str, integral: bool, start: int) -> int | float | None:
        fault: Fault | None
        if integral and len(written) > _MAX_INT_LENGTH:
            fault = int_fault(written)
        else:
            value = int(written) if integral else float(written)
            fault = number_fault(value, written)
        if fault is None:
            return value
        rule, *words = fault
        self.problems.add(rule.at(self.path, *words, place=self.position(start)))
        return None

    def skip(self, at: int) -> int:
        """The offset of the next token after the one that ends at `at`."""
        self.before = at
        end: int = _space(self.text, at).end()  # type: ignore[union-attr]
        while self.text[end : end + 1] == "/" and (comments := _comments(self.text, end)):
            end = comments.end()
        return end

    def again(self) -> int:
        """The offset of the next token, after what stood there was mended."""
        return self.skip(self.before)

    def fail(self, at: int, expecting: str) -> None:
        """Mend the mistake at `at`, where something else could have come."""
        self.mend(explain(self.spot(at, expecting)))

    def spot(self, at: int, expecting: str) -> Spot:
        before = len(self.text[: self.before].rstrip(" \t\n\r"))
        return Spot(self.text, at, before, expecting, self.opened, self.position)

    def mend(self, mistake: Mistake) -> None:
        offset, message, hint, changes, meant, lost = mistake
        if changes is None:
            raise self.refused(offset, message, hint)
        if len(self.mistakes) == MAX_FINDINGS:
            raise self.refused(offset, *TOO_MANY_MISTAKES)
        place = self.position(offset)
        # behind what may be in a wrong place only a token is certain to be what it is
        meant = meant and (not self.lost or all(start < end and new for start, end, new in changes))
        edits = self.change(changes)
        self.mistakes.append(SYNTAX.at(self.path, message, hint, place=place, fix=edits if meant else ()))
        if lost == "value":
            self.unread.add(tuple(self.path))
        self.lost = self.lost or lost == "all"

    def change(self, changes: Sequence[Change]) -> tuple[Edit, ...]:
        """Change the text; the same as edits of the file."""
        edits = as_edits(tuple(self.path), self.mended.change(changes))
        self.text = self.mended.text
        return edits

    def refused(self, offset: int, message: str, hint: str) -> Refused:
        return Refused(SYNTAX.at(self.path, message, hint, place=self.position(offset)))
