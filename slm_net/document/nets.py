"""A net block as the nets that it describes: defaults filled in, the actor's and critic's own keys in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from slm_net.document.algorithms import gives, has_critic
from slm_net.document.specs import NetBlock
from slm_net.net_types import net_type
from slm_net.net_types.arc import OBSERVATIONS, ArcOfNet, arc_of_net
from slm_net.net_types.base import NetType, widths_of
from slm_net.net_types.hydra import VECTORS
from slm_net.problems import Path, Problem
from slm_net.schema import catalogue
from slm_net.schema.catalogue import KIND_OF_KEY, Schema
from slm_net.schema.compose import ROLES
from slm_net.schema.entries import schema_cached
from slm_net.text.limits import MAX_PARAMETERS


def canonical_block(block: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a net block with numbers of the right kind and the cell type in capitals; wrong values stay.

    >>> canonical_block({"type": "RecurrentNet", "cell_type": "gru", "seq_len": 4.0})
    {'type': 'RecurrentNet', 'cell_type': 'GRU', 'seq_len': 4}
    """
    properties = catalogue.net_properties_of(block)
    return {key: canonical_value(key, value, properties.get(key, {})) for key, value in block.items()}


def canonical_value(key: str, value: Any, part: Schema) -> Any:
    """The value of one key of a net block, of which `part` is the schema; an empty scheduler is none, as in SLM Lab."""
    if key == "cell_type" and isinstance(value, str):
        return value.upper()
    if key == "lr_scheduler_spec" and value == {}:
        return None
    return catalogue.number(value, part)


def canonical_name(kind: str, name: str) -> str:
    """The name as torch writes it; activations and losses are found in any case.

    >>> canonical_name("activation", "leakyrelu")
    'LeakyReLU'
    """
    return _spellings(kind).get(name.casefold(), name)


@schema_cached
def _spellings(kind: str) -> Mapping[str, str]:
    return {known.casefold(): known for known in catalogue.names(kind)}


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


def _parts_in(kind: str, entry: Any, place: tuple[str | int, ...]) -> Iterator[Part]:
    """The part of one value; the optimizer inside Lookahead, whose arguments stand beside its own, is one more."""
    written = {"name": entry} if isinstance(entry, str) else entry
    name = canonical_name(kind, written["name"])
    arguments = {**catalogue.default_arguments(kind, name), **written}
    yield Part(kind, name, written, place, arguments)
    if kind == "optimizer" and name == "Lookahead":
        own = ("name", *catalogue.arguments(kind, name))
        inner = {key: value for key, value in written.items() if key not in own}
        yield Part(
            kind,
            arguments["optimizer"],
            inner,
            place,
            {**catalogue.default_arguments(kind, arguments["optimizer"]), **inner},
        )


#: Keys that begin with a role but belong to every net.
NOT_PREFIXED = ("actor_init_std", "critic_init_std")


