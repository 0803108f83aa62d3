"""How a target net follows its source net."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor, nn

from slm_net.words import did_you_mean

UPDATE_TYPES = ("replace", "polyak")


@dataclass(frozen=True)
class TargetUpdate:
    """When and how a target net takes over the weights of its source net.

    "replace" copies parameters and buffers. "polyak" moves parameters and floating-point buffers part of the way,
    target <- polyak_coef * source + (1 - polyak_coef) * target, and copies integer buffers (Polyak & Juditsky 1992;
    Lillicrap et al. 2015). `update_frequency` counts steps.

    Raises:
        ValueError: `update_type` is unknown, `update_frequency` is not an integer >= 1, `polyak_coef` is outside
            [0, 1]. 0 with "polyak", which never moves the target, is a RuntimeWarning: real specs do it.

    >>> source, target = nn.Linear(1, 1), nn.Linear(1, 1)
    >>> TargetUpdate("replace", update_frequency=100).update(source, target)
    >>> torch.equal(source.weight, target.weight)
    True
    """

    update_type: str = "replace"
    update_frequency: int = 1
    polyak_coef: float = 0.0

    def __post_init__(self) -> None:
        kind, frequency, coef = self.update_type, self.update_frequency, self.polyak_coef
        if kind not in UPDATE_TYPES:
            raise ValueError(f"no update_type {kind!r}: {did_you_mean(str(kind), UPDATE_TYPES)}")
        if isinstance(frequency, bool) or not isinstance(frequency, int) or frequency < 1:
            raise ValueError(f"update_frequency must be an integer of at least 1, not {frequency!r}")
        if isinstance(coef, bool) or not isinstance(coef, Real) or not 0 <= coef <= 1:
            raise ValueError(f"polyak_coef must be a number between 0 and 1, not {coef!r}")
        if kind == "polyak" and coef == 0:
            message = "polyak_coef 0 never moves the target: write the source's share, for example 0.005"
            warnings.warn(message, RuntimeWarning, stacklevel=3)

    def due(self, step: int) -> bool:
        """True if the target is to be updated at `step`: every `update_frequency` steps, at 0 too."""
        return step % self.update_frequency == 0

    @torch.no_grad()
    def update(self, source: nn.Module, target: nn.Module) -> None:
        """Move `target`'s weights in place as `update_type` says.

        Raises:
            ValueError: the nets differ in a tensor's shape or number.
        """
        sources, targets = tensors_of(source), tensors_of(target)
        if [tensor.size() for tensor in sources] != [tensor.size() for tensor in targets]:
            raise ValueError(_first_difference(source, target))
        if self.update_type == "polyak":
            self._average(sources, targets)
        elif targets:
            torch._foreach_copy_(targets, sources)

    def _average(self, sources: list[Tensor], targets: list[Tensor]) -> None:
        if not all(map(Tensor.is_floating_point, targets)):
            for source, target in zip(sources, targets, strict=True):
                if not target.is_floating_point():
                    target.copy_(source)
            sources = [tensor for tensor in sources if tensor.is_floating_point()]
            targets = [tensor for tensor in targets if tensor.is_floating_point()]
        if targets:
            torch._foreach_lerp_(targets, sources, self.polyak_coef)

    def __str__(self) -> str:
        how = f"polyak {self.polyak_coef:g}" if self.update_type == "polyak" else "replace"
        return f"{how} every {self.update_frequency:,} steps" if self.update_frequency > 1 else f"{how} every step"


def tensors_of(net: nn.Module, buffers: bool = True) -> list[Tensor]:
    """Every parameter of `net` once, and every buffer if `buffers`, breadth first.

    `net.parameters()` and `net.buffers()` give the same, but for a small net they cost twice the update itself.
    """
    modules: list[nn.Module] = [net]
    tensors: list[Tensor | None] = []
    for module in modules:  # grows while it is read
        if module._modules:
            modules += [child for child in module._modules.values() if child is not None]
        if module._parameters:
            tensors += module._parameters.values()
        if buffers and module._buffers:
            tensors += module._buffers.values()
    return list({id(tensor): tensor for tensor in tensors if tensor is not None}.values())


def _first_difference(source: nn.Module, target: nn.Module) -> str:
    """What to say about the first tensor in which the nets differ."""
    shapes = [{name: tuple(tensor.shape) for name, tensor in _named_tensors(net)} for net in (source, target)]
    for name in [*shapes[0], *shapes[1]]:
        ours, theirs = shapes[0].get(name, "missing"), shapes[1].get(name, "missing")
        if ours != theirs:
            return f"the target net does not fit its source: {name} is {ours} in the source and {theirs} in the target"
    return "the target net does not fit its source: their tensors stand in another order"


def _named_tensors(net: nn.Module) -> list[tuple[str, Tensor]]:
    return [*net.named_parameters(), *net.named_buffers()]
