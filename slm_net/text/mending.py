"""Mistakes of a text that are mended while it is read: what to write in place of what, and where it stood before."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from slm_net.problems import Edit, Path
from slm_net.text.places import Lines, Note, Place, Places, Position


class Change(NamedTuple):
    """A part of the text, from `start` to `end`, and what to write there."""

    start: int
    end: int
    new: str


class Mistake(NamedTuple):
    """One mistake: its place, its words, and the changes of the text that the reader makes to read on (None: it stops).

    `meant` says that the changes are what was meant, whoever wrote it, so that `--fix` may write them. What cannot be
    judged after them is `lost`: "value", the one that stands here, or "all", as the rest may be in a wrong place.
    """

    offset: int
    message: str
    hint: str
    changes: tuple[Change, ...] | None = None
    meant: bool = False
    lost: str = "all"


def applied(text: str, changes: Iterable[Change]) -> str:
    """The text with the changes; of two that overlap, the first, or both where both remove something.

    >>> applied("adma, reluu", [Change(0, 4, "adam"), Change(6, 11, "relu")])
    'adam, relu'
    """
    parts, at = [], 0
    for start, end, new in sorted(set(changes)):
        if start >= at or not new:
            parts += [text[at:start], new]
            at = max(at, end)
    return "".join((*parts, text[at:]))


def as_edits(path: Path, changes: Iterable[Change]) -> tuple[Edit, ...]:
    """The edits that write changes of the text, which say what it was taken for."""
    return tuple(Edit(path, "write", change, safe=True) for change in changes)


class Mended:
    """A text that is changed while it is read.

    >>> mended = Mended("{'a': 1}")
    >>> mended.change([Change(1, 4, '"alpha"')])
    (Change(start=1, end=4, new='"alpha"'),)
    >>> mended.text, mended.origin(8), mended.origin(10)
    ('{"alpha": 1}', 4, 6)
    """

    def __init__(self, text: str):
        self.text, self._lines = text, Lines(text)
        #: What is new, in order: from where to where, and by how much longer it is than what stood there.
        self._made: list[tuple[int, int, int]] = []
        self._starts: list[int] = []
        self._longer = [0]  # by how much the text before each of them is longer than it was

    def position(self, offset: int) -> Position:
        """The line and column where the character at an offset of the changed text stood."""
        return self._lines.position(self.origin(offset))

    def change(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Make changes, in order and without overlap; the same ones at the offsets of the text as it first was."""
        first = tuple(Change(self.origin(start), self.origin(end), new) for start, end, new in changes)
        made, waiting, longer = list[tuple[int, int, int]](), deque(self._made), 0
        for start, end, new in changes:
            while waiting and max(waiting[0][0] + 1, waiting[0][1]) <= start:
                made.append(_shifted(waiting.popleft(), longer))
            more, low, high, before = len(new) - (end - start), start, end, longer
            while waiting and waiting[0][0] < end:  # what was new already, and is changed again
                low, high, longer = min(low, waiting[0][0]), max(high, waiting[0][1]), longer + waiting.popleft()[2]
            made.append((low + before, high + before + more, more + longer - before))
            longer = before + more
        self._made = [*made, *(_shifted(piece, longer) for piece in waiting)]
        self._starts = [start for start, _, _ in self._made]
        self._longer = list(accumulate((more for _, _, more in self._made), initial=0))
        self.text = applied(self.text, changes)
        return first

    def origin(self, offset: int) -> int:
        """Where the character at an offset of the changed text stood; of a new one, where it was put."""
        index = bisect_right(self._starts, offset)
        if index and offset < self._made[index - 1][1]:
            return self._made[index - 1][0] - self._longer[index - 1]
        return offset - self._longer[index]


def _shifted(piece: tuple[int, int, int], by: int) -> tuple[int, int, int]:
    return piece[0] + by, piece[1] + by, piece[2]


class MendedPlaces:
    """The places of a changed text, at the offsets of the text as it first was."""

    def __init__(self, places: Places, mended: Mended):
        self._places, self._mended = places, mended

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest ancestor that exists."""
        return self._as_written(self._places.find(path))

    def notes_on(self, path: Path) -> Iterator[tuple[int, Note]]:
        """What was noted on the way to the value at `path`, each with its depth, the nearest first."""
        for depth, note in self._places.notes_on(path):
            place = note.place and self._as_written(note.place)._replace(children=())
            yield depth, note._replace(offset=self._mended.origin(note.offset), place=place)

    def _as_written(self, place: Place) -> Place:
        return place._replace(key=self._mended.origin(place.key), start=self._mended.origin(place.start))
