"""Several categorical choices as one distribution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution


class MultiCategorical(Distribution):
    """Independent categorical choices, side by side in the last dimension of a sample.

    >>> choices = MultiCategorical([torch.zeros(8, 3), torch.zeros(8, 2)])
    >>> choices.sample().shape, choices.log_prob(choices.sample()).shape
    (torch.Size([8, 2]), torch.Size([8]))
    """

    arg_constraints: dict[str, Any] = {}  # noqa: RUF012  (as torch declares it)

    def __init__(self, logits: Sequence[Tensor]):
        self.categoricals = [Categorical(logits=part) for part in logits]
        super().__init__(self.categoricals[0].batch_shape, torch.Size([len(self.categoricals)]), validate_args=False)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Integers `(*sample_shape, *batch, choices)`."""
        shape = torch.Size(sample_shape)
        return torch.stack([part.sample(shape) for part in self.categoricals], dim=-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """The log probability of all choices together."""
        return self._sum(part.log_prob(v) for part, v in zip(self.categoricals, value.unbind(-1), strict=True))

    def entropy(self) -> Tensor:
        """The entropy of all choices together."""
        return self._sum(part.entropy() for part in self.categoricals)

    @property
    def mode(self) -> Tensor:
        """The likeliest choices."""
        return torch.stack([part.mode for part in self.categoricals], dim=-1)

    def _sum(self, values: Iterable[Tensor]) -> Tensor:
        return torch.stack(list(values)).sum(dim=0)
