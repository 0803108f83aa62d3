"""From the outputs of a policy net to the distribution of its actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

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

    def __init__(self, logits: Sequence[Tensor], validate_args: Validate = None):
        self.categoricals = [Categorical(logits=part, validate_args=validate_args) for part in logits]
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


#: `validate_args` of torch's distributions.
Validate = bool | None
#: The log standard deviation is kept within these bounds (SLM Lab; Haarnoja et al. 2018).
LOG_STD_MIN, LOG_STD_MAX = -20.0, 2.0
NO_ACTIONS = (
    "the actions of this net are not known. Only a net that acts has a distribution: build it with its environment "
    "(env=..., or the spec's own) instead of out_dim=, or set bundle.action = slm_net.spaces.Action('discrete', (2,))"
)


class PolicyParams(NamedTuple):
    """What the outputs of a policy say of its distribution; None for what they have nothing of.

    `loc` and `scale` are those of continuous actions, `logits` those of all others, a list of them with one tensor a
    choice if the actions are multi-discrete. `value` is the output of a shared critic, `(..., 1)`.
    """

    loc: Any = None
    scale: Any = None
    logits: Any = None
    value: Tensor | None = None


def policy_params(outputs: Tensor | Sequence[Tensor], action: Action | None) -> PolicyParams:
    """The parameters of a policy over these actions; the log standard deviation is clamped to [-20, 2].

    Raises:
        ValueError: the actions are not known, or the outputs are not those of a policy over them.

    >>> policy_params([torch.zeros(1, 2), torch.zeros(1, 2), torch.ones(1, 1)], Action("continuous", (2,)))
    PolicyParams(loc=tensor([[0., 0.]]), scale=tensor([[1., 1.]]), logits=None, value=tensor([[1.]]))
    """
    parts = policy_parts(outputs, action)
    scale = None if parts.log_std is None else parts.log_std.exp()
    return PolicyParams(parts.mean, scale, parts.logits, parts.value)


class PolicyParts(NamedTuple):
    """The outputs of a policy by what they are: as `PolicyParams`, with the logarithm of the scale, clamped."""

    mean: Any = None
    log_std: Any = None
    logits: Any = None
    value: Tensor | None = None


def policy_parts(outputs: Tensor | Sequence[Tensor], action: Action | None) -> PolicyParts:
    """The outputs of a policy over these actions.

    Raises:
        ValueError: as `policy_params`.
    """
    action = _known(action)
    tensors = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    widths = _widths(action)
    found = [tensor.shape[-1] for tensor in tensors]
    if found not in (widths, [*widths, 1]):
        sizes = ", ".join(map(str, widths))
        raise ValueError(f"a policy over {action.kind} actions has outputs of sizes {sizes}, not {found}")
    policy, value = tensors[: len(widths)], tensors[-1] if len(tensors) > len(widths) else None
    if action.kind != "continuous":
        return PolicyParts(logits=policy if action.kind == "multi-discrete" else policy[0], value=value)
    mean, log_std = policy if len(policy) == 2 else policy[0].chunk(2, dim=-1)
    return PolicyParts(mean, log_std.clamp(LOG_STD_MIN, LOG_STD_MAX), value=value)


def _widths(action: Action) -> list[int]:
    """The widths of a policy's outputs."""
    if action.kind == "continuous":
        return [action.sizes[0]] * 2 if action.sizes[0] > 1 else [2]
    return list(action.sizes)


def action_distribution(
    outputs: Tensor | Sequence[Tensor], action: Action | None, pdtype: str = "default", validate: Validate = None
) -> Distribution:
    """The distribution that a net's outputs describe over these actions; a shared critic's value is left out.

    `pdtype` is SLM Lab's `action_pdtype`. "default" is Categorical for discrete actions, MultiCategorical (its sample
    has one integer per choice), Bernoulli for switches, and Normal for continuous ones, whose log standard deviation is
    clamped to [-20, 2]. "NormalTanh" squashes it into (-1, 1): see `NetBundle.act`, or wrap the environment in
    gymnasium's RescaleAction. All but Categorical have one log probability per sample, whatever the number of
    components. `validate` is torch's `validate_args`: None is what torch does by default, which is to look.

    Raises:
        ValueError: the actions are not known, the outputs are not those of a policy over them, or there is no such
            distribution for them.

    >>> action_distribution(torch.zeros(8, 2), Action("discrete", (2,))).sample().shape
    torch.Size([8])
    """
    return distribution_of(policy_params(outputs, action), action, pdtype, validate)


