"""The comments of a spec text, JSON or YAML, and the lines that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slm_net.spec.places import Lines, Position
from slm_net.spec.strict_json import extras

_yaml_comment = re.compile(r"(?:(?<=\s)|^)#[^\n\r]*", re.MULTILINE)
_rest_of_line = re.compile(r"[^\n\r]*").match


class Comment(NamedTuple):
    """One comment: its text, where it begins, and the line it is about: its own, or the next if it stands alone."""

    text: str
    position: Position
    line: int


def comments(text: str, yaml: bool) -> list[Comment]:
    """The comments of a text, in order.

    >>> [comment.line for comment in comments('{\\n  // alone\\n  "a": 1 // behind\\n}', yaml=False)]
    [3, 3]
    """
    lines, found = Lines(text), list[Comment]()
    alone: dict[int, int] = {}  # line of a comment that stands alone → the line it is about
    for start, end in reversed(list(_yaml_spans(text) if yaml else _json_spans(text))):
        position, last = lines.position(start), lines.position(end).line
        about = position.line
        before = text[start - position.column + 1 : start]
        if not before.strip() and not _rest_of_line(text, end)[0].strip():  # type: ignore[index]
            # of comments one below the other, each is about what follows them all
            about = alone[position.line] = alone.get(last + 1, last + 1)
        found.append(Comment(text[start:end], position, about))
    return found[::-1]


def _json_spans(text: str) -> Iterator[tuple[int, int]]:
    return ((extra.start, extra.end) for extra in extras(text) if extra.kind == "comment")


def _yaml_spans(text: str) -> Iterator[tuple[int, int]]:
    import yaml

    texts: list[tuple[int, int]] = []
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken):
                texts.append((token.start_mark.index, token.end_mark.index))
    except yaml.YAMLError:
        pass  # what comes after the mistake is judged by its # alone
    at, index = 0, 0
    while match := _yaml_comment.search(text, at):
        while index < len(texts) and texts[index][1] <= match.start():
            index += 1
        if index == len(texts) or match.start() < texts[index][0]:
            yield match.span()
            at = match.end()
        else:  # a # in a text; the text may end on this line
            at = texts[index][1]
