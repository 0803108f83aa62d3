"""`net_util`: weights to files and back, under SLM Lab's names. Nothing in a file is executed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from slm_net.slm_lab.checkpoint_file import read_state
from slm_net.slm_lab.layouts import adapt_state
from slm_net.slm_lab.step_check import lab_mode

EVAL_MODES = ("enjoy", "eval")


def save(net: Any, model_path: str | os.PathLike[str]) -> None:
    """Write the state dict of a net or an optimizer; the file is there whole or not at all."""
    path = smart_path(model_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(net.state_dict(), file)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


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


def smart_path(path: str | os.PathLike[str]) -> Path:
    """A path of SLM Lab: a relative one lies in its root folder if SLM Lab is loaded and says where that is."""
    root = getattr(sys.modules.get("slm_lab"), "ROOT_DIR", None)
    return Path(root or "", path)


def _prepath(algorithm: Any) -> str:
    meta = algorithm.agent.spec["meta"]
    return meta["model_prepath"] if "model_prepath" in meta else meta["prepath"]


def _parts(algorithm: Any, prepath: str) -> Iterator[tuple[Any, str]]:
    """Each net and each optimizer with its file."""
    for name in algorithm.net_names:
        yield getattr(algorithm, name), f"{prepath}_{name}_model.pt"
        optim = getattr(algorithm, name.replace("net", "optim"), None)
        if optim is not None:
            yield optim, f"{prepath}_{name}_optim.pt"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
