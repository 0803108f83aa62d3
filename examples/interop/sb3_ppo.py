"""PPO of Stable-Baselines3 on CartPole, with the actor and the critic of a spec.

python examples/interop/sb3_ppo.py --steps 60000 --seed 0
"""

from __future__ import annotations

import argparse
from pathlib import Path

from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

from slm_net.interop import sb3

SPEC = Path(__file__).parents[2] / "specs" / "ppo_cartpole.json"


def train(steps: int, seed: int) -> PPO:
    """Train for so many steps."""
    envs = make_vec_env("CartPole-v1", n_envs=8, seed=seed)
    model = PPO(env=envs, **sb3.arguments(PPO, SPEC, envs), n_steps=128, batch_size=128, n_epochs=8, seed=seed)
    return model.learn(steps)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    mean, std = evaluate_policy(train(given.steps, given.seed), make_vec_env("CartPole-v1", seed=10_000), 20)
    print(f"mean return of 20 episodes: {mean:.1f} ± {std:.1f}")
