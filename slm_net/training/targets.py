"""How a target net follows its source net."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.document.algorithms import update_words
from slm_net.nets.running_norm import RunningNorm
from slm_net.training.device import at_hand
from slm_net.training.ranks import Ranks, bare, is_sharded, local, part_like, whole
from slm_net.words import did_you_mean

UPDATE_TYPES = ("replace", "polyak")


@dataclass(frozen=True)
class TargetUpdate:
    """When and how a target net takes over the weights of its source net.

    "replace" copies parameters and buffers. "polyak" moves parameters and floating-point buffers part of the way,
    target <- polyak_coef * source + (1 - polyak_coef) * target, and copies integer buffers (Polyak & Juditsky 1992;
    Lillicrap et al. 2015) and the statistics of `normalize_obs`, so that both nets see observations alike.
    `update_frequency` counts steps.

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

    def update(self, source: nn.Module, target: nn.Module) -> None:
        """Move `target`'s weights in place as `update_type` says; `bind` is for updates again and again.

        Raises:
            ValueError: the nets differ in a tensor's shape or number.
        """
        self.bind(source, target)()

    def bind(self, source: nn.Module, target: nn.Module) -> Follower:
        """What moves `target`'s weights each time that it is called.

        Raises:
            ValueError: the nets differ in a tensor's shape or number.
        """
        return Follower(self, source, target)

    def __str__(self) -> str:
        return update_words(self.update_type, self.update_frequency, self.polyak_coef)


class Follower:
    """A target net bound to its source: the tensors of both are found once, and each call is one update.

    What is not finite never reaches a target: the call then changes nothing, with a RuntimeWarning on a CPU (a device
    decides by itself and is not waited for). Numbers that are so from the beginning, such as a mask of -inf, do not
    count. Either net may lie in parts in several processes (`fully_shard`): they all call, or none.

    Raises:
        ValueError: the nets differ in a tensor's shape or number.
    """

    def __init__(self, update: TargetUpdate, source: nn.Module, target: nn.Module):
        self.update, self.source, self.target = update, source, target
        self._bind()

    def _bind(self) -> None:
        self._sources, self._targets = Tensors(bare(self.source)), Tensors(bare(self.target))
        sources, targets = self._sources(), self._targets()
        if [tensor.size() for tensor in sources] != [tensor.size() for tensor in targets]:
            raise ValueError(_first_difference(bare(self.source), bare(self.target)))
        self._sharded = any(map(is_sharded, [*sources, *targets]))
        self._ranks = Ranks(bare(self.target), targets)  # those whose parts of the target may differ
        floats = [index for index, tensor in enumerate(targets) if tensor.is_floating_point()]
        self._judged = [index for index in floats if at_hand(targets[index]) or _is_finite(targets[index])]
        copied = _statistics_of_observations(bare(self.target))
        self._moved = [index for index in floats if id(targets[index]) not in copied]
        self._others = [index for index in range(len(targets)) if index not in self._moved]

    @torch.no_grad()
    def __call__(self) -> None:
        """Move the target's weights in place."""
        if not (self._sources.current() and self._targets.current()):
            self._bind()
        sources, targets = self._sources(), self._targets()
        if self._sharded:
            sources, targets = _parts(sources, targets)
        total = self._ranks.mean(_total([sources[index] for index in self._judged]))
        if not at_hand(total):
            sources = _unless(total.isfinite(), sources, targets)
        elif not isfinite(total.item()) and self._spoilt(sources, targets):
            message = "the target net stays as it is: its source has numbers that are not finite"
            warnings.warn(message, RuntimeWarning, stacklevel=3)
            return
        self._move(sources, targets)

    def _spoilt(self, sources: list[Tensor], targets: list[Tensor]) -> bool:
        """Whether something that is not finite would come, in one of the processes, where the target is finite."""
        pairs = [(sources[index], targets[index]) for index in self._judged]
        here = any(bool((~source.isfinite() & target.isfinite()).any()) for source, target in pairs)
        return bool(self._ranks.mean(torch.tensor(float(here))) > 0)

    def _move(self, sources: list[Tensor], targets: list[Tensor]) -> None:
        if self.update.update_type == "replace":
            if targets:
                torch._foreach_copy_(targets, sources)
            return
        for index in self._others:
            targets[index].copy_(sources[index])
        if self._others:
            sources, targets = ([tensors[index] for index in self._moved] for tensors in (sources, targets))
        if targets:
            torch._foreach_lerp_(targets, sources, self.update.polyak_coef)


