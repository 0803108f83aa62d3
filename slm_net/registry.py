"""Names to objects: the only way from a name in a spec to Python code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from slm_net import plugins
from slm_net.words import did_you_mean, visible

T = TypeVar("T")


class RegistryError(LookupError):
    """A name that is not registered, or registered twice."""


class Registry(Generic[T]):
    """A closed table from names to objects of one kind.

    A name taken twice is an error; a miss names the nearest registered name. With an entry-point `group`, a name that
    an installed plugin provides is loaded when it is first asked for.

    >>> cells = Registry("cell type")
    >>> @cells.register("GRU")
    ... class Gru: ...
    >>> cells["GRU"] is Gru
    True
    >>> cells["GRUU"]
    Traceback (most recent call last):
    ...
    slm_net.registry.RegistryError: no cell type 'GRUU': did you mean 'GRU'?
    """

    def __init__(self, kind: str, group: str = ""):
        self.kind = kind
        self.group = group
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """A decorator that files its object under `name`.

        Raises:
            RegistryError: the name is taken.
        """

        def add(entry: T) -> T:
            if name in self._entries:
                raise RegistryError(f"{self.kind} {visible(name)!r} is registered already, as {self._entries[name]!r}")
            self._entries[name] = entry
            return entry

        return add

    def unregister(self, name: str) -> None:
        """Forget `name`; what a test or a reloaded plugin needs."""
        if name not in self._entries:
            raise self._missing(name)
        del self._entries[name]

    def __getitem__(self, name: str) -> T:
        if name not in self:
            raise self._missing(name)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries or (bool(self.group) and isinstance(name, str) and self._load(name))

    def _load(self, name: str) -> bool:
        """Whether a plugin has the name; what it has is filed, unless loading it did so already."""
        found = plugins.load_named(self.group, name)
        if found is not None and name not in self._entries and callable(found):
            self._entries[name] = found
        return name in self._entries

    def _missing(self, name: str) -> RegistryError:
        hint = plugins.failure_of(self.group, name) or did_you_mean(name, self.names())
        return RegistryError(f"no {self.kind} {visible(name)!r}: {hint}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def values(self) -> Iterator[T]:
        """The registered objects, in order of registration."""
        return iter(self._entries.values())

    def names(self) -> list[str]:
        """The registered names, in order of registration."""
        return list(self._entries)
