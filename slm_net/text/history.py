"""Where a value comes from, and what it replaced: as noted by whoever put it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from slm_net.problems import Path
from slm_net.text.paths import walk
from slm_net.text.places import Note, Places, Position


class Origin(NamedTuple):
    """One step in the history of a value.

    `how` is one of `HOW`, `name` what it says of whom: an alias, a variable, an override as it was given, a reason.
    Line and column are 0 where it stands in no text. It is `replaced` if another value has taken its place.
    """

    how: str
    value: Any
    file: str = ""
    line: int = 0
    column: int = 0
    name: str = ""
    replaced: bool = False

    @property
    def place(self) -> str:
        """The file, line and column, "" where there is no text.

        >>> Origin("written", 0.1, "dqn.json", 4, 12).place
        'dqn.json:4:12'
        """
        return f"{self.file}:{self.line}:{self.column}" if self.line else ""


#: What can be in a history, in words.
HOW = {
    "written": "written",
    "alias": "by the alias *{name}",
    "merge": "merged by <<",
    "extends": "from the file that is extended",
    "arc_file": "from the file of the arc",
    "variable": "the value of ${{name}}",
    "override": "{name}",
    "default": "default of {name}",
    "algorithm": "set by the algorithm, whose net gives {name}",
    "inferred": "{name}",
}


def read_history(
    data: Any, path: Path, places: Places, position: Callable[[int], Position], file: str
) -> Iterator[Origin]:
    """The history of the value at a path of a text: where it is written, what brings it here, what it replaced."""
    depth, value = walk(data, path)
    found = path[:depth]
    yield Origin("written", value, file, *position(places.find(found).start))
    for at, note in places.notes_on(found):
        yield from _noted(note, value, found[at:], position, file)


def _noted(note: Note, value: Any, rest: Path, position: Callable[[int], Position], file: str) -> Iterator[Origin]:
    if note.how != "replaced":
        yield Origin(note.how, value, file, *position(note.offset), note.name)
    elif note.place is not None and walk(note.data, rest)[0] == len(rest):
        history = read_history(note.data, rest, note.place, position, file)
        yield from (origin._replace(replaced=True) for origin in history)
