"""The layers of which a graph is wired: parts of tensors and tuples, functions of torch, forks, merges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.registry import Registry

#: The functions that TorchFn and Reduce can name, each called with a tensor and keyword arguments.
FUNCTIONS: Registry[Callable[..., Any]] = Registry("function")

for _function in (
    *(torch.abs, torch.neg, torch.square, torch.sqrt, torch.rsqrt, torch.exp, torch.expm1, torch.log, torch.log1p),
    *(torch.log2, torch.log10, torch.sin, torch.cos, torch.tan, torch.asin, torch.acos, torch.atan, torch.sinh),
    *(torch.cosh, torch.tanh, torch.asinh, torch.acosh, torch.atanh, torch.sigmoid, torch.relu, torch.erf, torch.erfc),
    *(torch.ceil, torch.floor, torch.trunc, torch.frac, torch.sign, torch.reciprocal, torch.round, torch.logit),
    *(torch.nan_to_num, torch.clamp, torch.pow, torch.add, torch.sub, torch.mul, torch.div, torch.softmax),
    *(torch.log_softmax, torch.cumsum, torch.cumprod, torch.flip, torch.roll, torch.flatten, torch.unflatten),
    *(torch.squeeze, torch.unsqueeze, torch.transpose, torch.permute, torch.movedim, torch.diff, torch.tril),
    *(torch.triu, torch.mean, torch.sum, torch.prod, torch.amax, torch.amin, torch.std, torch.var, torch.logsumexp),
    *(torch.norm, torch.argmax, torch.argmin, torch.max, torch.min, torch.median),
):
    FUNCTIONS.register(_function.__name__)(_function)


class _Described(nn.Module):
    """A module whose text has its arguments."""

    def extra_repr(self) -> str:
        """The arguments, for the text of the module."""
        own = ((key, value) for key, value in vars(self).items() if key != "training" and not key.startswith("_"))
        return ", ".join(f"{key}={value}" for key, value in own)


class TorchFn(_Described):
    """A function of torch by its name, with its keyword arguments.

    Raises:
        RegistryError: no function of the closed list has this name.

    >>> TorchFn("clamp", min=0)(torch.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def __init__(self, name: str, **arguments: Any):
        super().__init__()
        self.name, self.arguments, self._function = name, arguments, FUNCTIONS[name]

    def forward(self, input: Tensor) -> Any:
        """What the function gives, a tensor or a tuple."""
        return self._function(input, **self.arguments)


class Reduce(TorchFn):
    """A function of torch that reduces one dimension, or a list of several.

    >>> Reduce("mean", dim=-1, keepdim=True)(torch.ones(2, 3)).shape
    torch.Size([2, 1])
    """

    def __init__(self, name: str, dim: int | Sequence[int], keepdim: bool = False):
        super().__init__(name, dim=dim, keepdim=keepdim)


class Get(_Described):
    """One entry of a tuple, a list, a dict or a tensor."""

    def __init__(self, key: int | str = 0):
        super().__init__()
        self.key = key

    def forward(self, input: Any) -> Any:
        """The entry."""
        return input[self.key]


class Narrow(_Described):
    """The `length` places of a dimension from `start` on, which may count from the end."""

    def __init__(self, dim: int, start: int, length: int):
        super().__init__()
        self.dim, self.start, self.length = dim, start, length

    def forward(self, x: Tensor) -> Tensor:
        """The slice, with as many dimensions as x."""
        return torch.narrow(x, self.dim, self.start, self.length)


class IndexSelect(_Described):
    """The places of a dimension that a list names; the list is the buffer `index`."""

    index: Tensor

    def __init__(self, dim: int, index: Sequence[int]):
        super().__init__()
        self.dim = dim
        self.register_buffer("index", torch.tensor(index, dtype=torch.long))

    def forward(self, x: Tensor) -> Tensor:
        """The places in the order of the list, with as many dimensions as x."""
        return torch.index_select(x, self.dim, self.index)


class ForkChunk(_Described):
    """A dimension in `chunks` parts of one size, the last one smaller if need be."""

    def __init__(self, chunks: int = 2, dim: int = 1):
        super().__init__()
        self.chunks, self.dim = chunks, dim

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The parts, which may be fewer than asked for."""
        return tuple(torch.chunk(x, self.chunks, dim=self.dim))


class ForkSplit(_Described):
    """A dimension in parts of one size, the last one smaller if need be, or of the sizes of a list."""

    def __init__(self, split_size_or_sections: int | list[int], dim: int = 1):
        super().__init__()
        self.split_size_or_sections, self.dim = split_size_or_sections, dim

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The parts."""
        return tuple(torch.split(x, self.split_size_or_sections, dim=self.dim))


class _Merge(_Described):
    """A list of tensors as one."""

    def __init__(self, dim: int = 1):
        super().__init__()
        self.dim = dim


class MergeConcat(_Merge):
    """Tensors side by side along `dim`; they may differ in that size."""

    def forward(self, args: list[Tensor]) -> Tensor:
        """One tensor, of as many dimensions."""
        return torch.cat(args, dim=self.dim)


class MergeStack(_Merge):
    """Tensors of one shape along a new dimension `dim`."""

    def forward(self, args: list[Tensor]) -> Tensor:
        """One tensor, of one dimension more."""
        return torch.stack(args, dim=self.dim)


class MergeSum(MergeStack):
    """The sum of tensors of one shape."""

    def forward(self, args: list[Tensor]) -> Tensor:
        """One tensor, of their shape."""
        return super().forward(args).sum(dim=self.dim)


class MergeProd(MergeStack):
    """The product of tensors of one shape."""

    def forward(self, args: list[Tensor]) -> Tensor:
        """One tensor, of their shape."""
        return super().forward(args).prod(dim=self.dim)


class MergeMean(MergeStack):
    """The mean of tensors of one shape."""

    def forward(self, args: list[Tensor]) -> Tensor:
        """One tensor, of their shape."""
        return super().forward(args).mean(dim=self.dim)


class MergeDot(nn.Module):
    """The dot product of two tensors over the last dimension."""

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """One tensor, without that dimension."""
        return torch.linalg.vecdot(x, y)


class MergeBMM(nn.Module):
    """The product of two batches of matrices, (batch, n, k) and (batch, k, m)."""

    def forward(self, input: Tensor, mat2: Tensor) -> Tensor:
        """A batch of matrices, (batch, n, m)."""
        return torch.bmm(input, mat2)


class MergeFiLM(nn.Module):
    """Scales and shifts the channels of a feature by what two dense layers make of a conditioner.

    Source: Perez et al. 2018, https://arxiv.org/abs/1709.07871

    >>> MergeFiLM(4, 3)(torch.ones(2, 4, 5, 5), torch.ones(2, 3)).shape
    torch.Size([2, 4, 5, 5])
    """

    def __init__(self, feature_dim: int, conditioner_dim: int):
        super().__init__()
        self.gamma = nn.Linear(conditioner_dim, feature_dim)
        self.beta = nn.Linear(conditioner_dim, feature_dim)

    def forward(self, feature: Tensor, conditioner: Tensor) -> Tensor:
        """The feature (batch, channels, ...), of its shape; the conditioner is (batch, numbers)."""
        scale, shift = (_widened(made, feature) for made in (self.gamma(conditioner), self.beta(conditioner)))
        return scale * feature + shift


def _widened(part: Tensor, like: Tensor) -> Tensor:
    """A tensor with dimensions of size 1 behind, as many as the other one has."""
    return part.reshape(*part.shape, *(1,) * (like.dim() - part.dim()))
