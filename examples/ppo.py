"""PPO (Schulman et al. 2017, https://arxiv.org/abs/1707.06347) of vectors and Discrete actions, from a spec.

python examples/ppo.py --seed 0 --out ppo_cartpole.png
python examples/ppo.py --spec specs/ppo_lunarlander.json
"""

from __future__ import annotations

from typing import Any, NamedTuple

import common
import numpy as np
import torch
from common import Episodes, linear_decay, main, make, move, only, settings, side_by_side
from gymnasium.vector import SyncVectorEnv
from torch import Tensor

import slm_net
from slm_net import AgentNets


class Step(NamedTuple):
    """One step in every environment, (environments, ...); a rollout has time in front of it."""

    states: Tensor
    actions: Tensor
    rewards: Tensor
    next_states: Tensor
    terminated: Tensor
    ended: Tensor  # terminated, or stopped by the time limit


class Batch(NamedTuple):
    """What is learned from, (steps, ...): of each step also what the policy thought then, and how it came out."""

    states: Tensor
    actions: Tensor
    log_probs: Tensor
    gains: Tensor
    returns: Tensor

    def at(self, rows: Tensor) -> Batch:
        """Some of the steps."""
        return Batch(*(column[rows] for column in self))


def train(
    spec: dict[str, Any], frames: int | None = None, seed: int = 0, *, show: bool = False
) -> tuple[AgentNets, Episodes]:
    """Train for `frames`, by default the spec's `max_frame`; returns the nets and the episodes."""
    agent, env_spec = settings(spec)
    algorithm, frames = agent["algorithm"], frames or env_spec["max_frame"]
    only(algorithm, name="PPO", action_policy="default", normalize_v_targets=False, clip_vloss=False)
    horizon = algorithm["time_horizon"]
    torch.manual_seed(seed)  # of the weights, and of the actions that are sampled
    nets = slm_net.build_nets(spec)
    envs = side_by_side(make, spec)
    copies, (states, _) = envs.num_envs, envs.reset(seed=seed)
    with Episodes("PPO", frames, show) as episodes:
        for frame in range(0, frames, horizon * copies):
            steps = []
            for t in range(1, horizon + 1):
                step, states = play(envs, states, torch.from_numpy(nets.act(states)))
                steps.append(step)
                episodes.add(frame + t * copies, step.rewards.numpy(), step.ended.numpy())
            learn(nets, Step(*map(torch.stack, zip(*steps, strict=True))), algorithm, frame)
    return nets, episodes


def play(envs: SyncVectorEnv, states: np.ndarray, actions: Tensor) -> tuple[Step, np.ndarray]:
    """One step in every environment, and the states to go on from."""
    seen = torch.from_numpy(states.copy())
    *columns, states = move(envs, actions.numpy())
    return Step(seen, actions, *map(torch.from_numpy, columns)), states


def learn(nets: AgentNets, rollout: Step, algorithm: dict[str, Any], frame: int) -> None:
    """Some epochs of minibatches over a rollout."""
    batch = judged(nets, rollout, algorithm)
    for _ in range(algorithm["training_epoch"]):
        for rows in torch.randperm(len(batch.states)).split(algorithm["minibatch_size"]):
            part = batch.at(rows)
            gains = (part.gains - part.gains.mean()) / (part.gains.std() + 1e-8)
            update(nets, part._replace(gains=gains), algorithm, frame)


def judged(nets: AgentNets, rollout: Step, algorithm: dict[str, Any]) -> Batch:
    """The steps of a rollout, with how much better they were than expected."""
    gains, returns = advantages(nets, rollout, algorithm["gamma"], algorithm["lam"])
    with torch.no_grad():
        policy = nets["net"].distribution(nets["net"].model(rollout.states))
    columns = (rollout.states, rollout.actions, policy.log_prob(rollout.actions), gains, returns)
    return Batch(*(column.flatten(0, 1) for column in columns))


def update(nets: AgentNets, batch: Batch, algorithm: dict[str, Any], frame: int) -> Tensor:
    """One step of the policy and of the critic; their two losses."""
    net, critic = nets["net"], nets["critic_net"]
    clip, entropy_coef = (linear_decay(algorithm[key], frame) for key in ("clip_eps_spec", "entropy_coef_spec"))
    policy = net.distribution(net.model(batch.states))
    ratio = (policy.log_prob(batch.actions) - batch.log_probs).exp()
    surrogate = torch.min(ratio * batch.gains, ratio.clamp(1 - clip, 1 + clip) * batch.gains)
    policy_loss = net.train_step(-(surrogate + entropy_coef * policy.entropy()).mean(), frame)
    value_loss = critic.loss_fn(critic.model(batch.states)[:, 0], batch.returns)
    return torch.stack([policy_loss, critic.train_step(algorithm["val_loss_coef"] * value_loss, frame)])


@torch.no_grad()
def advantages(nets: AgentNets, rollout: Step, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimates and returns, both (time, environments)."""
    values, next_values = (nets["critic_net"].model(x)[..., 0] for x in (rollout.states, rollout.next_states))
    gains = common.advantages(
        rollout.rewards + gamma * next_values * ~rollout.terminated - values, rollout.ended, gamma * lam
    )
    return gains, gains + values


if __name__ == "__main__":
    main(train, make, "ppo_cartpole")
