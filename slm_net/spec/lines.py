"""Offsets of a text to lines and columns, and back, without a walk over the whole text for each."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from itertools import islice

from slm_net.spec.places import Position

#: Characters between two places whose line is remembered.
BLOCK = 4096
_breaks = re.compile(r"\r\n?|\n")


class Lines:
    """Where the lines of a text are; they end with "\\n", "\\r" or "\\r\\n".

    >>> Lines("a\\r\\nbc").position(4), Lines("a\\r\\nbc").start(2)
    (Position(line=2, column=2), 3)
    """

    def __init__(self, text: str):
        self._text = text

    def position(self, offset: int) -> Position:
        """The line and column of the character at `offset`."""
        if self._text[max(offset - 1, 0) : offset + 1] == "\r\n":
            offset -= 1
        breaks, start = self._blocks[offset // BLOCK]
        at = offset - offset % BLOCK
        return Position(breaks + self._breaks(at, offset) + 1, offset - self._start(at, offset, start) + 1)

    def start(self, line: int) -> int | None:
        """Where a line begins, counted from 1; None if there is no such line."""
        if line <= 1:
            return 0 if line == 1 else None
        block = bisect_left(self._blocks, (line - 1, 0)) - 1
        missing = line - 1 - self._blocks[block][0]
        found = next(islice(_breaks.finditer(self._text, block * BLOCK), missing - 1, None), None)
        return found and found.end()

    @property
    def count(self) -> int:
        """How many lines there are."""
        last = len(self._blocks) - 1
        return self._blocks[last][0] + self._breaks(last * BLOCK, len(self._text)) + 1

    @cached_property
    def _blocks(self) -> list[tuple[int, int]]:
        """Of each block: how many lines end before it, and where the line begins that it begins in."""
        found, breaks, start = [], 0, 0
        for at in range(0, len(self._text) + 1, BLOCK):
            found.append((breaks, start))
            breaks += self._breaks(at, at + BLOCK)
            start = self._start(at, at + BLOCK, start)
        return found

    def _breaks(self, start: int, end: int) -> int:
        count = self._text.count
        return count("\n", start, end) + count("\r", start, end) - count("\r\n", start, end + 1)

    def _start(self, start: int, end: int, otherwise: int) -> int:
        """Where the last line begins that begins after `start` and up to `end`."""
        newline = self._text.rfind("\n", start, end)
        last = max(newline, self._text.rfind("\r", max(newline, start), end))
        return otherwise if last < 0 else last + 1