@dataclass(frozen=True)
class NetView:
    """One net of a block: `spec` has every key of its type, with defaults for those that are not in the file.

    `written` maps the others to the key that they stand under; `in_dim` and `out_dim` are None when not known;
    `refused` are the paths below it that the schema refuses, `max_frame` is how long its environment is trained in
    (None: not known). `lab` is the version of the SLM Lab that the net has to run in (0: in none), `as_written` its
    keys as they stand in the file, for what SLM Lab makes of them.
    """

    path: Path
    spec: Mapping[str, Any]
    written: Mapping[str, str]
    in_dim: Any = None
    out_dim: Any = None
    algorithm: str = ""
    refused: frozenset[Path] = frozenset()
    max_frame: Any = None
    max_params: int = MAX_PARAMETERS
    #: How many observations it learns from at once (None: not known).
    batch_size: Any = None
    #: The environment of which the net sees images of bytes; "" if it sees something else, or that is not known.
    bytes_of: str = ""
    #: The key by which the environment of the spec normalises observations; "" if it does not.
    normalised_by: str = ""
    lab: int = 0
    as_written: Mapping[str, Any] = field(default_factory=dict)
    #: The keys of the block in whose place both nets, actor's and critic's, have one of their own.
    replaced: frozenset[str] = frozenset()

    @property
    def type(self) -> str:
        """The net type."""
        return str(self.spec["type"])

    @cached_property
    def wrong(self) -> frozenset[str]:
        """The keys in which the schema refuses something."""
        return frozenset(str(path[len(self.path)]) for path in self.refused)

    @cached_property
    def own_keys(self) -> Mapping[str, Any]:
        """The keys that a net of this type uses, with their schemas."""
        return catalogue.net_properties(self.type)

    @cached_property
    def kind(self) -> NetType:
        """What is known of the net type."""
        return net_type(self.type)

    @cached_property
    def gives(self) -> str:
        """What the main net of the algorithm gives out, "" if that is not known."""
        return gives(self.algorithm)

    @property
    def has_critic(self) -> bool:
        """True if the algorithm has an actor's and a critic's net, or one for both."""
        return self.gives == "actor"

    @property
    def arc(self) -> ArcOfNet | None:
        """The arc of a TorchArcNet, read and walked through with `in_dim`; None for other types, or if it is none."""
        data = self.spec.get("arc") if self.kind.takes is OBSERVATIONS else None
        return self._arc if isinstance(data, Mapping) else None

    @cached_property
    def _arc(self) -> ArcOfNet:
        """Worked out once; each rule that asks has read the key."""
        place = self.at("arc")
        refused = {path[len(place) :] for path in self.refused if path[: len(place)] == place}
        return arc_of_net(self.spec["arc"], self.in_dim, refused)

    @property
    def in_dim_fits(self) -> bool:
        """True if `in_dim` is known and has the shape that the type takes."""
        return self.kind.fits(self.in_dim)

    @property
    def image(self) -> Sequence[int] | None:
        """The shape of the image that the convolutions see; None if the net has none, or it is not known."""
        takes = self.kind.takes
        return takes.image(self.in_dim) if takes and takes.image and self.in_dim_fits else None

    @property
    def outputs(self) -> list[int]:
        """The widths of the outputs; [] if they are not known."""
        return widths_of(self.out_dim)

    @property
    def hydra_lists(self) -> tuple[list[list[int]], list[int], list[list[int]]] | None:
        """The heads, the body and the tails of a HydraMLPNet; None for other types, and where they are no such lists.

        The schema sees an `actor_hid_layers` or `critic_hid_layers` as those of an MLPNet.
        """
        lists = self.spec.get("hid_layers") if self.kind.takes is VECTORS and self.has("hid_layers") else None
        if not isinstance(lists, list) or len(lists) != 3 or not all(isinstance(part, list) for part in lists):
            return None
        heads, body, tails = lists
        return (heads, body, tails) if heads and all(isinstance(row, list) for row in (*heads, *tails)) else None

    def parts(self, *keys: str) -> list[Part]:
        """The parts of the net under these keys, all if none are given, that are written and right."""
        return [part for key in keys or KIND_OF_KEY for part in self._parts_of(key)]

    @cached_property
    def _parts(self) -> dict[str, list[Part]]:
        return {}

    def _parts_of(self, key: str) -> list[Part]:
        """Worked out once, when the first rule asks."""
        value = self.spec[key] if self.has(key) else None
        if key not in self._parts:
            found = self._parts[key] = []
            for index, entry in enumerate(value if isinstance(value, list) else [value]):
                if entry is not None:
                    found += _parts_in(KIND_OF_KEY[key], entry, (key, index) if isinstance(value, list) else (key,))
        return self._parts[key]

    def with_value(self, written: str, value: Any) -> NetView:
        """This net with another value under a key that the block has; itself if it does not read the key.

        The dims stay, so this is not for keys that they follow from.
        """
        own = [key for key, place in self.written.items() if place == written]
        new = {key: canonical_value(key, value, self.own_keys.get(key, {})) for key in own}
        if not new:
            return self
        return replace(self, spec={**self.spec, **new}, as_written={**self.as_written, **dict.fromkeys(own, value)})

    def at(self, key: str, *rest: str | int) -> Path:
        """The path of a key (and of something in it) in the document; of the block if the key is not written."""
        return (*self.path, self.written[key], *rest) if key in self.written else self.path

    def has(self, *keys: str) -> bool:
        """True if all these keys have a value, and none has been found wrong already."""
        there = all(map(self.spec.__contains__, keys))
        return there and not (self.wrong and any(self.written.get(key, key) in self.wrong for key in keys))


