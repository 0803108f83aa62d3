"""`net_util`: weights from one net to another, to files and back, and shared among processes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from slm_net.slm_lab.net_util.step_check import lab_mode
from slm_net.slm_lab.specs import spelled
from slm_net.text.writing import write_whole
from slm_net.training.targets import UPDATE_TYPES, tensors_of
from slm_net.weights.files import read_state
from slm_net.weights.layouts import adapt_state

EVAL_MODES = ("enjoy", "eval")
#: What `spec.meta.distributed` may say.
DISTRIBUTED = ("shared", "synced")


@torch.no_grad()
def copy(src_net: nn.Module, tar_net: Any) -> None:
    """Give `tar_net` the parameters and buffers of `src_net`.

    Raises:
        ValueError: the nets differ in a tensor's shape or number.
    """
    sources, targets = tensors_of(src_net), tensors_of(tar_net)
    if [tensor.size() for tensor in sources] != [tensor.size() for tensor in targets]:
        raise ValueError("the nets differ in a tensor's shape or number")
    if targets:
        torch._foreach_copy_(targets, sources)


@torch.no_grad()
def polyak_update_v4(src_net: nn.Module, tar_net: nn.Module, old_ratio: float = 0.5) -> None:
    """target <- old_ratio * source + (1 - old_ratio) * target, for parameters (quirk polyak-without-buffers).

    SLM Lab's name says the opposite: `old_ratio` is the share of the source.
    """
    for source, target in zip(src_net.parameters(), tar_net.parameters(), strict=False):
        target.copy_(old_ratio * source + (1.0 - old_ratio) * target)


@torch.no_grad()
def polyak_update_v5(src_net: nn.Module, tar_net: nn.Module, old_ratio: float = 0.5) -> None:
    """As version 4's, interpolated, which differs in the last digit."""
    targets, sources = tensors_of(tar_net, buffers=False), tensors_of(src_net, buffers=False)
    if targets:
        torch._foreach_lerp_(targets, sources, old_ratio)


def update_target_net(src_net: Any, tar_net: nn.Module, frame: int, num_envs: int) -> None:
    """Update a target as its source's `update_type` says: "replace" is due once per `update_frequency` frames.

    All `num_envs` environments advance together, so frames come in steps of `num_envs`; "polyak" is due every time.

    Raises:
        SpecError: `update_type` is unknown.
    """
    update_type = spelled(src_net.update_type, UPDATE_TYPES, "update_type", ("update_type",))
    if update_type == "polyak":
        polyak_update_v5(src_net, tar_net, src_net.polyak_coef)
    elif frame % src_net.update_frequency < (num_envs or 1):
        copy(src_net, tar_net)


def save(net: Any, model_path: str | os.PathLike[str]) -> None:
    """Write the state dict of a net or an optimizer; the file is there whole or not at all."""
    path = smart_path(model_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    torch.save(net.state_dict(), data)
    write_whole(os.fspath(path), data.getvalue())


def load(net: Any, model_path: str | os.PathLike[str]) -> None:
    """Load what `save` wrote, or SLM Lab: for a net in either version's layout.

    Raises:
        SpecError: the file cannot be read, or it holds more than tensors.
    """
    state = read_state(smart_path(model_path))
    net.load_state_dict(adapt_state(state, net) if isinstance(net, nn.Module) else state)


def save_algorithm(algorithm: Any, ckpt: str | None = None) -> None:
    """Save every net of an algorithm, and the optimizers of those that have one."""
    prepath = _prepath(algorithm) + (f"_ckpt-{ckpt}" if ckpt is not None else "")
    for part, path in _parts(algorithm, prepath):
        save(part, path)


def load_algorithm(algorithm: Any) -> None:
    """Load every net of an algorithm and its optimizers; in lab_mode "enjoy" the nets of the best checkpoint alone.

    Where the spec has an `eval_model_prepath` (version 4), that is read in lab_mode "enjoy" and "eval".
    """
    mode, prepath = lab_mode(), _prepath(algorithm)
    given = algorithm.agent.spec["meta"].get("eval_model_prepath")
    if mode in EVAL_MODES and given:
        prepath = given
    elif mode == "enjoy" and not prepath.endswith("_ckpt-best"):
        prepath += "_ckpt-best"
    for part, path in _parts(algorithm, prepath):
        if isinstance(part, nn.Module) or mode != "enjoy":
            load(part, path)


def _prepath(algorithm: Any) -> str:
    meta = algorithm.agent.spec["meta"]
    return meta["model_prepath"] if "model_prepath" in meta else meta["prepath"]


def _parts(algorithm: Any, prepath: str) -> Iterator[tuple[Any, str]]:
    """Each net and each optimizer with its file."""
    for name in algorithm.net_names:
        yield getattr(algorithm, name), f"{prepath}_{name}_model.pt"
        if (optim := _optim_of(algorithm, name)) is not None:
            yield optim, f"{prepath}_{name}_optim.pt"


def _optim_of(algorithm: Any, net_name: str) -> Any:
    """The optimizer of a net, None for a target."""
    return getattr(algorithm, net_name.replace("net", "optim"), None)


def smart_path(path: str | os.PathLike[str]) -> Path:
    """A path of SLM Lab: a relative one lies in its root folder if SLM Lab is loaded and says where that is."""
    root = getattr(sys.modules.get("slm_lab"), "ROOT_DIR", None)
    return Path(root or "", path)


def init_global_nets(algorithm: Any) -> dict[str, Any]:
    """Move an algorithm's trained nets, and the optimizers that can be, to shared memory; call it before forking.

    `spec.meta.distributed` "shared" makes every process use these nets; "synced" gives them the names `global_<net>`,
    to which each process pushes its gradients. Nets without an optimizer (targets) stay out. The nets go to the CPU.

    Raises:
        ValueError: `distributed` is neither.
    """
    mode = algorithm.agent.spec["meta"]["distributed"]
    if mode not in DISTRIBUTED:
        raise ValueError(f"meta.distributed must be 'shared' or 'synced' for global nets, not {mode!r}")
    shared: dict[str, Any] = {}
    for name in algorithm.net_names:
        optim = _optim_of(algorithm, name)
        if optim is None:
            continue
        net = getattr(algorithm, name).cpu()
        net.share_memory()
        shared[name if mode == "shared" else f"global_{name}"] = net
        if hasattr(optim, "share_memory"):
            optim.share_memory()
            shared[name.replace("net", "optim")] = optim
            scheduler = name.replace("net", "lr_scheduler")
            shared[scheduler] = getattr(algorithm, scheduler)
    return shared


def set_global_nets(algorithm: Any, global_nets: Mapping[str, Any] | None) -> None:
    """Give an algorithm what `init_global_nets` made; `global_<net>` is None for every net that has none."""
    for name in algorithm.net_names:
        setattr(algorithm, f"global_{name}", None)
    for name, value in (global_nets or {}).items():
        setattr(algorithm, name, value)


def push_global_grads(net: Any, global_net: nn.Module) -> None:
    """Make the gradients of `net` those of `global_net`, unless it has some: call it between backward and step.

    They are the same tensors then (quirk synced-gradients-pile-up).
    """
    for parameter, shared in zip(net.parameters(), global_net.parameters(), strict=True):
        if shared.grad is not None:
            return
        if parameter.grad is not None:
            shared.grad = parameter.grad.to(shared.device)
