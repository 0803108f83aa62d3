"""DQN on CartPole-v1 with 16 seeds at once, from specs/dqn_cartpole.json: one population, each with its environment.

python examples/population_cartpole.py --seeds 16 --out population_cartpole.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch
from common import SPECS, WINDOW, Replay, linear_decay, settings
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from torch import Tensor, nn

import slm_net
from slm_net import Population

EVERY = 200  # frames between two points of the curves


def train(spec: dict[str, Any], seeds: range, frames: int) -> tuple[Population, np.ndarray]:
    """The population, and the mean return of each member's last episodes, (points, members)."""
    agent, _ = settings(spec)
    algorithm, memory, count = agent["algorithm"], agent["memory"], len(seeds)
    population = slm_net.build_population(spec, seeds=seeds)
    target = population.target()
    follow = population.target_update.bind(population.model, target)
    replay, random = Replay(memory["max_size"], seeds[0]), np.random.default_rng(seeds[0])
    envs = SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * count, autoreset_mode=AutoresetMode.SAME_STEP)
    (states, _), totals, returns, curve = envs.reset(seed=list(seeds)), np.zeros(count), [[0.0] for _ in seeds], []
    for frame in range(1, frames + 1):
        with torch.no_grad():  # (members, batch of one, state)
            best = population.model(torch.from_numpy(states)[:, None]).argmax(dim=-1)[:, 0].numpy()
        explores = random.random(count) < linear_decay(algorithm["explore_var_spec"], frame)
        actions, before = np.where(explores, random.integers(2, size=count), best), states
        states, rewards, terminated, truncated, info = envs.step(actions)
        totals, seen = totals + rewards, states.copy()
        for member in (terminated | truncated).nonzero()[0]:  # whose new state is that of a new episode
            seen[member] = info["final_obs"][member]
            returns[member].append(totals[member])
            totals[member] = 0
        replay.add(before, actions, rewards, seen, (~terminated).astype(float))
        if frame >= algorithm["training_start_step"] and frame % algorithm["training_frequency"] == 0:
            for _ in range(algorithm["training_iter"]):
                batch = [column.transpose(0, 1) for column in replay.sample(memory["batch_size"])]
                learn(population, target, batch, algorithm["gamma"], frame)
        follow()  # at every step, as this spec has it
        if frame % EVERY == 0:
            curve.append([np.mean(ends[-WINDOW:]) for ends in returns])
    return population, np.array(curve)


def learn(population: Population, target: nn.Module, batch: list[Tensor], gamma: float, frame: int) -> Tensor:
    """One update of every member from its own transitions, (members, batch, ...); the losses."""
    states, actions, rewards, next_states, going = batch
    with torch.no_grad():
        best = target(next_states).max(dim=-1).values
    values = population.model(states).gather(-1, actions[..., None])[..., 0]
    return population.train_step(population.loss_fn(values, rewards + gamma * going * best), frame)


def save_curves(curve: np.ndarray, file: Path) -> None:
    """A picture of the median of the members, and of the half of them in the middle."""
    from matplotlib import pyplot

    low, middle, high = np.quantile(curve, [0.25, 0.5, 0.75], axis=1)
    frames = EVERY * np.arange(1, len(curve) + 1)
    figure, axes = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
    axes.fill_between(frames, low, high, alpha=0.25, label="the middle half of them")
    axes.plot(frames, middle, label=f"median of {curve.shape[1]} seeds")
    axes.set(title="DQN, CartPole-v1", xlabel="frames of each", ylabel=f"mean return of {WINDOW} episodes")
    axes.legend(loc="upper left")
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--frames", type=int, default=20_000, help="environment frames of each member")
    parser.add_argument("--out", type=Path, default=Path("population_cartpole.png"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    population, curve = train(slm_net.load_spec(SPECS / "dqn_cartpole.json"), range(args.seeds), args.frames)
    print(f"mean return at the end: {', '.join(f'{value:.0f}' for value in curve[-1])}")
    save_curves(curve, args.out)