def net_views(
    block: Mapping[str, Any],
    path: Path,
    problems: list[Problem],
    *,
    in_dim: Any = None,
    out_dim: Any = None,
    algorithm: str = "",
    **limits: Any,
) -> Iterator[NetView]:
    """The nets that a block describes: one, or the actor's and the critic's where there can be both.

    Only the actor's has the dims; the `limits`, `max_frame`, `max_params`, `batch_size`, `lab` and `normalised_by`, and
    `bytes_of` are those of both.
    """
    refused = frozenset(problem.path for problem in problems if _inside(problem.path, path))
    nets = keys_of_nets(block, algorithm)
    replaced = frozenset(key for key in block if len(nets) > 1 and all(role + key in block for role in ROLES))
    for role, keys in enumerate(nets):
        values = {key: block[written] for key, written in keys.items()}
        if values.get("type") in catalogue.net_types():
            spec = {**defaults(values["type"]), **canonical_block(values)}
            dims = {"in_dim": net_type(values["type"]).as_taken(in_dim), "out_dim": out_dim} if role == 0 else {}
            yield NetView(
                path,
                spec,
                keys,
                algorithm=algorithm,
                refused=refused,
                as_written=values,
                replaced=replaced,
                **dims,
                **limits,
            )


def _inside(path: Path, parent: Path) -> bool:
    return len(path) > len(parent) and path[: len(parent)] == parent


@schema_cached
def defaults(net_type: str) -> Mapping[str, Any]:
    """The default of every key of a net type that has one."""
    return {key: part["default"] for key, part in catalogue.net_properties(net_type).items() if "default" in part}


@schema_cached
def is_prefixed(key: str) -> bool:
    """True if the key is for the actor's or the critic's net alone."""
    return key.startswith(ROLES) and key not in NOT_PREFIXED and key in catalogue.net_keys()


def keys_of_nets(block: Mapping[str, Any], algorithm: str) -> list[dict[str, str]]:
    """The keys of each net that a block describes, mapped to those that they stand under: one net, or two.

    >>> keys_of_nets({"type": "MLPNet", "critic_dropout": 0.1}, "PPO")
    [{'type': 'type'}, {'type': 'type', 'dropout': 'critic_dropout'}]
    """
    has_roles = any(map(is_prefixed, block)) and (not algorithm or has_critic(algorithm))
    return _role_keys(block) if has_roles else [{key: key for key in block}]


def _role_keys(block: Mapping[str, Any]) -> list[dict[str, str]]:
    common = {key: key for key in block if not is_prefixed(key)}
    return [
        {**common, **{key.removeprefix(role): key for key in block if is_prefixed(key) and key.startswith(role)}}
        for role in ROLES
    ]


class NetSource(NamedTuple):
    """One net's part of a block: its keys, mapped to those that they stand under, and values other than the written."""

    block: NetBlock
    keys: Mapping[str, str]
    changes: Mapping[str, Any] = {}

    @property
    def values(self) -> dict[str, Any]:
        """The block of this one net."""
        return {**{key: self.block.data[written] for key, written in self.keys.items()}, **self.changes}

    def view(self, in_dim: Any, out_dim: Any) -> NetView:
        """This one net as rules see it, without those about the algorithm."""
        spec = {**defaults(self.values["type"]), **canonical_block(self.values)}
        return NetView(self.block.path, spec, self.keys, in_dim, out_dim, batch_size=self.block.batch_size)

    @property
    def shared(self) -> bool:
        """True if the actor's net gives out the value too."""
        return self.block.data.get("shared") is True


