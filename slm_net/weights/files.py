"""A file that `torch.save` wrote, as a state dict: tensors and plain values, and nothing that could run code."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from slm_net.problems import SpecError
from slm_net.text.files import FILE_NOT_READABLE
from slm_net.words import visible


def read_state(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The state dict in a file that `torch.save` wrote, on the CPU.

    Raises:
        SpecError: there is no such file, it is cut short, no state dict, or holds more than tensors and plain values.
    """
    name = os.fspath(path)
    if os.path.exists(name) and not os.path.isfile(name) and not os.path.isdir(name):
        raise _refused(name, "cannot be read: it is no regular file")
    try:
        if zipfile.is_zipfile(name) and (bad := zipfile.ZipFile(name).testzip()):  # which torch does not look at
            raise zipfile.BadZipFile(f"the checksum of {bad} differs")
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
    if any(tensor.layout != torch.strided for tensor in _tensors(state)):
        raise _refused(name, "holds sparse tensors, which no net and no optimizer has", "save tensor.to_dense()")
    return dict(state)


def _tensors(state: Any) -> Iterator[Tensor]:
    """The tensors in a nested state."""
    if isinstance(state, Tensor):
        yield state
    elif isinstance(state, (Mapping, list, tuple)):
        for value in state.values() if isinstance(state, Mapping) else state:
            yield from _tensors(value)


def _refused(file: str, message: str, hint: str = "") -> SpecError:
    return SpecError([replace(FILE_NOT_READABLE.at((), f"the file {message}", hint), file=file)])
