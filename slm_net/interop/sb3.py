"""A spec's nets as the policy of Stable-Baselines3, whose algorithms train them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

from slm_net.document.specs import SpecSource
from slm_net.extras import require
from slm_net.factory import place_of
from slm_net.interop.fitting import Fitting, bundles, fitting, tell
from slm_net.net_types import net_type
from slm_net.nets.trunk import Trunk
from slm_net.plan import NetPlan
from slm_net.rules.convolutions import BYTES_NOT_SCALED

require("sb3", "slm_net.interop.sb3")

from stable_baselines3 import DQN, SAC  # noqa: E402
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm  # noqa: E402
from stable_baselines3.common.policies import BasePolicy  # noqa: E402
from stable_baselines3.common.preprocessing import is_image_space  # noqa: E402

from slm_net.interop.sb3_policies import (  # noqa: E402
    SpecActorCriticPolicy,
    SpecDQNPolicy,
    SpecFeatures,
    SpecSACPolicy,
    optimizer,
)

LIBRARY = "Stable-Baselines3"
#: The gains that SB3's `ortho_init` gives the output layers of the policy and of the value.
ORTHO_GAINS = (0.01, 1.0)
#: What the statistics that SB3 copies to target nets have in their names.
STATISTICS = "running_"
#: What of a net's keys is no part of its body.
AROUND = frozenset(
    (
        *("optim_spec", "lr_scheduler_spec", "loss_spec", "clip_grad_val", "clip_grad_type", "gpu", "cuda_id"),
        *("update_type", "update_frequency", "polyak_coef", "lr_scale"),
        *("out_layer_activation", "actor_init_std", "critic_init_std", "log_std_init"),
    )
)


# --- what users call


def policy_kwargs(spec: SpecSource, env: object, **options: Any) -> dict[str, Any]:
    """The `policy_kwargs` with which "MlpPolicy", "CnnPolicy" or "MultiInputPolicy" is the net of a spec.

    The net's body is SB3's features extractor, and SB3's own output layers are its tails: linear ones, which is what
    the spec must ask for. `arguments` takes every net, with the spec's own tails. The learning rate and the gradient
    clipping are arguments of the algorithm: `training_kwargs`. A bare net block gives its body alone: the output
    layers, their weights and the value of PPO and A2C are SB3's. `normalize_obs` of one is for PPO and A2C, as its
    statistics do not reach target nets.

    Args:
        spec: as in `build_net`.
        env: an environment, a vector of them, an id, or a pair of spaces.
        options: the `name`, `variables` and `overrides` of `load_spec`.

    Raises:
        SpecError: with everything that is wrong with the spec, or with what SB3 has no place for.
    """
    found = fitting(LIBRARY, spec, env, **options)
    _check_tails(found)
    found.check_one_optimizer()
    common = {**_features(found), "net_arch": [], **_optimizer_kwargs(found.net.spec)}
    if found.net.gives == "q":
        found.check_statistics(copied=STATISTICS)
        _check_q_init(found)
        return common
    found.check_distribution(POLICY_PDTYPES)
    if (own := found.net.spec["log_std_init"]) is not None:
        common["log_std_init"] = own
    ortho_init = _ortho_init(found)
    if not found.bare:
        common.update(share_features_extractor="critic_net" not in found.plans, ortho_init=ortho_init)
    return common


def features_extractor(spec: SpecSource, env: object, **options: Any) -> dict[str, Any]:
    """The body of a spec's net as SB3's features extractor, for a `policy_kwargs` of one's own.

    SB3 puts layers of its own behind it: the two of 64 of its default `net_arch`, if that is not given. The body keeps
    the weights that the spec asks for, whatever `ortho_init` is; images are divided by 255 once.

    Raises:
        SpecError: as `policy_kwargs`, but for what is about output layers, actions and training.
    """
    return _features(fitting(LIBRARY, spec, env, **options))


def arguments(algorithm: type[Any], spec: SpecSource, env: object, **options: Any) -> dict[str, Any]:
    """All that a spec says, as arguments of PPO, A2C, DQN or SAC: `PPO(env=env, **sb3.arguments(PPO, spec, env))`.

    They are a policy whose nets are the spec's own, tails, critics and all, its optimizer, and the `training_kwargs`.

    Raises:
        SpecError: with everything that is wrong with the spec, or with what SB3 has no place for.
        ValueError: the algorithm is another one.
    """
    found = fitting(LIBRARY, spec, env, **options)
    policy = _policy_for(algorithm, found)
    found.check_one_optimizer()
    _say_warnings(found)
    kwargs = {"spec": found.spec, "normalize_images": _sb3_scales(found), **_optimizer_kwargs(found.net.spec)}
    return {"policy": policy, "policy_kwargs": kwargs, **_training(algorithm, found)}


def training_kwargs(algorithm: type[Any], spec: SpecSource, env: object, **options: Any) -> dict[str, Any]:
    """What a spec's net says that is an argument of an SB3 algorithm: learning rate, clipping, target nets, device.

    Warns of what the algorithm takes no argument for: a schedule, another loss.

    Raises:
        SpecError: with everything that is wrong with the spec.
    """
    return _training(algorithm, fitting(LIBRARY, spec, env, **options))


# --- what a spec asks for


POLICY_PDTYPES = ("default", "Categorical", "MultiCategorical", "Bernoulli", "Normal", "MultivariateNormal")


def _features(found: Fitting) -> dict[str, Any]:
    """The body as features extractor, of which SB3 divides images by 255 if the net does not."""
    bundle = bundles(found.spec, found.spaces, seed=0)["net"]
    try:
        Trunk(bundle.model)
    except ValueError as error:
        found.refuse("type", str(error), WHOLE)
    _say_warnings(found)
    return {
        "features_extractor_class": SpecFeatures,
        "features_extractor_kwargs": {"spec": found.spec, "action_space": found.spaces[1]},
        "normalize_images": _sb3_scales(found),
    }


#: What to write for what SB3's own output layers cannot be.
WHOLE = "give the algorithm **sb3.arguments(...), whose policy has the spec's own nets, for policy_kwargs"


def _check_tails(found: Fitting) -> None:
    """Refuse output layers that are not those of SB3."""
    net, spec = found.net, found.net.spec
    if "q1_net" in found.plans:
        found.refuse("type", "SB3's own critics are not the spec's: their actions come behind the features", WHOLE)
    if net_type(spec["type"]).dueling:
        found.refuse("type", f"SB3's Q-values are one linear layer, not the two of a {spec['type']}", WHOLE)
    for plan in found.plans.values():
        written = plan.spec["out_layer_activation"]
        if any(written if isinstance(written, list) else [written]):
            message = "SB3 has no activation behind its output layers"
            found.refuse("out_layer_activation", message, WHOLE, plan)
        if plan.spec.get("tails") is False:
            found.refuse("tails", "SB3 puts output layers behind the outputs of the arc", WHOLE, plan)
    critic = found.plans.get("critic_net")
    if critic and _body(critic) != _body(net):
        found.refuse("type", "SB3 makes the bodies of actor and critic alike, and these differ", WHOLE, critic)
    continuous = net.action is not None and net.action.kind == "continuous"
    if continuous and spec["log_std_init"] is None and not found.bare and net.gives != "q":
        message = "SB3's log standard deviation is a parameter, and here the net puts it out"
        found.refuse("type", message, f'write "log_std_init": 0.0; or {WHOLE}')


def _body(plan: NetPlan) -> dict[str, Any]:
    return {key: value for key, value in plan.spec.items() if key not in AROUND}


def _ortho_init(found: Fitting) -> bool:
    """Whether SB3 draws the output layers as the spec has them by `ortho_init`; a warning if in neither way."""
    net, critic = found.net, found.plans.get("critic_net", found.net)
    stds = net.spec["actor_init_std"], critic.spec["critic_init_std"]
    if stds == ORTHO_GAINS:
        return True
    written = stds if found.bare else (*stds, net.spec["init_fn"], critic.spec["init_fn"])
    if any(written):
        key = "actor_init_std" if stds[0] else "init_fn"
        message = "SB3's output layers start as torch draws them, not as the spec says"
        found.warn(key, message, f'write "actor_init_std": 0.01 and "critic_init_std": 1.0, which SB3 has; or {WHOLE}')
    return False


def _check_q_init(found: Fitting) -> None:
    spec = found.net.spec
    if spec["init_fn"] or spec["actor_init_std"]:
        found.warn("init_fn", "SB3's output layer starts as torch draws it, not as the spec says", WHOLE)


def _optimizer_kwargs(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"optimizer_class": optimizer, "optimizer_kwargs": {"optim_spec": dict(spec["optim_spec"])}}


def _sb3_scales(found: Fitting) -> bool:
    """Whether SB3 is to divide images by 255: if no net of the spec does."""
    return not any(plan.spec.get("normalize") for plan in found.plans.values())


def _say_warnings(found: Fitting) -> None:
    scaled = is_image_space(found.spaces[0]) and _sb3_scales(found)
    for problem in found.warnings:
        if not (scaled and problem.rule == BYTES_NOT_SCALED.id):
            tell(problem)


# --- what is an argument of the algorithm


def _training(algorithm: type[Any], found: Fitting) -> dict[str, Any]:
    takes = inspect.signature(algorithm).parameters
    loss = "SmoothL1Loss" if issubclass(algorithm, DQN) else "MSELoss"
    training = found.training(algorithm.__name__, "max_grad_norm" in takes, loss)
    given: dict[str, Any] = {"learning_rate": training.rate}
    if "max_grad_norm" in takes:
        given["max_grad_norm"] = training.clip or math.inf
    if "target_update_interval" in takes and training.interval:
        given.update(tau=training.polyak, target_update_interval=training.interval)
    if "gpu" in found.net.places:
        given["device"] = str(place_of(found.net, None))
    return given


# --- policies whose nets are the spec's own


def _policy_for(algorithm: type[Any], found: Fitting) -> type[BasePolicy]:
    """The policy of ours for an algorithm, if it can have these nets.

    Raises:
        SpecError: it needs others.
        ValueError: it is none that a spec has nets for.
    """
    net = found.net
    for known, policy, wanted, pdtypes in (
        (OnPolicyAlgorithm, SpecActorCriticPolicy, "an actor and a critic (PPO, ActorCritic)", POLICY_PDTYPES),
        (DQN, SpecDQNPolicy, "Q-values of discrete actions (DQN)", ("Argmax", "default")),
        (SAC, SpecSACPolicy, "those of SoftActorCritic for continuous actions", ("NormalTanh",)),
    ):
        if issubclass(algorithm, known):
            if not _has_nets_for(known, found):
                given = "a net block alone" if found.bare else f"those of {net.source.block.algorithm}"
                message = f"{algorithm.__name__} of {LIBRARY} needs nets for {wanted}, and here are {given}"
                found.refuse("type", message, "write a whole spec of such an algorithm")
            found.check_distribution(pdtypes)
            if known is not OnPolicyAlgorithm:
                found.check_statistics(copied=STATISTICS)
            return policy
    raise ValueError(f"{algorithm.__name__} is none of PPO, A2C, DQN and SAC, for which specs have nets")


def _has_nets_for(known: type[Any], found: Fitting) -> bool:
    """Whether the nets are those of a kind of algorithms."""
    net, action = found.net, found.net.action
    if known is DQN:
        is_one_of = action is not None and action.kind == "discrete"
        return net.gives == "q" or (found.bare and is_one_of)
    if known is SAC:
        return {"q1_net", "q2_net"} <= found.plans.keys() and action is not None and action.kind == "continuous"
    return "critic_net" in found.plans or (net.gives == "actor" and net.source.shared)
