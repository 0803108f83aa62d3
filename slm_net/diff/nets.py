"""The nets of two specs compared: as they are resolved, so that a default that is written out is no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from slm_net.agents.plan import AgentPlan
from slm_net.diff.records import ABSENT, Change, NetDiff
from slm_net.diff.rows import CELLS, EDGE, LAYER_KEYS, Row, Rows, has_rows, parameters_of, rows_of
from slm_net.document.nets import keys_of_nets, resolve
from slm_net.document.specs import Spec
from slm_net.document.variables import find_variables
from slm_net.plan import NetPlan
from slm_net.schema import catalogue
from slm_net.schema.catalogue import KIND_OF_KEY
from slm_net.text.mapping import plain

#: The parts of a net that are no layers, in the order of a report, and their keys; all others are "other keys".
PARTS = {
    "activations": ("hid_layers_activation", "out_layer_activation"),
    "norms": ("batch_norm", "layer_norm", "weight_norm", "normalize", "normalize_obs", "dropout"),
    "init": ("init_fn", "actor_init_std", "critic_init_std", "log_std_init", "init_from"),
    "optimizer": ("optim_spec", "freeze", "lr_scale"),
    "lr_scheduler": ("lr_scheduler_spec",),
    "loss": ("loss_spec",),
    "clipping": ("clip_grad_val", "clip_grad_type"),
    "target update": ("update_type", "update_frequency", "polyak_coef"),
    "device": ("gpu", "cuda_id", "amp"),
}
OTHERS, DIMS, LAYERS = "other keys", "dims", "layers"


@dataclass(frozen=True)
class Net:
    """A net as it is built: its resolved spec and the written one, and the dims with how they were found.

    One that `copies` another has no spec of its own; unknown dims are None.
    """

    name: str
    spec: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[str, Any] = field(default_factory=dict)
    in_dim: Any = None
    out_dim: Any = None
    why_in: str = ""
    why_out: str = ""
    copies: str = ""

    @property
    def title(self) -> str:
        """What it is in a word: its type, or of what it is a copy."""
        return str(self.spec["type"]) if self.spec else f"a copy of {self.copies}"

    @property
    def parameters(self) -> int | None:
        """How many there are, None if that is not known."""
        counts = parameters_of(self.spec, self.in_dim, self.out_dim) if self.spec else None
        return sum(counts.values()) if counts else None


def planned_nets(plan: AgentPlan | NetPlan) -> list[Net]:
    """The nets of a plan, in order of creation."""
    if isinstance(plan, NetPlan):
        return [_planned("net", plan)]
    return [_planned(part.name, net) if net else Net(part.name, copies=part.copies) for part, net in plan.parts]


def _planned(name: str, plan: NetPlan) -> Net:
    dims = plan.dims
    return Net(name, plan.spec, plan.source.values, dims.in_dim, dims.out_dim, dims.why_in, dims.why_out)


def nets_without_dims(spec: Spec) -> list[Net]:
    """The nets that the blocks of a spec describe, where nothing tells their dims."""
    found = []
    for block in spec.net_blocks():
        name = str(block.path[-1]) if block.path else "net"
        for role, keys in enumerate(keys_of_nets(block.data, block.algorithm)):
            values = {key: block.data[written] for key, written in keys.items()}
            found.append(Net("critic_net" if role else name, resolve(values), values))
    return found


def compared_nets(was: Sequence[Net], now: Sequence[Net]) -> Iterator[NetDiff]:
    """Net by net, those of the second spec first in their order."""
    before, after = ({net.name: net for net in nets} for nets in (was, now))
    for name in [*after, *(name for name in before if name not in after)]:
        yield _compared(before.get(name), after.get(name))


def _compared(was: Net | None, now: Net | None) -> NetDiff:
    one = now or was
    if one is None or was is None or now is None:
        return NetDiff(
            one.name if one else "",
            was.title if was else "",
            now.title if now else "",
            (was.parameters if was else None, now.parameters if now else None),
        )
    found, unchanged = list[Change](), list[str]()
    if was.title != now.title:
        found.append(Change("type", "type", was.title, now.title))
    if was.spec and now.spec:
        for part, changes in _parts(was, now):
            found += changes
            unchanged += [] if changes else [part]
    return NetDiff(now.name, was.title, now.title, (was.parameters, now.parameters), tuple(found), tuple(unchanged))


def _parts(was: Net, now: Net) -> Iterator[tuple[str, list[Change]]]:
    yield DIMS, list(_dims(was, now))
    rows = _rows(was, now)
    told = [] if any(rows) else sorted(LAYER_KEYS & {*was.spec, *now.spec})
    written = (change for key in told for change in _key(LAYERS, key, was, now))
    yield LAYERS, [*_layers(*rows), *_rest(was, now, rows), *written]
    listed = {key for keys in PARTS.values() for key in keys}
    own = {*was.spec, *now.spec} - listed - {"type"} - LAYER_KEYS
    for part, keys in {**PARTS, OTHERS: tuple(sorted(own))}.items():
        there = [key for key in keys if key in was.spec or key in now.spec]
        if there:
            yield part, [change for key in there for change in _key(part, key, was, now)]


def _rows(was: Net, now: Net) -> list[Rows]:
    """The layers of both; none where a variable without a value decides over them: their keys are compared then."""
    deciding = {*LAYER_KEYS, *PARTS["norms"]}
    if any(find_variables([{key: net.spec[key] for key in deciding & net.spec.keys()} for net in (was, now)])):
        return [{}, {}]
    return [rows_of(net.spec, net.in_dim) if has_rows(net.spec["type"]) else {} for net in (was, now)]


def _dims(was: Net, now: Net) -> Iterator[Change]:
    if plain(was.in_dim) != plain(now.in_dim):
        yield Change(DIMS, "in_dim", plain(was.in_dim), plain(now.in_dim), why=now.why_in)
    if plain(was.out_dim) != plain(now.out_dim):
        yield Change(DIMS, "out_dim", plain(was.out_dim), plain(now.out_dim), why=now.why_out)


# --- layers


def _layers(was: Rows, now: Rows) -> Iterator[Change]:
    for name in [*now, *(name for name in was if name not in now)]:
        yield from _section(name, was.get(name, []), now.get(name, []))


def _section(name: str, was: Sequence[Row], now: Sequence[Row]) -> Iterator[Change]:
    """The rows of one kind by their places: one that is put between others is one change, not one of all behind it."""
    matcher = SequenceMatcher(None, [row.key for row in was], [row.key for row in now], autojunk=False)
    for step, start, end, other, other_end in matcher.get_opcodes():
        if name == EDGE:
            gone = [] if step == "equal" else was[start:end]
            yield from (Change(LAYERS, EDGE, dict(row.settings), ABSENT) for row in gone)
            come = [] if step == "equal" else now[other:other_end]
            yield from (Change(LAYERS, EDGE, ABSENT, dict(row.settings)) for row in come)
            continue
        for at, (old, new) in enumerate(zip_longest(was[start:end], now[other:other_end])):
            place = (other if new else start) + at + 1
            called = name if name == CELLS else f"{name} {place}"
            if change := _row(called, old, new):
                yield change


def _row(called: str, old: Row | None, new: Row | None) -> Change | None:
    if old is None or new is None:
        counts = (old.parameters or 0 if old else 0, new.parameters or 0 if new else 0)
        known = (old or new).parameters is not None  # type: ignore[union-attr]
        was, now = (dict(row.settings) if row else ABSENT for row in (old, new))
        return Change(LAYERS, called, was, now, counts if known else None)
    keys = [*new.settings, *(key for key in old.settings if key not in new.settings)]
    differ = [key for key in keys if old.settings.get(key, ABSENT) != new.settings.get(key, ABSENT)]
    was, now = ({key: row.settings[key] for key in differ if key in row.settings} for row in (old, new))
    known = old.parameters is not None and new.parameters is not None
    counts = (old.parameters or 0, new.parameters or 0)
    if not differ and (not known or counts[0] == counts[1]):
        return None
    why = ""
    if known and old.sees is not None and old.sees != new.sees and counts[0] != counts[1]:
        why = f"it sees {_size(old.sees)} → {_size(new.sees)}"
    return Change(LAYERS, called, was, now, counts if known else None, why=why)


def _size(sees: Any) -> str:
    return f"{sees:,}" if isinstance(sees, int) else str(sees)


def _rest(was: Net, now: Net, rows: Sequence[Rows]) -> Iterator[Change]:
    """What the rows do not count: the output layers, and what a type has beside its rows."""
    counted = [parameters_of(net.spec, net.in_dim, net.out_dim) for net in (was, now)]
    if None in counted:
        return
    outputs = [counts[("out_dim",)] if counts and ("out_dim",) in counts else 0 for counts in counted]
    if outputs[0] != outputs[1]:
        yield Change(LAYERS, "output layers", {}, {}, (outputs[0], outputs[1]))
    sums = [sum(row.parameters or 0 for part in section.values() for row in part) for section in rows]
    left = [sum((counts or {}).values()) - out - own for counts, out, own in zip(counted, outputs, sums, strict=True)]
    if left[0] != left[1]:
        yield Change(LAYERS, "other layers", {}, {}, (left[0], left[1]))


# --- keys


def _key(part: str, key: str, was: Net, now: Net) -> Iterator[Change]:
    old, new = (net.spec.get(key, ABSENT) for net in (was, now))
    defaults = key not in was.written, key not in now.written
    if old == new or (ABSENT in (old, new) and all(defaults)):  # a type that has no such key
        return
    names = [value.get("name") if isinstance(value, Mapping) else None for value in (old, new)]
    if key in KIND_OF_KEY and names[0] is not None and names[0] == names[1]:
        yield from _arguments(part, key, old, new)
    else:
        called = {"optim_spec": "optimizer", "lr_scheduler_spec": "lr_scheduler", "loss_spec": "loss"}.get(key, key)
        yield Change(part, called, old, new, defaults=defaults)


def _arguments(part: str, key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """The arguments of one name that have other values, a default among them or not."""
    kind = KIND_OF_KEY[key]
    usual = catalogue.default_arguments(kind, old["name"]) if old["name"] in catalogue.names(kind) else {}
    before, after = ({**usual, **value} for value in (old, new))
    for argument in sorted({*before, *after}):
        was, now = before.get(argument, ABSENT), after.get(argument, ABSENT)
        if was != now:
            what = argument if part in ("optimizer", "lr_scheduler", "loss") else f"{key} {argument}"
            yield Change(part, what, was, now, defaults=(argument not in old, argument not in new))
