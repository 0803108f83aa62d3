"""What a comparison finds: one record a change, and those of a net, of a spec and of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class Absent:
    """The side of a change on which there is nothing, which is not null."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


class Change(NamedTuple):
    """One thing that differs: in which `part`, what it is, what it was and is, the parameters of both, and why.

    Of a layer, `was` and `now` have the settings that differ; of one that is new or gone, one of them is ABSENT.
    `defaults` says which side is not written but the default.
    """

    part: str
    what: str
    was: Any
    now: Any
    parameters: tuple[int, int] | None = None
    defaults: tuple[bool, bool] = (False, False)
    why: str = ""


class NetDiff(NamedTuple):
    """A net of both specs, or of one: its parameters in each (None: not known), changes, and the parts without any."""

    name: str
    was: str
    now: str
    parameters: tuple[int | None, int | None]
    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Whether it is new, gone, changed or the same."""
        if not self.was or not self.now:
            return "removed" if self.was else "added"
        return "changed" if self.changes else "unchanged"


class SpecDiff(NamedTuple):
    """A spec of both files, or of one: its nets, and the changes around them by block."""

    name: str
    state: str
    nets: tuple[NetDiff, ...] = ()
    around: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nets_differ(self) -> bool:
        """True if one net is not built as before."""
        return any(net.state != "unchanged" for net in self.nets)


class FileDiff(NamedTuple):
    """Two files, as they are called, and their specs."""

    was: str
    now: str
    specs: tuple[SpecDiff, ...]

    @property
    def differs(self) -> bool:
        """True if anything does."""
        return any(spec.state != "unchanged" for spec in self.specs)

    @property
    def changed(self) -> Iterator[SpecDiff]:
        """The specs that are not the same."""
        return (spec for spec in self.specs if spec.state != "unchanged")
