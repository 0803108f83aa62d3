"""Offsets of a text as the lines and characters that an editor counts, and back; characters are units of UTF-16."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from slm_net.text.places import culprit

#: Of a longer line only so much is looked at for what a problem is about.
LONGEST = 10_000
#: How the bytes are called that an editor counts in, and how many are one.
ENCODINGS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Point(NamedTuple):
    """A line and a character in it, both from 0."""

    line: int
    character: int


class Positions:
    r"""The places of one text, counted in units of an encoding.

    >>> positions = Positions("a\r\n\U0001f600b")
    >>> positions.point(4), positions.offset(Point(1, 2)), Positions("\U0001f600b", "utf-8").point(1)
    (Point(line=1, character=2), 4, Point(line=0, character=4))
    """

    def __init__(self, text: str, encoding: str = "utf-16"):
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer(r"\r\n?|\n", text))]
        self._encoding, self._unit = ENCODINGS[encoding]

    def point(self, offset: int) -> Point:
        """Where an offset is."""
        line = bisect_right(self._starts, offset) - 1
        return Point(line, self._units(self._text[self._starts[line] : offset]))

    def offset(self, point: Point) -> int:
        """The offset of a place; of one behind the end of its line, that end."""
        if point.line >= len(self._starts):
            return len(self._text)
        start = self._starts[point.line]
        data = self._bytes(self._text[start : self._end_of_line(start)])[: point.character * self._unit]
        return start + len(data.decode(self._encoding, "ignore"))

    def culprit(self, line: int, column: int, length: int = 0) -> tuple[int, int]:
        """From where to where the problem at a place reaches, counted from 1; of none the beginning of the text."""
        if not 0 < line <= len(self._starts):
            return 0, 0
        at = self.at(line, column)
        return at, at + len(culprit(self._text[at : min(self._end_of_line(at), at + LONGEST)], length))

    def at(self, line: int, column: int) -> int:
        """The offset of a line and a column, both from 1 and in characters."""
        return (self._starts[line - 1] if 0 < line <= len(self._starts) else 0) + max(column - 1, 0)

    def _end_of_line(self, at: int) -> int:
        ends = [end for end in (self._text.find("\n", at), self._text.find("\r", at)) if end >= 0]
        return min(ends, default=len(self._text))

    def _units(self, text: str) -> int:
        return len(text) if text.isascii() else len(self._bytes(text)) // self._unit

    def _bytes(self, text: str) -> bytes:
        return text.encode(self._encoding, "surrogatepass")
