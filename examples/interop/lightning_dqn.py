"""DQN on CartPole-v1 in a LightningModule that trains by hand, with the nets of specs/dqn_cartpole.json.

python examples/interop/lightning_dqn.py --steps 20000 --seed 0
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import lightning
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

import slm_net
from slm_net import AgentNets

SPEC = Path(__file__).parents[2] / "specs" / "dqn_cartpole.json"
FRAMES, UPDATES, BATCH, START, GAMMA = 4, 2, 128, 500, 0.99


class DQN(lightning.LightningModule):
    """A net of Q-values and its target."""

    def __init__(self, nets: AgentNets):
        super().__init__()
        self.nets, self.models = nets, nn.ModuleDict({name: bundle.model for name, bundle in nets.items()})
        self.configure_optimizers = nets.configure_optimizers
        self.automatic_optimization = False

    def training_step(self, batch: list[Tensor], _: int) -> None:
        """One update of the net, then one of its target."""
        states, actions, rewards, next_states, going, frames = batch
        net, target = self.nets["net"], self.nets["target_net"]
        goals = rewards + GAMMA * going * target.model(next_states).amax(-1)
        loss = net.loss_fn(net.model(states)[range(len(states)), actions], goals)
        self.nets.train_step(loss, "net", frame=int(frames[0]))
        self.nets.update_targets()


class Play(IterableDataset):
    """Batches of what has been seen, while the agent plays on."""

    def __init__(self, nets: AgentNets, steps: int, seed: int):
        self.nets, self.steps, self.seed = nets, steps, seed

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        env, random = gymnasium.make("CartPole-v1"), np.random.default_rng(self.seed)
        seen: deque[tuple[Any, ...]] = deque(maxlen=50_000)
        state, _ = env.reset(seed=self.seed)
        for frame in range(1, self.steps + 1):
            action = self.nets.act(state, frame=frame)
            next_state, reward, terminated, truncated, _ = env.step(action)
            seen.append((state, action, np.float32(reward), next_state, np.float32(not terminated)))
            state = env.reset()[0] if terminated or truncated else next_state
            for _ in range(UPDATES if frame >= START and frame % FRAMES == 0 else 0):
                for row in random.integers(len(seen), size=BATCH):
                    yield (*seen[row], frame)


def train(steps: int = 20_000, seed: int = 0) -> AgentNets:
    """Train for that many environment steps."""
    torch.manual_seed(seed)
    nets = slm_net.build_nets(SPEC, seed=seed)
    nets.sync_targets()
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", **quiet)
    trainer.fit(DQN(nets), DataLoader(Play(nets, steps, seed), batch_size=BATCH))
    return nets


if __name__ == "__main__":
    from evaluation import main

    main(train, "CartPole-v1", steps=20_000)
