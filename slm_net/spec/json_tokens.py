"""The tokens of JSON: strings, numbers, words, and the space between them."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from slm_net.spec.json_mistakes import Spot, explain
from slm_net.spec.json_words import explain_string
from slm_net.spec.limits import MAX_KEY, Fault, int_fault, number_fault
from slm_net.spec.lines import Lines
from slm_net.spec.places import Finding, Findings, Position, Refused

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
        Refused: from every method, for the first mistake in the text.
    """

    def __init__(self, text: str, lines: Lines):
        self.text, self.lines = text, lines
        self.findings = Findings()
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
            raise Refused(*self.located(explain_string(self.text, start, error.pos))) from None

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
        self.findings.add(Finding(self.lines.position(start), tuple(self.path), *fault))
        return None

    def fail(self, at: int, expecting: str) -> NoReturn:
        before = len(self.text[:at].rstrip(" \t\n\r"))
        spot = Spot(self.text, at, before, expecting, self.opened[-1] if self.opened else None, self.lines)
        raise Refused(*self.located(explain(spot)))

    def located(self, mistake: tuple[int, str, str]) -> tuple[Position, list[str | int], str, str, str]:
        offset, message, hint = mistake
        return self.lines.position(offset), self.path, "syntax", message, hint
