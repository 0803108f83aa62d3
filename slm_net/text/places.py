"""Where things stand in a text: lines, columns, and the place of every key and value."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, Protocol

from slm_net.problems import WARNING, Path, Problem, Rule
from slm_net.text.limits import MAX_FINDINGS, Fault
from slm_net.words import visible

SYNTAX = Rule(
    "SN003",
    "syntax",
    what=(
        "The text is no JSON (comments and trailing commas are allowed) and no YAML, or it is something else: a Python "
        "dict, a Markdown fence, TOML, another format than its name says. All mistakes are listed, at most 100. "
        "`--fix` cures those that can only mean one thing: commas, quotes, `None`, `spec =`, a fence."
    ),
    why=(
        "other programs cannot read it. The reader goes on with what was meant; where that is not certain, nothing "
        "that depends on it is checked."
    ),
    wrong='{"type": "MLPNet" "hid_layers": [64], "hid_layers_activation": "relu"}\n',
    right='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}\n',
)


DUPLICATE_KEY = Rule(
    "SN004",
    "duplicate-key",
    what="An object has the same key twice.",
    why="the last one wins without a word, and whoever edits the first one changes nothing.",
    wrong=('{"type": "MLPNet", "hid_layers": [64], "hid_layers": [32], "hid_layers_activation": "relu"}\n'),
    right='{"type": "MLPNet", "hid_layers": [32], "hid_layers_activation": "relu"}\n',
)


WRONG_TYPE = Rule(
    "SN104",
    "wrong-type",
    what="A value is of another kind than its key takes: a number for a list, a text for a number.",
    why="it would fail while the net is built, or be taken for something else, as `true` for 1.",
    wrong='{"type": "MLPNet", "hid_layers": 64, "hid_layers_activation": "relu"}\n',
    right='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}\n',
)


class Position(NamedTuple):
    """A line and a column, both from 1 and in characters; (0, 0) is no place in a text."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


NOWHERE = Position(0, 0)


class Note(NamedTuple):
    """What the reader noted of a value when it came to its place.

    `how`: an "alias" called `name`, or a "merge" key, that stands at `offset` and brings the value here; or the value
    has "replaced" `data`, which has a place of its own.
    """

    how: str
    offset: int
    name: str = ""
    data: Any = None
    place: Place | None = None


class Place(NamedTuple):
    """Offsets of one value: its key (of an array element: the value itself), its start, and its children's places.

    The `notes` are in the order in which the value came here, and end with those that it replaced.
    """

    key: int
    start: int
    children: Mapping[str, Place] | Sequence[Place]
    notes: tuple[Note, ...] = ()

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest ancestor that exists."""
        return self._trail(path)[-1]

    def notes_on(self, path: Path) -> Iterator[tuple[int, Note]]:
        """What was noted on the way to the value at `path`, each with its depth, the nearest first."""
        trail = self._trail(path)
        for depth in range(len(trail) - 1, -1, -1):
            yield from ((depth, note) for note in trail[depth].notes)

    def _trail(self, path: Path) -> list[Place]:
        """The places of all that is on the way to a value, itself the last, as far as they exist."""
        trail = [self]
        for step in path:
            children = trail[-1].children
            if isinstance(children, Mapping):
                if not isinstance(step, str) or step not in children:
                    break
                trail.append(children[step])
            elif isinstance(step, int) and 0 <= step < len(children):
                trail.append(children[step])
            else:
                break
        return trail

    def over(self, data: Any, before: Place) -> Place:
        """This place of a value that has replaced another one."""
        return self._replace(notes=(*self.notes, Note("replaced", before.start, "", data, before)))


class Places(Protocol):
    """What knows where the values of a text stand."""

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest ancestor that exists."""

    def notes_on(self, path: Path) -> Iterator[tuple[int, Note]]:
        """What was noted on the way to the value at `path`, each with its depth, the nearest first."""


class Refused(Exception):
    """Ends the reading of a text that cannot become data; `problem` says why."""

    def __init__(self, problem: Problem):
        super().__init__(problem.message)
        self.problem = problem


class Placing(Protocol):
    """What knows the line and column of an offset."""

    def position(self, offset: int) -> Position:
        """The line and column of the character at `offset`."""


