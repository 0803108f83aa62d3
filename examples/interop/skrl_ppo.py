"""PPO of skrl on CartPole, with the actor and the critic of a spec.

python examples/interop/skrl_ppo.py --steps 80000 --seed 0
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gymnasium
import numpy as np
from skrl.agents.torch.ppo import PPO, PPO_CFG
from skrl.envs.wrappers.torch import wrap_env
from skrl.memories.torch import RandomMemory
from skrl.trainers.torch import SequentialTrainer
from skrl.utils import set_seed

from slm_net.interop import skrl

SPEC = Path(__file__).parents[2] / "specs" / "ppo_cartpole.json"
ROLLOUT, COPIES = 128, 8


def train(steps: int, seed: int) -> PPO:
    """Train for so many steps, of all environments together."""
    set_seed(seed)
    env = wrap_env(gymnasium.make_vec("CartPole-v1", COPIES, "sync"), verbose=False)
    settings = {"learning_epochs": 8, "mini_batches": 8, "value_loss_scale": 0.5, "time_limit_bootstrap": True}
    config = PPO_CFG(**skrl.training_kwargs(PPO_CFG, SPEC, env), rollouts=ROLLOUT, **settings)
    config.experiment.write_interval = config.experiment.checkpoint_interval = 0
    spaces = {"observation_space": env.observation_space, "action_space": env.action_space, "device": env.device}
    memory = RandomMemory(memory_size=ROLLOUT, num_envs=COPIES, device=env.device)
    agent = PPO(models=skrl.models(SPEC, env), memory=memory, cfg=config, **spaces)
    options = {"timesteps": steps // COPIES, "headless": True, "disable_progressbar": True}
    SequentialTrainer(cfg={**options, "close_environment_at_exit": False}, env=env, agents=agent).train()
    return agent


def returns(agent: PPO, episodes: int) -> list[float]:
    """The returns of so many episodes in which the likeliest actions are taken."""
    env, found = gymnasium.make("CartPole-v1"), []
    for episode in range(episodes):
        observation, _ = env.reset(seed=10_000 + episode)
        total, ended = 0.0, False
        while not ended:
            action = agent.policy.reader.act(observation, deterministic=True)
            observation, reward, terminated, truncated, _ = env.step(action)
            total, ended = total + float(reward), terminated or truncated
        found.append(total)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=80_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = returns(train(given.steps, given.seed), 20)
    print(f"mean return of 20 episodes: {np.mean(found):.1f} ± {np.std(found):.1f}")
