"""A saved state dict as what it holds. Loading never executes code: tensors and plain values alone are accepted."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from slm_net.problems import Problem, SpecError
from slm_net.text.files import FILE_NOT_READABLE
from slm_net.words import visible

#: How a file name says that it is a net's, and what its optimizer's file may be called instead.
MODEL_NAMES = (("_model", "_optim"), ("net_model", "optim"), ("_model_", "_optim_"))


def read_state(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The state dict in a file that `torch.save` wrote, on the CPU.

    Raises:
        SpecError: there is no such file, it is cut short, no state dict, or holds more than tensors and plain values.
    """
    name = os.fspath(path)
    try:
        state = torch.load(name, map_location="cpu", weights_only=True)
    except OSError as error:
        raise _refused(name, f"cannot be read: {error.strerror or error}") from None
    except pickle.UnpicklingError as error:
        reason = visible(str(error).split("\n")[0], 160)
        hint = "only tensors and plain values are loaded, as anything else could run code; save net.state_dict()"
        raise _refused(name, f"holds no state dict that can be loaded safely: {reason}", hint) from None
    except Exception as error:  # torch raises whatever its readers meet in bytes that are no checkpoint
        reason = visible(str(error).split("\n")[0], 160) or type(error).__name__
        hint = "copy it again, or save it again with torch.save(net.state_dict(), path)"
        raise _refused(name, f"is cut short or was not written by torch.save: {reason}", hint) from None
    if not isinstance(state, Mapping) or not all(isinstance(key, str) for key in state):
        raise _refused(name, f"holds a {type(state).__name__}, not a state dict", "save net.state_dict()")
    return dict(state)


def optimizer_file(path: str | os.PathLike[str]) -> Path | None:
    """The optimizer's file beside a net's, if there is one.

    For `a_net_model.pt` these are `a_net_optim.pt` (SLM Lab 3, 4 and 5) and `a_optim.pt`; `.pth` likewise.
    """
    path = Path(path)
    for old, new in MODEL_NAMES:
        head, found, tail = path.stem.rpartition(old)
        other = path.with_name(f"{head}{new}{tail}{path.suffix}")
        if found and other.is_file():
            return other
    return None


def _refused(file: str, message: str, hint: str = "") -> SpecError:
    return SpecError([Problem(file=file, rule=FILE_NOT_READABLE.id, message=f"the file {message}", hint=hint)])
