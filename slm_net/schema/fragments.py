"""Schema fragments of net types and names that are not slm_net's own: what `schemas/` is to the built-in ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ParamSpec, TypeVar

from slm_net.registry import Registry, RegistryError
from slm_net.schema.files import KINDS, Schema, names_in, own_document
from slm_net.words import did_you_mean, visible

P = ParamSpec("P")
R = TypeVar("R")

KIND_WORDS = {"net": "net type", "init": "init function", "lr_scheduler": "lr scheduler"}


@dataclass(frozen=True)
class Fragment:
    """The keys of one net type, or the arguments of one name, and who registered them."""

    schema: Schema
    by: str


#: The fragments by kind of name.
FRAGMENTS: dict[str, Registry[Fragment]] = {
    kind: Registry(f"fragment of {KIND_WORDS.get(kind, kind)}") for kind in ("net", *KINDS)
}
#: What has to be forgotten when a fragment comes or goes.
_FORGET: list[Callable[[], object]] = []


def on_change(forget: Callable[[], object]) -> None:
    """Have `forget` called whenever a fragment comes or goes."""
    _FORGET.append(forget)


def schema_cached(function: Callable[P, R]) -> Callable[P, R]:
    """`functools.cache` for what follows from the schemas: forgotten when a fragment comes or goes."""
    cached = cache(function)
    on_change(cached.cache_clear)
    return cached  # type: ignore[return-value]


def add_fragment(kind: str, name: str, schema: Mapping[str, Any], by: str) -> None:
    """File the schema of a name; to file the same one again does nothing.

    Raises:
        RegistryError: there is no such kind, or the name is taken.
        FragmentError: with everything that is wrong with the schema.
    """
    from slm_net.schema.fragment_checks import as_fragment, check_fragment

    if kind not in FRAGMENTS:
        raise RegistryError(f"there is no kind {visible(kind)!r}: {did_you_mean(kind, FRAGMENTS)}")
    words = f"{KIND_WORDS.get(kind, kind)} {visible(str(name))!r}"
    fragment, known = as_fragment(name, schema, words), FRAGMENTS[kind]
    if name in known and known[name].schema == fragment:
        return
    if owner := owner_of(kind, name):
        more = "" if owner == "slm_net" else f" (slm_net.unregister({kind!r}, {name!r}) frees it)"
        raise RegistryError(f"{words} is taken, by {owner}{more}")
    check_fragment(kind, name, fragment, words)
    known.register(name)(Fragment(fragment, by))
    forget()


def remove_fragment(kind: str, name: str) -> None:
    """Forget the schema of a name.

    Raises:
        RegistryError: no fragment has been registered for it.
    """
    FRAGMENTS[kind].unregister(name)
    forget()


def forget() -> None:
    """Drop everything that has been worked out from the schemas."""
    for forgets in _FORGET:
        forgets()


def owner_of(kind: str, name: str) -> str:
    """Who has a name already, "" if nobody has; activations and losses are found in any case."""
    own = own_document(kind)
    names = own["properties"]["type"]["enum"] if kind == "net" else names_in(own)
    left_out = own["$defs"].get("left_out", {}).get("properties", ())
    reserved = {*names, *own["$defs"], *left_out}
    fold = str.casefold if kind in ("activation", "loss") else str
    if fold(str(name)) in map(fold, reserved):
        return "slm_net"
    same = (known for known in FRAGMENTS[kind] if fold(known) == fold(str(name)))
    return next((FRAGMENTS[kind][known].by for known in same), "")
