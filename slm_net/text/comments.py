"""Comments and trailing commas of spec texts: where they are, the text without them, and what strict JSON refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import NamedTuple

from slm_net.problems import Problem, Rule
from slm_net.text.limits import MAX_COMMENTS, MAX_FINDINGS
from slm_net.text.places import Lines, Position

NOT_STRICT_JSON = Rule(
    "SN011",
    "not-strict-json",
    what=(
        "With `--strict-json`: a JSON file has comments, a comma before a closing bracket, or a byte order mark. "
        "Files called `.jsonc` may have them. `--fix` removes the commas and the mark."
    ),
    why="we read them, but other programs that read the same specs may not.",
    wrong='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu",}\n',
    right='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}\n',
    options="--strict-json",
)


UNUSED_IGNORE = Rule(
    "SN012",
    "unused-ignore",
    what="A comment `slm-net: ignore` names a rule that does not exist or that finds nothing on its line.",
    why="it stays when its reason is gone, and then hides the next mistake there.",
    wrong="""\
{
  "type": "MLPNet",
  "hid_layers": [64],  // slm-net: ignore SN102
  "hid_layers_activation": "relu"
}
""",
    right="""\
{
  "type": "MLPNet",
  "hid_layers": [64],
  "rnn_hidden_size": 32,  // slm-net: ignore SN102
  "hid_layers_activation": "relu"
}
""",
)


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


def extras(text: str) -> Iterator[Extra]:
    """The comments and trailing commas of a JSON text, in order.

    >>> [(extra.kind, extra.start) for extra in extras('[1, "//", 2,] // end')]
    [('comma', 11), ('comment', 14)]
    """
    commas = trailing_commas(without_comments(text))
    return merge(comments_in(text), commas, key=lambda extra: extra.start)


def strict_problems(text: str, bom: bool = False) -> list[Problem]:
    """Everything in `text` that a strict JSON parser refuses although we read it."""
    lines = Lines(text)
    found = []
    if bom:
        message, hint = "the file begins with a byte order mark", "save it without one"
        found.append(NOT_STRICT_JSON.at((), message, hint, place=(1, 1)))
    for kind, start, _, closer in islice(extras(text), MAX_FINDINGS):
        message, hint = "a comment is not JSON", "remove it, or name the file .jsonc"
        if kind == "comma":
            message, hint = f"a comma before {closer} is not JSON", "remove the comma"
        found.append(NOT_STRICT_JSON.at((), message, hint, place=lines.position(start)))
    return found


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
    return [(start, end) for start, end in scalars(text) if text.find("#", start, end) >= 0][::-1]


def scalars(text: str) -> Iterator[tuple[int, int]]:
    """Where the scalars of a YAML text begin and end, up to the first mistake in it."""
    try:
        import yaml
    except ImportError:
        return
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken):
                yield token.start_mark.index, token.end_mark.index
    except (yaml.YAMLError, ValueError, OverflowError):
        pass  # nothing is known of what comes after it


def _comment_start(text: str, at: int, end: int, texts: list[tuple[int, int]]) -> int:
    """The first # of a line that is in no text, or -1; texts that end before it are taken off their list."""
    while match := _hash.search(text, at, end):
        while texts and texts[-1][1] <= match.start():
            texts.pop()
        if not texts or match.start() < texts[-1][0]:
            return match.start()
        at = texts[-1][1]  # the text may end on this line
    return -1
