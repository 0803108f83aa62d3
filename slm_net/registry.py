"""Names to objects: the only way from a name in a spec to Python code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import RLock
from typing import Any, Generic, TypeVar

from slm_net import plugins
from slm_net.words import did_you_mean, visible

T = TypeVar("T")
#: Held while names come and go. Never held while a plugin is loaded, which registers names itself.
CHANGING = RLock()


class RegistryError(LookupError):
    """A name that is not registered, or registered twice."""


class Registry(Generic[T]):
    """A closed table from names to objects of one kind.

    A name taken twice is an error; a miss names the nearest registered name. With an entry-point `group`, a name that
    an installed plugin provides is loaded when it is first asked for. Threads may register while others read: a change
    makes a new table.

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
            with CHANGING:
                if name in self._entries:
                    taken = repr(self._entries[name])
                    raise RegistryError(f"{self.kind} {visible(name)!r} is registered already, as {taken}")
                self._entries = {**self._entries, name: entry}
            return entry

        return add

    def unregister(self, name: str) -> None:
        """Forget `name`; what a test or a reloaded plugin needs."""
        with CHANGING:
            if name not in self._entries:
                raise self._missing(name)
            self._entries = {known: entry for known, entry in self._entries.items() if known != name}

    def __getitem__(self, name: str) -> T:
        entries = self._loaded(name)
        if name not in entries:
            raise self._missing(name)
        return entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._loaded(name)

    def _loaded(self, name: object) -> Mapping[Any, T]:
        """The table, in which a plugin's name is filed first, unless loading the plugin did so already."""
        if name not in self._entries and self.group and isinstance(name, str):
            found = plugins.load_named(self.group, name)
            if callable(found):
                with CHANGING:
                    self._entries = {**self._entries, name: self._entries.get(name, found)}
        return self._entries

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
