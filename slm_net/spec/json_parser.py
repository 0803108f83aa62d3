"""JSON with comments and trailing commas, parsed with the place of every key and value."""

from __future__ import annotations

from typing import Any

from slm_net.spec.json_tokens import Tokens
from slm_net.spec.limits import MAX_DEPTH, TOO_DEEP
from slm_net.spec.places import Place, Reading, Refused, duplicate

Parsed = tuple[Any, int, "dict[str, Place] | list[Place] | tuple[()]"]  # data, end, places of the children


def parse_json(text: str) -> Reading:
    """Data, findings and places of `text`; one finding and no data if it is not JSON with comments."""
    parser = _Parser(text)
    try:
        data, root = parser.document()
    except Refused as refused:
        return Reading(None, (refused.finding,))
    return Reading(data, tuple(parser.findings), root)


class _Parser(Tokens):
    def document(self) -> tuple[Any, Place]:
        start = self.skip(0)
        if start == len(self.text):
            raise Refused(
                self.lines.position(0),
                (),
                "syntax",
                "the file is empty",
                'write a spec, or at least {"type": "MLPNet", ...}',
            )
        data, end, children = self.value(start)
        rest = self.skip(end)
        if rest < len(self.text):
            self.fail(rest, "end")
        return data, Place(start, start, children)

    def value(self, start: int) -> Parsed:
        char = self.text[start : start + 1]
        if char == '"':
            return *self.string(start), ()
        if char == "{":
            return self.object(start)
        if char == "[":
            return self.array(start)
        return *self.scalar(start), ()

    def object(self, start: int) -> Parsed:
        data: dict[str, Any] = {}
        places: dict[str, Place] = {}
        text, path, at = self.text, self.path, self.enter(start)
        while (char := text[at : at + 1]) != "}":
            if char != '"':
                self.fail(at, "key")
            key, end = self.string(at)
            colon = self.skip(end)
            if text[colon : colon + 1] != ":":
                self.fail(colon, "colon")
            begin = self.skip(colon + 1)
            path.append(key)
            data[key], end, children = self.value(begin)
            if key in places:
                self.findings.add(duplicate(path, self.lines.position(places[key].key), self.lines.position(at)))
            path.pop()
            places[key] = Place(at, begin, children)
            at = self.next_item(end, "}")
        self.opened.pop()
        return data, at + 1, places

    def array(self, start: int) -> Parsed:
        data: list[Any] = []
        places: list[Place] = []
        text, path, at = self.text, self.path, self.enter(start)
        while text[at : at + 1] != "]":
            path.append(len(data))
            value, end, children = self.value(at)
            path.pop()
            data.append(value)
            places.append(Place(at, at, children))
            at = self.next_item(end, "]")
        self.opened.pop()
        return data, at + 1, places

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
