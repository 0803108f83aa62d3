"""What SLM Lab 4.1.1 and 5.3.0 have of what the files of `schemas/` describe: the part `labs` of each file.

It says what both lack and read, and under "4" and "5" what one of them does. `lacks` has names that a release cannot
use, with what to write instead, and `reads` the keys of a net type, or the arguments of a name where they are not those
of `torch`. What a file does not name is there: names come from torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from slm_net.schema.files import own_entries, own_file


@cache
def _facts(kind: str, version: int, part: str) -> Mapping[str, Any]:
    """`lacks` or `reads` of a kind; what a version reads comes on top of what both do."""
    labs = own_file(kind).get("labs", {})
    both, one = (where.get(part, {}) for where in (labs, labs.get(str(version), {})))
    if part == "lacks":
        return {**both, **one}
    return {name: (*both.get(name, ()), *one.get(name, ())) for name in {**both, **one}}


def lacks(version: int, kind: str, name: str) -> str | None:
    """What to write in place of a name that SLM Lab of this version cannot use; None if it can.

    >>> lacks(4, "optimizer", "Lookahead"), lacks(5, "optimizer", "Lookahead")
    (None, 'write the optimizer inside it alone, for example "RAdam"')
    """
    return _facts(kind, version, "lacks").get(name)


@cache
def keys_of_every_net() -> tuple[str, ...]:
    """The keys that each net class of SLM Lab reads."""
    return tuple(own_file("net")["labs"]["every"])


def keys_read(version: int, net_type: str) -> tuple[str, ...] | None:
    """The own keys of a net type that SLM Lab of this version reads; None if the type is not one of SLM Lab's.

    >>> "batch_norm" in keys_read(4, "MLPNet"), "batch_norm" in keys_read(5, "MLPNet")
    (False, True)
    """
    return _facts("net", version, "reads").get(net_type)


def arguments_read(version: int, kind: str, name: str) -> frozenset[str]:
    """The arguments of a name of ours that SLM Lab of this version takes: those of torch, unless it has its own class.

    >>> "maximize" in arguments_read(4, "optimizer", "RAdam"), "maximize" in arguments_read(5, "optimizer", "RAdam")
    (False, True)
    """
    named = _facts(kind, version, "reads")
    if name in named:
        return frozenset(named[name])
    return frozenset(own_entries(kind)[name].schema["properties"]) - own_file(kind).get("every", {}).keys()


def is_ours(kind: str, name: str) -> bool:
    """Whether an entry comes with slm_net: of those that are registered, a fork of SLM Lab may have its own."""
    return name in own_entries(kind)
