"""JSON with comments and trailing commas, as fast as `json.loads` while nothing is odd."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import count
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from slm_net.problems import Path
from slm_net.text.comments import without_comments, without_trailing_commas
from slm_net.text.json_errors import Spot, explain, explain_string
from slm_net.text.limits import (
    FILE_TOO_LARGE,
    KEY_TOO_LONG,
    MAX_DEPTH,
    MAX_KEY,
    MAX_VALUES,
    NESTED_TOO_DEEP,
    TOO_DEEP,
    TOO_MANY,
    Fault,
    deeper_than_allowed,
    has_long_key,
    int_fault,
    number_fault,
)
from slm_net.text.places import DUPLICATE_KEY, SYNTAX, Found, Lines, Place, Reading, Refused, duplicate

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
    """Data, problems and places of a text; one problem and no data if it is not JSON with comments.

    `bare` is the text without comments, if that is known.
    """
    bare = without_comments(text) if bare is None else bare
    parser = _Parser(bare, Lines(text))
    try:
        data = parser.document()
    except Refused as refused:
        return Reading(None, (refused.problem,))
    doubled = any(found.rule == DUPLICATE_KEY.id for found in parser.problems)
    return Reading(data, tuple(parser.problems), JsonPlaces(without_trailing_commas(bare), unique=not doubled))


_SPACE = r"[ \t\n\r]*"
_space = re.compile(_SPACE).match
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
    """Reads a text without comments; what it reads is where the grammar says, so it knows the path.

    Raises:
        Refused: from every method, for the first problem in the text.
    """

    def __init__(self, text: str, lines: Lines):
        self.text, self.lines = text, lines
        self.problems = Found()
        self.path: list[str | int] = []
        self.opened: list[int] = []  # offsets of the brackets that are open

    def document(self) -> Any:
        start = self.skip(0)
        if start == len(self.text):
            raise self.refused(0, "the file is empty", 'write a spec, or at least {"type": "MLPNet", ...}')
        data, end = self.value(start)
        rest = self.skip(end)
        if rest < len(self.text):
            self.fail(rest, "end")
        return data

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
        text, at = self.text, self.enter(start)
        while text[at : at + 1] != "}":
            if (plain := _plain_member(text, at)) and (key := plain[1]) not in starts:
                data[key], starts[key], at = json.loads(plain[2]), at, plain.end()
            else:
                key, data[key], end = self.member(at, starts)
                starts[key], at = at, self.next_item(end, "}")
        self.opened.pop()
        return data, at + 1

    def member(self, at: int, starts: Mapping[str, int]) -> tuple[str, Any, int]:
        if self.text[at : at + 1] != '"':
            self.fail(at, "key")
        key, end = self.string(at)
        colon = self.skip(end)
        if self.text[colon : colon + 1] != ":":
            self.fail(colon, "colon")
        self.path.append(key)
        if len(key) > MAX_KEY:
            raise Refused(FILE_TOO_LARGE.at(self.path, *KEY_TOO_LONG, place=self.lines.position(at)))
        value, end = self.value(self.skip(colon + 1))
        if key in starts:
            self.problems.add(duplicate(self.path, self.lines.position(starts[key]), self.lines.position(at)))
        self.path.pop()
        return key, value, end

    def array(self, start: int) -> Parsed:
        data: list[Any] = []
        text, path, at = self.text, self.path, self.enter(start)
        while text[at : at + 1] != "]":
            if plain := _plain_entries(text, at):
                data += json.loads(f"[{plain[0].rstrip()[:-1]}]")
                at = plain.end()
                continue
            path.append(len(data))
            value, end = self.value(at)
            path.pop()
            data.append(value)
            at = self.next_item(end, "]")
        self.opened.pop()
        return data, at + 1

    def enter(self, start: int) -> int:
        """Where the first thing in a bracket is."""
        if len(self.opened) == MAX_DEPTH:
            raise Refused(NESTED_TOO_DEEP.at(self.path, *TOO_DEEP, place=self.lines.position(start)))
        self.opened.append(start)
        return self.skip(start + 1)

    def next_item(self, end: int, closing: str) -> int:
        """Where the next thing is after one that ends at `end`, or the closing bracket."""
        at = self.skip(end)
        char = self.text[at : at + 1]
        if char == ",":
            return self.skip(at + 1)
        if char != closing:
            self.fail(at, "comma")
        return at

    def string(self, start: int) -> tuple[str, int]:
        try:
            return scanstring(self.text, start + 1, True)
        except json.JSONDecodeError as error:
            raise self.refused(*explain_string(self.text, start, error.pos)) from None

    def scalar(self, start: int) -> Parsed:
        match = _number(self.text, start) or _word(self.text, start)
        if match is None:
            self.fail(start, "value")
        end, after = match.end(), self.text[match.end() : match.end() + 1]
        if (after.isalnum() or after in _NUMBER_SIGNS) and not self.text.startswith("/*", end):
            self.fail(start, "value")
        written = match[0]
        if written in _WORDS:
            return _WORDS[written], end
        return self.number(written, match.lastindex == 1, start), end

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
        self.problems.add(rule.at(self.path, *words, place=self.lines.position(start)))
        return None

    def skip(self, at: int) -> int:
        """The offset of the next token after the one that ends at `at`."""
        return _space(self.text, at).end()  # type: ignore[union-attr]

    def fail(self, at: int, expecting: str) -> NoReturn:
        before = len(self.text[:at].rstrip(" \t\n\r"))
        spot = Spot(self.text, at, before, expecting, self.opened[-1] if self.opened else None, self.lines)
        raise self.refused(*explain(spot))

    def refused(self, offset: int, message: str, hint: str) -> Refused:
        return Refused(SYNTAX.at(self.path, message, hint, place=self.lines.position(offset)))


_colon = re.compile(f"{_SPACE}:{_SPACE}").match
_comma = re.compile(f"{_SPACE},?{_SPACE}").match
#: Finds the end of a value as fast as can be; nothing is made of what is in it.
_end = JSONDecoder(object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len).raw_decode

Spots = tuple[int, int]  # where a key stands (of an array element: the value itself), and where its value begins


class JsonPlaces:
    """The places of a strict JSON text that has been read already; `unique` if no object has a key twice.

    >>> JsonPlaces('{"net": {"lr": [1, 0.1]}}').find(("net", "lr", 1))
    Place(key=19, start=19, children=())
    """

    def __init__(self, text: str, unique: bool = True):
        self._text, self._unique = text, unique
        #: Of each bracket that was looked into: what is known of it, and the rest.
        self._opened: dict[int, tuple[dict[str | int, Spots], Iterator[tuple[str | int, Spots]]]] = {}

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest ancestor that exists."""
        key = at = _space(self._text, 0).end()  # type: ignore[union-attr]
        for step in path:
            if (found := self._child(at, step)) is None:
                break
            key, at = found
        return Place(key, at, ())

    def _child(self, opened: int, step: str | int) -> Spots | None:
        if self._text[opened] != ("{" if isinstance(step, str) else "["):
            return None
        if opened not in self._opened:
            self._opened[opened] = {}, self._scan(opened)
        known, more = self._opened[opened]
        if not self._unique:
            known.update(more)  # the last one wins
        while step not in known and (child := next(more, None)) is not None:
            known[child[0]] = child[1]
        return known.get(step)

    def _scan(self, opened: int) -> Iterator[tuple[str | int, Spots]]:
        text, is_object = self._text, self._text[opened] == "{"
        at = _space(text, opened + 1).end()  # type: ignore[union-attr]
        for index in count():
            if text[at] in "]}":
                return
            step, start = index, at
            if is_object:
                step, end = scanstring(text, at + 1, True)
                start = _colon(text, end).end()  # type: ignore[union-attr]
            yield step, (at, start)
            at = _comma(text, _end(text, start)[1]).end()  # type: ignore[union-attr]
