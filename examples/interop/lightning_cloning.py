"""Behaviour cloning of a teacher on CartPole-v1 with Lightning's own loop, and a net from a spec.

python examples/interop/lightning_cloning.py --steps 500 --seed 0
"""

from __future__ import annotations

import gymnasium
import lightning
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

import slm_net
from slm_net import NetBundle

SPEC = {
    "type": "MLPNet",
    "hid_layers": [64],
    "hid_layers_activation": "tanh",
    "loss_spec": {"name": "CrossEntropyLoss"},
    "optim_spec": {"name": "Adam", "lr": 0.01},
    "lr_scheduler_spec": {"name": "LinearToZero", "frame": 1000, "step_on": "update"},
    "clip_grad_val": 0.5,
}


class Cloning(lightning.LightningModule):
    """A policy that learns to do what a teacher does."""

    def __init__(self, bundle: NetBundle):
        super().__init__()
        self.bundle, self.model = bundle, bundle.model
        self.configure_optimizers = bundle.configure_optimizers

    def training_step(self, batch: list[Tensor], _: int) -> Tensor:
        """The loss of a batch."""
        states, actions = batch
        return self.bundle.loss_fn(self.model(states), actions)


def teacher(state: np.ndarray) -> int:
    """Pushes to the side to which the pole and the cart lean."""
    return int(state @ np.float32([0.05, 0.2, 1.0, 1.0]) > 0)


def lessons(count: int, seed: int) -> TensorDataset:
    """States with what the teacher does there, of episodes in which every third action is random."""
    env, random, pairs = gymnasium.make("CartPole-v1"), np.random.default_rng(seed), []
    state, _ = env.reset(seed=seed)
    while len(pairs) < count:
        pairs.append((state, teacher(state)))
        action = teacher(state) if random.random() > 1 / 3 else int(random.integers(2))
        state, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            state, _ = env.reset()
    states, actions = zip(*pairs, strict=True)
    return TensorDataset(torch.from_numpy(np.stack(states)), torch.tensor(actions))


def train(steps: int = 500, seed: int = 0) -> NetBundle:
    """Train for that many updates."""
    bundle = slm_net.build_net(SPEC, env="CartPole-v1", seed=seed)
    lightning.seed_everything(seed, verbose=False)
    data = DataLoader(lessons(5_000, seed), batch_size=64, shuffle=True)
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    clip = {"gradient_clip_val": bundle.grad_clip.max_value, "gradient_clip_algorithm": bundle.grad_clip.kind}
    trainer = lightning.Trainer(max_steps=steps, max_epochs=-1, accelerator="cpu", **clip, **quiet)
    trainer.fit(Cloning(bundle), data)
    return bundle


if __name__ == "__main__":
    from evaluation import main

    main(train, "CartPole-v1", steps=500)
