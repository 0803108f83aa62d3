"""YAML 1.2 text as data with places, built from the parser's events: nothing but plain values is ever constructed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from slm_net.problems import Rule
from slm_net.text.limits import (
    FILE_TOO_LARGE,
    KEY_TOO_LONG,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_KEY,
    NESTED_TOO_DEEP,
    TOO_DEEP,
    Fault,
    deeper_than_allowed,
    int_fault,
    number_fault,
)
from slm_net.text.places import (
    SYNTAX,
    WRONG_TYPE,
    Found,
    Lines,
    Path,
    Place,
    Reading,
    Refused,
    bad_key,
    duplicate,
)
from slm_net.text.yaml_errors import TAG_NOT_ALLOWED, explain_yaml
from slm_net.words import did_you_mean, visible

MISSING_PACKAGE = Rule(
    "SN009",
    "missing-package",
    what="A package is needed for this file and is not installed, as PyYAML for YAML.",
    why="without it the file cannot be checked at all. `pip install 'slm_net[yaml]'` installs it.",
    no_example="this depends on what is installed.",
)


_CORE = "tag:yaml.org,2002:"
MERGE_TAG = _CORE + "merge"
COLLECTION_TAGS = ((None, "!", _CORE + "seq"), (None, "!", _CORE + "map"))  # of a sequence, of a mapping

_KINDS = {
    "null": re.compile(r"null|Null|NULL|~|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    "float": re.compile(
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
    "str": re.compile(r"[\s\S]*"),
}
_BASES = {"0o": 8, "0x": 16}
_MAX_INT_LENGTH = 24


def scalar(written: str, tag: str | None = None, plain: bool = True) -> tuple[Any, Fault | None]:
    """The value of a scalar with or without a tag, and what is wrong with it; `plain` is one without quotes or tag.

    >>> [scalar(written)[0] for written in ("1e-3", "on", "010", "1:30", "~")]
    [0.001, 'on', 10, '1:30', None]
    """
    if plain:
        kind = next(name for name, pattern in _KINDS.items() if pattern.fullmatch(written))
    elif tag is None or tag == "!":
        kind = "str"
    else:
        kind = tag.removeprefix(_CORE)
        if kind not in _KINDS or kind == tag:
            return None, tag_fault(tag)
        if not _KINDS[kind].fullmatch(written):
            return None, (WRONG_TYPE, f"{visible(written, 40)!r} is no {kind}", f"remove the tag !!{kind}")
    return _READERS[kind](written)


def tag_fault(tag: str) -> Fault:
    """What is wrong with a tag that is not one of the core schema's."""
    message = f"the tag {visible(tag.replace(_CORE, '!!'), 60)} is not allowed"
    return TAG_NOT_ALLOWED, message, "write a plain value; a spec constructs no objects"


def _int(written: str) -> tuple[int | None, Fault | None]:
    if len(written) > _MAX_INT_LENGTH:
        return None, int_fault(written)
    base = _BASES.get(written[:2])
    value = int(written[2:], base) if base else int(written)
    fault = number_fault(value, written)
    return (None if fault else value), fault


def _float(written: str) -> tuple[float | None, Fault | None]:
    value = float(written.replace(".", "", 1) if written.lstrip("-+.")[:1] in tuple("iInN") else written)
    fault = number_fault(value, written)
    return (None if fault else value), fault


_READERS = {
    "null": lambda written: (None, None),
    "bool": lambda written: (written[0] in "tT", None),
    "int": _int,
    "float": _float,
    "str": lambda written: (written, None),
}


class Node(NamedTuple):
    """A finished value; `size` counts the values in it with every alias expanded."""

    data: Any
    start: int
    children: Mapping[str, Place] | Sequence[Place] = ()
    size: int = 1


class SequenceFrame:
    """A sequence that is still open."""

    wants_key = False

    def __init__(self, start: int, anchor: str | None, values_before: int):
        self.start, self.anchor, self.values_before = start, anchor, values_before
        self._data: list[Any] = []
        self._places: list[Place] = []

    @property
    def step(self) -> int:
        """The index of the element that comes next."""
        return len(self._data)

    def add(self, node: Node) -> None:
        """Append an element."""
        self._data.append(node.data)
        self._places.append(Place(node.start, node.start, node.children))

    def node(self, values: int) -> Node:
        """The finished sequence."""
        return Node(self._data, self.start, self._places, values - self.values_before)


