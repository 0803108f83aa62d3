"""What Stable-Baselines3 makes of a spec, and saves by these names: features extractors, policies, the optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from slm_net.distributions import PolicyParts, policy_parts
from slm_net.extras import require
from slm_net.interop.fitting import OfPair, bundles, tell
from slm_net.nets.trunk import Trunk
from slm_net.problems import WARNING
from slm_net.rules.labs import NOT_IN_THE_LIBRARY
from slm_net.training import build_optimizer

require("sb3", "slm_net.interop.sb3")

from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy, ContinuousCritic  # noqa: E402
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor  # noqa: E402
from stable_baselines3.dqn.policies import DQNPolicy, QNetwork  # noqa: E402
from stable_baselines3.sac.policies import Actor, SACPolicy  # noqa: E402


def optimizer(parameters: Iterable[Tensor], lr: float, optim_spec: Mapping[str, Any]) -> Optimizer:
    """The optimizer of a spec over what is not frozen; SB3's `optimizer_class`.

    It warns if SB3's learning rate, an argument of the algorithm, is not the spec's.
    """
    own = optim_spec.get("lr")
    if own is not None and lr not in (own, 0.0):  # 0 is that of a policy that is loaded alone
        message = f"Stable-Baselines3 trains with its own learning rate, {lr:g}, and not with the {own:g} of optim_spec"
        hint = f"give the algorithm learning_rate={own:g}, or **sb3.training_kwargs(PPO, spec, env)"
        tell(NOT_IN_THE_LIBRARY.at((), message, hint, WARNING))
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    return build_optimizer(trained, {**optim_spec, "lr": lr})


class SpecFeatures(BaseFeaturesExtractor):
    """The body of a spec's net."""

    def __init__(self, observation_space: Any, action_space: Any, spec: Mapping[str, Any]):
        trunk = Trunk(bundles(spec, (observation_space, action_space))["net"].model)
        super().__init__(observation_space, trunk.features_dim)
        self.trunk = trunk

    def forward(self, observations: Any) -> Tensor:
        """The features of a batch."""
        return self.trunk(observations)

    def apply(self, fn: Any) -> Any:
        """Apply a function to all modules, but for SB3's `ortho_init`: the weights are drawn as the spec says."""
        return self if getattr(fn, "func", None) is BasePolicy.init_weights else super().apply(fn)


class WholeNets(BaseFeaturesExtractor):
    """The spec's own nets, in the place of a features extractor: what is behind it in SB3 has no weights."""

    def __init__(self, observation_space: Any, action_space: Any, spec: Mapping[str, Any]):
        found = bundles(spec, (observation_space, action_space))
        super().__init__(observation_space, features_dim=1)
        self.net, self.action = found["net"].model, found["net"].action
        self.critic_net = found["critic_net"].model if "critic_net" in found else None


class QValues(WholeNets):
    """The Q-values of all actions."""

    def forward(self, observations: Any) -> Any:
        """They, for a batch."""
        return self.net(observations)


class ActorParts(WholeNets):
    """What a policy puts out, by what it is."""

    def forward(self, observations: Any) -> PolicyParts:
        """They, for a batch."""
        return policy_parts(self.net(observations), self.action)


class ActorAndCritic(ActorParts):
    """The same, and the value: of a critic's net, or of the net that both share."""

    def forward(self, observations: Any) -> PolicyParts:
        """They, for a batch."""
        parts = super().forward(observations)
        return parts if self.critic_net is None else parts._replace(value=self.critic_net(observations))


class Unchanged(BaseFeaturesExtractor):
    """The observations themselves, for nets that read them beside the action."""

    def __init__(self, observation_space: Any):
        super().__init__(observation_space, features_dim=1)

    def forward(self, observations: Any) -> Any:
        """They, for a batch."""
        return observations


