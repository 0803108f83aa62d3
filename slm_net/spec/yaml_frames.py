"""The mapping or sequence that is being read, and the finished values that go into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from slm_net.spec.places import Place


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
