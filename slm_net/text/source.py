"""A spec file, text or mapping as data, with the place of every key and value and what is wrong with the text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from slm_net.problems import ERROR, Path, Problem, SpecError, has_errors
from slm_net.text.files import check_size, decode, read_text
from slm_net.text.folder import is_saved, spec_of
from slm_net.text.history import Origin, read_history
from slm_net.text.jsonc import read_json
from slm_net.text.mapping import read_mapping
from slm_net.text.paths import walk
from slm_net.text.places import NOWHERE, SYNTAX, Lines, Places, Position, Reading, Refused
from slm_net.text.yaml12 import read_yaml

#: How texts without a file are called.
NAMELESS = ("<text>", "<stdin>")
_BOM = "\ufeff"
#: What stands before a value in YAML.
_ANCHOR_OR_TAG = re.compile(r"(?:[&!]\S*\s+)+")
_word = re.compile(r"[^\s,\]}#]*").match
_begins_like_json = re.compile(r"[\s\ufeff]*(?:[{\[]|//|/\*)").match


@dataclass(frozen=True)
class Source:
    """What was read: `data` (None if it could not be), `problems` of the text, and the text itself.

    `file` is the name for messages: the path as given, "<text>", or "" for a mapping, which has no text.
    `data` is to be read only: values may be shared between several places of it.
    """

    file: str
    data: Any
    problems: tuple[Problem, ...]
    text: str = field(repr=False)
    _places: Places | None = field(default=None, repr=False, compare=False)
    #: whether a byte order mark stands before the text
    bom: bool = field(default=False, repr=False, compare=False)
    #: the top-level keys of a YAML text with an anchor in their value
    anchored: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    #: the paths of values that could not be made out: there is None in the data, or what may have been meant
    unread: frozenset[Path] = field(default=frozenset(), repr=False, compare=False)

    @property
    def readable(self) -> bool:
        """False if an error left no data to validate."""
        return self.data is not None or not has_errors(self.problems)

    @property
    def mended(self) -> bool:
        """True if the text is not what it should be, and the data what was meant as far as that can be told."""
        return any(problem.rule == SYNTAX.id for problem in self.problems)

    def key_position(self, path: Path) -> Position:
        """Where the key at `path` stands (an array element: its value), or its nearest ancestor that exists."""
        return NOWHERE if self._places is None else self._lines.position(self._places.find(path).key)

    def value_position(self, path: Path) -> Position:
        """Where the value at `path` begins, or its nearest ancestor that exists; of an alias, the value it names."""
        return NOWHERE if self._places is None else self._lines.position(self._places.find(path).start)

    def position(self, path: Path) -> Position:
        """Where to look for the value at `path`: where it begins, or at its key if it stands on the lines below."""
        begin, key = self.value_position(path), self.key_position(path)
        is_below = path and key.line < begin.line and self._places and self._places.find(path).children
        return key if is_below else begin

    def history(self, path: Path) -> tuple[Origin, ...]:
        """Where the value at `path` comes from, or its nearest ancestor that exists, and what it replaced.

        >>> read_source("a: &a {lr: 1}\\nb: {<<: *a, lr: 2}\\n", "spec.yaml").history(("b", "lr"))
        (Origin(how='written', value=2, file='spec.yaml', line=2, column=17, name='', replaced=False),
         Origin(how='written', value=1, file='spec.yaml', line=1, column=12, name='', replaced=True),
         Origin(how='alias', value=1, file='spec.yaml', line=2, column=9, name='a', replaced=True),
         Origin(how='merge', value=1, file='spec.yaml', line=2, column=5, name='', replaced=True))
        """
        if self._places is None:
            return (Origin("written", walk(self.data, path)[1], self.file),)
        return tuple(read_history(self.data, path, self._places, self._lines.position, self.file))

    def written(self, path: Path) -> tuple[int, str]:
        """The offset of the number at `path` and how it is written; of another value its first word.

        >>> read_source("lr: 1e-3", "spec.yaml").written(("lr",))
        (4, '1e-3')
        """
        start = 0 if self._places is None else self._places.find(path).start
        if before := _ANCHOR_OR_TAG.match(self.text, start):
            start = before.end()
        return start, _word(self.text, start)[0]  # type: ignore[index]

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)


def read_source(source: str | bytes | os.PathLike[str] | Mapping[str, Any], file: str | None = None) -> Source:
    """Read a spec from a path, a text or a mapping; whatever is wrong with it becomes a problem of the `Source`.

    A `str` is a text if it has a line break, begins like JSON, or comes with a `file`, which then is its name; else it
    is a path. Bytes are what a file holds, and an open file stands for what is read from it. `.yaml` and `.yml` are
    YAML, as is a text without a name that does not begin like JSON; everything else is JSON, with comments and
    trailing commas allowed. A folder that nets were saved in holds their spec. What is none of all this holds no spec.

    >>> source = read_source('{"type": "MLPNet", "hid_layers": [64]}')
    >>> source.data["hid_layers"], source.value_position(("hid_layers", 0))
    ([64], Position(line=1, column=35))
    """
    if isinstance(source, Mapping):
        return _source(file or "", "", read_mapping(source))
    if callable(read := getattr(source, "read", None)):
        name = getattr(source, "name", None)
        source, file = read(), file or (name if isinstance(name, str) else NAMELESS[0])
    if not isinstance(source, str | bytes | os.PathLike):
        return _source(file or "", "", Reading(source, ()))
    is_text = isinstance(source, str) and bool(file is not None or "\n" in source or _begins_like_json(source))
    name = file or ("<text>" if is_text or isinstance(source, bytes) else os.fsdecode(source))
    try:
        if not is_text and not isinstance(source, bytes) and os.path.isdir(source) and is_saved(source):
            return _source(name, "", read_mapping(spec_of(source)))
        if isinstance(source, bytes):
            written = decode(source)
        elif is_text:
            written = str(source)
            check_size(len(written))
        else:
            written = read_text(os.fspath(source))
    except SpecError as error:
        return _source(name, "", Reading(None, tuple(error.problems)))
    except Refused as refused:
        return _source(name, "", Reading(None, (refused.problem,)))
    text = written.removeprefix(_BOM)
    reader = read_yaml if is_yaml(name, text) else read_json
    return _source(name, text, reader(text), bom=text != written)


def is_yaml(name: str, text: str) -> bool:
    """Whether a text is read as YAML; by the suffix of its name, and without a name by how it begins."""
    suffix = os.path.splitext(name)[1].lower()
    return suffix in (".yaml", ".yml") or (name in NAMELESS and not _begins_like_json(text))


def _source(file: str, text: str, reading: Reading, bom: bool = False) -> Source:
    problems = tuple(sorted(replace(problem, file=file) for problem in reading.problems))
    other = (found.path for found in problems if found.severity == ERROR and found.rule != SYNTAX.id)
    unread = reading.unread.union(other)
    return Source(file, reading.data, problems, text, reading.places, bom, anchored=reading.anchored, unread=unread)
