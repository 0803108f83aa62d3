"""The compiled step of a population is its training step."""

import pytest
import torch
from test_population import HALVED, MLP, RATES, SGD, assert_alike, batch, both, train

import slm_net

VARIANTS = {
    "Adam": ({"clip_grad_val": 0.1}, RATES),
    "settings": (
        {},
        [{"optim_spec.betas": [0.5, 0.9], "clip_grad_val": 0.1}, {"clip_grad_val": 0.1, "clip_grad_type": "value"}],
    ),
    "momentum": ({"optim_spec": SGD}, [{"optim_spec.momentum": 0.9}, {"lr_scheduler_spec": HALVED}]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("backend", ["eager", "inductor"])
def test_each_is_trained_as_alone(name, backend):
    keys, overrides = VARIANTS[name]
    population, alone = both(overrides=overrides, **keys)
    step = population.compile_step(backend=backend)
    train(population, alone, steps=100 if backend == "inductor" else 20, bad=[(4, 1)], step=step)
    assert not step.eager and population.skipped_steps[:2] == [0, 1]
    for member, net in zip(population, alone, strict=True):
        assert_alike(member, net)


def test_it_follows_what_is_loaded_and_set():
    population, alone = both(2)
    step = population.compile_step(lambda outputs, y: (outputs - y).square().mean((1, 2)), backend="eager")
    train(population, alone, steps=2, step=step)
    other, alone = both(2, overrides=RATES[:2])
    with pytest.warns(RuntimeWarning, match="settings of the state"):
        population.load_state_dict(other.state_dict())
    train(population, alone, steps=3, step=step)
    for net in (population.members[1], alone[1]):
        net.optimizer.param_groups[0]["betas"] = (0.5, 0.9)
    train(population, alone, steps=3, step=step)
    assert not step.eager
    for member, net in zip(population, alone, strict=True):
        assert_alike(member, net)


def test_what_no_graph_can_hold_is_trained_without_one():
    cycled = {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 9}
    population, alone = both(overrides=[{}, {"lr_scheduler_spec": cycled}])
    with pytest.warns(RuntimeWarning, match="goes on without a graph.*cycles the momentum"):
        step = population.compile_step()
    train(population, alone, steps=4, step=step)
    assert_alike(population[1], alone[1])
    with pytest.raises(ValueError, match="population of 2 got input of shape"):
        step(torch.zeros(3, 8, 4), next(batch(2)))


def test_a_wrong_batch_is_its_own_error():
    population = slm_net.build_population(MLP, 4, 2, seeds=range(2))
    with pytest.raises(ValueError, match="population of 2 got input of shape"):
        population.compile_step(backend="eager")(torch.zeros(3, 8, 4), torch.zeros(2, 8, 2))
