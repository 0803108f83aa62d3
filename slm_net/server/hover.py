"""What is told of the key or value under the mouse: its page of `slm-net explain`, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from slm_net.problems import COMMAND
from slm_net.reference.owners import NAMED, keys_of, owners, proper
from slm_net.reference.pages import as_markdown, escaped
from slm_net.reference.topics import Topic, key_of, named, topics
from slm_net.reporting.report import LIMIT
from slm_net.schema.compose import without_role
from slm_net.server.cursor import Cursor, cursor_at
from slm_net.server.opened import Found, Opened
from slm_net.server.scope import Scope, scope_at
from slm_net.words import visible


class Hover(NamedTuple):
    """Markdown, and the offsets of what it is about."""

    markdown: str
    start: int
    end: int


def hover(opened: Opened, offset: int) -> Hover | None:
    """What is told at an offset; None if there is nothing to tell."""
    if not opened.is_spec:
        return None
    cursor = cursor_at(opened.file, opened.text, offset)
    here = [found for found in opened.problems if found.start <= offset <= max(found.end, found.start + 1)]
    parts = [*map(_problem, here), *map(as_markdown, _topics(cursor) if cursor and cursor.word else ())]
    if not parts:
        return None
    start, end = (cursor.start, cursor.end) if cursor and cursor.word else here[0][1:3]
    return Hover("\n\n---\n\n".join(parts), start, end)


def _problem(found: Found) -> str:
    problem = found.problem.said_to(COMMAND)
    hint = f"\n\n{escaped(visible(problem.hint, LIMIT))}" if problem.hint else ""
    name = f"{problem.rule} {problem.rule_name}"
    return f"**{problem.severity}** {escaped(visible(found.message, LIMIT))} ({name}){hint}"


def _topics(cursor: Cursor) -> Iterator[Topic]:
    """What the word under the cursor is, where it stands."""
    word = cursor.word.strip("\"'")
    steps = [*cursor.path]
    while steps and isinstance(steps[-1], int):
        steps.pop()
    scope = scope_at(cursor.document, tuple(steps[:-1])) if steps else None
    if scope is None:
        return
    key = word if cursor.is_key else str(steps[-1])
    if cursor.is_key and scope.kind == "layer" and not scope.name:
        yield from _named("layer", word)
    elif not cursor.is_key and scope.selector == key:
        yield from _named(scope.kind, word)
    else:
        value = _named("activation", word) if key.endswith("_activation") and not cursor.is_key else ()
        yield from (*value, *_key(scope, key))


def _named(kind: str, word: str) -> Iterator[Topic]:
    if kind == "env":
        yield from (topic for topic in topics(word) if topic.kind == "environment")
    elif kind in NAMED and proper(kind, word).casefold() in map(str.casefold, owners(kind)):
        yield named(kind, proper(kind, word))


def _key(scope: Scope, key: str) -> Iterator[Topic]:
    """The page of a key, which may be one of the actor's or the critic's net."""
    names = [scope.name] if scope.name or scope.kind not in NAMED else []
    for known in (key, without_role(key)):
        if names and known in keys_of(scope.kind, names[0]):
            yield key_of(scope.kind, known, names)
            return
