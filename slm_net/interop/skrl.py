"""A spec's nets as the models of skrl, whose agents train them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.bundle import NetBundle
from slm_net.bundle.acting import bounds_of
from slm_net.distributions import PolicyParts, action_distribution, likeliest, policy_parts
from slm_net.document.specs import SpecSource
from slm_net.extras import require
from slm_net.interop.fitting import Fitting, OfPair, bundles, fitting, tell
from slm_net.spaces.values import Action

require("skrl", "slm_net.interop.skrl")

from gymnasium.spaces import Discrete, MultiDiscrete  # noqa: E402
from skrl.models.torch import (  # noqa: E402
    CategoricalMixin,
    GaussianMixin,
    Model,
    MultiCategoricalMixin,
)
from skrl.utils.spaces.torch import unflatten_tensorized_space  # noqa: E402

LIBRARY = "skrl"


def models(spec: SpecSource, env: object, device: Any = None, **options: Any) -> dict[str, Model]:
    """The models of a spec's nets under the names that skrl's agents have for them.

    "policy" and "value" for PPO, A2C and their like, one model under both names if the net is shared; "q_network" and
    "target_q_network" for DQN; "policy", "critic_1", "critic_2" and their targets for SAC. A policy is Categorical,
    MultiCategorical or Gaussian, for SAC a Gaussian squashed by a tanh and stretched to the bounds of the actions. A
    bare net block is a policy alone, or Q-values if its type gives them.

    Args:
        spec: as in `build_net`.
        env: an environment, one that skrl has wrapped, a vector of them, an id, or a pair of spaces.
        device: as for skrl's own models: left out, skrl's default.
        options: the `name`, `variables` and `overrides` of `load_spec`.

    Raises:
        SpecError: with everything that is wrong with the spec, or with what skrl has no place for.
    """
    found = fitting(LIBRARY, spec, env, **options)
    _check_policy(found)
    if found.net.gives == "q" or "q1_net" in found.plans:
        found.check_statistics()
    _check_optimizers(found)
    for problem in found.warnings:
        tell(problem)
    nets, place = bundles(found.spec, found.spaces), (*found.spaces, device)
    if found.net.gives == "q":
        others = bundles(found.spec, found.spaces)  # skrl copies the weights
        both = {"q_network": nets["net"], "target_q_network": others["net"]}
        return {name: Values(bundle, bundle.model, *place) for name, bundle in both.items()}
    policy = POLICIES[_kind_of(found)](nets["net"], *place)
    if "q1_net" in found.plans:
        return {"policy": policy, **_critics(found, nets, place)}
    if "critic_net" in found.plans:
        return {"policy": policy, "value": Values(nets["critic_net"], nets["critic_net"].model, *place)}
    shared = found.net.gives == "actor" and found.net.source.shared
    return {"policy": policy, "value": policy} if shared else {"policy": policy}


def training_kwargs(cfg: type[Any], spec: SpecSource, env: object, **options: Any) -> dict[str, Any]:
    """What a spec's net says that is in the configuration of an agent: `PPO_CFG(**skrl.training_kwargs(PPO_CFG, ...))`.

    That is the learning rate, gradient clipping, and how target nets follow. It warns of what is not: a schedule,
    another loss.

    Raises:
        SpecError: with everything that is wrong with the spec.
    """
    found, takes = fitting(LIBRARY, spec, env, **options), {field.name for field in dataclasses.fields(cfg)}
    training = found.training(cfg.__name__.removesuffix("_CFG"), "grad_norm_clip" in takes, "MSELoss")
    given: dict[str, Any] = {"learning_rate": training.rate}
    if "grad_norm_clip" in takes:
        given["grad_norm_clip"] = training.clip or 0.0
    if "polyak" in takes and training.polyak is not None:
        given["polyak"] = training.polyak
        if "target_update_interval" in takes:
            given["target_update_interval"] = training.interval
        elif training.interval != 1:
            message = f"target nets follow in every step: {cfg.__name__} of {LIBRARY} has no update_frequency"
            found.warn("update_frequency", message, "write 1")
    return given


def _critics(found: Fitting, nets: Mapping[str, NetBundle], place: tuple[Any, ...]) -> dict[str, Model]:
    """SAC's critics, and other ones for their targets, to which skrl copies the weights."""
    others, reader = bundles(found.spec, found.spaces), nets["net"]
    return {
        f"{kind}critic_{index}": PairValue(reader, own[f"q{index}_net"], *place)
        for kind, own in (("", nets), ("target_", others))
        for index in (1, 2)
    }


