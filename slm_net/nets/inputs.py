"""What goes into a net: batches of other samples are refused, and numbers become those that the parameters are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import torch
from torch import Tensor, nn
from torch.amp.autocast_mode import is_autocast_available
from torch.nn.modules.batchnorm import _BatchNorm


def dtype_of(net: nn.Module, default: torch.dtype) -> torch.dtype:
    """The dtype of the net's parameters; the default if it has none of floating point, as after quantization.

    >>> dtype_of(nn.Linear(4, 2).double(), torch.float32), dtype_of(nn.ReLU(), torch.float32)
    (torch.float64, torch.float32)
    """
    return next((p.dtype for p in net.parameters() if p.is_floating_point()), default)


def cast(x: Tensor, dtype: torch.dtype) -> Tensor:
    """`x` in this dtype; where autocast is on, it does that with what it works on, and `x` stays.

    >>> cast(torch.ones(2, dtype=torch.uint8), torch.float64)
    tensor([1., 1.], dtype=torch.float64)
    """
    kind = x.device.type
    if x.dtype in (torch.float16, torch.bfloat16, torch.float32) and is_autocast_available(kind):
        return x if torch.is_autocast_enabled(kind) else x.to(dtype)
    return x.to(dtype)


def over_features(layer: nn.Module) -> bool:
    """Whether an activation or a norm looks at the last dimension alone, wherever the batch is.

    >>> over_features(nn.Softmax(dim=-1)), over_features(nn.Softmax(dim=1)), over_features(nn.BatchNorm1d(4))
    (True, False, False)
    """
    is_per_channel = isinstance(layer, _BatchNorm) or getattr(layer, "num_parameters", 1) > 1
    return not is_per_channel and getattr(layer, "dim", -1) == -1


def shown(sizes: Sequence[int]) -> str:
    """A batch of samples of these sizes in words.

    >>> shown((4, 84, 84))
    '(batch, 4, 84, 84)'
    """
    return f"({', '.join(['batch', *map(str, sizes)])})"


def refuse(kind: str, what: str, x: Any, sizes: Sequence[int], more: str = "") -> NoReturn:
    """Refuse what came where a batch of samples of these sizes was expected; `what` it was to be.

    >>> refuse("MLPNet", "input", torch.zeros(4, 5), (4,))
    Traceback (most recent call last):
    ValueError: MLPNet got input of shape (4, 5), expected (batch, 4)

    Raises:
        ValueError: always.
    """
    if not isinstance(x, Tensor):
        got = f"no {what}" if x is None else f"{what} of type {type(x).__name__}"
        raise ValueError(f"{kind} got {got}, expected a tensor {shown(sizes)}{more}")
    shape = tuple(x.shape)
    if not more and shape == tuple(sizes):
        more = "; x.unsqueeze(0) makes a batch of one sample"
    elif not more and len(sizes) > 1 and shape[1:] == (*sizes[1:], sizes[0]):
        more = "; channels come first, x.movedim(-1, 1) puts them there"
    raise ValueError(f"{kind} got {what} of shape {shape}, expected {shown(sizes)}{more}")


def refuse_batches(kind: str, xs: Sequence[Tensor], sizes: Sequence[Sequence[int]]) -> NoReturn:
    """Refuse inputs whose samples are right, and not as many in each.

    Raises:
        ValueError: always.
    """
    got, expected = (" and ".join(map(str, each)) for each in ((tuple(x.shape) for x in xs), map(shown, sizes)))
    raise ValueError(f"{kind} got inputs of shapes {got}, expected {expected} with one size of batch")