def distribution_of(
    params: PolicyParams, action: Action | None, pdtype: str = "default", validate: Validate = None
) -> Distribution:
    """The distribution over these actions that has these parameters; see `action_distribution`.

    Raises:
        ValueError: the actions are not known, or there is no such distribution for them.
    """
    return DISTRIBUTIONS[_known(action).kind][pdtype_of(action, pdtype)](params, validate)


def likeliest(outputs: Tensor | Sequence[Tensor], action: Action | None, pdtype: str = "default") -> Tensor:
    """The sample that the distribution of `action_distribution` is centred on, for NormalTanh the tanh of the mean.

    Raises:
        ValueError: as `action_distribution`.

    >>> likeliest(torch.tensor([[0.1, 0.3]]), Action("discrete", (2,)))
    tensor([1])
    """
    return centre_of(policy_params(outputs, action), action, pdtype)


def centre_of(params: PolicyParams, action: Action | None, pdtype: str = "default") -> Tensor:
    """The sample that the distribution with these parameters is centred on; see `likeliest`.

    Raises:
        ValueError: as `distribution_of`.
    """
    name = pdtype_of(action, pdtype)
    if params.loc is not None:
        return params.loc.tanh() if name == "NormalTanh" else params.loc
    if isinstance(params.logits, list):
        return torch.stack([part.argmax(dim=-1) for part in params.logits], dim=-1)
    return (params.logits > 0).long() if name == "Bernoulli" else params.logits.argmax(dim=-1)


def pdtype_of(action: Action | None, pdtype: str) -> str:
    """The name of the distribution: for "default" that of the kind of actions.

    Raises:
        ValueError: the actions are not known, or there is no such distribution for them.
    """
    kind = _known(action).kind
    choices = DISTRIBUTIONS[kind]
    name = next(iter(choices)) if pdtype == "default" else pdtype
    if name not in choices:
        raise ValueError(f"no action_pdtype {pdtype!r} for {kind} actions: use {listing(['default', *choices])}")
    return name


def _known(action: Action | None) -> Action:
    if action is None:
        raise ValueError(NO_ACTIONS)
    return action


def _categorical(params: PolicyParams, validate: Validate) -> Distribution:
    return Categorical(logits=params.logits, validate_args=validate)


def _multi_categorical(params: PolicyParams, validate: Validate) -> Distribution:
    return MultiCategorical(params.logits, validate)


def _argmax(params: PolicyParams, validate: Validate) -> Distribution:
    """All probability on the greatest output."""
    return Categorical(probs=_best(params.logits), validate_args=validate)


def _argmaxes(params: PolicyParams, validate: Validate) -> Distribution:
    return MultiCategorical([_best(part).log() for part in params.logits], validate)


def _best(values: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(values.argmax(dim=-1), values.shape[-1]).to(values.dtype)


def _gumbel_softmax(params: PolicyParams, validate: Validate) -> Distribution:
    """One-hot vectors, relaxed so that gradients pass (Jang et al. 2017, https://arxiv.org/abs/1611.01144)."""
    one = torch.ones((), device=params.logits.device)
    return RelaxedOneHotCategorical(one, logits=params.logits, validate_args=validate)


def _bernoulli(params: PolicyParams, validate: Validate) -> Distribution:
    return Independent(Bernoulli(logits=params.logits, validate_args=validate), 1, validate_args=validate)


def _normal(params: PolicyParams, validate: Validate) -> Distribution:
    return Independent(Normal(params.loc, params.scale, validate_args=validate), 1, validate_args=validate)


def _multivariate_normal(params: PolicyParams, validate: Validate) -> Distribution:
    return MultivariateNormal(params.loc, scale_tril=torch.diag_embed(params.scale), validate_args=validate)


def _normal_tanh(params: PolicyParams, validate: Validate) -> Distribution:
    # the cache keeps log_prob exact where tanh is 1 in floating point
    return TransformedDistribution(_normal(params, validate), [TanhTransform(cache_size=1)], validate_args=validate)


#: Kind of action → SLM Lab's `action_pdtype` → distribution; the first of each kind is the default.
DISTRIBUTIONS: dict[str, dict[str, Callable[[PolicyParams, Validate], Distribution]]] = {
    "discrete": {"Categorical": _categorical, "Argmax": _argmax, "GumbelSoftmax": _gumbel_softmax},
    "multi-discrete": {"MultiCategorical": _multi_categorical, "Argmax": _argmaxes},
    "multi-binary": {"Bernoulli": _bernoulli},
    "continuous": {"Normal": _normal, "NormalTanh": _normal_tanh, "MultivariateNormal": _multivariate_normal},
}
