"""What net types are put together from: stacks of dense layers and of convolutions, and the tails behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import _has_any_global_hook

from slm_net.net_types.base import size
from slm_net.nets.activations import ActivationSpec, make_activation, per_layer
from slm_net.nets.weight_norm import weight_norm

_CONVOLUTIONS: dict[int, tuple[type[nn.Module], type[nn.Module]]] = {
    1: (nn.Conv1d, nn.BatchNorm1d),
    2: (nn.Conv2d, nn.BatchNorm2d),
    3: (nn.Conv3d, nn.BatchNorm3d),
}


def size_of(value: Any, what: str) -> int:
    """`value` as a positive int; see `net_types.base.size`.

    Raises:
        ValueError: it is none; the text names `what`.
    """
    if (number := size(value)) is None:
        raise ValueError(f"{what} must be a positive integer, not {value!r}")
    return number


def sizes_of(value: Any, what: str, lengths: Sequence[int]) -> tuple[int, ...]:
    """`value` as a tuple of positive ints.

    Raises:
        ValueError: it is no list, or has none of the `lengths`; the text names `what`.
    """
    try:
        sizes = tuple(size_of(entry, what) for entry in value)
    except TypeError:
        sizes = ()
    if len(sizes) not in lengths:
        expected = " or ".join(str(length) for length in lengths)
        raise ValueError(f"{what} must list {expected} sizes, not {value!r}")
    return sizes


def is_listened_to(module: nn.Module) -> object:
    """True where a call does more than the forward of the module's class: hooks, a forward of its own, one compiled."""
    own = module.__dict__  # an attribute of a module takes twice the time
    return (
        own["_forward_pre_hooks"]
        or own["_forward_hooks"]
        or own["_backward_pre_hooks"]
        or own["_backward_hooks"]
        or own.get("_compiled_call_impl")
        or "forward" in own
        or _has_any_global_hook()
    )


class Layers(nn.Sequential):
    """A Sequential that goes to its layers at once where nobody listens to its own calls: these are a tenth of a small
    net's forward pass.

    >>> Layers(nn.Linear(4, 2), nn.ReLU())(torch.ones(3, 4)).shape
    torch.Size([3, 2])
    """

    def __call__(self, x: Any) -> Any:
        """The output of the last layer."""
        if is_listened_to(self):
            return super().__call__(x)
        for layer in self._modules.values():
            x = layer(x)
        return x


def dense_norm(layer_norm: bool, batch_norm: bool = False) -> type[nn.Module] | None:
    """The class of the norm between dense layers, None for none.

    Raises:
        ValueError: both are asked for.
    """
    if layer_norm and batch_norm:
        raise ValueError("batch_norm and layer_norm are both true; choose one")
    return nn.LayerNorm if layer_norm else nn.BatchNorm1d if batch_norm else None


#: The options of dense layers that are no hidden layers of a spec.
NO_OPTIONS = {"layer_norm": False, "weight_norm": False, "dropout": 0.0}


def dense_stack(
    widths: Sequence[int],
    activations: Sequence[ActivationSpec],
    spec: Mapping[str, Any] = NO_OPTIONS,
    batch_norm: bool = False,
) -> nn.Sequential:
    """Linear, norm, activation, dropout for each step from one width to the next; the identity for a single width.

    A spec has the options of its hidden dense layers; `batch_norm` of the types where it is theirs is given apart.

    Raises:
        ValueError: both norms are asked for.
    """
    norm, dropout = dense_norm(spec["layer_norm"], batch_norm), spec["dropout"]

    def layers() -> Iterator[nn.Module | None]:
        for (fan_in, width), activation in zip(pairwise(widths), activations, strict=True):
            linear = nn.Linear(fan_in, width)
            yield weight_norm(linear) if spec["weight_norm"] else linear
            yield norm(width) if norm else None
            yield make_activation(activation)
            yield nn.Dropout(dropout) if dropout else None

    return Layers(*filter(None, layers()))


def conv_stack(
    in_dim: Sequence[int], rows: Sequence[Sequence[Any]], activations: Sequence[ActivationSpec], batch_norm: bool
) -> nn.Sequential:
    """Convolution, activation, batch norm for each row; 1-d, 2-d or 3-d after the shape `in_dim`, channels first.

    A row is the positional arguments of torch.nn.Conv2d after `in_channels`. As in SLM Lab there is no batch norm after
    the first convolution.
    """
    convolution, norm = _CONVOLUTIONS[len(in_dim) - 1]
    channels = [in_dim[0], *(row[0] for row in rows)]

    def layers() -> Iterator[nn.Module | None]:
        for index, (fan_in, row, activation) in enumerate(zip(channels, rows, activations, strict=False)):
            yield convolution(fan_in, *(tuple(entry) if isinstance(entry, list) else entry for entry in row))
            yield make_activation(activation)
            yield norm(row[0]) if batch_norm and index else None

    return Layers(*filter(None, layers()))


