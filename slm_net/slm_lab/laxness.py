"""A net spec as SLM Lab takes it: what validation would refuse is a warning, and only what cannot be built an error."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from slm_net.document.nets import defaults, number
from slm_net.nets.activations import ACTIVATIONS
from slm_net.nets.init import INITS
from slm_net.nets.recurrent import CELLS
from slm_net.problems import WARNING, Problem, SpecError, SpecWarning, pointer
from slm_net.registry import Registry
from slm_net.rules.convolutions import CONVOLUTION_DOES_NOT_FIT
from slm_net.rules.dims import MODEL_TOO_LARGE
from slm_net.rules.keys import UNUSED_KEY
from slm_net.schema.catalogue import net_properties
from slm_net.schema.entries import on_change
from slm_net.slm_lab.names import known_name
from slm_net.slm_lab.spec_keys import ELSEWHERE, read_keys
from slm_net.text.mapping import plain
from slm_net.text.places import WRONG_TYPE
from slm_net.validation import validate
from slm_net.wording.schema_problems import MISSING_KEY

#: What no laxness of SLM Lab builds either, for any key, or for a size.
FATAL = {MISSING_KEY.id, CONVOLUTION_DOES_NOT_FIT.id, MODEL_TOO_LARGE.id}
SIZES = ("hid_layers", "conv_hid_layers", "fc_hid_layers", "rnn_hidden_size", "rnn_num_layers", "seq_len")
FLAGS = ("normalize", "batch_norm", "layer_norm", "bidirectional")


@dataclass(frozen=True)
class _Asked:
    """One spec that was asked for; a spec counts once, with whatever dims it came first."""

    version: int
    net_type: str
    text: str
    block: Mapping[str, Any] = field(compare=False)
    in_dim: Any = field(compare=False)
    out_dim: Any = field(compare=False)


def settle(version: int, net_type: str, net_spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> Mapping[str, Any]:
    """The resolved spec for the native net, to be read only; warns of what is wrong with it, once per spec.

    Raises:
        SpecError: a name is unknown, a needed key is missing, or the sizes cannot be built.
    """
    block = plain({**net_spec, "type": net_type})
    return _settled(_Asked(version, net_type, repr(block), block, plain(in_dim), plain(out_dim)))


@lru_cache(maxsize=256)
def _settled(asked: _Asked) -> Mapping[str, Any]:
    problems = validate(asked.block, in_dim=asked.in_dim, out_dim=asked.out_dim)
    if fatal := [problem for problem in problems if _is_fatal(problem)]:
        raise SpecError(fatal)
    spec = resolved(asked.version, asked.net_type, asked.block)
    for problem in (*problems, *_unread(asked)):
        warnings.warn(SpecWarning(replace(problem, severity=WARNING)), stacklevel=4)
    return spec


on_change(_settled.cache_clear)


def resolved(version: int, net_type: str, block: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with the values of the keys that SLM Lab reads, and the defaults for the others.

    Raises:
        SpecError: a name is unknown.
    """
    read, properties = read_keys(version, net_type), net_properties(net_type)
    written = {key: _value(key, block[key], properties[key]) for key in read if key in block and key in properties}
    spec = {**defaults(net_type), **written}
    if net_type == "MLPNet" and spec["batch_norm"]:
        spec["layer_norm"] = False  # quirk batch-norm-wins
    return spec


def named(registry: Registry[Any], value: Any, key: str, any_case: bool = True) -> Any:
    """An activation or init function as an object with a registered name, a list of them, or None.

    Raises:
        SpecError: the name is unknown.
    """
    if value is None:
        return None
    if isinstance(value, list):
        return [named(registry, entry, f"{key}/{index}", any_case) for index, entry in enumerate(value)]
    arguments = dict(value) if isinstance(value, Mapping) else {"name": value}
    name = known_name(arguments.pop("name", None), registry.names(), registry.kind, key, any_case)
    return {"name": name, **arguments}


def _value(key: str, value: Any, part: Mapping[str, Any]) -> Any:
    if key in ("hid_layers_activation", "out_layer_activation"):
        return named(ACTIVATIONS, value, key)
    if key == "init_fn":
        return named(INITS, value, key, any_case=False)
    if key == "cell_type":
        return known_name(value, CELLS.names(), CELLS.kind, key, any_case=True)
    return bool(value) if key in FLAGS else number(value, part)


def _is_fatal(problem: Problem) -> bool:
    key = problem.pointer.split("/")[1:2]
    return problem.rule in FATAL or (problem.rule == WRONG_TYPE.id and key[:1] != [] and key[0] in SIZES)


def _unread(asked: _Asked) -> Iterator[Problem]:
    """Keys that slm_net knows for this type, and SLM Lab of this version does not."""
    own, read = net_properties(asked.net_type), (*read_keys(asked.version, asked.net_type), *ELSEWHERE)
    for key, value in asked.block.items():
        if key in own and key not in read and value != own[key].get("default"):
            message = f"{key} does nothing: SLM Lab {asked.version} does not read it for {asked.net_type}"
            hint = "remove it, or build the net with slm_net.build_net, which has it"
            yield Problem(pointer=pointer([key]), rule=UNUSED_KEY.id, message=message, hint=hint)
