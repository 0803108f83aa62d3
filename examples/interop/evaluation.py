"""What the recipes that train an agent share: their command line, and the return that the agent reaches."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import gymnasium
import torch

from slm_net import AgentNets

FIRST = 10_000  # the first seed of an evaluation, far from those of training


def mean_return(nets: AgentNets, make: str | Callable[[], gymnasium.Env], episodes: int = 20) -> float:
    """The mean return of episodes without exploration."""
    total, env = 0.0, gymnasium.make(make) if isinstance(make, str) else make()
    for episode in range(episodes):
        (obs, _), ended = env.reset(seed=FIRST + episode), False
        while not ended:
            obs, reward, terminated, truncated, _ = env.step(nets.act(obs, deterministic=True))
            total, ended = total + float(reward), terminated or truncated
    return total / episodes


def main(train: Callable[..., AgentNets], make: str | Callable[[], gymnasium.Env], steps: int) -> None:
    """Train as the command line says, and print the return that is reached."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=steps, help="environment steps")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)  # the nets are too small for more
    start = time.perf_counter()
    nets = train(args.steps, args.seed)
    minutes = (time.perf_counter() - start) / 60
    print(
        f"mean return of 20 episodes after {args.steps:,} steps, {minutes:.1f} minutes: {mean_return(nets, make):.1f}"
    )
