"""DQN of Stable-Baselines3 on images, with the dueling convolutional net of a spec.

python examples/interop/sb3_dqn.py --steps 8000 --seed 0
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from stable_baselines3 import DQN
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

from slm_net.interop import sb3

SPEC = Path(__file__).parents[2] / "specs" / "dueling_conv.json"
#: The images of this game are smaller than those of Atari, and its training shorter.
SMALLER = {
    "agent.net.conv_hid_layers": [[16, 3, 1], [32, 3, 2]],
    "agent.net.fc_hid_layers": [64],
    "agent.net.optim_spec.lr": 0.001,
    "agent.net.lr_scheduler_spec": None,
    "agent.net.update_frequency": 500,
}
SIZE = 7


class Catch(gymnasium.Env[np.ndarray, int]):
    """A ball falls, one row a step, and a paddle on the ground is to be below it: 1 if it is, else -1."""

    observation_space = spaces.Box(0, 255, (SIZE, SIZE, 1), np.uint8)
    action_space = spaces.Discrete(3)

    def reset(self, **options: Any) -> tuple[np.ndarray, dict[str, Any]]:
        """A new ball and the paddle somewhere."""
        super().reset(**options)
        self.row, (self.ball, self.paddle) = 0, self.np_random.integers(SIZE, size=2)
        return self._image(), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Move the paddle to the left, not at all, or to the right."""
        self.row, self.paddle = self.row + 1, np.clip(self.paddle + action - 1, 0, SIZE - 1)
        ended = self.row == SIZE - 1
        return self._image(), (1.0 if self.ball == self.paddle else -1.0) * ended, ended, False, {}

    def _image(self) -> np.ndarray:
        image = np.zeros((SIZE, SIZE, 1), np.uint8)
        image[self.row, self.ball] = image[SIZE - 1, self.paddle] = 255
        return image


def train(steps: int, seed: int) -> DQN:
    """Train for so many steps."""
    env = Monitor(Catch())
    given = sb3.arguments(DQN, SPEC, env, overrides=SMALLER)
    model = DQN(env=env, **given, train_freq=1, buffer_size=10_000, seed=seed)
    return model.learn(steps)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=8_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    mean, std = evaluate_policy(train(given.steps, given.seed), Monitor(Catch()), 100)
    print(f"mean return of 100 episodes: {mean:.2f} ± {std:.2f}")
