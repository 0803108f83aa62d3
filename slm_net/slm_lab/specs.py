"""How SLM Lab reads a net spec: which keys and which spellings count.

What validation would refuse is a warning here, and only what cannot be built an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import Any

import torch
from torch import nn

from slm_net.arc.modules import ARC_COMPACT
from slm_net.arc.walk import ARC_BATCH
from slm_net.document.nets import defaults
from slm_net.nets.activations import ACTIVATIONS
from slm_net.nets.init import INITS
from slm_net.nets.recurrent import CELLS
from slm_net.problems import ERROR, WARNING, Path, Problem, SpecError, warn_of
from slm_net.registry import Registry
from slm_net.rules.convolutions import CONVOLUTION_DOES_NOT_FIT
from slm_net.rules.dims import MODEL_TOO_LARGE, TOO_MANY_ACTIVATIONS
from slm_net.rules.keys import UNUSED_KEY
from slm_net.schema.catalogue import net_properties, number
from slm_net.schema.entries import schema_cached
from slm_net.schema.labs import keys_of_every_net, keys_read
from slm_net.text.mapping import plain, text_of
from slm_net.text.places import WRONG_TYPE
from slm_net.training import LOSSES, OPTIMIZERS, SCHEDULERS
from slm_net.validation import validate
from slm_net.wording.aliases import NAMES
from slm_net.wording.schema_problems import MISSING_KEY, UNKNOWN_NAME
from slm_net.wording.values import shown
from slm_net.words import did_you_mean

#: Keys that are read elsewhere (by the net's base class or the algorithm), or say what the block is.
ELSEWHERE = ("type", "cuda_id", "use_same_optim", "$schema")

#: What no laxness of SLM Lab builds either, for any key, or for a size.
FATAL = {MISSING_KEY.id, CONVOLUTION_DOES_NOT_FIT.id, MODEL_TOO_LARGE.id, TOO_MANY_ACTIVATIONS.id}
SIZES = {"hid_layers", "conv_hid_layers", "fc_hid_layers", "rnn_hidden_size", "rnn_num_layers", "seq_len"}
#: What is wrong with an arc that SLM Lab builds all the same.
BUILT_ARCS = {ARC_BATCH.id, ARC_COMPACT.id}
FLAGS = ("normalize", "batch_norm", "layer_norm", "bidirectional")


#: Where SLM Lab finds a class of the user's own by its name, and what makes it known here.
OWN_CLASSES: dict[str, tuple[ModuleType, str]] = {
    ACTIVATIONS.kind: (nn, "register_activation"),
    LOSSES.kind: (nn, "register_loss"),
    OPTIMIZERS.kind: (torch.optim, "register_optimizer"),
    SCHEDULERS.kind: (torch.optim.lr_scheduler, "register_lr_scheduler"),
    INITS.kind: (nn.init, "register_init"),
}


def read_keys(version: int, net_type: str) -> tuple[str, ...]:
    """The keys that SLM Lab of this version reads for a net of this type.

    >>> "batch_norm" in read_keys(4, "MLPNet"), "batch_norm" in read_keys(5, "MLPNet")
    (False, True)
    """
    own = keys_read(version, net_type)
    if own is None:  # registered by a user or a plugin, and read as a whole
        return tuple(net_properties(net_type))
    return ("shared", *keys_of_every_net(), *own)


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
    text = text_of(block) or repr(block)
    return _settled(_Asked(version, net_type, text, block, plain(in_dim), plain(out_dim)))


@partial(schema_cached, most=256)
def _settled(asked: _Asked) -> Mapping[str, Any]:
    problems = validate(asked.block, in_dim=asked.in_dim, out_dim=asked.out_dim)
    if fatal := [problem for problem in problems if _is_fatal(problem)]:
        raise SpecError(fatal)
    spec = resolved(asked.version, asked.net_type, asked.block)
    warn_of((replace(problem, severity=WARNING) for problem in (*problems, *_unread(asked))), stacklevel=5)
    return spec


def _is_fatal(problem: Problem) -> bool:
    of_a_size = problem.rule == WRONG_TYPE.id and not SIZES.isdisjoint(problem.path[:1])
    of_an_arc = problem.path[:1] == ("arc",) and problem.rule not in BUILT_ARCS
    return problem.severity == ERROR and (problem.rule in FATAL or of_a_size or of_an_arc)


def _unread(asked: _Asked) -> Iterator[Problem]:
    """Keys that slm_net knows for this type, and SLM Lab of this version does not."""
    own, read = net_properties(asked.net_type), (*read_keys(asked.version, asked.net_type), *ELSEWHERE)
    for key, value in asked.block.items():
        if key in own and key not in read and value != own[key].get("default"):
            message = f"{key} does nothing: SLM Lab {asked.version} does not read it for {asked.net_type}"
            yield UNUSED_KEY.at((key,), message, "remove it, or build the net with slm_net.build_net, which has it")


def resolved(version: int, net_type: str, block: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with the values of the keys that SLM Lab reads, and the defaults for the others.

    Raises:
        SpecError: a name is unknown.
    """
    read, properties = read_keys(version, net_type), net_properties(net_type)
    known = {**defaults(net_type), **block}
    values = {key: _value(key, known[key], properties[key]) for key in read if key in known and key in properties}
    spec = {**defaults(net_type), **values}
    if net_type == "MLPNet" and spec["batch_norm"]:
        spec["layer_norm"] = False  # quirk batch-norm-wins
    return spec


