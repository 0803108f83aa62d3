"""A problem that is a slip of the keyboard → the part of the text to replace, and by what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from slm_net.cli.typos import is_typo_of
from slm_net.problems import Problem
from slm_net.text.places import Lines, Path
from slm_net.text.source import Source, is_yaml
from slm_net.wording.schema_problems import UNKNOWN_KEY, UNKNOWN_NAME

_meant = re.compile(r"did you mean '([\w.-]+)'\?")


class Edit(NamedTuple):
    """A part of the text, from `start` to `end`, and what to write there."""

    start: int
    end: int
    new: str


def edits_of(source: Source, problems: Iterable[Problem]) -> dict[Problem, Edit]:
    """The edits that cure problems, in the order of the text; of two that would write the same key, the first."""
    lines, written = Lines(source.text), set[Path]()
    found: dict[Problem, Edit] = {}
    for problem in problems:
        match = _meant.fullmatch(problem.hint)
        if not match or not problem.line:
            continue
        path = problem.path
        if problem.rule == UNKNOWN_KEY.id and path:
            old, target = path[-1], (*path[:-1], match[1])
            if target in written or _value(source.data, target) is not _ABSENT:
                continue
            written.add(target)
        elif problem.rule == UNKNOWN_NAME.id:
            old = _value(source.data, path)
        else:
            continue
        at = (lines.start(problem.line) or 0) + problem.column - 1
        if isinstance(old, str) and is_typo_of(old, match[1]) and (edit := _rewritten(source, at, old, match[1])):
            found[problem] = edit
    return found


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits.

    >>> applied("adma, reluu", [Edit(0, 4, "adam"), Edit(6, 11, "relu")])
    'adam, relu'
    """
    parts, at = [], 0
    for start, end, new in sorted(set(edits)):
        parts += [text[at:start], new]
        at = end
    return "".join((*parts, text[at:]))


_ABSENT = object()


def _value(data: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return data


def _rewritten(source: Source, at: int, old: str, new: str) -> Edit | None:
    """The edit that writes `new` for `old`, quoted as it is; None if something else stands there."""
    text = source.text
    if not is_yaml(source.file, text):
        if text[at : at + 1] != '"':
            return None
        found, end = scanstring(text, at + 1, True)
        return Edit(at, end, json.dumps(new)) if found == old else None
    quote = text[at : at + 1] if text[at : at + 1] in ("'", '"') else ""
    end = at + len(old) + 2 * len(quote)
    if text[at:end] != quote + old + quote or re.match(r"[^\s,\]}:#]", text[end : end + 1] * (not quote)):
        return None
    return Edit(at, end, quote + new + quote)
