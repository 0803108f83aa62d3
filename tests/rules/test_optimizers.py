"""Numbers of optimizers that break a run; torch shows which do."""

import pytest
import torch
from torch import nn

from slm_net import validate
from slm_net.rules.optimizers import DIVIDE_BY_EPS, WITHOUT_MOMENTUM
from slm_net.schema import catalogue
from slm_net.training import build_optimizer

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
CYCLIC = {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.1, "cycle_momentum": True}


def found(**changes):
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in validate({**NET, **changes})]


def stepped(spec, gradient):
    weight = nn.Parameter(torch.tensor([1.0, -1.0]))
    optimizer = build_optimizer(weight, spec)
    for _ in range(2):
        weight.grad = torch.full((2,), gradient)
        optimizer.step()
    return weight


@pytest.mark.parametrize(
    "name", [name for name in catalogue.names("optimizer") if "eps" in catalogue.arguments("optimizer", name)]
)
@pytest.mark.parametrize("eps", [0, 1e-50])
def test_without_eps_a_gradient_of_zero_is_nan(name, eps):
    spec = {"name": name, "eps": [eps, 1e-3] if name == "Adafactor" else eps}
    breaks = name in DIVIDE_BY_EPS or name == "Adafactor"
    assert bool(stepped(spec, 0.0).isnan().any()) == breaks
    pointer = "/optim_spec/eps/0" if name == "Adafactor" else "/optim_spec/eps"
    assert found(optim_spec=spec) == ([(pointer, "value-out-of-range", "warning")] if breaks else [])


def test_a_small_eps_is_enough_and_so_is_a_start_value():
    assert found(optim_spec={"name": "Adam", "eps": 1e-40}) == []
    assert stepped({"name": "Adam", "eps": 1e-40}, 0.0).isfinite().all()
    assert found(optim_spec={"name": "Adagrad", "eps": 0, "initial_accumulator_value": 0.1}) == []
    assert found(optim_spec={"name": "Adafactor", "eps": [None, 0]}) == []


@pytest.mark.parametrize("name", ["RMSprop", "GlobalRMSprop"])
def test_alpha_is_a_share(name):
    assert stepped({"name": name, "alpha": 1.5}, 0.1).isnan().all()
    assert found(optim_spec={"name": name, "alpha": 1.5}) == [("/optim_spec/alpha", "value-out-of-range", "error")]
    assert found(optim_spec={"name": name, "alpha": 1}) == [("/optim_spec/alpha", "value-out-of-range", "warning")]
    assert found(optim_spec={"name": name, "alpha": 0}) == []


def test_a_variance_needs_an_average():
    spec = {"name": "RMSprop", "alpha": 0, "centered": True}
    assert stepped(spec, 0.3).isnan().all()
    assert found(optim_spec=spec) == [("/optim_spec/alpha", "argument-conflict", "error")]


@pytest.mark.parametrize(
    ("spec", "key", "rule"),
    [
        ({"name": "SGD", "momentum": 1.5}, "momentum", "value-out-of-range"),
        ({"name": "RMSprop", "momentum": 2}, "momentum", "value-out-of-range"),
        ({"name": "AdamW", "weight_decay": 10}, "weight_decay", "value-out-of-range"),
        ({"name": "Rprop", "step_sizes": [50, 1e-6]}, "step_sizes", "argument-conflict"),
    ],
)
def test_what_is_hardly_meant_is_a_warning(spec, key, rule):
    assert found(optim_spec=spec) == [(f"/optim_spec/{key}", rule, "warning")]
    if spec["name"] != "Rprop":
        around = {**spec, "name": "Lookahead", "optimizer": spec["name"]}
        assert found(optim_spec=around) == [(f"/optim_spec/{key}", rule, "warning")]


@pytest.mark.parametrize("key", ["base_momentum", "max_momentum"])
def test_a_cycled_momentum_of_one_is_no_beta(key):
    """Adam divides by 1 - beta1."""
    schedule = {**CYCLIC, "max_momentum": 1, key: 1}
    errors = [problem for problem in found(lr_scheduler_spec=schedule) if problem[0] == f"/lr_scheduler_spec/{key}"]
    assert errors == [(f"/lr_scheduler_spec/{key}", "argument-conflict", "error")]
    assert found(lr_scheduler_spec=schedule, optim_spec={"name": "SGD", "momentum": 0.9}) == []
    assert found(lr_scheduler_spec={**schedule, "cycle_momentum": False}) == []


def test_the_power_of_asgd_is_a_float():
    spec = {"name": "ASGD", "alpha": 1e12}
    with pytest.raises(OverflowError):
        stepped(spec, 0.1)
    assert found(optim_spec=spec) == [("/optim_spec/alpha", "value-out-of-range", "error")]
    assert found(optim_spec={"name": "ASGD", "alpha": 10, "lambd": 0.1}) == []


def test_lookaheads_alpha_is_its_own():
    assert found(optim_spec={"name": "Lookahead", "optimizer": "RMSprop", "alpha": 1}) == []


@pytest.mark.parametrize("name", catalogue.names("optimizer"))
def test_the_momentum_that_a_schedule_cycles_is_there(name):
    has_one = build_optimizer(nn.Linear(2, 1), {"name": name}).defaults.keys() & {"momentum", "betas"}
    assert bool(has_one) == (name not in WITHOUT_MOMENTUM)
    error = [("/lr_scheduler_spec/cycle_momentum", "argument-conflict", "error")]
    for optim_spec in ({"name": name}, {"name": "Lookahead", "optimizer": name}):
        if name != "Lookahead":
            assert found(optim_spec=optim_spec, lr_scheduler_spec=CYCLIC) == ([] if has_one else error)
        left_out = {key: value for key, value in CYCLIC.items() if key != "cycle_momentum"}
        if optim_spec.get("optimizer") != "Lookahead":
            assert found(optim_spec=optim_spec, lr_scheduler_spec=left_out) == []
