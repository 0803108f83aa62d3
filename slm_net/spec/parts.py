"""The parts of a net that have a name and arguments: activations, init function, optimizer, loss, scheduler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.spec import schema
from slm_net.spec.canonical import canonical_name
from slm_net.spec.fragments import schema_cached
from slm_net.spec.net_view import NetView
from slm_net.spec.places import Path

KINDS = {
    "hid_layers_activation": "activation",
    "out_layer_activation": "activation",
    "init_fn": "init",
    "loss_spec": "loss",
    "optim_spec": "optimizer",
    "lr_scheduler_spec": "lr_scheduler",
}


class Part(NamedTuple):
    """A name with its arguments: `written` are those in the file, `arguments` have the defaults of the others too.

    `place` is the path below the net: its key, and the index in a list of activations.
    """

    kind: str
    name: str
    written: Mapping[str, Any]
    place: tuple[str | int, ...]
    arguments: Mapping[str, Any]

    def at(self, net: NetView, argument: str = "", *rest: int) -> Path:
        """The path of an argument (and of an entry of its list); of the part if it is not written."""
        key, *index = self.place
        inside: Path = (argument, *rest) if argument in self.written else ()
        return net.at(str(key), *index, *inside)


def parts_of(net: NetView, *keys: str) -> Iterator[Part]:
    """The parts of a net under these keys, all if none are given, that are written and right."""
    for key in keys or KINDS:
        if (value := net.spec[key] if net.has(key) else None) is None:
            continue
        for index, entry in enumerate(value if isinstance(value, list) else [value]):
            if entry is not None:
                yield from _parts(KINDS[key], entry, (key, index) if isinstance(value, list) else (key,))


def _parts(kind: str, entry: Any, place: tuple[str | int, ...]) -> Iterator[Part]:
    """The part of one value; the optimizer inside Lookahead, whose arguments stand beside its own, is one more."""
    written = {"name": entry} if isinstance(entry, str) else entry
    name = canonical_name(kind, written["name"])
    arguments = {**_defaults(kind, name), **written}
    yield Part(kind, name, written, place, arguments)
    if kind == "optimizer" and name == "Lookahead":
        own = ("name", *schema.arguments(kind, name))
        inner = {key: value for key, value in written.items() if key not in own}
        yield Part(kind, arguments["optimizer"], inner, place, {**_defaults(kind, arguments["optimizer"]), **inner})


@schema_cached
def _defaults(kind: str, name: str) -> Mapping[str, Any]:
    return {key: part["default"] for key, part in schema.arguments(kind, name).items() if "default" in part}
