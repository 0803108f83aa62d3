"""The training step as one graph does what the training step does."""

import math
import warnings

import pytest
import torch
from torch import nn

import slm_net

MLP = {"type": "MLPNet", "hid_layers": [16], "hid_layers_activation": "tanh", "clip_grad_val": 0.5}
VARIANTS = {
    "Adam": {},
    "AMSGrad": {"optim_spec": {"name": "Adam", "lr": 0.01, "amsgrad": True, "weight_decay": 0.1}},
    "AdamW": {"optim_spec": {"name": "AdamW", "lr": 0.01}, "clip_grad_type": "value"},
    "SGD": {"optim_spec": {"name": "SGD", "lr": 0.01, "momentum": 0.9, "nesterov": True}, "clip_grad_val": None},
    "plain SGD": {"optim_spec": {"name": "SGD", "lr": 0.01, "weight_decay": 0.1, "maximize": True}},
    "batch norm": {"batch_norm": True, "optim_spec": {"name": "SGD", "lr": 0.01}},
    "schedule": {"lr_scheduler_spec": {"name": "ExponentialLR", "gamma": 0.9}},
    "unfused": {"optim_spec": {"name": "Adam", "lr": 0.01, "fused": False}},
}


def pair(**keys):
    return [slm_net.build_net({**MLP, **keys}, 4, 2, seed=0) for _ in "12"]


def compare(plain, compiled, step, steps=12, bad=(4,)):
    for seed in range(steps):
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(8, 4, generator=generator), torch.randn(8, 2, generator=generator)
        x[0, 0] = math.nan if seed in bad else x[0, 0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if seed in bad else "error", RuntimeWarning)
            loss = plain.train_step(plain.loss_fn(plain.model(x), y))
            assert torch.allclose(loss, step(x, y), rtol=1e-4, equal_nan=True)
        assert torch.allclose(plain.grad_norm, compiled.grad_norm, rtol=1e-3, equal_nan=True)
    assert plain.skipped_steps == compiled.skipped_steps == len(bad)
    assert not step.eager
    states = [bundle.state_dict() for bundle in (plain, compiled)]
    for name, tensor in states[0]["model"].items():
        assert torch.allclose(tensor, states[1]["model"][name], atol=1e-5), name
    for name, kept in states[0]["optimizer"]["state"].items():
        for key, value in kept.items():
            assert torch.allclose(value, states[1]["optimizer"]["state"][name][key], atol=1e-5), (name, key)
    assert states[0]["lr_scheduler"] == states[1]["lr_scheduler"]


SLOW = pytest.mark.slow
QUICK = ("AMSGrad", "batch norm", "schedule")