class MappingFrame:
    """A mapping that is still open; its own keys win over merged ones."""

    def __init__(self, start: int, anchor: str | None, values_before: int):
        self.start, self.anchor, self.values_before = start, anchor, values_before
        self._data: dict[str, Any] = {}
        self._places: dict[str, Place] = {}
        self._merged_data: dict[str, Any] = {}
        self._merged_places: dict[str, Place] = {}
        self._key: str | None = None
        self._key_start = 0
        self._purpose = "value"

    @property
    def wants_key(self) -> bool:
        """True if a key comes next and not a value."""
        return self._key is None

    @property
    def step(self) -> str | None:
        """The key whose value comes next."""
        return self._key

    @property
    def merging(self) -> bool:
        """True if the value that comes next is that of a merge key."""
        return self._purpose == "merge"

    def expect(self, key: str, start: int, purpose: str = "value") -> int | None:
        """The next value belongs to `key` ("value"), is merged ("merge") or dropped ("drop").

        Returns:
            Where the same key stands already, or None.
        """
        self._key, self._key_start, self._purpose = key, start, purpose
        return self._places[key].key if purpose == "value" and key in self._places else None

    def add(self, node: Node) -> None:
        """Take the value of the key that was expected."""
        if self._key is not None and self._purpose == "value":
            self._data[self._key] = node.data
            self._places[self._key] = Place(self._key_start, node.start, node.children)
        self._key = None

    def merge(self, node: Node) -> bool:
        """Take over the entries of a mapping, or of a list of mappings where the first wins; False if it is neither."""
        self._key = None
        nodes = [(node.data, node.children)]
        if isinstance(node.data, list) and isinstance(node.children, Sequence):
            nodes = [(data, place.children) for data, place in zip(node.data, node.children, strict=True)]
        for data, places in reversed(nodes):
            if not isinstance(data, dict) or not isinstance(places, Mapping):
                return False
            self._merged_data.update(data)
            self._merged_places.update(places)
        return True

    def node(self, values: int) -> Node:
        """The finished mapping."""
        data, places = self._merged_data | self._data, self._merged_places | self._places
        return Node(data, self.start, places, values - self.values_before)


Event = Any  # an event of PyYAML, which is imported only where a YAML text is read

#: Values with every alias expanded; a long text counts as several, so that a text of `MAX_BYTES` counts as all of them.
MAX_EXPANDED = 50_000
CHARS_PER_VALUE = MAX_BYTES // MAX_EXPANDED
_EMPTY = "the file is empty", "write a spec, or at least the type of a net"


