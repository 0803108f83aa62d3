"""SAC with torchrl's replay buffer and SACLoss, and the nets and the temperature of specs/sac_pendulum.json.

python examples/interop/torchrl_sac.py --steps 6000 --seed 0
"""

from __future__ import annotations

from pathlib import Path

import gymnasium
import numpy as np
import torch
from torchrl.collectors import Collector
from torchrl.data import LazyTensorStorage, ReplayBuffer
from torchrl.envs import GymWrapper
from torchrl.objectives import SACLoss

import slm_net
from slm_net import AgentNets
from slm_net.interop import torchrl

SPEC = Path(__file__).parents[2] / "specs" / "sac_pendulum.json"
BATCH, START = 128, 500


def make() -> gymnasium.Env:
    """The environment, with actions from -1 to 1, where a tanh puts them."""
    return gymnasium.wrappers.RescaleAction(gymnasium.make("Pendulum-v1"), np.float32(-1), np.float32(1))


def train(steps: int = 6_000, seed: int = 0) -> AgentNets:
    """Train for that many environment steps."""
    torch.manual_seed(seed)
    nets = slm_net.build_nets(SPEC, env=make(), seed=seed)
    actor = torchrl.actor(nets)
    loss = torchrl.bind(SACLoss(actor, torchrl.q_values(nets), loss_function="l2"), nets)
    loss.make_value_estimator(gamma=0.99)
    env = GymWrapper(make())
    env.set_seed(seed)
    memory = ReplayBuffer(storage=LazyTensorStorage(12_000))
    collector = Collector(
        env,
        actor,
        frames_per_batch=1,
        total_frames=steps,
        auto_register_policy_transforms=False,
        init_random_frames=START,
    )
    for frame, data in enumerate(collector, 1):
        memory.extend(data)
        if frame >= START:
            losses = loss(memory.sample(BATCH))
            nets.train_step(losses["loss_qvalue"] + losses["loss_actor"] + losses["loss_alpha"])
            nets.update_targets()
    collector.shutdown()
    return nets


if __name__ == "__main__":
    from evaluation import main

    main(train, make, steps=6_000)
