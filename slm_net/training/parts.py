"""Parts of a net that are not trained, or with another learning rate than the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from torch import Tensor, nn

from slm_net.net_types.parts import in_part
from slm_net.training.ranks import bare
from slm_net.words import did_you_mean


def freeze(model: nn.Module, parts: Iterable[str]) -> None:
    """Leave parts of a model as they are: no gradients, and no batch statistics that move, in training mode neither.

    Parts are "body", "tails", and names of modules.

    >>> model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 1))
    >>> freeze(model, ["0"])
    >>> [parameter.requires_grad for parameter in model.parameters()], model.train()[0].training
    ([False, False, True, True], False)
    """
    if frozen := tuple(parts):
        for name, parameter in model.named_parameters(remove_duplicate=False):
            if in_part(name, frozen):
                parameter.requires_grad_(False)
        vars(model)["train"] = partial(_train, model, frozen)
        model.train(model.training)


def check_parts(model: nn.Module, parts: Iterable[str]) -> None:
    """Refuse parts that a model does not have: of a registered type nobody knows them before it is built.

    Raises:
        ValueError: there is no module or parameter of this name.
    """
    names = [*(name for name, _ in model.named_modules()), *(name for name, _ in model.named_parameters())]
    for part in parts:
        if part not in ("body", "tails") and not any(in_part(name, [part]) for name in names):
            own = [name for name, _ in model.named_children()]
            raise ValueError(
                f"{type(model).__name__} has no part {part!r}: {did_you_mean(part, ['body', 'tails', *own])}"
            )


def _train(model: nn.Module, frozen: tuple[str, ...], mode: bool = True) -> nn.Module:
    """`model.train`, which leaves frozen modules in evaluation mode."""
    type(model).train(model, mode)
    for name, module in model.named_modules():
        if name and in_part(name, frozen):
            module.training = False
    return model


def trained_parameters(model: nn.Module, lr_scale: Mapping[str, float]) -> list[Any]:
    """What an optimizer is made for: the parameters that are not frozen, in groups where their rates differ.

    Of several parts that a parameter belongs to, the one with the longest name counts.

    Raises:
        ValueError: nothing is left to train.
    """
    if not lr_scale:
        found: list[Any] = [parameter for parameter in model.parameters() if parameter.requires_grad]
    else:
        groups: dict[float, list[Tensor]] = {1.0: []}
        for name, parameter in bare(model).named_parameters():
            if parameter.requires_grad:
                parts = [part for part in lr_scale if in_part(name, [part])]
                factor = lr_scale[max(parts, key=_precision)] if parts else 1.0
                groups.setdefault(float(factor), []).append(parameter)
        found = [{"params": group, "lr_scale": factor} for factor, group in groups.items() if group]
    if not found and any(True for _ in model.parameters()):
        raise ValueError("every parameter is frozen, nothing is left to train")
    return found


def _precision(part: str) -> tuple[bool, int]:
    return part not in ("body", "tails"), len(part)