class Builder:
    """Takes the events of one text, one after the other, and has its `Reading` at the end.

    Raises:
        Refused: from every method, for what makes the whole text unusable.
    """

    def __init__(self, text: str, lines: Lines):
        self._text, self._lines = text, lines
        self._problems = Found()
        self._frames: list[MappingFrame | SequenceFrame] = []
        self._anchors: dict[str, Node | None] = {}  # None: what it names is still open
        self._values = 0
        self._root: Node | None = None

    def reading(self) -> Reading:
        """The data, the findings and the places of the text."""
        root = self._root
        if root is None:
            self._refuse(0, SYNTAX, *_EMPTY)
        if deeper_than_allowed(root.data):  # through aliases
            self._refuse(root.start, NESTED_TOO_DEEP, *TOO_DEEP)
        return Reading(root.data, tuple(self._problems), Place(root.start, root.start, root.children))

    def path(self) -> Path:
        """The path of the value that is being read."""
        return tuple(frame.step for frame in self._frames if frame.step is not None)

    def document(self, event: Event) -> None:
        """The start of a document; only one is allowed."""
        if self._root is not None:
            hint = "keep one; several specs are the keys of one mapping"
            self._refuse(event.start_mark.index, SYNTAX, "a second document begins here", hint)

    def scalar(self, event: Event) -> None:
        """A scalar: a key, or a value."""
        start, frame = event.start_mark.index, self._frames[-1] if self._frames else None
        plain = event.tag is None and event.implicit[0]
        if isinstance(frame, MappingFrame) and frame.wants_key:
            if event.tag == MERGE_TAG or (plain and event.value == "<<"):
                frame.expect("<<", start, "merge")
                return
            data, _ = scalar(event.value, event.tag, plain)
            node = Node(data, start)
            self._key(frame, data, event.value, start)
        elif frame is None and plain and not event.value:
            self._refuse(start, SYNTAX, *_EMPTY)
        else:
            data, fault = scalar(event.value, event.tag, plain)
            if fault is not None:
                self._find(self._after_anchor(event), *fault)
            node = Node(data, start, size=1 + len(event.value) // CHARS_PER_VALUE)
            self._values += node.size
            self._add(node)
        if event.anchor is not None:
            self._anchors[event.anchor] = node

    def alias(self, event: Event) -> None:
        """An alias: the value of its anchor once more."""
        start, name = event.start_mark.index, visible(event.anchor, 40)
        if event.anchor not in self._anchors:
            self._refuse(start, SYNTAX, f"*{name} has no anchor before it", did_you_mean(event.anchor, self._anchors))
        node = self._anchors[event.anchor]
        if node is None:
            self._refuse(start, SYNTAX, f"*{name} stands inside of what it names", "an alias cannot contain itself")
        frame = self._frames[-1] if self._frames else None
        if isinstance(frame, MappingFrame) and frame.wants_key:
            self._key(frame, node.data, name, start)
        else:
            self._values += node.size
            self._add(node)

    def open(self, event: Event, kind: type[MappingFrame | SequenceFrame]) -> None:
        """The start of a mapping or sequence."""
        start = event.start_mark.index
        if event.tag not in COLLECTION_TAGS[kind is MappingFrame]:
            self._find(self._after_anchor(event), *tag_fault(event.tag))
        if len(self._frames) == MAX_DEPTH:
            self._refuse(start, NESTED_TOO_DEEP, *TOO_DEEP)
        self._frames.append(kind(start, event.anchor, self._values))
        if event.anchor is not None:
            self._anchors[event.anchor] = None

    def close(self, event: Event) -> None:
        """The end of the innermost mapping or sequence."""
        frame = self._frames.pop()
        self._values += 1
        node = frame.node(self._values)
        if frame.anchor is not None:
            self._anchors[frame.anchor] = node
        parent = self._frames[-1] if self._frames else None
        if isinstance(parent, MappingFrame) and parent.wants_key:
            self._key(parent, node.data, "", node.start)
        else:
            self._add(node)

    def _add(self, node: Node) -> None:
        if self._values > MAX_EXPANDED:
            message = f"more than {MAX_EXPANDED:,} values or {MAX_BYTES // 10**6} MB, with every alias expanded"
            self._refuse(node.start, FILE_TOO_LARGE, message, "a spec holds a few hundred: is this the right file?")
        frame = self._frames[-1] if self._frames else None
        if frame is None:
            self._root = node
        elif not isinstance(frame, MappingFrame) or not frame.merging:
            frame.add(node)
        elif not frame.merge(node):
            self._find(node.start, WRONG_TYPE, "<< needs a mapping or a list of mappings", "merge an alias")

    def _key(self, frame: MappingFrame, data: Any, written: str, start: int) -> None:
        if not isinstance(data, str):
            frame.expect(written, start, "drop")
            self._find(start, *bad_key(data, written))
            return
        if len(data) > MAX_KEY:
            self._refuse(start, FILE_TOO_LARGE, *KEY_TOO_LONG)
        if (first := frame.expect(data, start)) is not None:
            places = self._lines.position(first), self._lines.position(start)
            self._problems.add(duplicate(self.path(), *places))

    def _after_anchor(self, event: Event) -> int:
        start: int = event.start_mark.index
        return start if event.tag is None else max(self._text.find("!", start), start)

    def _find(self, offset: int, rule: Rule, message: str, hint: str) -> None:
        self._problems.add(rule.at(self.path(), message, hint, place=self._lines.position(offset)))

    def _refuse(self, offset: int, rule: Rule, message: str, hint: str) -> NoReturn:
        raise Refused(rule.at(self.path(), message, hint, place=self._lines.position(offset)))


MAX_DIRECTIVES = 100  # the parser compares each with all others
_directives = re.compile(r"[\n\r]%").finditer
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str) -> Reading:
    """Data, findings and places of a YAML text; one finding and no data if it cannot be read.

    Merge keys, anchors and aliases are resolved; the data of an alias is the same object as the anchor's.

    >>> read_yaml("lr: 1e-3").data
    {'lr': 0.001}
    """
    lines = Lines(text)
    try:
        yaml = _pyyaml(lines)
        if odd := _UNPRINTABLE.search(text):
            message, hint = f"the character U+{ord(odd[0]):04X} is not allowed in YAML", "remove it"
            raise Refused(SYNTAX.at((), message, hint, place=lines.position(odd.start())))
        if (last := next(islice(_directives(text), MAX_DIRECTIVES, None), None)) is not None:
            message, hint = f"more than {MAX_DIRECTIVES} lines begin with %", "remove the directives; a spec needs none"
            raise Refused(SYNTAX.at((), message, hint, place=lines.position(last.end() - 1)))
        return _build(yaml, text, lines)
    except Refused as refused:
        return Reading(None, (refused.problem,))


def _pyyaml(lines: Lines) -> ModuleType:
    try:
        import yaml
    except ImportError:
        hint = "pip install 'slm_net[yaml]'"
        raise Refused(MISSING_PACKAGE.at((), "YAML needs the package PyYAML", hint, place=lines.position(0))) from None
    return yaml


def _build(yaml: ModuleType, text: str, lines: Lines) -> Reading:
    builder = Builder(text, lines)
    take = _takers(yaml, builder)
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)
    at = 0
    try:
        for event in events:
            at = event.end_mark.index
            if taker := take.get(type(event)):
                taker(event)
    except yaml.MarkedYAMLError as error:
        raise Refused(explain_yaml(error, text, lines, builder.path())) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # the pure Python parser and escapes that are no character
        message, hint = "no valid YAML after this", "is there an escape such as \\UFFFFFFFF that is no character?"
        raise Refused(SYNTAX.at(builder.path(), message, hint, place=lines.position(at))) from None
    return builder.reading()


def _takers(yaml: ModuleType, builder: Builder) -> dict[type, Callable[[Any], None]]:
    return {
        yaml.DocumentStartEvent: builder.document,
        yaml.ScalarEvent: builder.scalar,
        yaml.AliasEvent: builder.alias,
        yaml.SequenceStartEvent: partial(builder.open, kind=SequenceFrame),
        yaml.MappingStartEvent: partial(builder.open, kind=MappingFrame),
        yaml.SequenceEndEvent: builder.close,
        yaml.MappingEndEvent: builder.close,
    }