# --- what a spec asks for


def _kind_of(found: Fitting) -> str:
    """The kind of policy: that of the actions, or "squashed"."""
    action = found.net.action
    return "squashed" if "q1_net" in found.plans else action.kind if action else ""


def _check_policy(found: Fitting) -> None:
    """Refuse actions and distributions that skrl's models do not have."""
    action, sac = found.net.action, "q1_net" in found.plans
    if found.net.gives == "q":
        return found.check_distribution(("Argmax", "default"))
    if action is not None and (action.kind == "multi-binary" or (sac and action.kind != "continuous")):
        agent = f"SAC of {LIBRARY}" if sac else LIBRARY
        found.refuse("type", f"{agent} has no policy of {action.kind} actions", "give another environment")
    known = ("NormalTanh",) if sac else ("default", "Categorical", "MultiCategorical", "Normal", "MultivariateNormal")
    return found.check_distribution(known)


def _check_optimizers(found: Fitting) -> None:
    """Warn of an optimizer that is not skrl's Adam."""
    if "critic_net" in found.plans:
        found.check_one_optimizer()
    for plan in found.plans.values():
        if {"lr": 0, **plan.spec["optim_spec"]} != {"name": "Adam", "lr": plan.spec["optim_spec"].get("lr", 0)}:
            message = f"the optimizer is left out: {LIBRARY} trains with Adam, of which it sets the learning rate alone"
            found.warn("optim_spec", message, 'write {"name": "Adam", "lr": ...}', plan)
            return


# --- models


class SpecModel(Model):
    """A net of a spec as a model of skrl; `reader` is the bundle that knows what the environment shows."""

    #: The mixin of skrl that makes a model of it, if there is one.
    mixin: Any = None

    def __init__(self, reader: NetBundle, net: nn.Module, observation_space: Any, action_space: Any, device: Any):
        super().__init__(observation_space=observation_space, action_space=action_space, device=device)
        if self.mixin is not None:
            self.mixin.__init__(self)
        self.net, self.reader = net.to(self.device), reader
        reader.device = torch.device(self.device)

    def seen(self, inputs: dict[str, Any]) -> Any:
        """What the net takes, of skrl's flat observations."""
        space = self.observation_space
        return self.reader.observe(_numbers(space, unflatten_tensorized_space(space, inputs["observations"])))


