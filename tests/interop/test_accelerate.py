"""A bundle with Accelerate: by `wrap=` and `train_step`, or its parts prepared for Accelerate's own loop."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from slm_net import build_net

accelerate = pytest.importorskip("accelerate")
ROOT = Path(__file__).parents[2]
NET = {
    "type": "MLPNet",
    "hid_layers": [8],
    "hid_layers_activation": "tanh",
    "clip_grad_val": 0.05,
    "lr_scheduler_spec": {"name": "StepLR", "step_size": 3, "gamma": 0.5},
}


def vector(bundle):
    return torch.nn.utils.parameters_to_vector(bundle.module.parameters()).detach()


def test_prepared_parts_are_trained_as_by_train_step():
    random = torch.Generator().manual_seed(7)
    states, targets = torch.randn(10, 16, 3, generator=random), torch.randn(10, 16, 2, generator=random)
    accelerator = accelerate.Accelerator(cpu=True, step_scheduler_with_optimizer=False)
    ours, theirs = (build_net(NET, 3, 2, seed=0) for _ in range(2))
    wrapped = build_net(NET, 3, 2, seed=0, wrap=accelerator.prepare_model)
    parts = theirs.model, theirs.optimizer, theirs.lr_scheduler.scheduler
    model, optimizer, scheduler = accelerator.prepare(*parts)
    for x, y in zip(states, targets, strict=True):
        for bundle in (ours, wrapped):
            bundle.train_step(bundle.loss_fn(bundle.model(x), y))
        accelerator.backward(theirs.loss_fn(model(x), y))
        accelerator.clip_grad_norm_(model.parameters(), theirs.grad_clip.max_value)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    assert torch.equal(vector(theirs), vector(ours)) and torch.equal(vector(wrapped), vector(ours))
    assert theirs.metrics()["lr"] == ours.metrics()["lr"] == 0.001 / 8


def run(processes, steps, folder):
    """The error that the recipe prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    start = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes > 1 else []
    line = [sys.executable, *start, str(ROOT / "examples" / "interop" / "accelerate_value.py"), "--steps", str(steps)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    error, many = re.search(r"error (\S+) after .* in (\d) processes", done.stdout).groups()
    assert int(many) == processes
    return float(error)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_the_recipe_learns(processes, tmp_path):
    assert run(processes, 300, tmp_path) < 0.06
