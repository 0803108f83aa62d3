"""From YAML events to data and places: aliases, merge keys, tags, keys, and the limits on all of them."""

from __future__ import annotations

from typing import Any, NoReturn

from slm_net.problems import RULE_IDS, did_you_mean, visible
from slm_net.spec.limits import KEY_TOO_LONG, MAX_BYTES, MAX_DEPTH, MAX_KEY, TOO_DEEP, deeper_than_allowed
from slm_net.spec.lines import Lines
from slm_net.spec.places import Finding, Findings, Path, Place, Reading, Refused, bad_key, duplicate
from slm_net.spec.yaml_frames import MappingFrame, Node, SequenceFrame
from slm_net.spec.yaml_scalars import COLLECTION_TAGS, MERGE_TAG, scalar, tag_fault

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
        self._findings = Findings()
        self._frames: list[MappingFrame | SequenceFrame] = []
        self._anchors: dict[str, Node | None] = {}  # None: what it names is still open
        self._values = 0
        self._root: Node | None = None

    def reading(self) -> Reading:
        """The data, the findings and the places of the text."""
        root = self._root
        if root is None:
            self._refuse(0, "syntax", *_EMPTY)
        if deeper_than_allowed(root.data):  # through aliases
            self._refuse(root.start, "nested-too-deep", *TOO_DEEP)
        return Reading(root.data, tuple(self._findings), Place(root.start, root.start, root.children))

    def path(self) -> Path:
        """The path of the value that is being read."""
        return tuple(frame.step for frame in self._frames if frame.step is not None)

    def document(self, event: Event) -> None:
        """The start of a document; only one is allowed."""
        if self._root is not None:
            hint = "keep one; several specs are the keys of one mapping"
            self._refuse(event.start_mark.index, "syntax", "a second document begins here", hint)

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
            self._refuse(start, "syntax", *_EMPTY)
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
            self._refuse(start, "syntax", f"*{name} has no anchor before it", did_you_mean(event.anchor, self._anchors))
        node = self._anchors[event.anchor]
        if node is None:
            self._refuse(start, "syntax", f"*{name} stands inside of what it names", "an alias cannot contain itself")
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
            self._refuse(start, "nested-too-deep", *TOO_DEEP)
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
            self._refuse(node.start, "file-too-large", message, "a spec holds a few hundred: is this the right file?")
        frame = self._frames[-1] if self._frames else None
        if frame is None:
            self._root = node
        elif not isinstance(frame, MappingFrame) or not frame.merging:
            frame.add(node)
        elif not frame.merge(node):
            self._find(node.start, RULE_IDS["wrong-type"], "<< needs a mapping or a list of mappings", "merge an alias")

    def _key(self, frame: MappingFrame, data: Any, written: str, start: int) -> None:
        if not isinstance(data, str):
            frame.expect(written, start, "drop")
            self._find(start, *bad_key(data, written))
            return
        if len(data) > MAX_KEY:
            self._refuse(start, "file-too-large", *KEY_TOO_LONG)
        if (first := frame.expect(data, start)) is not None:
            places = self._lines.position(first), self._lines.position(start)
            self._findings.add(duplicate(self.path(), *places))

    def _after_anchor(self, event: Event) -> int:
        start: int = event.start_mark.index
        return start if event.tag is None else max(self._text.find("!", start), start)

    def _find(self, offset: int, rule: str, message: str, hint: str) -> None:
        self._findings.add(Finding(self._lines.position(offset), self.path(), rule, message, hint))

    def _refuse(self, offset: int, rule: str, message: str, hint: str) -> NoReturn:
        raise Refused(self._lines.position(offset), self.path(), rule, message, hint)
