"""An image and a vector from a Dict observation: a policy of CartPole-v1 that sees its picture and feels its speeds.

The net is specs/arc_fusion.yaml, built for the spaces of the environment. REINFORCE (Williams 1992) trains it for some
updates, to show how observations go in; rendering is slow, so this is no way to solve CartPole.

python examples/fusion_cartpole.py --updates 20
"""

from __future__ import annotations

import argparse

import gymnasium
import numpy as np
import torch
from common import SPECS
from gymnasium.spaces import Box, Dict
from gymnasium.wrappers import AddRenderObservation, TransformObservation

import slm_net
from slm_net import NetBundle

GAMMA, STEPS = 0.99, 128


def make() -> gymnasium.Env:
    """CartPole that shows {"image": (3, 32, 32), "speed": (4,)}: its picture, cut out and small, and its numbers."""
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    both = AddRenderObservation(env, render_only=False, render_key="image", obs_key="speed")
    image = Box(0, 1, (3, 32, 32), np.float32)
    space = Dict({"image": image, "speed": both.observation_space["speed"]})
    return TransformObservation(both, small, space)


def small(observation: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The picture with 3 x 32 x 32 numbers from 0 to 1, channels first."""
    pixels = observation["image"][120:376:8, 44:556:16].transpose(2, 0, 1)
    return {**observation, "image": pixels.astype(np.float32) / 255}


def train(updates: int, seed: int = 0) -> tuple[NetBundle, list[float]]:
    """So many updates of REINFORCE on a few episodes each; the net, and the mean length of the episodes of each."""
    env = make()
    torch.manual_seed(seed)  # of the weights, and of the actions that are sampled
    bundle = slm_net.build_net(SPECS / "arc_fusion.yaml", env=env)
    lengths = []
    observation, _ = env.reset(seed=seed)
    for _ in range(updates):
        seen, actions, returns, episodes, rewards = [], [], [], 0, []
        while len(seen) < STEPS or rewards:
            action = bundle.act(observation)
            seen.append(observation)
            actions.append(action)
            observation, reward, terminated, truncated, _ = env.step(action)
            rewards.append(float(reward))
            if terminated or truncated:
                returns += discounted(rewards)
                observation, rewards, episodes = env.reset()[0], [], episodes + 1
        lengths.append(len(seen) / episodes)
        weights = torch.tensor(returns)
        policy = bundle.distribution(bundle.model(bundle.observe(seen)))
        bundle.train_step(-(policy.log_prob(torch.tensor(actions)) * (weights - weights.mean()) / weights.std()).mean())
    env.close()
    return bundle, lengths


def discounted(rewards: list[float]) -> list[float]:
    """The return from every step of an episode on."""
    total, found = 0.0, []
    for reward in reversed(rewards):
        total = reward + GAMMA * total
        found.append(total)
    return found[::-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the net of specs/arc_fusion.yaml for some updates.")
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    bundle, lengths = train(arguments.updates, arguments.seed)
    print(bundle)
    print("mean length of the episodes of each update:", ", ".join(f"{length:.0f}" for length in lengths))
