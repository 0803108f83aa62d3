"""Double DQN with torchrl's replay buffer, EGreedyModule and DQNLoss, and the nets of specs/dqn_cartpole.json.

python examples/interop/torchrl_dqn.py --steps 30000 --seed 0
"""

from __future__ import annotations

from pathlib import Path

import torch
from tensordict.nn import TensorDictSequential
from torchrl.collectors import Collector
from torchrl.data import LazyTensorStorage, ReplayBuffer
from torchrl.envs import GymEnv
from torchrl.modules import EGreedyModule
from torchrl.objectives import DQNLoss

import slm_net
from slm_net import AgentNets
from slm_net.interop import torchrl

SPEC = Path(__file__).parents[2] / "specs" / "dqn_cartpole.json"
FRAMES, UPDATES, BATCH, START = 4, 2, 128, 500


def train(steps: int = 30_000, seed: int = 0) -> AgentNets:
    """Train for that many environment steps."""
    torch.manual_seed(seed)
    nets = slm_net.build_nets(SPEC, seed=seed)
    nets.sync_targets()
    q_value = torchrl.q_value(nets)
    loss = torchrl.bind(DQNLoss(q_value, double_dqn=True), nets)
    loss.make_value_estimator(gamma=0.99)
    env = GymEnv("CartPole-v1", categorical_action_encoding=True)
    env.set_seed(seed)
    explores = EGreedyModule(env.action_spec, eps_init=1.0, eps_end=0.02, annealing_num_steps=10_000)
    memory = ReplayBuffer(storage=LazyTensorStorage(50_000))
    collector = Collector(
        env,
        TensorDictSequential(q_value, explores),
        frames_per_batch=FRAMES,
        total_frames=steps,
        auto_register_policy_transforms=False,
        use_buffers=False,
    )
    for frame, data in zip(range(FRAMES, steps + 1, FRAMES), collector, strict=False):
        memory.extend(data)
        explores.step(FRAMES)
        for _ in range(UPDATES if frame >= START else 0):
            nets["net"].train_step(loss(memory.sample(BATCH))["loss"], frame=frame)
        nets.update_targets()
    collector.shutdown()
    return nets


if __name__ == "__main__":
    from evaluation import main

    main(train, "CartPole-v1", steps=30_000)
