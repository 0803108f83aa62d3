"""PPO with torchrl's collector, GAE and ClipPPOLoss, and the nets of specs/ppo_cartpole.json.

python examples/interop/torchrl_ppo.py --steps 81920 --seed 0
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch
from torchrl.collectors import Collector
from torchrl.envs import GymEnv, SerialEnv
from torchrl.objectives import ClipPPOLoss
from torchrl.objectives.value import GAE

import slm_net
from slm_net import AgentNets
from slm_net.interop import torchrl

SPEC = Path(__file__).parents[2] / "specs" / "ppo_cartpole.json"
ENVS, HORIZON, EPOCHS, MINIBATCH = 8, 128, 8, 128


def train(steps: int = 81_920, seed: int = 0) -> AgentNets:
    """Train for that many environment steps."""
    torch.manual_seed(seed)
    nets = slm_net.build_nets(SPEC, seed=seed)
    actor, critic = torchrl.actor(nets), torchrl.critic(nets)
    loss = ClipPPOLoss(actor, critic, clip_epsilon=0.2, entropy_coeff=0.01, critic_coeff=0.5, normalize_advantage=True)
    advantage = GAE(gamma=0.99, lmbda=0.95, value_network=critic)
    env = SerialEnv(ENVS, partial(GymEnv, "CartPole-v1", categorical_action_encoding=True))
    env.set_seed(seed)
    collector = Collector(
        env, actor, frames_per_batch=ENVS * HORIZON, total_frames=steps, auto_register_policy_transforms=False
    )
    for batch, data in enumerate(collector):
        for _ in range(EPOCHS):
            advantage(data)
            flat = data.reshape(-1)
            for rows in torch.randperm(len(flat)).split(MINIBATCH):
                losses = loss(flat[rows])
                total = losses["loss_objective"] + losses["loss_entropy"] + losses["loss_critic"]
                nets.train_step(total, frame=batch * ENVS * HORIZON)
    collector.shutdown()
    return nets


if __name__ == "__main__":
    from evaluation import main

    main(train, "CartPole-v1", steps=81_920)
