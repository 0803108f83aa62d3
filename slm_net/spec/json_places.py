"""Where the keys and values of a JSON text stand: only what is on the way to them is looked into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]

from slm_net.spec.places import Path, Place

_space = re.compile(r"[ \t\n\r]*").match
_colon = re.compile(r"[ \t\n\r]*:[ \t\n\r]*").match
_comma = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*").match
#: Finds the end of a value as fast as can be; nothing is made of what is in it.
_end = JSONDecoder(object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len).raw_decode


Member = tuple[str, tuple[int, int]]  # a key, where it stands, and where its value begins


class JsonPlaces:
    """The places of a strict JSON text that has been read already; `unique` if no object has a key twice.

    >>> JsonPlaces('{"net": {"lr": [1, 0.1]}}').find(("net", "lr", 1))
    Place(key=19, start=19, children=())
    """

    def __init__(self, text: str, unique: bool = True):
        self._text, self._unique = text, unique
        self._members: dict[int, tuple[dict[str, tuple[int, int]], Iterator[Member]]] = {}
        self._entries: dict[int, tuple[list[int], Iterator[int]]] = {}

    def find(self, path: Path) -> Place:
        """The place of the value at `path`, or of its nearest ancestor that exists."""
        key = at = _space(self._text, 0).end()  # type: ignore[union-attr]
        for step in path:
            found = self._member(at, step) if isinstance(step, str) else self._entry(at, step)
            if found is None:
                break
            key, at = found
        return Place(key, at, ())

    def _member(self, opened: int, key: str) -> tuple[int, int] | None:
        if self._text[opened] != "{":
            return None
        if opened not in self._members:
            self._members[opened] = {}, self._scan_members(opened + 1)
        known, more = self._members[opened]
        if not self._unique:
            known.update(more)  # the last one wins
        while key not in known and (member := next(more, None)) is not None:
            known[member[0]] = member[1]
        return known.get(key)

    def _entry(self, opened: int, index: int) -> tuple[int, int] | None:
        if self._text[opened] != "[":
            return None
        if opened not in self._entries:
            self._entries[opened] = [], self._scan_entries(opened + 1)
        known, more = self._entries[opened]
        while len(known) <= index and (at := next(more, None)) is not None:
            known.append(at)
        return (known[index], known[index]) if 0 <= index < len(known) else None

    def _scan_members(self, at: int) -> Iterator[Member]:
        text = self._text
        at = _space(text, at).end()  # type: ignore[union-attr]
        while text[at] != "}":
            key, end = scanstring(text, at + 1, True)
            start = _colon(text, end).end()  # type: ignore[union-attr]
            yield key, (at, start)
            at = _comma(text, _end(text, start)[1]).end()  # type: ignore[union-attr]

    def _scan_entries(self, at: int) -> Iterator[int]:
        text = self._text
        at = _space(text, at).end()  # type: ignore[union-attr]
        while text[at] != "]":
            yield at
            at = _comma(text, _end(text, at)[1]).end()  # type: ignore[union-attr]