@pytest.mark.parametrize("name", [each if each in QUICK else pytest.param(each, marks=SLOW) for each in VARIANTS])
def test_it_is_the_training_step(name):
    plain, compiled = pair(**VARIANTS[name])
    compare(plain, compiled, compiled.compile_step(backend="eager"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Adam", "batch norm", "SGD"])
def test_so_it_is_compiled(name):
    plain, compiled = pair(**VARIANTS[name])
    compare(plain, compiled, compiled.compile_step(), steps=100)


def test_steps_of_both_kinds_can_follow_each_other():
    plain, mixed = pair(lr_scheduler_spec={"name": "ExponentialLR", "gamma": 0.9})
    step = mixed.compile_step(backend="eager")
    x, y = torch.randn(8, 4), torch.randn(8, 2)
    for turn in range(6):
        plain.train_step(plain.loss_fn(plain.model(x), y))
        if turn % 2:
            step(x, y)
        else:
            mixed.train_step(mixed.loss_fn(mixed.model(x), y))
    fresh = slm_net.build_net(plain.spec, 4, 2, seed=1)
    fresh.load_state_dict(mixed.state_dict())
    for one, other in zip(plain.model.parameters(), fresh.model.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_module_that_is_there_twice_and_a_weight_that_is_tied_stay_what_they_are():
    dueling = {"type": "DuelingMLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
    plain, compiled = (slm_net.build_net(dueling, 4, 3, seed=0) for _ in "12")
    tied = [slm_net.build_net({**MLP, "hid_layers": [4, 4, 4]}, 4, 2, seed=0) for _ in "12"]
    for bundle in tied:
        bundle.model.model[4].weight = bundle.model.model[2].weight
    for one, other, width in ((plain, compiled, 3), (*tied, 2)):
        step = other.compile_step(backend="eager")
        for _ in range(3):
            x, y = torch.randn(8, 4), torch.randn(8, width)
            one.train_step(one.loss_fn(one.model(x), y))
            step(x, y)
        own = {id(parameter) for parameter in other.model.parameters()}
        assert own <= {id(parameter) for parameter in other.optimizer.param_groups[0]["params"]}
        assert torch.allclose(one.model(x), other.model(x), atol=1e-5)


def test_the_graph_follows_what_is_loaded_set_and_switched():
    """torch is told not to look whether a graph still fits, so we have to."""
    keys = {"dropout": 0.5, "lr_scheduler_spec": {"name": "StepLR", "step_size": 1, "gamma": 0.5}}
    plain, compiled = pair(**keys)
    step, x, y = compiled.compile_step(backend="eager"), torch.randn(8, 4), torch.randn(8, 2)
    step(x, y)
    for bundle in (plain, compiled):
        bundle.model.eval()
        bundle.optimizer.param_groups[0]["lr"] = 0.05
    other = slm_net.build_net(
        {**MLP, "dropout": 0.5, "lr_scheduler_spec": plain.spec["lr_scheduler_spec"]}, 4, 2, seed=3
    )
    for bundle in (plain, compiled):
        bundle.load_state_dict(other.state_dict())
    for rows, betas in ((8, (0.9, 0.999)), (5, (0.9, 0.999)), (5, (0.5, 0.9))):
        for bundle in (plain, compiled):
            bundle.optimizer.param_groups[0]["betas"] = betas
        plain.train_step(plain.loss_fn(plain.model(x[:rows]), y[:rows]))
        step(x[:rows], y[:rows])
    assert not step.eager
    for one, same in zip(plain.model.parameters(), compiled.model.parameters(), strict=True):
        assert torch.allclose(one, same, atol=1e-6)


def test_a_loss_of_ones_own_and_frozen_layers():
    bundle, _ = pair()
    bundle.model.model[0].requires_grad_(False)
    before = [parameter.clone() for parameter in bundle.model.parameters()]
    step = bundle.compile_step(lambda outputs, weight, y: (weight * (outputs - y)).square().mean(), backend="eager")
    step(torch.randn(8, 4), torch.rand(8, 1), torch.randn(8, 2))
    moved = [not torch.equal(*both) for both in zip(before, bundle.model.parameters(), strict=True)]
    assert moved == [False, False, True, True]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"optim_spec": {"name": "RMSprop"}}, "RMSprop is none of Adam, AdamW, SGD"),
        ({"optim_spec": {"name": "SGD", "momentum": 0.9, "dampening": 0.1}}, "dampening"),
        ({"lr_scheduler_spec": {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 9}}, "cycles the momentum"),
        ({"amp": "fp16"}, "scales the loss"),
    ],
)
def test_what_no_graph_can_hold_is_trained_without_one_and_says_so_once(keys, why):
    plain, other = pair(**keys)
    with pytest.warns(RuntimeWarning, match=rf"goes on without a graph.*{why}"):
        step = other.compile_step()
    x, y = torch.randn(8, 4), torch.randn(8, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for _ in range(2):
            step(x, y)
            plain.train_step(plain.loss_fn(plain.model(x), y))
    for one, same in zip(plain.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(one, same)


def test_a_compiler_that_fails_is_told_of_once_and_the_step_is_made():
    def fails(graph, inputs):
        raise OSError("no C++ compiler")

    plain, other = pair()
    step, x, y = other.compile_step(backend=fails), torch.randn(8, 4), torch.randn(8, 2)
    with pytest.warns(RuntimeWarning, match=r"no graph can be made of it: .*no C\+\+ compiler"):
        step(x, y)
    plain.train_step(plain.loss_fn(plain.model(x), y))
    for one, same in zip(plain.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(one, same)


def test_too_many_skips_are_an_error_here_too():
    bundle, _ = pair()
    bundle.max_skipped, step = 2, bundle.compile_step(backend="eager")
    with pytest.warns(RuntimeWarning, match="not finite"):
        step(torch.full((4, 4), math.nan), torch.zeros(4, 2))
    with pytest.raises(FloatingPointError, match="2 updates in a row"):
        step(torch.full((4, 4), math.nan), torch.zeros(4, 2))


def test_a_target_has_no_step():
    bundle = slm_net.NetBundle(nn.Linear(2, 2), None, nn.MSELoss())
    with pytest.raises(ValueError, match="no optimizer"):
        bundle.compile_step()


def test_losses_that_wait_are_not_lost():
    bundle, _ = pair()
    step = bundle.compile_step(backend="eager")
    bundle.train_step(bundle.model(torch.ones(2, 4)).mean(), accumulate=True)
    with pytest.raises(ValueError, match="losses wait for a step"):
        step(torch.ones(2, 4), torch.zeros(2, 2))


def test_a_batch_that_the_model_refuses_is_an_error_and_leaves_the_graphs():
    bundle, _ = pair()
    step = bundle.compile_step(backend="eager")
    step(torch.ones(2, 4), torch.zeros(2, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(ValueError, match=r"\(2, 5\), expected"):
            step(torch.ones(2, 5), torch.zeros(2, 2))
    assert not step.eager
