"""Where a net lives: the `device` argument, else `gpu` and `cuda_id` of the spec."""

from __future__ import annotations

import functools
import sys
import warnings

import torch
from torch import Tensor

from slm_net.wording.aliases import DEVICES
from slm_net.words import did_you_mean, visible

KNOWN_DEVICES = ("cpu", "cuda", "mps", "xpu", "meta")


def choose_device(
    gpu: bool | str = False, cuda_id: int | None = None, device: str | torch.device | None = None
) -> torch.device:
    """The device to build on; the argument `device` wins over `gpu` and `cuda_id` of the spec.

    `gpu` true takes CUDA, else MPS, else the CPU with one RuntimeWarning per process; "auto" the same without a
    warning; false the CPU. `cuda_id` picks the CUDA device, None the current one.

    Raises:
        ValueError: `device` is unknown or not there, `gpu` is none of the three, or `cuda_id` is out of range.

    >>> choose_device(gpu=False)
    device(type='cpu')
    """
    if device is not None:
        return _present(_parsed(device))
    if not isinstance(gpu, bool) and gpu != "auto":
        raise ValueError(f"gpu must be true, false or 'auto', not {gpu!r}")
    if not gpu:
        return torch.device("cpu")
    if torch.cuda.is_available():
        return _cuda(torch.cuda.current_device() if cuda_id is None else cuda_id)
    if torch.backends.mps.is_available():
        return torch.device("mps")
    if gpu is True:
        _warn_without_gpu()
    return torch.device("cpu")


def at_hand(tensor: Tensor) -> bool:
    """Whether the host can look at the numbers of a tensor without waiting: neither on a GPU, nor fake, nor meta.

    >>> at_hand(torch.ones(2)), at_hand(torch.ones(2, device="meta"))
    (True, False)
    """
    if tensor.device.type != "cpu":
        return False
    fake = sys.modules.get("torch._subclasses.fake_tensor")
    return fake is None or not isinstance(tensor, fake.FakeTensor)


def _parsed(device: str | torch.device) -> torch.device:
    try:
        return torch.device(device)
    except (RuntimeError, TypeError, ValueError):
        raise ValueError(f"no device {visible(repr(device), 60)}: {_meant(device)}") from None


def _meant(device: object) -> str:
    """What to write instead of what is no device."""
    name, _, index = str(device).partition(":")
    if not isinstance(device, str) or not name.strip():
        return "write its name, for example 'cpu' or 'cuda:1'"
    return f"{visible(index)!r} is no index" if name in KNOWN_DEVICES else did_you_mean(name, KNOWN_DEVICES, DEVICES)


def _present(device: torch.device) -> torch.device:
    """`device` itself if this machine has it."""
    if device.type == "cuda" and device.index is not None and torch.cuda.is_available():
        return _cuda(device.index)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"no device '{device}': no CUDA device is there; use 'cpu', or gpu: \"auto\" in the spec")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError("no device 'mps': it needs a Mac with Metal; use 'cpu', or gpu: \"auto\" in the spec")
    if device.type not in ("cpu", "cuda", "mps", "meta"):
        try:
            torch.empty(0, device=device)
        except Exception as error:  # of a package that is not installed as well
            raise ValueError(f"no device '{device}': this machine or this torch has none; use 'cpu'") from error
    return device


def _cuda(index: int) -> torch.device:
    count = torch.cuda.device_count()
    if not 0 <= index < count:
        raise ValueError(f"no CUDA device {index}: this machine has {count}, with the ids 0 to {count - 1}")
    return torch.device("cuda", index)


@functools.cache
def _warn_without_gpu() -> None:
    message = "gpu: true, but no CUDA or MPS device is there; using the CPU"
    warnings.warn(message, RuntimeWarning, stacklevel=3)
