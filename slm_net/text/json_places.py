"""Where the values of a JSON text stand: found when somebody asks, by scanning no more of the text than is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from threading import Lock

from slm_net.problems import Path
from slm_net.text.places import Note, Place

_SPACE = r"[ \t\n\r]*"
_space = re.compile(_SPACE).match
_colon = re.compile(f"{_SPACE}:{_SPACE}").match
_comma = re.compile(f"{_SPACE},?{_SPACE}").match
#: Finds the end of a value as fast as can be; nothing is made of what is in it.
_end = JSONDecoder(object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len).raw_decode

Spots = tuple[int, int]  # where a key stands (of an array element: the value itself), and where its value begins


class JsonPlaces:
    """The places of a strict JSON text that has been read already; `replaced` are the values before a key's last one.

    >>> JsonPlaces('{"net": {"lr": [1, 0.1]}}').find(("net", "lr", 1))
    Place(key=19, start=19, children=(), notes=())
    """

    def __init__(self, text: str, replaced: Mapping[Path, tuple[Note, ...]] | None = None):
        self._text, self._replaced, self._finding = text, replaced or {}, Lock()
        #: Of each bracket that was looked into: what is known of it, and the rest.
        self._opened: dict[int, tuple[dict[str | int, Spots], Iterator[tuple[str | int, Spots]]]] = {}

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest ancestor that exists."""
        key = at = _space(self._text, 0).end()  # type: ignore[union-attr]
        with self._finding:  # threads share the documents of plans, and a scan goes on where it stopped
            for step in path:
                if (found := self._child(at, step)) is None:
                    break
                key, at = found
        return Place(key, at, ())

    def notes_on(self, path: Path) -> Iterator[tuple[int, Note]]:
        """The values that were replaced on the way to the one at `path`, each with its depth, the nearest first."""
        for depth in range(len(path) if self._replaced else 0, 0, -1):
            yield from ((depth, note) for note in self._replaced.get(path[:depth], ()))

    def _child(self, opened: int, step: str | int) -> Spots | None:
        if self._text[opened] != ("{" if isinstance(step, str) else "["):
            return None
        known, more = self._opened.setdefault(opened, ({}, self._scan(opened)))
        if self._replaced:
            known.update(more)  # the last one wins
        while step not in known and (child := next(more, None)) is not None:
            known[child[0]] = child[1]
        return known.get(step)

    def _scan(self, opened: int) -> Iterator[tuple[str | int, Spots]]:
        text, is_object = self._text, self._text[opened] == "{"
        at = _space(text, opened + 1).end()  # type: ignore[union-attr]
        for index in count():
            if text[at] in "]}":
                return
            step, start = index, at
            if is_object:
                step, end = scanstring(text, at + 1, True)
                start = _colon(text, end).end()  # type: ignore[union-attr]
            yield step, (at, start)
            at = _comma(text, _end(text, start)[1]).end()  # type: ignore[union-attr]
