"""JSON with comments and trailing commas, as fast as `json.loads` while nothing is odd."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from slm_net.text.comments import without_comments, without_trailing_commas
from slm_net.text.json_errors import Spot, explain, explain_string
from slm_net.text.limits import (
    FILE_TOO_LARGE,
    KEY_TOO_LONG,
    MAX_DEPTH,
    MAX_KEY,
    NESTED_TOO_DEEP,
    TOO_DEEP,
    Fault,
    deeper_than_allowed,
    has_long_key,
    int_fault,
    number_fault,
)
from slm_net.text.places import (
    DUPLICATE_KEY,
    SYNTAX,
    Found,
    Lines,
    Path,
    Place,
    Reading,
    Refused,
    duplicate,
)

_space = re.compile(r"[ \t\n\r]*").match
_colon = re.compile(r"[ \t\n\r]*:[ \t\n\r]*").match
_comma = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*").match
#: Finds the end of a value as fast as can be; nothing is made of what is in it.
_end = JSONDecoder(object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len).raw_decode


Member = tuple[str, tuple[int, int]]  # a key, where it stands, and where its value begins


class JsonPlaces:
    """The places of a strict JSON text that has been read already; `unique` if no object has a key twice.

    >>> JsonPlaces('{"net": {"lr": [1, 0.1]}}').find(("net", "lr", 1))
    Place(key=19, start=19, children=())
    """

    def __init__(self, text: str, unique: bool = True):
        self._text, self._unique = text, unique
        self._members: dict[int, tuple[dict[str, tuple[int, int]], Iterator[Member]]] = {}
        self._entries: dict[int, tuple[list[int], Iterator[int]]] = {}

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest ancestor that exists."""
        key = at = _space(self._text, 0).end()  # type: ignore[union-attr]
        for step in path:
            found = self._member(at, step) if isinstance(step, str) else self._entry(at, step)
            if found is None:
                break
            key, at = found
        return Place(key, at, ())

    def _member(self, opened: int, key: str) -> tuple[int, int] | None:
        if self._text[opened] != "{":
            return None
        if opened not in self._members:
            self._members[opened] = {}, self._scan_members(opened + 1)
        known, more = self._members[opened]
        if not self._unique:
            known.update(more)  # the last one wins
        while key not in known and (member := next(more, None)) is not None:
            known[member[0]] = member[1]
        return known.get(key)

    def _entry(self, opened: int, index: int) -> tuple[int, int] | None:
        if self._text[opened] != "[":
            return None
        if opened not in self._entries:
            self._entries[opened] = [], self._scan_entries(opened + 1)
        known, more = self._entries[opened]
        while len(known) <= index and (at := next(more, None)) is not None:
            known.append(at)
        return (known[index], known[index]) if 0 <= index < len(known) else None

    def _scan_members(self, at: int) -> Iterator[Member]:
        text = self._text
        at = _space(text, at).end()  # type: ignore[union-attr]
        while text[at] != "}":
            key, end = scanstring(text, at + 1, True)
            start = _colon(text, end).end()  # type: ignore[union-attr]
            yield key, (at, start)
            at = _comma(text, _end(text, start)[1]).end()  # type: ignore[union-attr]

    def _scan_entries(self, at: int) -> Iterator[int]:
        text = self._text
        at = _space(text, at).end()  # type: ignore[union-attr]
        while text[at] != "]":
            yield at
            at = _comma(text, _end(text, at)[1]).end()  # type: ignore[union-attr]


_space = re.compile(r"[ \t\n\r]*").match
_number = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?").match
_word = re.compile(r"(null|true|false)|-?Infinity|NaN").match
_WORDS = {"null": None, "true": True, "false": False}
_NUMBER_SIGNS = frozenset("._+-*/%^")
_MAX_INT_LENGTH = 20
_NEXT = r"[ \t\n\r]*,[ \t\n\r]*"
#: Values that nothing can be wrong with, and what comes after them.
_PLAIN = r'-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17}(?:[eE]-?[0-9]{1,2})?)?|null|true|false|"[^"\\\x00-\x1f]*"'
_plain_entries = re.compile(rf"(?:(?:{_PLAIN}){_NEXT}){{1,1000}}").match
_plain_member = re.compile(rf'"([^"\\\x00-\x1f]{{0,{MAX_KEY}}})"[ \t\n\r]*:[ \t\n\r]*({_PLAIN}){_NEXT}').match


