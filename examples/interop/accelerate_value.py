"""The values of states learned with Accelerate, in as many processes as it starts, with a net from a spec.

python examples/interop/accelerate_value.py --steps 300 --seed 0
accelerate launch --cpu --num_processes 2 examples/interop/accelerate_value.py
"""

from __future__ import annotations

import argparse
from itertools import chain, islice, repeat

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.utils.data import DataLoader, TensorDataset

import slm_net

SPEC = {
    "type": "MLPNet",
    "hid_layers": [64, 64],
    "hid_layers_activation": "relu",
    "optim_spec": {"name": "Adam", "lr": 0.01},
    "lr_scheduler_spec": {"name": "LinearToZero", "frame": 300, "step_on": "update"},
    "clip_grad_val": 1.0,
}


def train(steps: int = 300, seed: int = 0, batch: int = 64) -> tuple[slm_net.NetBundle, float]:
    """Train for that many updates with `batch` states in each over all processes; the net and its last loss."""
    accelerator = Accelerator(cpu=True)
    set_seed(seed)
    bundle = slm_net.build_net(SPEC, in_dim=4, out_dim=1, seed=seed, wrap=accelerator.prepare_model)
    states = torch.rand(4_096, 4)
    values = (states.sum(-1, keepdim=True) * 3).sin()
    own = batch // accelerator.num_processes
    data = accelerator.prepare_data_loader(DataLoader(TensorDataset(states, values), batch_size=own, shuffle=True))
    for x, y in islice(chain.from_iterable(repeat(data)), steps):
        bundle.train_step(bundle.loss_fn(bundle.model(x), y))
    error = bundle.loss_fn(bundle.module(states), values).item()
    accelerator.print(f"mean squared error {error:.5f} after {steps} updates in {accelerator.num_processes} processes")
    accelerator.end_training()
    return bundle, error


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300, help="updates")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    train(args.steps, args.seed)
