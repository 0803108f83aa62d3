"""How each algorithm is set, for vectors and for images: what has learned in `specs/`, else what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Values = dict[str, Any]


class Starter(NamedTuple):
    """What a spec to start from has beside its layers: settings of algorithm, memory, net and environment.

    `learned` names the spec of `specs/` that has them and learns, "" if none does. Numbers of frames are shares of the
    `frames` that are trained, under the names of `SHARES`.
    """

    algorithm: Values
    memory: Values
    net: Values
    env: Values
    frames: int
    learned: str = ""


#: Frames for an environment that is not in `FRAMES`, of algorithms that learn from each step once, and from a replay.
ON_POLICY, REPLAY = 1_000_000, 500_000
#: The frames that an environment is usually learned in, by the beginning of its id: as above.
FRAMES = {
    "CartPole": (81_920, 60_000),
    "Acrobot": (204_800, 60_000),
    "MountainCar": (300_000, 200_000),
    "Pendulum": (400_000, 12_000),
    "LunarLander": (983_040, 300_000),
    "BipedalWalker": (3_000_000, 1_000_000),
    "ALE/": (10_000_000, 4_000_000),
    "CarRacing": (3_000_000, 1_000_000),
}
LONG = ("Ant", "HalfCheetah", "Hopper", "Humanoid", "Walker2d", "Swimmer", "playground/")


def frames_of(env: str, replay: bool) -> int:
    """How many frames an environment is trained for.

    >>> frames_of("CartPole-v1", False), frames_of("Hopper-v5", True), frames_of("Reacher-v5", True)
    (81920, 1000000, 500000)
    """
    found = next((frames for start, frames in FRAMES.items() if env.startswith(start)), (ON_POLICY, REPLAY))
    if env.startswith(LONG):
        found = 3_000_000, 1_000_000
    return found[replay]


def constant(value: float) -> Values:
    """A schedule that stays where it is."""
    return {"name": "no_decay", "start_val": value}


def decays(start: float, end: float, steps: float, first: int = 0) -> Values:
    """A schedule that goes from one value to another in so many frames."""
    if start == end:
        return constant(start)
    return {"name": "linear_decay", "start_val": start, "end_val": end, "start_step": first, "end_step": int(steps)}


_DRAWN = {"action_pdtype": "default", "action_policy": "default"}
_GREEDY = {"action_pdtype": "Argmax", "action_policy": "epsilon_greedy"}
_TO_ZERO = "to zero"  # a schedule over all frames, filled in below


def settings(algorithm: str, env: str, image: bool, recurrent: bool) -> Starter:
    """The settings of an algorithm for an environment.

    Raises:
        KeyError: there are none for this algorithm.
    """
    make = {**dict.fromkeys(DQNS, _dqn), **OTHERS}[algorithm]
    replay = algorithm in DQNS or algorithm in ("SoftActorCritic", "CrossQ")
    found = make(algorithm, env, image, frames_of(env, replay))
    if recurrent and algorithm == "PPO":
        found = _recurrent_ppo(found)
    schedule = {"name": "LinearToZero", "frame": found.frames}
    net = {key: schedule if value == _TO_ZERO else value for key, value in found.net.items()}
    return found._replace(net=net)


# --- actors and critics


def _ppo(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    lunar, cartpole = env.startswith("LunarLander-"), env.startswith("CartPole-")
    clip = (0.1, 0.1) if image else (0.2, 0.05) if cartpole else (0.2, 0.1) if env.startswith("Acrobot") else (0.2, 0.2)
    gammas = (0.999, 0.98) if lunar else (0.99, 0.95)
    horizon, batch, epochs = (512, 128, 4) if lunar or not (cartpole or image or "Acrobot" in env) else (128, 128, 4)
    entropy = decays(0.01, 0.001, frames)
    if cartpole:
        epochs, entropy = 8, decays(0.01, 0.0, 0.75 * frames)
    rate = 2.5e-4 if image else 1e-3 if cartpole or env.startswith("Acrobot") else 5e-4 if lunar else 3e-4
    one: Values = {"shared": True, "use_same_optim": True, "optim_spec": {"name": "Adam", "lr": rate}}
    two: Values = {"shared": False, "actor_init_std": 0.01, "critic_init_std": 1.0, "use_same_optim": False}
    two |= {"actor_optim_spec": {"name": "Adam", "lr": rate}, "critic_optim_spec": {"name": "Adam", "lr": rate}}
    net = {**(one if image else two), "init_fn": "orthogonal_", "clip_grad_val": 0.5}
    learned = {"CartPole-v1": "ppo_cartpole", "Acrobot-v1": "ppo_acrobot", "LunarLander-v3": "ppo_lunarlander"}
    return Starter(
        {
            **_DRAWN,
            "explore_var_spec": None,
            "gamma": gammas[0],
            "lam": gammas[1],
            "clip_eps_spec": decays(*clip, frames),
            "entropy_coef_spec": entropy,
            "val_loss_coef": 0.5,
            "time_horizon": horizon,
            "minibatch_size": 256 if image else batch,
            "training_epoch": epochs,
        },
        {"name": "OnPolicyBatchReplay"},
        {**net, "loss_spec": {"name": "MSELoss"}, "lr_scheduler_spec": _TO_ZERO},
        {"num_envs": 8 if cartpole or image else 16},
        frames,
        learned.get(env, "") if algorithm == "PPO" else "",
    )


def _recurrent_ppo(found: Starter) -> Starter:
    """As `specs/ppo_recurrent_cartpole.json` has it: one net of both, whose sequences are short."""
    own = {"gamma": 0.98, "lam": 0.9, "clip_eps_spec": constant(0.2)}
    own |= {"entropy_coef_spec": None, "time_horizon": 64, "minibatch_size": 256, "training_epoch": 10}
    roles = ("actor_optim_spec", "critic_optim_spec", "critic_init_std")
    net = {key: value for key, value in found.net.items() if key not in roles}
    net |= {"shared": True, "use_same_optim": True, "optim_spec": {"name": "Adam", "lr": 1e-3}}
    net["loss_spec"] = {"name": "SmoothL1Loss"}
    return found._replace(algorithm={**found.algorithm, **own}, net=net, env={"num_envs": 16}, learned="")


_SIL = {"sil_policy_loss_coef": 0.5, "sil_val_loss_coef": 0.1, "training_batch_iter": 2, "training_iter": 2}
_SIL_MEMORY = {"sil_replay_name": "Replay", "batch_size": 128, "max_size": 20_000, "use_cer": False}


def _sil(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    """As the algorithm without it, which also learns from the best that it has seen."""
    found = (_ppo if algorithm == "PPOSIL" else _actor_critic)(algorithm, env, image, frames)
    return found._replace(algorithm={**found.algorithm, **_SIL}, memory={**found.memory, **_SIL_MEMORY})


def _actor_critic(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    rate = {"name": "Adam", "lr": 7e-4 if image else 1e-3}
    two = {f"{role}_optim_spec": dict(rate) for role in ("actor", "critic")}
    net = {"shared": image, "use_same_optim": image, **({"optim_spec": rate} if image else two)}
    return Starter(
        {
            **_DRAWN,
            "explore_var_spec": None,
            "gamma": 0.99,
            "lam": 0.95,
            "num_step_returns": None,
            "entropy_coef_spec": constant(0.01),
            "val_loss_coef": 0.5,
            "training_frequency": 32,
        },
        {"name": "OnPolicyBatchReplay"},
        {**net, "init_fn": "orthogonal_", "clip_grad_val": 0.5, "loss_spec": {"name": "MSELoss"}}
        | {"lr_scheduler_spec": _TO_ZERO},
        {"num_envs": 16 if image else 8},
        frames,
    )


def _reinforce(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    return Starter(
        {
            **_DRAWN,
            "explore_var_spec": None,
            "gamma": 0.99,
            "entropy_coef_spec": decays(0.01, 0.001, 0.3 * frames),
            "training_frequency": 1,
        },
        {"name": "OnPolicyReplay"},
        {"init_fn": "orthogonal_", "clip_grad_val": 1.0, "loss_spec": {"name": "MSELoss"}}
        | {"optim_spec": {"name": "Adam", "lr": 3e-4 if image else 3e-3}, "lr_scheduler_spec": None},
        {"num_envs": 1},
        frames,
    )


# --- values


def _dqn(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    lunar = env.startswith("LunarLander")
    first = 10_000 if image else 2000 if lunar else 500
    size = 200_000 if image else 100_000 if lunar else 50_000
    target: Values = {"update_type": "replace", "update_frequency": 1000}
    if not image:
        target = {"update_type": "polyak", "update_frequency": 4 if lunar else 1, "polyak_coef": 0.005}
    learned = {("DQN", "CartPole-v1"): "dqn_cartpole", ("DoubleDQN", "LunarLander-v3"): "double_dqn_lunarlander"}
    return Starter(
        {
            **_explores(algorithm, image, lunar, frames, first),
            "gamma": 0.99,
            "training_batch_iter": 1,
            "training_iter": 1 if image or lunar else 2,
            "training_frequency": 4,
            "training_start_step": first,
        },
        {"name": "Replay", "batch_size": 32 if image else 128, "max_size": size, "use_cer": False},
        {
            "clip_grad_val": None if lunar else 10.0,
            "loss_spec": {"name": "SmoothL1Loss" if image else "MSELoss"},
            "optim_spec": {"name": "Adam", "lr": 1e-4 if image else 7e-4 if lunar else 5e-4},
            "lr_scheduler_spec": None if image else _TO_ZERO,
            **({} if algorithm == "VanillaDQN" else target),
        },
        {"num_envs": 1},
        frames,
        learned.get((algorithm, env), ""),
    )


def _explores(algorithm: str, image: bool, lunar: bool, frames: int, first: int) -> Values:
    if algorithm == "VanillaDQN":
        drawn = {"action_pdtype": "Categorical", "action_policy": "boltzmann"}
        return {**drawn, "explore_var_spec": decays(4.0, 0.5, frames / 5)}
    start, end, part = (1.0, 0.01, 1 / 4) if image else (0.5, 0.02, 2 / 3) if lunar else (1.0, 0.02, 1 / 6)
    return {**_GREEDY, "explore_var_spec": decays(start, end, round(part * frames), first)}


def _sarsa(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    return Starter(
        {
            **_GREEDY,
            "explore_var_spec": decays(1.0, 0.05, frames / 5),
            "gamma": 0.99,
            "training_frequency": 32,
        },
        {"name": "OnPolicyBatchReplay"},
        {"clip_grad_val": 0.5, "loss_spec": {"name": "SmoothL1Loss"}}
        | {"optim_spec": {"name": "RMSprop", "lr": 1e-4 if image else 2e-3}, "lr_scheduler_spec": None},
        {"num_envs": 1},
        frames,
    )


# --- soft actor-critics


def _sac(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    pendulum = env.startswith("Pendulum")
    first = 500 if pendulum else 20_000 if image else 5000
    rate = 1e-3 if pendulum else 3e-4
    size = frames if frames <= 12_000 else 200_000 if image else 300_000
    learned = "sac_pendulum" if (algorithm, env) == ("SoftActorCritic", "Pendulum-v1") else ""
    return Starter(
        {
            **_DRAWN,
            "gamma": 0.99,
            "training_iter": 1,
            "training_frequency": 4 if image else 1,
            "training_start_step": first,
        },
        {"name": "Replay", "batch_size": 128 if pendulum else 64 if image else 256, "max_size": size, "use_cer": False},
        {"clip_grad_val": None, "loss_spec": {"name": "MSELoss"}, "optim_spec": {"name": "Adam", "lr": rate}}
        | {"lr_scheduler_spec": None, "update_type": "polyak", "update_frequency": 1, "polyak_coef": 0.005},
        {"num_envs": 1},
        frames,
        learned,
    )


def _crossq(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    """No target net, Adam with a small first beta, and batch norm in the critic (Bhatt et al. 2024)."""
    found = _sac(algorithm, env, image, frames)
    net = {
        key: value for key, value in found.net.items() if key not in ("update_type", "update_frequency", "polyak_coef")
    }
    net["optim_spec"] = {"name": "Adam", "lr": 5e-4, "betas": [0.5, 0.999]}
    return found._replace(algorithm={**found.algorithm, "policy_delay": 3}, net=net)


def _random(algorithm: str, env: str, image: bool, frames: int) -> Starter:
    return Starter({}, {"name": "OnPolicyReplay"}, {}, {"num_envs": 1}, 10_000)


#: The algorithms that learn Q-values from a replay.
DQNS = ("DQN", "DoubleDQN", "DQNBase", "VanillaDQN", "HydraDQN")
OTHERS: Mapping[str, Any] = {
    "PPO": _ppo,
    "ActorCritic": _actor_critic,
    **dict.fromkeys(("PPOSIL", "SIL"), _sil),
    "Reinforce": _reinforce,
    "SARSA": _sarsa,
    "SoftActorCritic": _sac,
    "CrossQ": _crossq,
    "Random": _random,
}