class Pick(nn.Module):
    """One part of what the nets put out, in the place of an output layer."""

    def __init__(self, part: str):
        super().__init__()
        self.part = part

    def forward(self, parts: PolicyParts) -> Any:
        """The part of this name."""
        return parts._asdict()[self.part]


class _OfSpec(BasePolicy):
    """What the policies have in common: they are made of a concrete spec."""

    nets: type[WholeNets]

    def __init__(
        self, observation_space: Any, action_space: Any, lr_schedule: Any, spec: Mapping[str, Any], **kwargs: Any
    ):
        if kwargs.get("use_sde"):
            raise ValueError(
                "use_sde=True puts a layer of SB3's own behind the net: leave it out, or use policy_kwargs"
            )
        extractor = {"spec": spec, "action_space": action_space}
        super().__init__(
            observation_space,
            action_space,
            lr_schedule,
            net_arch=[],
            features_extractor_class=self.nets,
            features_extractor_kwargs=extractor,
            **kwargs,
        )

    def _get_constructor_parameters(self) -> dict[str, Any]:
        names = ("observation_space", "action_space", "normalize_images", "optimizer_class", "optimizer_kwargs")
        kept = {name: value for name, value in vars(self).items() if name in names}
        spec = self.features_extractor_kwargs["spec"]
        return {**kept, "lr_schedule": self._dummy_schedule, "spec": spec}


class SpecActorCriticPolicy(_OfSpec, ActorCriticPolicy):
    """The policy of PPO and A2C whose actor and critic are a spec's."""

    nets = ActorAndCritic

    def _build(self, lr_schedule: Any) -> None:
        self._build_mlp_extractor()  # empty: what the nets put out goes through it as it is
        self.add_module("action_net", nn.Identity())
        self.add_module("value_net", Pick("value"))
        make: Any = self.optimizer_class
        self.optimizer = make(self.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs)

    def _get_action_dist_from_latent(self, latent_pi: Any) -> Any:
        if latent_pi.mean is not None:
            return self.action_dist.proba_distribution(latent_pi.mean, latent_pi.log_std)
        logits = latent_pi.logits
        return self.action_dist.proba_distribution(torch.cat(logits, -1) if isinstance(logits, list) else logits)


class SpecDQNPolicy(_OfSpec, DQNPolicy):
    """The policy of DQN whose Q net is a spec's."""

    nets = QValues

    def make_q_net(self) -> QNetwork:
        """A new Q net."""
        made: Any = super().make_q_net()
        made.q_net = nn.Identity()
        return made


class SpecCritic(ContinuousCritic):
    """The critics of SAC that are a spec's."""

    def forward(self, obs: Any, actions: Tensor) -> tuple[Tensor, ...]:
        """The values of both."""
        seen = self.extract_features(obs, self.features_extractor)
        return tuple(critic(seen, actions) for critic in self.q_networks)

    def q1_forward(self, obs: Any, actions: Tensor) -> Tensor:
        """The value of the first."""
        return self(obs, actions)[0]


class SpecSACPolicy(_OfSpec, SACPolicy):
    """The policy of SAC whose actor and critics are a spec's."""

    nets = ActorParts

    def make_actor(self, features_extractor: BaseFeaturesExtractor | None = None) -> Actor:
        """A new actor."""
        made: Any = super().make_actor(features_extractor)
        made.mu, made.log_std = Pick("mean"), Pick("log_std")
        return made

    def make_critic(self, features_extractor: BaseFeaturesExtractor | None = None) -> ContinuousCritic:
        """Two new critics."""
        spaces = self.observation_space, self.action_space
        found = bundles(self.features_extractor_kwargs["spec"], spaces)
        own: dict[str, Any] = {
            **self.critic_kwargs,
            "features_extractor": Unchanged(self.observation_space),
            "features_dim": 1,
        }
        made = SpecCritic(**own)
        made.qf0, made.qf1 = made.q_networks = [OfPair(found[name]) for name in ("q1_net", "q2_net")]
        return made.to(self.device)
