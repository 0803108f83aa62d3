"""Random targets that each loss accepts, and the outputs brought into its domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

#: Outputs, loss, generator → what the loss is called with: the outputs in its domain, and random targets.
Pair = Callable[[Tensor, Any, torch.Generator], tuple[Tensor, Tensor]]


def _numbers(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randn(output.shape, generator=generator)


def _classes(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randint(0, output.shape[1], output.shape[:1], generator=generator)


def _log_classes(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return _classes(output.log_softmax(1), loss, generator)


def _bits(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randint(0, 2, output.shape, generator=generator).float()


def _probabilities(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    inside = bool(((output >= 0) & (output <= 1)).all())
    return _bits(output if inside else output.sigmoid(), loss, generator)


def _signs(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randint(0, 2, output.shape, generator=generator).float() * 2 - 1


def _distributions(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    target = torch.randn(output.shape, generator=generator).softmax(1)
    return output.log_softmax(1), target.log() if loss.log_target else target


def _counts(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    rate = output if loss.log_input else functional.softplus(output)
    return rate, torch.randint(0, 5, output.shape, generator=generator).float()


def _label_lists(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    target = torch.full(output.shape, -1)  # one label each; -1 ends the list
    target[:, 0] = torch.randint(0, output.shape[1], output.shape[:1], generator=generator)
    return output, target


PAIRS: dict[str, Pair] = {
    **dict.fromkeys(("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"), _numbers),
    **dict.fromkeys(("CrossEntropyLoss", "MultiMarginLoss"), _classes),
    **dict.fromkeys(("BCEWithLogitsLoss", "MultiLabelSoftMarginLoss"), _bits),
    **dict.fromkeys(("SoftMarginLoss", "HingeEmbeddingLoss"), _signs),
    "NLLLoss": _log_classes,
    "BCELoss": _probabilities,
    "KLDivLoss": _distributions,
    "PoissonNLLLoss": _counts,
    "MultiLabelMarginLoss": _label_lists,
}
