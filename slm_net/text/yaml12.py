"""YAML 1.2 text as data with places, read by recursion over the parser's events: only plain values are constructed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from slm_net.extras import install
from slm_net.problems import Path, Problem, Rule, has_errors
from slm_net.text.jsonc import read_json
from slm_net.text.limits import (
    FILE_TOO_LARGE,
    KEY_TOO_LONG,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_KEY,
    NESTED_TOO_DEEP,
    TOO_DEEP,
    deeper_than_allowed,
)
from slm_net.text.mending import Change, Mended, MendedPlaces, Mistake, as_edits
from slm_net.text.other_formats import other_format, wrapping
from slm_net.text.places import SYNTAX, WRONG_TYPE, Found, Note, Place, Reading, Refused, bad_key, duplicate
from slm_net.text.yaml11 import misread, odd_character, whole
from slm_net.text.yaml_errors import explain_yaml
from slm_net.text.yaml_scalars import MAPPING_TAGS, MERGE_TAG, SEQUENCE_TAGS, scalar, tag_fault
from slm_net.words import did_you_mean, visible

MISSING_PACKAGE = Rule(
    "SN009",
    "missing-package",
    what="A package is needed for this file and is not installed, as PyYAML for YAML.",
    why=f"without it the file cannot be checked at all. `{install('yaml')}` installs it.",
    no_example="this depends on what is installed.",
)


Event = Any  # an event of PyYAML, which is imported only where a YAML text is read

#: Values with every alias expanded; a long text counts as several, so that a text of `MAX_BYTES` counts as all of them.
MAX_EXPANDED = 50_000
CHARS_PER_VALUE = MAX_BYTES // MAX_EXPANDED
_EMPTY = "the file is empty", "write a spec, or at least the type of a net"


_COMMA = "a comma at the end of a line: YAML has none there, it would be a part of the text", "remove the comma"
_one_word = re.compile(r"[^\s,]+,").fullmatch


class Stopped(Exception):
    """Ends the reading of a text that the parser does not get through, with what is wrong."""

    def __init__(self, rule: Rule, mistake: Mistake, path: Path):
        super().__init__(mistake.message)
        self.rule, self.mistake, self.path = rule, mistake, path


class Node(NamedTuple):
    """A finished value; `size` counts the values in it with every alias expanded."""

    data: Any
    start: int
    children: Any = ()  # the places of what is in it, as in `Place`
    size: int = 1
    notes: tuple[Note, ...] = ()

    def placed(self, key: int | None = None) -> Place:
        """Its place, under a key that stands there, or as an element of a list."""
        return Place(self.start if key is None else key, self.start, self.children, self.notes)


class Reader:
    """Reads the events of one text by recursion, never more than `MAX_DEPTH` levels deep.

    Raises:
        Refused: from every method, for what makes the whole text unusable.
    """

    def __init__(self, yaml: ModuleType, mended: Mended):
        self._yaml, self._text, self._mended = yaml, mended.text, mended
        loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
        self._events: Iterator[Event] = yaml.parse(whole(mended.text), Loader=loader)
        self._at = 0  # where the last event ends
        self._path: list[str | int] = []  # of the value that is being read
        self._levels = 0
        self._values = 0
        self._anchors: dict[str, Node | None] = {}  # None: what it names is still open
        self._anchored: set[str] = set()  # the top-level keys with an anchor in their value
        self._problems = Found()

    def reading(self) -> Reading:
        """The data, the problems and the places of the text."""
        try:
            root = self._document()
        except self._yaml.MarkedYAMLError as error:
            self._explain(error)
        except (self._yaml.YAMLError, ValueError, OverflowError):  # Python's parser, escapes that are no character
            hint = "is there an escape such as \\UFFFFFFFF that is no character?"
            self._refuse(self._at, SYNTAX, "no valid YAML after this", hint)
        if deeper_than_allowed(root.data):  # through aliases
            self._refuse(root.start, NESTED_TOO_DEEP, *TOO_DEEP)
        return Reading(root.data, tuple(self._problems), root.placed(), anchored=frozenset(self._anchored))

    def _explain(self, error: Any) -> NoReturn:
        mark = error.problem_mark or error.context_mark
        if mark and (too_deep := self._too_deep(mark.index)):
            raise Refused(too_deep)
        rule, mistake = explain_yaml(error, self._text, self._mended)
        raise Stopped(rule, mistake, tuple(self._path))

    def _too_deep(self, end: int) -> Problem | None:
        """The problem if what stands before `end` is too deep: the parser reads ahead, and has a limit of its own."""
        if self._levels + end - self._at <= MAX_DEPTH:  # a level has at least one character
            return None
        try:
            Reader(self._yaml, Mended(self._text[:end]))._document()
        except Refused as refused:
            return refused.problem if refused.problem.rule == NESTED_TOO_DEEP.id else None
        except (self._yaml.YAMLError, ValueError, OverflowError):
            pass
        return None

    def _next(self) -> Event:
        event = next(self._events)
        self._at = event.end_mark.index
        return event

    def _document(self) -> Node:
        root = None
        while not isinstance(event := self._next(), self._yaml.StreamEndEvent):
            if not isinstance(event, self._yaml.DocumentStartEvent):
                continue
            if root is not None:
                hint = "keep one; several specs are the keys of one mapping"
                self._find(event.start_mark.index, SYNTAX, "a second document begins here", hint)
                break
            event = self._next()
            if isinstance(event, self._yaml.ScalarEvent) and _is_plain(event) and not event.value:
                self._refuse(event.start_mark.index, SYNTAX, *_EMPTY)
            if getattr(event, "style", None) in ("|", ">"):  # may stand without indentation, which is not read
                self._find(event.start_mark.index, SYNTAX, "a block of text and nothing else", "begin with a key")
            root = self._value(event)
        if root is None:
            self._refuse(0, SYNTAX, *_EMPTY)
        return root

    def _value(self, event: Event) -> Node:
        self._check(event)
        if isinstance(event, self._yaml.AliasEvent):
            node = self._alias(event)
            self._values += node.size
        elif isinstance(event, self._yaml.ScalarEvent):
            node = self._scalar(event)
        else:
            node = self._collection(event)
        if self._values > MAX_EXPANDED:
            message = f"more than {MAX_EXPANDED:,} values or {MAX_BYTES // 10**6} MB, with every alias expanded"
            self._refuse(node.start, FILE_TOO_LARGE, message, "a spec holds a few hundred: is this the right file?")
        return node

    def _check(self, event: Event, is_key: bool = False) -> None:
        if wrong := misread(self._text, event, is_key):
            self._find(wrong[0], SYNTAX, *wrong[1:])

    def _alias(self, event: Event) -> Node:
        start, name = event.start_mark.index, visible(event.anchor, 40)
        if event.anchor not in self._anchors:
            self._refuse(start, SYNTAX, f"*{name} has no anchor before it", did_you_mean(event.anchor, self._anchors))
        node = self._anchors[event.anchor]
        if node is None:
            self._refuse(start, SYNTAX, f"*{name} stands inside of what it names", "an alias cannot contain itself")
        return node._replace(notes=(*node.notes, Note("alias", start, event.anchor)))

    def _scalar(self, event: Event) -> Node:
        written, plain = event.value, _is_plain(event)
        if plain and written.endswith(",") and _one_word(written):
            self._find_comma(event.end_mark.index - 1)
            written = written[:-1]
        data, fault = scalar(written, event.tag, plain)
        if fault is not None:
            self._find(self._after_anchor(event), *fault)
        size = 1 + len(event.value) // CHARS_PER_VALUE
        self._values += size
        return self._named(event, Node(data, event.start_mark.index, size=size))

    def _find_comma(self, at: int) -> None:
        """Note a comma that ends a line as if it were JSON: it would be a part of the text."""
        fix = as_edits(tuple(self._path), [Change(self._mended.origin(at), self._mended.origin(at) + 1, "")])
        self._problems.add(SYNTAX.at(self._path, *_COMMA, place=self._mended.position(at), fix=fix))

    def _collection(self, event: Event) -> Node:
        start, before = event.start_mark.index, self._values
        is_mapping = isinstance(event, self._yaml.MappingStartEvent)
        if event.tag not in (MAPPING_TAGS if is_mapping else SEQUENCE_TAGS):
            self._find(self._after_anchor(event), *tag_fault(event.tag))
        if self._levels == MAX_DEPTH:
            self._refuse(start, NESTED_TOO_DEEP, *TOO_DEEP)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._levels += 1
        data, places = self._mapping() if is_mapping else self._sequence()
        self._levels -= 1
        self._values += 1
        return self._named(event, Node(data, start, places, self._values - before))

    def _sequence(self) -> tuple[list[Any], list[Place]]:
        data: list[Any] = []
        places: list[Place] = []
        self._path.append(0)
        while not isinstance(event := self._next(), self._yaml.SequenceEndEvent):
            node = self._value(event)
            data.append(node.data)
            places.append(node.placed())
            self._path[-1] = len(data)
        self._path.pop()
        return data, places

    def _mapping(self) -> tuple[dict[str, Any], dict[str, Place]]:
        data: dict[str, Any] = {}
        places: dict[str, Place] = {}
        merged: tuple[dict[str, Any], dict[str, Place]] = {}, {}
        while not isinstance(event := self._next(), self._yaml.MappingEndEvent):
            self._check(event, is_key=True)
            if self._is_merge_key(event):
                self._merge(event, *merged)
                continue
            key, written = self._key(event)
            start = event.start_mark.index
            self._path.append(written)
            if not isinstance(key, str):
                self._find(start, *bad_key(key, written))
            elif key in places:
                first, again = self._mended.position(places[key].key), self._mended.position(start)
                self._problems.add(duplicate(self._path, first, again))
            node = self._value(self._next())
            self._path.pop()
            if isinstance(key, str):
                _put(data, places, key, node.data, node.placed(start))
        if not merged[0]:
            return data, places
        for key, value in data.items():
            _put(*merged, key, value, places[key])
        return merged

    def _key(self, event: Event) -> tuple[Any, str]:
        """What a key is, and how it stands in paths."""
        if isinstance(event, self._yaml.AliasEvent):
            key, written = self._alias(event).data, visible(event.anchor, 40)
        elif isinstance(event, self._yaml.ScalarEvent):
            key, written = scalar(event.value, event.tag, _is_plain(event))[0], event.value
            self._named(event, Node(key, event.start_mark.index))
        else:
            key, written = self._collection(event).data, ""
        if not isinstance(key, str):
            return key, written
        if len(key) > MAX_KEY:
            self._refuse(event.start_mark.index, FILE_TOO_LARGE, *KEY_TOO_LONG)
        return key, key

    def _is_merge_key(self, event: Event) -> bool:
        if not isinstance(event, self._yaml.ScalarEvent):
            return False
        return event.tag == MERGE_TAG or (_is_plain(event) and event.value == "<<")

    def _merge(self, event: Event, data: dict[str, Any], places: dict[str, Place]) -> None:
        """Take over the entries of the mapping that comes next, or of a list of mappings, where the first wins."""
        self._path.append("<<")
        node = self._value(self._next())
        self._path.pop()
        nodes = [node]
        if isinstance(node.data, list):
            parts = zip(node.data, node.children, strict=True)
            nodes = [Node(value, place.start, place.children, notes=place.notes) for value, place in parts]
        here = Note("merge", event.start_mark.index)
        for part in reversed(nodes):
            if not isinstance(part.data, dict):
                self._find(node.start, WRONG_TYPE, "<< needs a mapping or a list of mappings", "merge an alias")
                break
            for key, place in part.children.items():
                _put(data, places, key, part.data[key], place._replace(notes=(*place.notes, *part.notes, here)))

    def _named(self, event: Event, node: Node) -> Node:
        """The node, which the anchor of its event names from now on."""
        if event.anchor is not None:
            self._anchors[event.anchor] = node
            self._anchored.update(map(str, self._path[:1]))
        return node

    def _after_anchor(self, event: Event) -> int:
        start: int = event.start_mark.index
        return start if event.tag is None else max(self._text.find("!", start), start)

    def _find(self, offset: int, rule: Rule, message: str, hint: str) -> None:
        self._problems.add(rule.at(self._path, message, hint, place=self._mended.position(offset)))

    def _refuse(self, offset: int, rule: Rule, message: str, hint: str) -> NoReturn:
        raise Refused(rule.at(self._path, message, hint, place=self._mended.position(offset)))


def _put(data: dict[str, Any], places: dict[str, Place], key: str, value: Any, place: Place) -> None:
    """Put a value under a key, and note the one that it replaces."""
    places[key] = place.over(data[key], places[key]) if key in data else place
    data[key] = value


def _is_plain(event: Event) -> bool:
    return event.tag is None and event.implicit[0]


#: Characters that are read again after mistakes.
MAX_READ_AGAIN = 500_000
MAX_DIRECTIVES = 100  # the parser compares each with all others
_directives = re.compile(r"[\n\r]%").finditer


def read_yaml(text: str) -> Reading:
    """Data, problems and places of a YAML text; no data if it cannot be read.

    Merge keys, anchors and aliases are resolved; the data of an alias is the same object as the anchor's.

    >>> read_yaml("lr: 1e-3").data
    {'lr': 0.001}
    """
    mended = Mended(text)
    mistakes: list[Problem] = []
    try:
        yaml = _pyyaml()
        _check_text(mended)
        while True:
            try:
                reading = Reader(yaml, mended).reading()
                break
            except Stopped as stopped:
                if not mistakes and (other := _as_something_else(mended, stopped.mistake.offset)):
                    return other
                mistakes.append(_mend(mended, stopped, len(mistakes)))
    except Refused as refused:
        return Reading(None, (*mistakes, refused.problem))
    if isinstance(reading.data, str) and (other := _as_something_else(mended, 0)):
        return other
    if mistakes and reading.places is not None:
        reading = reading._replace(places=MendedPlaces(reading.places, mended))
    return reading._replace(problems=(*mistakes, *reading.problems))


def _as_something_else(mended: Mended, at: int) -> Reading | None:
    """The reading of a text that YAML cannot read, or not beyond `at`, because it is something else."""
    if named := other_format(mended.text, "YAML"):
        return Reading(None, (_syntax(mended, *named),))
    if not mended.text.lstrip().startswith("{") or has_errors((reading := read_json(mended.text)).problems):
        return None
    problem = _syntax(mended, at, "this is JSON, and YAML does not read it from here on", "name the file .json")
    return reading._replace(problems=(problem, *reading.problems))


def _check_text(mended: Mended) -> None:
    """Refuse what YAML does not allow anywhere."""
    if odd := odd_character(mended.text):
        raise Refused(_syntax(mended, *odd))
    if (last := next(islice(_directives(mended.text), MAX_DIRECTIVES, None), None)) is not None:
        message, hint = f"more than {MAX_DIRECTIVES} lines begin with %", "remove the directives; a spec needs none"
        raise Refused(_syntax(mended, last.end() - 1, message, hint))


def _mend(mended: Mended, stopped: Stopped, times: int) -> Problem:
    """Change the text to what was meant where the parser stopped, so that it can be read again; the problem.

    Raises:
        Refused: that is not known, or has been done often enough.
    """
    mistake = stopped.mistake
    if not times and (around := wrapping(mended.text, 0)):
        mistake = around
    offset, message, hint, changes, meant, lost = mistake
    problem = stopped.rule.at(stopped.path, message, hint, place=mended.position(offset))
    if changes is None or lost or len(mended.text) * times > MAX_READ_AGAIN:
        raise Refused(problem)
    edits = as_edits(stopped.path, mended.change(changes))
    return replace(problem, fix=edits if meant else ())


def _syntax(mended: Mended, offset: int, message: str, hint: str) -> Problem:
    return SYNTAX.at((), message, hint, place=mended.position(offset))


def _pyyaml() -> ModuleType:
    try:
        import yaml
    except ImportError:
        message = "YAML needs the package PyYAML"
        raise Refused(MISSING_PACKAGE.at((), message, install("yaml"), place=(1, 1))) from None
    return yaml
