"""The comments of a spec text that hold a mark, JSON or YAML, and the lines that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from slm_net.spec.jsonc import comments_in
from slm_net.spec.limits import MAX_COMMENTS
from slm_net.spec.lines import Lines
from slm_net.spec.places import Position

_hash = re.compile(r"(?:(?<=\s)|\A)#")
_indent = re.compile(r"[^\S\n\r]*").match
_line_end = re.compile(r"[^\n\r]*").match
_blank_rest = re.compile(r"[^\S\n\r]*(?:\r\n?|\n|\Z)").match
_json_lines = re.compile(r"(?:[^\S\n\r]*//[^\n\r]*(?:\r\n?|\n)){1,1000}").match
_yaml_lines = re.compile(r"(?:[^\S\n\r]*#[^\n\r]*(?:\r\n?|\n)){1,1000}").match
_block = re.compile(r"[^\S\n\r]*/\*[\s\S]*?\*/").match


class Comment(NamedTuple):
    """One comment: its text, where it begins, and the line it is about: its own, or the next if it stands alone."""

    text: str
    position: Position
    line: int


def comments(text: str, yaml: bool, mark: str) -> list[Comment]:
    """The comments of a text that hold `mark`, in order, at most one more than `MAX_COMMENTS`.

    >>> [comment.line for comment in comments('{\\n  // alone!\\n  "a": 1 // behind!\\n}', False, "!")]
    [3, 3]
    """
    lines, found = Lines(text), list[Comment]()
    below, below_about = len(text) + 1, 0  # where the line of the next comment that stands alone begins
    indented = (-1, -1)  # the line that was looked at last, and where its first character is
    spans = _yaml_spans(text, mark) if yaml else _json_spans(text, mark)
    for start, end in reversed(list(islice(spans, MAX_COMMENTS + 1))):
        position = lines.position(start)
        line_start, about = start - position.column + 1, position.line
        if indented[0] != line_start:
            indented = line_start, _indent(text, line_start).end()  # type: ignore[union-attr]
        if indented[1] == start and (rest := _blank_rest(text, end)):
            # of comments one below the other, each is about what follows them all
            after = _after_comments(text, rest.end(), below, yaml)
            below, below_about = line_start, below_about if after == below else lines.position(after).line
            about = below_about
        found.append(Comment(text[start:end], position, about))
    return found[::-1]


def _after_comments(text: str, at: int, limit: int, yaml: bool) -> int:
    """Where the first line after `at`, or at `limit`, begins that is more than a comment."""
    while at < limit:
        if run := (_yaml_lines if yaml else _json_lines)(text, at, limit):
            at = run.end()
        elif not yaml and (block := _block(text, at, limit)) and (rest := _blank_rest(text, block.end())):
            at = rest.end()
        else:
            break
    return at


def _json_spans(text: str, mark: str) -> Iterator[tuple[int, int]]:
    return ((found.start, found.end) for found in comments_in(text) if mark in text[found.start : found.end])


def _yaml_spans(text: str, mark: str) -> Iterator[tuple[int, int]]:
    at = text.find(mark)
    lines, texts = Lines(text), _texts_with_hashes(text) if at >= 0 else []
    while at >= 0:
        line_start, end = at - lines.position(at).column + 1, _line_end(text, at).end()  # type: ignore[union-attr]
        start = _comment_start(text, line_start, end, texts)
        if start >= 0 and text.find(mark, start, end) >= 0:
            yield start, end
        at = text.find(mark, end)


def _texts_with_hashes(text: str) -> list[tuple[int, int]]:
    """Where the scalars of a YAML text that have a # in them begin and end; the last one first."""
    import yaml

    texts: list[tuple[int, int]] = []
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken) and "#" in token.value:
                texts.append((token.start_mark.index, token.end_mark.index))
    except yaml.YAMLError:
        pass  # what comes after the mistake is judged by its # alone
    return texts[::-1]


def _comment_start(text: str, at: int, end: int, texts: list[tuple[int, int]]) -> int:
    """The first # of a line that is in no text, or -1; texts that end before it are taken off their list."""
    while match := _hash.search(text, at, end):
        while texts and texts[-1][1] <= match.start():
            texts.pop()
        if not texts or match.start() < texts[-1][0]:
            return match.start()
        at = texts[-1][1]  # the text may end on this line
    return -1
