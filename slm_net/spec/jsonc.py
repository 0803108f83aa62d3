"""JSON with comments and trailing commas: where these are, and the text without them.

The patterns take in a thousand tokens at a time, look at every character about once, and remember nothing of the way
to it: the text may be all comments, all quotes or all commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_SPACE = r"[ \t\n\r]*"
_STRING = r'"[^"]*"?'  # in a text without escaped quotes
_COMMENT = r"//[^\n\r]*|/\*[\s\S]*?(?:\*/|(?P<open>\Z))"
_comment_runs = re.compile(
    rf'(?:[^"/]+|{_STRING}|/(?![/*])){{1,1000}}|(?P<run>(?:{_SPACE}(?P<last>{_COMMENT})){{1,1000}})'
)
_commas = re.compile(
    rf'(?:[^",\[{{]+|{_STRING}|[\[{{](?:{_SPACE},)?|,(?!{_SPACE}[\]}}])){{1,1000}}|(?P<comma>,){_SPACE}(?P<closer>.)'
)
_comment = re.compile(_COMMENT)


class Extra(NamedTuple):
    """One thing that is not JSON: "comment" or "comma", where it is, and what closes after the comma."""

    kind: str
    start: int
    end: int
    closer: str = ""


def without_comments(text: str) -> str:
    """`text` with spaces for its comments, so that all else stands where it was; one that is never closed stays.

    >>> without_comments('[1, /* one */ "//"] // end')
    '[1,           "//"]       '
    """
    return _blanked(text, ((start, closed) for start, closed, _ in _runs_of_comments(text)))


def without_trailing_commas(text: str) -> str:
    """A text without comments, with spaces for the commas before a closing bracket.

    >>> without_trailing_commas('{"hid_layers": [64, 64,]}')
    '{"hid_layers": [64, 64 ]}'
    """
    return _blanked(text, ((comma.start, comma.end) for comma in trailing_commas(text)))


def comments_in(text: str) -> Iterator[Extra]:
    """The comments of a JSON text, in order; one that is never closed goes to the end."""
    for start, _, end in _runs_of_comments(text):
        for comment in _comment.finditer(text, start, end):
            yield Extra("comment", comment.start(), comment.end())


def trailing_commas(text: str) -> Iterator[Extra]:
    """The commas before a bracket in a text without comments; one that has nothing before it is none of them."""
    for match in _commas.finditer(_without_escapes(text)):
        if match.lastgroup:
            yield Extra("comma", match.start(), match.start() + 1, match["closer"])


def _runs_of_comments(text: str) -> Iterator[tuple[int, int, int]]:
    """Where comments begin with only space between them, where the last one that is closed ends, and the last one."""
    if "//" not in text and "/*" not in text:
        return
    for match in _comment_runs.finditer(_without_escapes(text)):
        if match.lastgroup:
            closed = match.end() if match.start("open") < 0 else match.start("last")
            yield match.start(), closed, match.end()


def _without_escapes(text: str) -> str:
    """`text` of the same length in which every quote begins or ends a string."""
    return text.replace("\\\\", "__").replace('\\"', "__") if "\\" in text else text


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join((*parts, text[at:])) if parts else text
