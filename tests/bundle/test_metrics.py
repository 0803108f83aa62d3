"""The numbers of a bundle: what they are, and that TensorBoard takes them."""

import math

import pytest
import torch

from slm_net import build_net, build_nets

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh", "clip_grad_val": 0.1}


def step(bundle, scale=1.0):
    return bundle.train_step(bundle.loss_fn(bundle.model(torch.ones(4, 3)), torch.full((4, 2), 5.0)) * scale)


def test_they_are_those_of_the_last_step():
    bundle = build_net({**NET, "lr_scheduler_spec": {"name": "StepLR", "step_size": 1, "gamma": 0.5}}, 3, 2, seed=0)
    assert list(bundle.metrics()) == ["parameter_norm", "lr", "skipped_steps"]
    loss = step(bundle)
    found = bundle.metrics()
    assert found["loss"] == loss.item() and found["grad_norm"] == bundle.grad_norm.item() > 0.1
    weights = torch.cat([parameter.detach().flatten() for parameter in bundle.model.parameters()])
    assert found["parameter_norm"] == pytest.approx(weights.norm().item(), rel=1e-6)
    assert (found["lr"], found["skipped_steps"]) == (0.0005, 0.0)
    assert all(type(value) is float for value in found.values())


def test_losses_that_are_accumulated_add_up():
    bundle = build_net(NET, 3, 2, seed=0)
    first, second = (
        bundle.loss_fn(bundle.model(torch.ones(4, 3)), torch.ones(4, 2)),
        bundle.model(torch.ones(1, 3)).sum(),
    )
    bundle.train_step(first / 2, accumulate=True)
    assert "loss" not in bundle.metrics()
    bundle.train_step(second / 2)
    assert bundle.metrics()["loss"] == pytest.approx((first + second).item() / 2)


def test_a_step_that_was_left_out_shows():
    bundle = build_net(NET, 3, 2, seed=0)
    with pytest.warns(RuntimeWarning):
        step(bundle, math.inf)
    found = bundle.metrics()
    assert found["skipped_steps"] == 1 and math.isinf(found["loss"]) and not math.isfinite(found["grad_norm"])


def test_rates_that_differ_are_numbered_and_fp16_has_its_scale():
    bundle = build_net({**NET, "lr_scale": {"tails": 0.1}}, 3, 2)
    assert (bundle.metrics()["lr_0"], bundle.metrics()["lr_1"]) == (0.001, pytest.approx(0.0001))
    assert build_net({**NET, "amp": "fp16"}, 3, 2).metrics()["grad_scale"] == 65536


def test_an_agent_has_those_of_each_net():
    net = {**NET, "update_type": "polyak", "polyak_coef": 0.1}
    spec = {"agent": {"algorithm": {"name": "SoftActorCritic"}, "net": net}, "env": {"name": "Pendulum-v1"}}
    nets = build_nets(spec, seed=0)
    nets["q1_net"].train_step(nets["q1_net"].model(torch.ones(2, 4)).mean())
    found = nets.metrics()
    assert found["q1_net/loss"] == nets["q1_net"].metrics()["loss"] and found["alpha"] == 1.0
    assert "net/loss" not in found and {"net/lr", "log_alpha/lr", "target_q1_net/parameter_norm"} <= found.keys()
    assert "target_q1_net/lr" not in found


def test_tensorboard_shows_them(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    bundle, written = build_net(NET, 3, 2, seed=0), []
    with SummaryWriter(tmp_path) as writer:
        for number in range(3):
            step(bundle)
            written.append(bundle.metrics())
            for name, value in written[-1].items():
                writer.add_scalar(name, value, number)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert sorted(events.Tags()["scalars"]) == sorted(written[0])
    for name in written[0]:
        assert [event.value for event in events.Scalars(name)] == pytest.approx([row[name] for row in written])
