"""A bundle in Lightning: the same weights as in its own loop, and what Lightning cannot do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from slm_net import build_net, build_nets

ROOT = Path(__file__).parents[2]
NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh", "clip_grad_val": 0.05}
RANDOM = torch.Generator().manual_seed(7)
STATES, TARGETS = torch.randn(96, 3, generator=RANDOM), torch.randn(96, 2, generator=RANDOM)
QUIET = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)


def vector(bundle):
    return torch.nn.utils.parameters_to_vector(bundle.model.parameters()).detach()


def fit(bundle, manual):
    """Trains with Lightning on the batches of 16, twice."""
    lightning = pytest.importorskip("lightning")

    class Regression(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.model, self.automatic_optimization = bundle.model, not manual

        def training_step(self, batch, _):
            loss = bundle.loss_fn(self.model(batch[0]), batch[1])
            self.log("loss", loss)
            return bundle.train_step(loss) if manual else loss

        def configure_optimizers(self):
            return bundle.configure_optimizers(manual=manual)

    clip = {"gradient_clip_val": bundle.grad_clip.max_value, "gradient_clip_algorithm": bundle.grad_clip.kind}
    trainer = lightning.Trainer(max_epochs=2, accelerator="cpu", **QUIET, **({} if manual else clip))
    trainer.fit(Regression(), DataLoader(TensorDataset(STATES, TARGETS), batch_size=16))


@pytest.mark.parametrize("manual", [False, True])
@pytest.mark.parametrize(
    ("schedule", "clip"),
    [
        (None, "norm"),
        ({"name": "StepLR", "step_size": 3, "gamma": 0.5}, "value"),
        ({"name": "ReduceLROnPlateau", "patience": 0, "factor": 0.5}, "norm"),
    ],
)
def test_lightning_does_the_steps_of_the_bundle(schedule, clip, manual):
    spec = {**NET, "lr_scheduler_spec": schedule, "clip_grad_type": clip}
    ours, theirs = (build_net(spec, 3, 2, seed=0) for _ in range(2))
    fit(theirs, manual)
    for _ in range(2):
        for x, y in zip(STATES.split(16), TARGETS.split(16), strict=True):
            ours.train_step(ours.loss_fn(ours.model(x), y))
    assert torch.equal(vector(ours), vector(theirs))
    assert ours.metrics()["lr"] == theirs.metrics()["lr"]
    assert (theirs.metrics()["lr"] < 0.001) == (schedule is not None)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"lr_scheduler_spec": {"name": "LinearToZero", "frame": 9}}, 'write "step_on": "update", or train by hand'),
        ({"amp": "fp16"}, r'give Trainer\(precision="16-mixed"\), or train by hand'),
    ],
)
def test_what_lightnings_loop_cannot_do_is_refused(keys, said):
    bundle = build_net({**NET, **keys}, 3, 2)
    with pytest.raises(ValueError, match=said):
        bundle.configure_optimizers()
    assert bundle.configure_optimizers(manual=True)["optimizer"] is bundle.optimizer


def test_an_agent_gives_all_that_it_trains():
    spec = {"agent": {"algorithm": {"name": "SoftActorCritic"}, "net": NET}, "env": {"name": "Pendulum-v1"}}
    nets = build_nets(spec)
    trained = [nets[name] for name in ("net", "q1_net", "q2_net")] + [nets.temperature]
    assert [form["optimizer"] for form in nets.configure_optimizers()] == [bundle.optimizer for bundle in trained]
    with pytest.raises(ValueError, match="train the source instead"):
        nets["target_q1_net"].configure_optimizers()


def run(name, steps, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, str(ROOT / "examples" / "interop" / f"lightning_{name}.py"), "--steps", str(steps)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return float(re.search(r"minutes: (\S+)", done.stdout)[1])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "steps"), [("cloning", 300), ("dqn", 600)])
def test_a_recipe_runs(name, steps, tmp_path):
    pytest.importorskip("lightning")
    pytest.importorskip("gymnasium")
    assert run(name, steps, tmp_path) > (300 if name == "cloning" else 8)


@pytest.mark.interop
@pytest.mark.parametrize(("name", "steps", "least"), [("cloning", 500, 475), ("dqn", 20_000, 200)])
def test_a_recipe_learns(name, steps, least, tmp_path):
    assert run(name, steps, tmp_path) >= least
