"""From a net block to the block of each net that it describes: the actor's, the critic's, a Q net's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slm_net.document.nets import NetView, canonical_block, defaults, keys_of_nets
from slm_net.document.specs import NetBlock
from slm_net.net_types.base import VALUE_TYPES
from slm_net.text.places import Path


@dataclass(frozen=True)
class NetSource:
    """One net's part of a block: its keys, mapped to those that they stand under, and values other than the written."""

    block: NetBlock
    keys: Mapping[str, str]
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """The block of this one net."""
        return {**{key: self.block.data[written] for key, written in self.keys.items()}, **self.changes}

    def view(self, root: Path, in_dim: Any, out_dim: Any) -> NetView:
        """This one net as rules see it, without those about the algorithm; `root` is the path of its spec."""
        spec = {**defaults(self.values["type"]), **canonical_block(self.values)}
        return NetView((*root, *self.block.path), spec, self.keys, in_dim, out_dim)

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
    std = None if values.get("type") in VALUE_TYPES else values.get("critic_init_std")
    return NetSource(source.block, source.keys, {**source.changes, "actor_init_std": std, "log_std_init": None})


def _without_policy(source: NetSource) -> NetSource:
    several = isinstance(source.values.get("out_layer_activation"), list)
    return _values(NetSource(source.block, source.keys, {"out_layer_activation": None} if several else {}))
