"""What has keys in a spec: net types, names with arguments, and the blocks around the nets, all asked in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.schema import catalogue
from slm_net.schema.catalogue import KIND_OF_KEY, Schema, document
from slm_net.schema.lab_names import LABS
from slm_net.schema.labs import arguments_read, is_ours, keys_of_every_net, keys_read, lacks

#: How the kinds of things with a name are called, and what theirs are.
NAMED = {
    "net": ("net type", "key"),
    "optimizer": ("optimizer", "argument"),
    "loss": ("loss", "argument"),
    "lr_scheduler": ("learning-rate scheduler", "argument"),
    "activation": ("activation", "argument"),
    "init": ("init function", "argument"),
    "layer": ("layer of an arc", "argument"),
    "function": ("function of TorchFn", "argument"),
    "algorithm": ("algorithm", "setting"),
    "memory": ("memory", "setting"),
}
#: Blocks of a spec without a name of ours, and how they are called.
BLOCKS = {"spec": "spec", "agent": "agent", "env": "environment", "meta": "meta block"}
#: The keys of a net under which names with arguments stand, one a kind, and what stands there.
PARTS = {key: kind for key, kind in KIND_OF_KEY.items() if key != "out_layer_activation"}
VERSIONS = tuple(LABS.values())


def owners(kind: str) -> list[str]:
    """The names of a kind; of a block that has none, one empty name."""
    if kind == "net":
        return catalogue.net_types()
    return catalogue.names(kind) if kind in NAMED else [""]


def schema_of(kind: str, owner: str) -> Schema:
    """The entry of a name; activations are found as they are written."""
    found: Schema = document(kind)["$defs"].get(proper(kind, owner), {})
    return found


def proper(kind: str, owner: str) -> str:
    """A name as its entry has it: of "relu" it is "ReLU"."""
    entries = document(kind)["$defs"]
    return owner if owner in entries else next((name for name in entries if name.casefold() == owner.casefold()), owner)


def keys_of(kind: str, owner: str) -> Mapping[str, Schema]:
    """The keys of a net type or block, or the arguments of a name, each with its schema."""
    if kind == "net":
        return {key: part for key, part in catalogue.net_properties(owner).items() if key != "type"}
    if kind in ("algorithm", "memory", *BLOCKS):
        return {key: part for key, part in catalogue.block_keys(kind, owner).items() if kind in BLOCKS or key != "name"}
    return catalogue.arguments(kind, proper(kind, owner))


def needed_of(kind: str, owner: str) -> list[str]:
    """The keys without which it cannot be."""
    if kind == "net":
        return list(catalogue.needed_keys(owner))
    return [] if kind in BLOCKS or not owner else catalogue.needed(kind, proper(kind, owner))


def labs_that_read(kind: str, owner: str, key: str, schema: Schema) -> list[int]:
    """The versions of SLM Lab that read a key; both where ours does not say."""
    if kind == "net":
        every = keys_of_every_net()
        return [version for version in VERSIONS if key in every or key in (keys_read(version, owner) or ())]
    if kind in ("optimizer", "loss", "lr_scheduler", "init") and is_ours(kind, owner):
        return [version for version in VERSIONS if key in arguments_read(version, kind, owner)]
    return [schema["lab"]] if "lab" in schema else list(VERSIONS)


def labs_without(kind: str, owner: str) -> dict[int, str]:
    """The versions of SLM Lab that do not have a name, each with what to write instead."""
    found: dict[int, Any] = {version: lacks(version, kind, owner) for version in VERSIONS}
    return {version: instead for version, instead in found.items() if instead is not None}
