"""What stands at a place of a text that is being written: a key or a value, of what, and from where to where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.document.specs import Document, document_of
from slm_net.problems import Path
from slm_net.text.source import is_yaml, read_source

#: Stands for what is written there, while the text is read; no name of a comment, nor of a block of anchors.
MARK = "slm_net_cursor__"
_BRACKETS = r"[{}\[\]:,]"
_PARTS = re.compile(
    rf'(?P<text>"(?:[^"\\\n\r]|\\.)*(?:"|(?=[\n\r])|\Z))|(?P<comment>//[^\n\r]*|/\*[\s\S]*?(?:\*/|\Z))|{_BRACKETS}'
)
_YAML_PARTS = re.compile(
    rf"""(?P<text>"(?:[^"\\]|\\.)*(?:"|\Z)|'[^']*(?:'|\Z))|(?P<comment>(?:(?<=\s)|(?<=^))\#[^\n\r]*)|{_BRACKETS}"""
)
_WORD = re.compile(r"[^\s,:\[\]{}\"'#]*")
_before = re.compile(r"[^\s,:\[\]{}\"'#]*\Z")
#: A line of YAML up to a word: what is before a key or an entry, or a key with its value.
_entry = re.compile(r"[ \t]*(?:-[ \t]+)*\Z").match
_value = re.compile(r"""[ \t]*(?:-[ \t]+)*(?:"[^"]*"|'[^']*'|[^\s:#\[\]{},"']+)[ \t]*:[ \t]+\Z""").match
CLOSERS = {"{": "}", "[": "]"}


class Cursor(NamedTuple):
    """A word of a text, from `start` to `end`, its `path` in the document, and whether it is a key there.

    The document has `MARK` in its place. `colon` says that one stands behind it already, `more` that another member
    follows without a comma between.
    """

    path: Path
    is_key: bool
    start: int
    end: int
    word: str
    document: Document
    colon: bool = False
    more: bool = False
    yaml: bool = False


class _Place(NamedTuple):
    """Where a word is written: the brackets that are open before it, and whether it can be a key."""

    start: int
    end: int
    open: str
    is_key: bool


def cursor_at(file: str, text: str, offset: int) -> Cursor | None:
    """What stands at an offset; None in a comment, and where nothing can be made out."""
    yaml = is_yaml(file, text)
    place = (_in_yaml if yaml else _in_json)(text, offset)
    if place is None:
        return None
    start, end, _, is_key = place
    behind = text[end:].lstrip()
    colon = behind.startswith(":")
    for marked in _marked(text, place, colon, yaml):
        document = document_of(read_source(marked, file))
        if (path := _path_of_mark(document.source.data)) is not None:
            more = is_key and not colon and not yaml and behind.startswith('"')
            return Cursor(path, is_key, start, end, text[start:end], document, colon, more, yaml)
    return None


def _marked(text: str, place: _Place, colon: bool, yaml: bool) -> Iterator[str]:
    """The text with the mark for the word; then the text up to there alone, with what closes it."""
    mark = MARK if yaml else f'"{MARK}"'
    written = f"{mark}: null" if place.is_key and not colon else mark
    yield text[: place.start] + written + text[place.end :]
    closed = "".join(CLOSERS[bracket] for bracket in reversed(place.open))
    yield text[: place.start] + (f"{mark}: null" if place.is_key else mark) + closed


def _path_of_mark(data: Any, path: Path = (), depth: int = 0) -> Path | None:
    """The path to the mark, as a key or as a value."""
    if data == MARK:
        return path
    pairs = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        found = (*path, key) if key == MARK else _path_of_mark(value, (*path, key), depth + 1) if depth < 200 else None
        if found is not None:
            return found
    return None


def _in_json(text: str, offset: int) -> _Place | None:
    return _in_brackets(text, offset, _PARTS, 0)


def _in_brackets(text: str, offset: int, parts: re.Pattern[str], begin: int) -> _Place | None:
    """The word at an offset of what has brackets, colons and commas."""
    open_, last, start, end = "", "", -1, -1
    for part in parts.finditer(text, begin):
        if part.start() >= offset:
            break
        if part.lastgroup == "comment":
            if offset < part.end() or (part.end() == offset and not part[0].endswith("*/")):
                return None
        elif part.lastgroup == "text":
            closed = len(part[0]) > 1 and part[0][-1] == part[0][0]
            if offset < part.end() or (offset == part.end() and not closed):
                start, end = part.span()
                break
            last = "text"
        else:
            last = part[0]
            open_ = open_ + last if last in "{[" else open_[:-1] if last in "}]" else open_
    if start < 0:
        start = offset - len(_before.search(text, begin, offset)[0])  # type: ignore[index]
        end = offset + len(_WORD.match(text, offset)[0])  # type: ignore[index]
    return _Place(start, end, open_, is_key=last != ":" and open_.endswith("{"))


def _in_yaml(text: str, offset: int) -> _Place | None:
    """The word at an offset: in brackets as in JSON, else by what stands before it on its line."""
    line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    if (brackets := _open_bracket(text, line, offset)) >= 0:
        return _in_brackets(text, offset, _YAML_PARTS, brackets)
    if _in_comment(text, line, offset):
        return None
    start = offset - len(_before.search(text, line, offset)[0])  # type: ignore[index]
    end = offset + len(_WORD.match(text, offset)[0])  # type: ignore[index]
    quoted = text[start - 1 : start] in ("'", '"') and start > line
    before = text[line : start - quoted]
    start, end = start - quoted, end + (quoted and text[end : end + 1] == text[start - 1 : start])
    if _entry(before):
        return _Place(start, end, "", is_key=True)
    return _Place(start, end, "", is_key=False) if _value(before) else None


def _in_comment(text: str, line: int, offset: int) -> bool:
    return any(part.lastgroup == "comment" for part in _YAML_PARTS.finditer(text, line, offset))


def _open_bracket(text: str, line: int, offset: int) -> int:
    """Where the outermost bracket is that is open at an offset of its line, or in the lines just above; else -1."""
    starts: list[int] = []
    for part in _YAML_PARTS.finditer(text, max(0, text.rfind("\n\n", 0, line)), offset):
        if part[0] in ("{", "["):
            starts.append(part.start())
        elif part[0] in ("}", "]") and starts:
            starts.pop()
    return starts[0] if starts else -1
