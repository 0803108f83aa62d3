"""Weights to start from: those of a saved folder or of a checkpoint of SLM Lab, into the same net or one like it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.bundle.saving import read_config, saved_weights
from slm_net.net_types.parts import in_part
from slm_net.problems import Problem, SpecError
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.text.files import real_path
from slm_net.text.folder import is_saved, last_step
from slm_net.training.parts import check_parts
from slm_net.weights.files import read_state
from slm_net.weights.layouts import to_native
from slm_net.words import did_you_mean, listing, visible


@dataclass(frozen=True)
class Started:
    """What became of each tensor of a net that started from others: names in the net, and in `left` those elsewhere.

    `drawn` has the reason for each that was drawn anew, "" where it was not among the parts to load.
    """

    source: str
    loaded: tuple[str, ...]
    drawn: Mapping[str, str]
    left: tuple[str, ...]

    def __str__(self) -> str:
        rows = [(name, "loaded") for name in self.loaded]
        rows += [(name, f"drawn anew{f': {why}' if why else ''}") for name, why in self.drawn.items()]
        rows += [(name, "left there") for name in self.left]
        width = max(len(name) for name, _ in rows)
        lines = (f"  {visible(name):<{width}}  {what}" for name, what in rows)
        return "\n".join([f"weights from {visible(self.source, 200)}", *lines])

    @property
    def summary(self) -> str:
        """How many tensors were loaded, in one line."""
        return f"{len(self.loaded)} tensors from {visible(self.source, 200)}, {len(self.drawn)} drawn anew"


def source_below(root: str | os.PathLike[str] | None, folder: str) -> str:
    """The path of a source that a spec names, which lies below the root that the caller names.

    Raises:
        SpecError: there is no root, or the path leads out of it.
    """
    if root is None:
        message = f"the weights of {visible(folder, 200)} are asked for, and no root is named that they lie in"
        raise _refused(message, lambda to: "name it: " + ("--root ." if to.is_command else 'root="."'))
    base = os.path.realpath(root)
    path = real_path(base, folder)
    if not path or os.path.commonpath([base, path]) != base:
        raise _refused(f"{visible(folder, 200)} leads out of the root", "write a path below it")
    return path


@torch.no_grad()
def start_from(model: nn.Module, path: str, start: Mapping[str, Any], own_name: str = "") -> Started:
    """Copy the weights and buffers of a source into a model, as an `init_from` says: those of some parts, or all.

    What the model has and the source has not, or in another shape, is an error, or stays as it was drawn ("reinit").
    Of an agent's folder it is the net that is named, else the one with the model's `own_name`, else the one that acts.

    Raises:
        SpecError: the source cannot be read or is damaged, or something does not fit; nothing has changed.
        ValueError: the model has no such part.
    """
    parts, found, own = start.get("parts", ()), weights_in(path, start.get("net", ""), own_name), model.state_dict()
    check_parts(model, parts)
    wanted = {name: value for name, value in own.items() if isinstance(value, Tensor)}
    drawn = {name: "" for name in wanted if parts and not in_part(name, parts)}
    reasons = {name: _misfit(found.get(name), value) for name, value in wanted.items() if name not in drawn}
    misfits = {name: reason for name, reason in reasons.items() if reason}
    loaded = [name for name, reason in reasons.items() if not reason]
    weights = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    if misfits and (start.get("on_mismatch") != "reinit" or weights.isdisjoint(loaded)):
        hint = 'load fewer parts, for example "parts": ["body"], or write "on_mismatch": "reinit"'
        raise SpecError(_problem(f"{name} {reason}", hint) for name, reason in misfits.items())
    if not loaded:
        raise _refused(f"none of the parts {listing(list(parts))} has weights", "name others")
    for name in loaded:
        wanted[name].copy_(found[name])
    used = {*loaded, *misfits}
    return Started(path, tuple(loaded), {**misfits, **drawn}, tuple(name for name in found if name not in used))


def weights_in(path: str, net: str = "", own_name: str = "") -> dict[str, Tensor]:
    """The weights of one net of a saved folder, or those in a checkpoint of SLM Lab, by the names of native nets.

    Raises:
        SpecError: they cannot be read or are damaged, or there is no such net.
    """
    try:
        return _weights_in(path, net, own_name)
    except SpecError as error:
        said = ((visible(problem.file or path, 200), problem) for problem in error.problems)
        raise SpecError(_problem(f"{file}: {problem.message}", problem.hint) for file, problem in said) from None


def _weights_in(path: str, net: str, own_name: str) -> dict[str, Tensor]:
    if not is_saved(path):
        if os.path.isdir(path):
            last_step(path)  # which says that nothing was saved there
        if net:
            raise _refused("these are the weights of one net, without a name", 'leave "net" out')
        return {name: value for name, value in to_native(read_state(path)).items() if isinstance(value, Tensor)}
    head, nets = read_config(step := last_step(path))
    if (net and net not in nets) or not nets:
        raise _refused(f"there is no net {visible(net)!r}", did_you_mean(net, nets))
    name = net or (own_name if own_name in nets else next(iter(nets)))
    return saved_weights(step, str(head["kind"]), [name])[name]


def _misfit(found: Tensor | None, own: Tensor) -> str:
    """Why a tensor cannot be taken, "" if it can."""
    if found is None:
        return "is not there"
    if found.shape != own.shape:
        return f"is {list(own.shape)} here and {list(found.shape)} there"
    if found.is_floating_point() != own.is_floating_point():
        return f"is {own.dtype} here and {found.dtype} there"
    return "" if found.isfinite().all() or not own.isfinite().all() else "has numbers there that are not finite"


def _problem(message: str, hint: Any = "") -> Problem:
    return DIMS_DO_NOT_FIT.at(("init_from",), message, hint)


def _refused(message: str, hint: Any) -> SpecError:
    return SpecError([_problem(message, hint)])