def _numbers(space: Any, x: Any) -> Any:
    """Observations in the form of their space: choices are integers again, and no column."""
    if isinstance(x, dict):
        return {key: _numbers(space[key], part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [_numbers(part, each) for part, each in zip(space, x, strict=True)]
    if isinstance(space, Discrete):
        return x.long().squeeze(-1)
    return x.long() if isinstance(space, MultiDiscrete) else x


class Values(SpecModel):
    """The value of a state, or those of all actions: a deterministic model."""

    def act(self, inputs: dict[str, Any], *, role: str = "") -> tuple[Tensor, dict[str, Any]]:
        """The same as `compute`."""
        return self.compute(inputs, role)

    def compute(self, inputs: dict[str, Any], role: str = "") -> tuple[Tensor, dict[str, Any]]:
        """The outputs of the net."""
        return self.net(self.seen(inputs)), {}


class Stretch(nn.Module):
    """Actions from -1 to 1 as those from the lower to the upper bound; where there is none they stay."""

    middle: Tensor
    reach: Tensor

    def __init__(self, action: Action):
        super().__init__()
        ends = [(-1.0, 1.0) if None in pair else pair for pair in zip(*bounds_of(action), strict=True)]
        low, high = torch.tensor(ends, dtype=torch.get_default_dtype()).unbind(1)
        self.register_buffer("middle", (low + high) / 2)
        self.register_buffer("reach", (high - low) / 2)

    def forward(self, squashed: Tensor) -> Tensor:
        """The actions in their bounds."""
        return self.middle + squashed * self.reach

    def back(self, actions: Tensor) -> Tensor:
        """The actions from -1 to 1."""
        return (actions - self.middle) / self.reach


class PairValue(Values):
    """The value of a state with an action, which the net reads from -1 to 1."""

    def __init__(self, reader: NetBundle, critic: NetBundle, *place: Any):
        super().__init__(reader, OfPair(critic), *place)
        self.stretch = Stretch(_of(reader)).to(self.device)

    def compute(self, inputs: dict[str, Any], role: str = "") -> tuple[Tensor, dict[str, Any]]:
        """The values of the actions taken."""
        return self.net(self.seen(inputs), self.stretch.back(inputs["taken_actions"])), {}


class Policy(SpecModel):
    """A policy, which gives the value too if the net is shared: skrl then asks the same model for both."""

    def __init__(self, bundle: NetBundle, *place: Any):
        super().__init__(bundle, bundle.model, *place)
        self.last: tuple[Any, bool, PolicyParts] | None = None

    def act(self, inputs: dict[str, Any], *, role: str = "") -> tuple[Tensor, dict[str, Any]]:
        """Actions with their log probabilities; for the role "value" the value."""
        return (self.value(inputs), {}) if role == "value" else self.drawn(inputs)

    def drawn(self, inputs: dict[str, Any]) -> tuple[Tensor, dict[str, Any]]:
        """Actions, as skrl's mixin draws them."""
        return self.mixin.act(self, inputs)

    def parts(self, inputs: dict[str, Any]) -> PolicyParts:
        """What the net puts out, by what it is; kept for the value of the same observations."""
        parts = policy_parts(self.net(self.seen(inputs)), _of(self.reader))
        self.last = inputs["observations"], torch.is_grad_enabled(), parts
        return parts

    def value(self, inputs: dict[str, Any]) -> Tensor:
        """The value of a shared net, of the pass in which it acted if that saw the same."""
        kept, self.last = self.last, None
        if kept and kept[0] is inputs["observations"] and kept[1] is torch.is_grad_enabled():
            found = kept[2].value
        else:
            found, self.last = self.parts(inputs).value, None
        if found is None:
            raise ValueError("this policy has no value: its net is not shared with the critic's")
        return found


class Categorical(Policy, CategoricalMixin):
    """A policy over discrete actions."""

    mixin = CategoricalMixin

    def compute(self, inputs: dict[str, Any], role: str = "") -> tuple[Tensor, dict[str, Any]]:
        """The logits."""
        return self.parts(inputs).logits, {}


class MultiCategorical(Policy, MultiCategoricalMixin):
    """A policy over several discrete actions."""

    mixin = MultiCategoricalMixin

    def compute(self, inputs: dict[str, Any], role: str = "") -> tuple[Tensor, dict[str, Any]]:
        """The logits, side by side."""
        return torch.cat(self.parts(inputs).logits, dim=-1), {}


class Gaussian(Policy, GaussianMixin):
    """A policy over continuous actions."""

    mixin = GaussianMixin

    def compute(self, inputs: dict[str, Any], role: str = "") -> tuple[Tensor, dict[str, Any]]:
        """The means and the logarithms of the standard deviations."""
        parts = self.parts(inputs)
        return parts.mean, {"log_std": parts.log_std}


class SquashedGaussian(Policy):
    """SAC's policy: a Gaussian squashed by a tanh, and stretched to the bounds of the actions.

    Log probabilities are those of the squashed numbers, from -1 to 1, of which the target entropy speaks.
    """

    def __init__(self, bundle: NetBundle, *place: Any):
        super().__init__(bundle, *place)
        self.stretch = Stretch(_of(bundle)).to(self.device)

    def drawn(self, inputs: dict[str, Any]) -> tuple[Tensor, dict[str, Any]]:
        """Actions, their log probabilities, and the actions in the middle."""
        outputs = self.compute(inputs)[0]
        distribution = action_distribution(outputs, _of(self.reader), "NormalTanh")
        squashed = distribution.rsample()
        middle = self.stretch(likeliest(outputs, _of(self.reader), "NormalTanh"))
        about = {"log_prob": distribution.log_prob(squashed).unsqueeze(-1), "mean_actions": middle}
        return self.stretch(squashed), about

    def compute(self, inputs: dict[str, Any], role: str = "") -> tuple[Any, dict[str, Any]]:
        """The outputs of the net."""
        return self.net(self.seen(inputs)), {}


def _of(bundle: NetBundle) -> Action:
    """The actions of a bundle that acts."""
    if bundle.action is None:
        raise ValueError("the actions of this net are not known")
    return bundle.action


POLICIES = {
    "discrete": Categorical,
    "multi-discrete": MultiCategorical,
    "continuous": Gaussian,
    "squashed": SquashedGaussian,
}