def source_of(gives: str, block: NetBlock, critic_block: NetBlock | None = None) -> NetSource:
    """The source of the net that gives this: see `Part`. A bare block is one net as it stands.

    The initialisation of the policy's outputs and of the value's go to the nets that have these outputs; what only a
    policy has, `log_std_init` and a list of output activations, does not go to a critic or a Q net.
    """
    actor = NetSource(block, keys_of_nets(block.data, block.algorithm)[0])
    if gives in ("value", "soft-q"):
        own = NetSource(critic_block, {key: key for key in critic_block.data}) if critic_block else _critic(block)
        return _without_policy(own)
    if gives == "q":
        return _values(actor)
    if gives == "policy" or (gives == "actor" and not actor.shared):
        return NetSource(block, actor.keys, {"critic_init_std": None})
    return actor


def _critic(block: NetBlock) -> NetSource:
    """`use_same_optim` takes over the actor's optimizer, and its schedule unless the critic has one of its own."""
    nets = keys_of_nets(block.data, block.algorithm)
    actor, critic = nets[0], nets[-1]
    if block.data.get("use_same_optim") is True:
        own_schedule = critic.get("lr_scheduler_spec") == "critic_lr_scheduler_spec"
        same = ("optim_spec",) if own_schedule else ("optim_spec", "lr_scheduler_spec")
        critic = {
            **{key: written for key, written in critic.items() if key not in same},
            **{key: actor[key] for key in same if key in actor},
        }
    return NetSource(block, critic)


def _values(source: NetSource) -> NetSource:
    """All outputs are values, so all take `critic_init_std`."""
    values = source.values
    std = None if net_type(str(values.get("type"))).values else values.get("critic_init_std")
    return NetSource(source.block, source.keys, {**source.changes, "actor_init_std": std, "log_std_init": None})


def _without_policy(source: NetSource) -> NetSource:
    several = isinstance(source.values.get("out_layer_activation"), list)
    return _values(NetSource(source.block, source.keys, {"out_layer_activation": None} if several else {}))


def resolve(block: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of a valid net block with defaults filled in and names canonical; keys of other types are left out.

    Activations and init functions become objects with a name, so that builders have one case.

    >>> spec = resolve({"type": "MLPNet", "hid_layers": [64.0], "hid_layers_activation": "relu"})
    >>> spec["hid_layers"], spec["hid_layers_activation"], spec["optim_spec"]
    ([64], {'name': 'ReLU'}, {'name': 'Adam'})
    """
    properties = catalogue.net_properties(block["type"])
    values = {**defaults(block["type"]), **block}
    return {key: _resolved(key, values[key], part) for key, part in properties.items() if key in values}


def _resolved(key: str, value: Any, part: Schema) -> Any:
    if key == "update_frequency":
        return max(1, round(value))  # a real spec has 0.9; validation warns of it
    kind = part.get("$ref", "").partition(".")[0]
    if kind in catalogue.KINDS:
        return _named(kind, value)
    return canonical_value(key, value, part)


def _named(kind: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_named(kind, entry) for entry in value]
    if isinstance(value, str):
        return {"name": canonical_name(kind, value)}
    if not value:
        return None
    name = canonical_name(kind, value["name"])
    arguments = catalogue.arguments(kind, name)
    if kind == "optimizer" and name == "Lookahead":
        inner = value.get("optimizer", arguments["optimizer"]["default"])
        arguments = {**catalogue.arguments(kind, inner), **arguments}
    return {"name": name, **{k: catalogue.number(v, arguments[k]) for k, v in value.items() if k != "name"}}
