"""JSON with comments and trailing commas, parsed so that whatever is wrong has a place and a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.problems import RULE_IDS
from slm_net.spec.json_places import JsonPlaces
from slm_net.spec.json_tokens import Tokens
from slm_net.spec.jsonc import without_comments, without_trailing_commas
from slm_net.spec.limits import KEY_TOO_LONG, MAX_DEPTH, MAX_KEY, TOO_DEEP
from slm_net.spec.lines import Lines
from slm_net.spec.places import Reading, Refused, duplicate

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
        return Reading(None, (refused.finding,))
    doubled = any(found.rule == RULE_IDS["duplicate-key"] for found in parser.findings)
    return Reading(data, tuple(parser.findings), JsonPlaces(without_trailing_commas(bare), unique=not doubled))


class _Parser(Tokens):
    def document(self) -> Any:
        start = self.skip(0)
        if start == len(self.text):
            raise Refused(
                self.lines.position(0),
                (),
                "syntax",
                "the file is empty",
                'write a spec, or at least {"type": "MLPNet", ...}',
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
            raise Refused(self.lines.position(at), self.path, "file-too-large", *KEY_TOO_LONG)
        value, end = self.value(self.skip(colon + 1))
        if key in starts:
            self.findings.add(duplicate(self.path, self.lines.position(starts[key]), self.lines.position(at)))
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
            raise Refused(self.lines.position(start), self.path, "nested-too-deep", *TOO_DEEP)
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
