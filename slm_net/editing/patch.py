"""The change of a text as a patch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import compress, groupby, zip_longest

from slm_net.text.source import Source
from slm_net.words import visible

#: Of more lines a patch shows all, if their number changes.
MANY_LINES = 5_000
#: Lines around a change.
CONTEXT = 3


def unified_diff(before: Source, after: Source) -> str:
    """The change as a patch."""
    texts = ["\ufeff" * source.bom + source.text for source in (before, after)]
    rows = _side_by_side(*(re.findall(r"[^\n]*\n|[^\n]+\Z", text) for text in texts))
    name = visible(before.file, 4096)
    parts = [f"--- {name}\n+++ {name}\n"]
    at, places = 0, [0, 0]  # the row, and the lines of either text before it
    for start, end in _hunks([old != new for old, new in rows]):
        places = [place + sum(row[side] is not None for row in rows[at:start]) for side, place in enumerate(places)]
        sizes = [sum(row[side] is not None for row in rows[start:end]) for side in (0, 1)]
        old, new = (_range(place, size) for place, size in zip(places, sizes, strict=True))
        parts.append(f"@@ -{old} +{new} @@\n")
        for same, group in groupby(rows[start:end], lambda row: row[0] == row[1]):
            lines = list(group)
            parts += [_signed(" " if same else "-", old) for old, _ in lines if old is not None]
            parts += [_signed("+", new) for _, new in lines if new is not None and not same]
        at, places = end, [place + size for place, size in zip(places, sizes, strict=True)]
    return "".join(parts)


#: One line of either text; None where the other has a line more.
Row = tuple[str | None, str | None]


def _side_by_side(old: list[str], new: list[str]) -> list[Row]:
    """The lines of two texts, those that are the same beside each other."""
    if len(old) == len(new):  # nearly all fixes leave the number of lines as it is
        return list(zip(old, new, strict=True))
    from difflib import SequenceMatcher

    rows: list[Row] = []
    quick = max(len(old), len(new)) > MANY_LINES
    steps = [("replace", 0, len(old), 0, len(new))] if quick else SequenceMatcher(None, old, new).get_opcodes()
    for _, start, end, other, other_end in steps:
        rows += zip_longest(old[start:end], new[other:other_end])
    return rows


def _range(before: int, size: int) -> str:
    """Which lines a hunk is about, as patches write it."""
    return str(before + 1) if size == 1 else f"{before + (size > 0)},{size}"


def _hunks(changed: list[bool]) -> Iterator[tuple[int, int]]:
    """From which line and up to which changes are shown together, with those around them."""
    start, last = -1, -1
    for at in compress(range(len(changed)), changed):
        if start >= 0 and at - last > 2 * CONTEXT + 1:
            yield max(0, start - CONTEXT), last + CONTEXT + 1
        if start < 0 or at - last > 2 * CONTEXT + 1:
            start = at
        last = at
    if start >= 0:
        yield max(0, start - CONTEXT), min(len(changed), last + CONTEXT + 1)


def _signed(sign: str, line: str) -> str:
    return sign + (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
