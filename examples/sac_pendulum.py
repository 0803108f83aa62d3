"""SAC (Haarnoja et al. 2018, https://arxiv.org/abs/1812.05905) on Pendulum-v1, from specs/sac_pendulum.json.

python examples/sac_pendulum.py --seed 0 --out sac_pendulum.png
"""

from __future__ import annotations

from typing import Any

import common
import gymnasium
import numpy as np
import torch
from common import Episodes, Replay, main, move, settings, side_by_side
from torch import Tensor

import slm_net
from slm_net import AgentNets


def make(spec: dict[str, Any]) -> gymnasium.Env:
    """The environment, with actions in (-1, 1), where a tanh puts them."""
    return gymnasium.wrappers.RescaleAction(common.make(spec), np.float32(-1), np.float32(1))


def train(
    spec: dict[str, Any], frames: int | None = None, seed: int = 0, *, show: bool = False
) -> tuple[AgentNets, Episodes]:
    """Train for `frames`, by default the spec's `max_frame`; returns the nets and the episodes."""
    agent, env_spec = settings(spec)
    algorithm, frames = agent["algorithm"], frames or env_spec["max_frame"]
    torch.manual_seed(seed)  # of the weights, and of the actions that are sampled
    start, every = algorithm["training_start_step"], algorithm["training_frequency"]
    envs = side_by_side(make, spec)
    nets = slm_net.build_nets(spec, env=envs)
    replay, random = Replay(agent["memory"]["max_size"], seed), np.random.default_rng(seed)
    states, _ = envs.reset(seed=seed)
    with Episodes("SAC", frames, show) as episodes:
        for frame in range(envs.num_envs, frames + 1, envs.num_envs):
            if frame < start:
                actions = random.uniform(-1, 1, size=(envs.num_envs, 1)).astype(np.float32)
            else:
                actions = nets.act(states)
            moved = move(envs, actions)
            replay.add_each(states, actions, moved.rewards, moved.next_states, np.float32(~moved.terminated))
            episodes.add(frame, moved.rewards, moved.ended)
            states = moved.states
            if frame >= start and frame % every < envs.num_envs:
                for _ in range(algorithm["training_iter"]):
                    learn(nets, replay.sample(agent["memory"]["batch_size"]), algorithm["gamma"], frame)
            nets.update_targets(frame)
    return nets, episodes


def learn(nets: AgentNets, batch: list[Tensor], gamma: float, frame: int) -> None:
    """One update of both Q nets, the policy and the temperature."""
    states, actions, rewards, next_states, going = batch
    alpha, policy = nets.log_alpha.exp().detach(), nets["net"]
    with torch.no_grad():
        next_actions, log_probs = sample(nets, next_states)
        soft_values = least_q(nets, "target_q1_net", "target_q2_net", next_states, next_actions) - alpha * log_probs
        goals = rewards + gamma * going * soft_values
    for name in ("q1_net", "q2_net"):
        values = nets[name].model(torch.cat([states, actions], dim=-1))[:, 0]
        nets[name].train_step(nets[name].loss_fn(values, goals), frame)
    actions, log_probs = sample(nets, states)
    policy.train_step((alpha * log_probs - least_q(nets, "q1_net", "q2_net", states, actions)).mean(), frame)
    surprise = (log_probs + nets.target_entropy).detach()
    nets.temperature.train_step(-(nets.log_alpha * surprise).mean(), frame)


def sample(nets: AgentNets, states: Tensor) -> tuple[Tensor, Tensor]:
    """Actions (batch, 1) that gradients pass through, and their log probabilities (batch,)."""
    distribution = nets["net"].distribution(nets["net"].model(states))
    actions = distribution.rsample()
    return actions, distribution.log_prob(actions)


def least_q(nets: AgentNets, first: str, second: str, states: Tensor, actions: Tensor) -> Tensor:
    """The lower of two nets' values, (batch,)."""
    pairs = torch.cat([states, actions], dim=-1)
    return torch.min(nets[first].model(pairs), nets[second].model(pairs))[:, 0]


if __name__ == "__main__":
    main(train, make, "sac_pendulum")
