"""What people see of a run at a terminal: colour, widths, and the line that a problem is in."""

from __future__ import annotations

import os
import re
import sys
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import TextIO

from slm_net.text.places import Lines, culprit
from slm_net.words import cells, disarmed

#: ANSI codes by what they are used for.
STYLES = {"strong": "1", "error": "1;31", "warning": "1;33", "hint": "36", "quiet": "2", "good": "32"}
TAB = "    "
#: The width of text that goes into a file or a pipe.
PIPED_WIDTH = 120
CUT = "..."


def is_terminal(stream: TextIO | None) -> bool:
    """True if somebody looks at the stream on a terminal that knows more than plain text."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def has_colour(stream: TextIO | None) -> bool:
    """True on a terminal unless NO_COLOR is set (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def width(stream: TextIO | None) -> int:
    """The columns of the terminal, or those of text in a file."""
    return max(40, columns()) if is_terminal(stream) else PIPED_WIDTH


def columns() -> int:
    """What COLUMNS says, else the terminal, else 80; as `shutil.get_terminal_size`, without all that it imports."""
    try:
        given = int(os.environ.get("COLUMNS") or 0)
        return given if given > 0 else os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return 80


def paint(text: str, style: str, colour: bool) -> str:
    """`text` in a style, or as it is."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if colour and text else text


def shown(text: str) -> str:
    r"""Text as it may go to a terminal: tabs as spaces, control characters escaped.

    >>> shown("a\tb"), shown("\x1b[2J")
    ('a    b', '\\x1b[2J')
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char == "\t":
        return TAB
    return char if char.isprintable() else char.encode("unicode_escape").decode()


def say(text: str, out: TextIO | None) -> None:
    """Print lines for people, which no CI system takes for commands."""
    if out is not None:
        print(disarmed(text), file=out)


class Excerpts:
    """The lines of one text, found by number and cut to a width.

    `ends` says where what begins at an offset ends, if that is known; else it is a word, as JSON has them.

    >>> print("\\n".join(Excerpts('{\\n  "lr": "high"\\n}', 40).at(2, 9, "error")))
      2 |   "lr": "high"
        |         ^^^^^^
    """

    def __init__(self, text: str, width: int, colour: bool = False, ends: Mapping[int, int] = MappingProxyType({})):
        self._text, self._width, self._colour, self._ends = text, width, colour, ends
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
        ahead = re.split(r"\r\n|\r|\n", text[place : place + room + 1], maxsplit=1)[0]
        more_before, more_after = place - len(near) > start, len(ahead) > room
        about = culprit(ahead, self._ends.get(place, place) - place)
        before, marked, after = (shown(part) for part in (near, about, ahead[len(about) :]))
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