class Tensors:
    """Every parameter and buffer of a net once, breadth first and by name; called, it gives those of now.

    `net.parameters()` and `net.buffers()` give the same, but for a small net they cost twice an update of its target.
    """

    def __init__(self, net: nn.Module, buffers: bool = True):
        self._modules: list[tuple[dict[str, Any], tuple[Any, ...]]] = []
        self._places: list[tuple[dict[str, Any], str]] = []
        found: dict[int, tuple[dict[str, Any], str]] = {}
        for module in (modules := [net]):  # grows while it is read
            modules += [child for child in module._modules.values() if child is not None]
            self._modules.append((module._modules, tuple(module._modules.values())))
            for tensors in (module._parameters, module._buffers if buffers else {}):
                for name in sorted(tensors):  # torch.func and tensordict put parameters back in another order
                    if tensors[name] is not None:
                        found.setdefault(id(tensors[name]), (tensors, name))
        self._places = list(found.values())
        self._modules = [(children, known) for children, known in self._modules if known]

    def current(self) -> bool:
        """Whether the net still consists of the same modules with the same names."""
        for children, known in self._modules:
            if tuple(children.values()) != known:
                return False
        for tensors, name in self._places:  # noqa: SIM110 - twice as fast as all()
            if name not in tensors:
                return False
        return True

    def __call__(self) -> list[Tensor]:
        """The tensors."""
        return [tensors[name] for tensors, name in self._places]


def tensors_of(net: nn.Module, buffers: bool = True) -> list[Tensor]:
    """What `Tensors(net, buffers)()` gives, at a third of the cost where it is asked for once."""
    modules: list[nn.Module] = [net]
    tensors: list[Tensor | None] = []
    for module in modules:  # grows while it is read
        modules += [child for child in module._modules.values() if child is not None]
        tensors += module._parameters.values()
        if buffers:
            tensors += module._buffers.values()
    return list({id(tensor): tensor for tensor in tensors if tensor is not None}.values())


def _statistics_of_observations(net: nn.Module) -> set[int]:
    return {id(buffer) for norm in net.modules() if isinstance(norm, RunningNorm) for buffer in norm.buffers()}


def _is_finite(target: Tensor) -> bool:
    """Whether a target that is not at hand is finite: this waits for its device, once, when it is bound."""
    return target.device.type in ("cpu", "meta") or bool(local(target).isfinite().all())


def _total(tensors: list[Tensor]) -> Tensor:
    """A scalar on the device of the first that is finite if all numbers are."""
    norms = torch._foreach_norm(tensors) if tensors else [torch.zeros(())]
    if len({norm.device for norm in norms}) > 1:
        norms = [norm.to(norms[0].device) for norm in norms]
    return torch.stack(norms).sum()


def _unless(finite: Tensor, sources: list[Tensor], targets: list[Tensor]) -> list[Tensor]:
    """The sources if all is `finite`, which nobody waits for, else the targets as they are."""
    return [
        torch.where(finite.to(old.device), new.to(old.device), old) for new, old in zip(sources, targets, strict=True)
    ]


def _parts(sources: list[Tensor], targets: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """What each process has of the sources and the targets, which lie in memory alike afterwards."""
    pairs = [
        (source if is_sharded(target) else whole(source), target)
        for source, target in zip(sources, targets, strict=True)
    ]
    return [local(part_like(source, target)) for source, target in pairs], [local(target) for _, target in pairs]


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