Outputs = Tensor | list[Tensor]


@dataclass(frozen=True)
class TailPlan:
    """What stands at the end of a net: the width and activation of every tail, and how they become the outputs.

    `single`: the one tail is `model_tail`, else the tails are `model_tails`. `critic`: the last tail is a value.
    `log_std`: the width of the log standard deviation, 0 for none.
    """

    widths: list[int]
    activations: list[ActivationSpec]
    single: bool
    critic: bool
    outputs: Callable[[Any, Tensor], Outputs]
    log_std: int = 0

    def module(self, index: int, width: int) -> nn.Sequential:
        """A new tail for output `index` on `width` features."""
        layers = nn.Linear(width, self.widths[index]), make_activation(self.activations[index])
        return Layers(*filter(None, layers))


def plan_tails(
    out_dim: int | list[int], activation: ActivationSpec | list[ActivationSpec], log_std_init: float | None
) -> TailPlan:
    """The tails that `out_dim` asks for: an int is one tensor, a list is a list of tensors.

    Without a log-std the last output is a critic's if its width is 1. With one the mean has a tail (and takes the
    activation of its output), the scale has none.

    Raises:
        ValueError: the activations do not fit, or `log_std_init` is given and `out_dim` is no mean and scale.
    """
    single = not isinstance(out_dim, list)
    widths = out_dim if isinstance(out_dim, list) else [out_dim]
    activations = per_layer(activation, len(widths), "out_layer_activation")
    if log_std_init is None:
        return TailPlan(widths, activations, single, widths[-1] == 1, one if single else several)
    match widths:
        case [2]:
            return TailPlan([1], activations, single, False, loc_scale if single else loc_scale_list, 1)
        case [2, 1]:
            return TailPlan([1, 1], activations, False, True, loc_scale_list, 1)
        case [d, e] if d == e:
            return TailPlan([d], _without_scale(activations, activation), True, False, mean_log_std, d)
        case [d, e, 1] if d == e:
            return TailPlan([d, 1], _without_scale(activations, activation), False, True, mean_log_std_value, d)
    raise ValueError(
        f"log_std_init needs an out_dim of a mean and a scale (2, [d, d], or with a critic [2, 1], [d, d, 1]), "
        f"not {out_dim}"
    )


def out_dim_of(value: Any) -> int | list[int]:
    """`out_dim` as an int or a list of ints; numpy integers and arrays, and tuples, count.

    Raises:
        ValueError: a size is no positive integer, or there is none.
    """
    try:
        widths = [size_of(entry, "out_dim") for entry in value]
    except TypeError:
        return size_of(value, "out_dim")
    if not widths:
        raise ValueError("out_dim is an empty list; a net needs an output")
    return widths


def one(net: Any, x: Tensor) -> Tensor:
    """The tensor of an int out_dim."""
    return net._modules[net._tail](x)


def several(net: Any, x: Tensor) -> list[Tensor]:
    """The tensors of a list out_dim."""
    return net.each(x)


def mean_log_std(net: Any, x: Tensor) -> list[Tensor]:
    """The mean, and the log-std expanded to its shape, of [d, d]."""
    mean = one(net, x)
    return [mean, net.log_std.expand_as(mean)]


def mean_log_std_value(net: Any, x: Tensor) -> list[Tensor]:
    """The mean, its log-std and the value of [d, d, 1]."""
    mean, value = several(net, x)
    return [mean, net.log_std.expand_as(mean), value]


def loc_scale(net: Any, x: Tensor) -> Tensor:
    """The mean and the log-std of 2, side by side in one tensor."""
    return torch.cat(mean_log_std(net, x), dim=-1)


def loc_scale_list(net: Any, x: Tensor) -> list[Tensor]:
    """The mean and the log-std side by side, and the value if there is one, of [2] and [2, 1]."""
    mean, *value = several(net, x)
    return [torch.cat([mean, net.log_std.expand_as(mean)], dim=-1), *value]


def _without_scale(activations: list[ActivationSpec], written: Any) -> list[ActivationSpec]:
    mean, scale, *value = activations
    if isinstance(written, list) and scale is not None:
        raise ValueError("log_std_init makes output 2 a parameter: its out_layer_activation must be null")
    return [mean, *value]
