"""From the outputs of a policy net to the distribution of its actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    Categorical,
    Distribution,
    Independent,
    MultivariateNormal,
    Normal,
    RelaxedOneHotCategorical,
    TanhTransform,
    TransformedDistribution,
)

from slm_net.spaces.values import Action
from slm_net.words import listing


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


#: The log standard deviation is kept within these bounds (SLM Lab; Haarnoja et al. 2018).
LOG_STD_MIN, LOG_STD_MAX = -20.0, 2.0
NO_ACTIONS = (
    "the actions of this net are not known. Only a net that acts has a distribution: build it with its environment "
    "(env=..., or the spec's own) instead of out_dim=, or set bundle.action = slm_net.spaces.Action('discrete', (2,))"
)


def action_distribution(
    outputs: Tensor | Sequence[Tensor], action: Action | None, pdtype: str = "default"
) -> Distribution:
    """The distribution that a net's outputs describe over these actions; a shared critic's value is left out.

    `pdtype` is SLM Lab's `action_pdtype`. "default" is Categorical for discrete actions, MultiCategorical (its sample
    has one integer per choice), Bernoulli for switches, and Normal for continuous ones, whose log standard deviation is
    clamped to [-20, 2]. "NormalTanh" squashes it into (-1, 1): wrap the environment in gymnasium's RescaleAction.
    All but Categorical have one log probability per sample, whatever the number of components.

    Raises:
        ValueError: the actions are not known, the outputs are not those of a policy over them, or there is no such
            distribution for them.

    >>> action_distribution(torch.zeros(8, 2), Action("discrete", (2,))).sample().shape
    torch.Size([8])
    """
    if action is None:
        raise ValueError(NO_ACTIONS)
    logits = _of_policy(outputs, action)
    choices = DISTRIBUTIONS[action.kind]
    name = next(iter(choices)) if pdtype == "default" else pdtype
    if name not in choices:
        raise ValueError(f"no action_pdtype {pdtype!r} for {action.kind} actions: use {listing(['default', *choices])}")
    return choices[name](logits)


def _of_policy(outputs: Tensor | Sequence[Tensor], action: Action) -> list[Tensor]:
    """The outputs that are the policy's, one tensor per choice, or mean and log standard deviation."""
    tensors = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    if action.kind == "multi-discrete":
        widths = list(action.sizes)
    elif action.kind == "continuous":
        widths = [action.sizes[0]] * 2 if action.sizes[0] > 1 else [2]
    else:
        widths = [action.sizes[0]]
    found = [tensor.shape[-1] for tensor in tensors]
    if found not in (widths, [*widths, 1]):
        sizes = ", ".join(map(str, widths))
        raise ValueError(f"a policy over {action.kind} actions has outputs of sizes {sizes}, not {found}")
    policy = tensors[: len(widths)]
    return list(policy[0].chunk(2, dim=-1)) if widths == [2] and action.kind == "continuous" else policy


def _categorical(logits: list[Tensor]) -> Distribution:
    return Categorical(logits=logits[0])


def _argmax(logits: list[Tensor]) -> Distribution:
    """All probability on the greatest output."""
    return Categorical(probs=_best(logits[0]))


def _argmaxes(logits: list[Tensor]) -> Distribution:
    return MultiCategorical([_best(part).log() for part in logits])


def _best(values: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(values.argmax(dim=-1), values.shape[-1]).to(values.dtype)


def _gumbel_softmax(logits: list[Tensor]) -> Distribution:
    """One-hot vectors, relaxed so that gradients pass (Jang et al. 2017, https://arxiv.org/abs/1611.01144)."""
    return RelaxedOneHotCategorical(torch.ones((), device=logits[0].device), logits=logits[0])


def _bernoulli(logits: list[Tensor]) -> Distribution:
    return Independent(Bernoulli(logits=logits[0]), 1)


def _std(log_std: Tensor) -> Tensor:
    return log_std.clamp(LOG_STD_MIN, LOG_STD_MAX).exp()


def _normal(outputs: list[Tensor]) -> Distribution:
    return Independent(Normal(outputs[0], _std(outputs[1])), 1)


def _multivariate_normal(outputs: list[Tensor]) -> Distribution:
    return MultivariateNormal(outputs[0], scale_tril=torch.diag_embed(_std(outputs[1])))


def _normal_tanh(outputs: list[Tensor]) -> Distribution:
    # the cache keeps log_prob exact where tanh is 1 in floating point
    return TransformedDistribution(_normal(outputs), [TanhTransform(cache_size=1)])


#: Kind of action → SLM Lab's `action_pdtype` → distribution; the first of each kind is the default.
DISTRIBUTIONS: dict[str, dict[str, Callable[[list[Tensor]], Distribution]]] = {
    "discrete": {"Categorical": _categorical, "Argmax": _argmax, "GumbelSoftmax": _gumbel_softmax},
    "multi-discrete": {"MultiCategorical": MultiCategorical, "Argmax": _argmaxes},
    "multi-binary": {"Bernoulli": _bernoulli},
    "continuous": {"Normal": _normal, "NormalTanh": _normal_tanh, "MultivariateNormal": _multivariate_normal},
}