def _value(key: str, value: Any, part: Mapping[str, Any]) -> Any:
    if key in ("hid_layers_activation", "out_layer_activation"):
        return named(ACTIVATIONS, value, (key,))
    if key == "init_fn":
        return named(INITS, value, (key,), any_case=False)
    if key == "cell_type":
        return registered_name(CELLS, value, (key,), any_case=True)
    return bool(value) if key in FLAGS else number(value, part)


def named(registry: Registry[Any], value: Any, path: Path = (), any_case: bool = True) -> Any:
    """An activation or init function as an object with a registered name, a list of them, or None.

    Raises:
        SpecError: the name is unknown.
    """
    if value is None:
        return None
    if isinstance(value, list):
        return [named(registry, entry, (*path, index), any_case) for index, entry in enumerate(value)]
    arguments = dict(value) if isinstance(value, Mapping) else {"name": value}
    return {"name": registered_name(registry, arguments.pop("name", None), path, any_case), **arguments}


def registered_name(registry: Registry[Any], name: Any, path: Path = (), any_case: bool = False) -> str:
    """`name` as it is registered: SLM Lab asks torch for an attribute, here only registered names count.

    Raises:
        SpecError: it is not registered; the hint names the nearest.
    """
    try:
        return spelled(name, registry.names(), registry.kind, path, any_case)
    except SpecError as error:
        if (hint := _own_hint(registry.kind, name)) is None:
            raise
        raise SpecError(replace(problem, hint=hint) for problem in error.problems) from None


def _own_hint(kind: str, name: Any) -> str | None:
    """What to write for a class of the user's own that stands in torch, where SLM Lab looks for it; None for others."""
    place, register = OWN_CLASSES.get(kind, (ModuleType(""), ""))
    for key, value in vars(place).items():
        is_users = not str(getattr(value, "__module__", "torch")).startswith("torch")
        if is_users and key.casefold() == str(name).casefold():
            where = f"{place.__name__}.{key}"
            return f"""register {where}: slm_net.{register}({key!r}, schema={{"properties": {{}}}})({where})"""
    return None


def spelled(name: Any, choices: Iterable[str], kind: str, path: Path = (), any_case: bool = False) -> str:
    """`name` as it is spelled among the choices, in any case if `any_case`.

    Raises:
        SpecError: it is none of them; the hint names the nearest.

    >>> spelled("leakyrelu", ["ReLU", "LeakyReLU"], "activation", any_case=True)
    'LeakyReLU'
    """
    choices = list(choices)
    text = name if isinstance(name, str) else ""
    spellings = {choice.casefold() if any_case else choice: choice for choice in choices}
    if found := spellings.get(text.casefold() if any_case else text):
        return found
    raise SpecError([UNKNOWN_NAME.at(path, f"{shown(name)} is not a known {kind}", did_you_mean(text, choices, NAMES))])