class Tokens:
    """Reads single tokens of a text without comments; what it reads is where the grammar says, so it knows the path.

    Raises:
        Refused: from every method, for the first problem in the text.
    """

    def __init__(self, text: str, lines: Lines):
        self.text, self.lines = text, lines
        self.problems = Found()
        self.path: list[str | int] = []
        self.opened: list[int] = []  # offsets of the brackets that are open

    def skip(self, at: int) -> int:
        """The offset of the next token after the one that ends at `at`."""
        return _space(self.text, at).end()  # type: ignore[union-attr]

    def plain_entries(self, at: int) -> tuple[list[Any], int]:
        """The entries of a list from `at` on that nothing can be wrong with, up to a thousand, and what comes next."""
        run = _plain_entries(self.text, at)
        return ([], at) if run is None else (json.loads(f"[{run[0].rstrip()[:-1]}]"), run.end())

    def plain_member(self, at: int) -> tuple[str, Any, int] | None:
        """The key and value of an object at `at`, and what comes next, if nothing can be wrong with them."""
        member = _plain_member(self.text, at)
        return member and (member[1], json.loads(member[2]), member.end())

    def string(self, start: int) -> tuple[str, int]:
        try:
            return scanstring(self.text, start + 1, True)
        except json.JSONDecodeError as error:
            raise self.refused(*explain_string(self.text, start, error.pos)) from None

    def scalar(self, start: int) -> tuple[Any, int]:
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

    def fail(self, at: int, expecting: str) -> NoReturn:
        before = len(self.text[:at].rstrip(" \t\n\r"))
        spot = Spot(self.text, at, before, expecting, self.opened[-1] if self.opened else None, self.lines)
        raise self.refused(*explain(spot))

    def refused(self, offset: int, message: str, hint: str) -> Refused:
        return Refused(SYNTAX.at(self.path, message, hint, place=self.lines.position(offset)))


Parsed = tuple[Any, int]  # data, end


def parse_json(text: str, bare: str | None = None) -> Reading:
    """Data, findings and places of `text`; one finding and no data if it is not JSON with comments.

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


class _Parser(Tokens):
    def document(self) -> Any:
        start = self.skip(0)
        if start == len(self.text):
            raise Refused(
                SYNTAX.at(
                    (),
                    "the file is empty",
                    'write a spec, or at least {"type": "MLPNet", ...}',
                    place=self.lines.position(0),
                )
            )
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
        at = self.enter(start)
        while self.text[at : at + 1] != "}":
            if (plain := self.plain_member(at)) and plain[0] not in starts:
                key, data[key], end = plain
                starts[key], at = at, end
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
            plain, at = self.plain_entries(at)
            data += plain
            if plain:
                continue
            path.append(len(data))
            value, end = self.value(at)
            path.pop()
            data.append(value)
            at = self.next_item(end, "]")
        self.opened.pop()
        return data, at + 1

    def enter(self, start: int) -> int:
        if len(self.opened) == MAX_DEPTH:
            raise Refused(NESTED_TOO_DEEP.at(self.path, *TOO_DEEP, place=self.lines.position(start)))
        self.opened.append(start)
        return self.skip(start + 1)

    def next_item(self, end: int, closing: str) -> int:
        at = self.skip(end)
        char = self.text[at : at + 1]
        if char == ",":
            return self.skip(at + 1)
        if char != closing:
            self.fail(at, "comma")
        return at


_LONG_NUMBER = re.compile(r"[0-9](?:[0-9]{18}|[eE]\+?[0-9]{3})")
_LONG_STRING = re.compile(rf'"[^"]{{{MAX_KEY}}}')


class _Odd(ValueError):
    """The text needs the parser that explains."""


def read_json(text: str) -> Reading:
    """Data, findings and places of a JSON text; comments (`//`, `/* */`) and trailing commas are allowed.

    >>> read_json('{"hid_layers": [64, 64,]} // two layers').data
    {'hid_layers': [64, 64]}
    """
    bare = None
    try:
        if _LONG_NUMBER.search(text):
            raise _Odd
        if (reading := _read_strict(text)) is not None:
            return reading
        bare = without_comments(text)
        if (reading := _read_strict(without_trailing_commas(bare))) is not None:
            return reading
    except (_Odd, RecursionError):
        pass
    return parse_json(text, bare)


def _read_strict(text: str) -> Reading | None:
    """The reading of a strict JSON text; None if it is none."""
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError:
        return None
    if (_may_be_deep(text) and deeper_than_allowed(data)) or (_may_have_long_key(text) and has_long_key(data)):
        raise _Odd
    return Reading(data, (), JsonPlaces(text))


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > MAX_DEPTH


def _may_have_long_key(text: str) -> bool:
    return len(text) > MAX_KEY and ('\\"' in text or _LONG_STRING.search(text) is not None)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _Odd
    return data


def _refuse(constant: str) -> NoReturn:
    raise _Odd(constant)
