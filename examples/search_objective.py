"""What `slm-net search` tries a spec with: REINFORCE on the environment of the spec, for the frames that it says.

slm-net search specs/reinforce_search.json --objective examples/search_objective.py:run --trials 20
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import torch

import slm_net
from slm_net import NetBundle

WINDOW = 20  # episodes that the result is the mean of


def run(spec: dict[str, Any], report: Callable[[int, float], None]) -> float:
    """Train what the spec says; the mean return of the last episodes."""
    torch.set_num_threads(1)  # the net is too small for more
    agent, env_spec = spec["agent"], spec["env"]
    env = gymnasium.make(env_spec["name"])
    torch.manual_seed(0)  # of the actions
    net = slm_net.build_nets(spec, seed=0)["net"]
    frame, returns = 0, list[float]()
    while frame < env_spec["max_frame"]:
        states, actions, rewards = episode(env, net, seed=frame)
        frame += len(rewards)
        returns.append(sum(rewards))
        gains = discounted(rewards, agent["algorithm"]["gamma"])
        policy = net.distribution(net.model(states))
        net.train_step(-(policy.log_prob(actions) * gains).mean(), frame)
        report(frame, float(np.mean(returns[-WINDOW:])))  # a trial that does worse than others ends here
    return float(np.mean(returns[-WINDOW:]))


def episode(env: gymnasium.Env, net: NetBundle, seed: int) -> tuple[torch.Tensor, torch.Tensor, list[float]]:
    """The states, actions and rewards of one episode."""
    state, _ = env.reset(seed=seed)
    states, actions, rewards, ended = [], [], [], False
    while not ended:
        states.append(state)
        actions.append(int(net.act(state)))
        state, reward, terminated, truncated, _ = env.step(actions[-1])
        rewards.append(float(reward))
        ended = terminated or truncated
    return torch.from_numpy(np.stack(states)), torch.tensor(actions), rewards


def discounted(rewards: list[float], gamma: float) -> torch.Tensor:
    """What follows each reward, itself included, made to have mean 0 and standard deviation 1."""
    gains, gain = torch.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        gain = rewards[t] + gamma * gain
        gains[t] = gain
    return (gains - gains.mean()) / (gains.std(correction=0) + 1e-8)