class Reading(NamedTuple):
    """The data of a text, what is wrong with it, and where its values stand (None: not to be had).

    `anchored` are the top-level keys with a YAML anchor in their value.
    `unread` are the paths of values that could not be made out, beside those that have an error of another rule.
    """

    data: Any
    problems: tuple[Problem, ...] = ()
    places: Places | None = None
    anchored: frozenset[str] = frozenset()
    unread: frozenset[Path] = frozenset()


class Found(list[Problem]):
    """What is wrong with one text; it refuses the text when nearly nothing in it is right."""

    def add(self, problem: Problem) -> None:
        """Append one.

        Raises:
            Refused: there are `MAX_FINDINGS` already.
        """
        if len(self) == MAX_FINDINGS:
            message = f"more than {MAX_FINDINGS} duplicate keys and unusable values"
            place = problem.line, problem.column
            raise Refused(SYNTAX.at(problem.path, message, "is this the right file?", place=place))
        self.append(problem)


def duplicate(path: Sequence[str | int], first: Position, again: Position) -> Problem:
    """The warning for a key that one object holds twice."""
    message = f"the key {visible(str(path[-1]), 40)!r} is there twice, at {first} and at {again}"
    hint = "the last one wins; remove the other"
    return DUPLICATE_KEY.at(path, message, hint, WARNING, place=again)


def bad_key(key: object, written: str) -> Fault:
    """Rule, message and hint for a key that is no text."""
    if key is None or isinstance(key, (int, float)):
        shown = visible(written, 40)
        return WRONG_TYPE, f"the key {shown} is no text", f'quote the key: "{shown}"'
    return WRONG_TYPE, "a key that is neither text nor number", "use a text as the key"


#: A quoted text (to the end of the line if it is not closed), a bare word or number, or any one character.
_culprit = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|\'[^\']*\'|[^\s,:\[\]{}"\']+|.', re.DOTALL).match


def culprit(ahead: str, length: int = 0) -> str:
    """What a problem that begins where the rest of a line does is about: so many characters, if that is known.

    >>> culprit('"lr": 1'), culprit("two words: 1"), culprit("two words: 1", 9)
    ('"lr"', 'two', 'two words')
    """
    known = ahead[: max(length, 0)].rstrip()
    return known or (found[0] if (found := _culprit(ahead)) else "")


#: Characters between two places whose line is remembered.
BLOCK = 4096
_breaks = re.compile(r"\r\n?|\n")


class Lines:
    """Where the lines of a text are; they end with "\\n", "\\r" or "\\r\\n".

    >>> Lines("a\\r\\nbc").position(4), Lines("a\\r\\nbc").start(2)
    (Position(line=2, column=2), 3)
    """

    def __init__(self, text: str):
        self._text = text

    def position(self, offset: int) -> Position:
        """The line and column of the character at `offset`."""
        if self._text[max(offset - 1, 0) : offset + 1] == "\r\n":
            offset -= 1
        breaks, start = self._blocks[offset // BLOCK]
        at = offset - offset % BLOCK
        return Position(breaks + self._breaks(at, offset) + 1, offset - self._start(at, offset, start) + 1)

    def start(self, line: int) -> int | None:
        """Where a line begins, counted from 1; None if there is no such line."""
        if line <= 1:
            return 0 if line == 1 else None
        block = bisect_left(self._blocks, (line - 1, 0)) - 1
        missing = line - 1 - self._blocks[block][0]
        found = next(islice(_breaks.finditer(self._text, block * BLOCK), missing - 1, None), None)
        return found and found.end()

    @property
    def count(self) -> int:
        """How many lines there are."""
        last = len(self._blocks) - 1
        return self._blocks[last][0] + self._breaks(last * BLOCK, len(self._text)) + 1

    @cached_property
    def _blocks(self) -> list[tuple[int, int]]:
        """Of each block: how many lines end before it, and where the line begins that it begins in."""
        found, breaks, start = [], 0, 0
        for at in range(0, len(self._text) + 1, BLOCK):
            found.append((breaks, start))
            breaks += self._breaks(at, at + BLOCK)
            start = self._start(at, at + BLOCK, start)
        return found

    def _breaks(self, start: int, end: int) -> int:
        count = self._text.count
        return count("\n", start, end) + count("\r", start, end) - count("\r\n", start, end + 1)

    def _start(self, start: int, end: int, otherwise: int) -> int:
        """Where the last line begins that begins after `start` and up to `end`."""
        newline = self._text.rfind("\n", start, end)
        last = max(newline, self._text.rfind("\r", max(newline, start), end))
        return otherwise if last < 0 else last + 1
