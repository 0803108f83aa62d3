"""The line of a source that a problem is in, with carets under the culprit."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from slm_net.cli.terminal import cells, paint, shown
from slm_net.text.places import Lines

CUT = "..."
_breaks = re.compile(r"\r\n|\r|\n")
#: A quoted text (to the end of the line if it is not closed), a bare word or number, or any one character.
_token = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|\'[^\']*\'|[^\s,:\[\]{}"\']+|.', re.DOTALL)


class Excerpts:
    """The lines of one text, found by number and cut to a width.

    >>> print("\\n".join(Excerpts('{\\n  "lr": "high"\\n}', 40).at(2, 9, "error")))
      2 |   "lr": "high"
        |         ^^^^^^
    """

    def __init__(self, text: str, width: int, colour: bool = False):
        self._text, self._width, self._colour = text, width, colour
        self._lines = Lines(text)
        self._gutter = max(3, len(str(self._lines.count)) + 1)

    def at(self, line: int, column: int, style: str) -> list[str]:
        """The line and the carets below it, each with its gutter; nothing if there is no such place."""
        start = self._lines.start(line)
        if not self._text or start is None or column < 1:
            return []
        room = self._width - self._gutter - 3
        before, culprit, after = self._window(start, column - 1, room)
        carets = " " * cells(before) + paint("^" * max(1, cells(culprit)), style, self._colour)
        numbered, empty = (paint(f"{text:>{self._gutter}} |", "quiet", self._colour) for text in (line, ""))
        return [f"{numbered} {before}{culprit}{after}".rstrip(), f"{empty} {carets}"]

    def _window(self, start: int, offset: int, room: int) -> tuple[str, str, str]:
        """What to show before, at and after the culprit in `room` columns; the line may be megabytes long."""
        text, place = self._text, start + offset
        near = text[max(start, place - room) : place]
        ahead = _breaks.split(text[place : place + room + 1], maxsplit=1)[0]
        more_before, more_after = place - len(near) > start, len(ahead) > room
        culprit = match[0] if (match := _token.match(ahead)) else ""
        before, marked, after = (shown(part) for part in (near, culprit, ahead[len(culprit) :]))
        if not more_before and not more_after and cells(before + marked + after) <= room:
            return before, marked, after
        marked = _head(marked, room * 2 // 3)
        before = _tail(before, (room - cells(marked)) // 2, more_before)
        return before, marked, _head(after, room - cells(before) - cells(marked), more_after)


def _head(text: str, room: int, more: bool = False) -> str:
    """The first columns of `text`, with dots if something is cut off."""
    if cells(text) <= room and not more:
        return text
    return text[: _fitting(text, room - len(CUT))] + CUT[: max(0, room)]


def _tail(text: str, room: int, more: bool = False) -> str:
    """The last columns of `text`, with dots if something is cut off."""
    if cells(text) <= room and not more:
        return text
    return CUT + text[len(text) - _fitting(text[::-1], room - len(CUT)) :]


def _fitting(text: str, room: int) -> int:
    """How many characters from the start of `text` fit into `room` columns."""
    if text.isascii():
        return min(len(text), max(0, room))
    return bisect_right(list(accumulate(map(cells, text))), max(0, room))
