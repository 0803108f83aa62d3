"""What a stream can show: colour, width, and the cells that a character takes."""

from __future__ import annotations

import os
from typing import TextIO

#: ANSI codes by what they are used for.
STYLES = {"strong": "1", "error": "1;31", "warning": "1;33", "hint": "36", "quiet": "2", "good": "32"}
TAB = "    "
#: The width of text that goes into a file or a pipe.
PIPED_WIDTH = 120


def is_terminal(stream: TextIO | None) -> bool:
    """True if somebody looks at the stream on a terminal that knows more than plain text."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def has_colour(stream: TextIO | None) -> bool:
    """True on a terminal unless NO_COLOR is set (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def width(stream: TextIO | None) -> int:
    """The columns of the terminal, or those of text in a file."""
    if not is_terminal(stream):
        return PIPED_WIDTH
    from shutil import get_terminal_size

    return max(40, get_terminal_size().columns)


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


def cells(text: str) -> int:
    r"""How many columns of a terminal the text takes: two for wide characters, none for combining ones.

    >>> cells("abc"), cells("\u6f22\u5b57"), cells("e\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    import unicodedata

    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
