"""Arguments that do not fit each other, or the net's numbers; torch itself is asked where it refuses."""

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from slm_net import build_net, validate
from slm_net.rules.arguments import MOST

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
CYCLE = {"name": "OneCycleLR", "max_lr": 0.1}


def found(**changes):
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in validate({**NET, **changes})]


def trained(**changes):
    bundle = build_net({**NET, **changes}, 4, 2, seed=0)
    for frame in (1, 2):
        bundle.train_step(bundle.model(torch.randn(8, 4)).pow(2).mean(), frame)
    return bundle


@pytest.mark.parametrize(
    ("activation", "key", "rule"),
    [
        ({"name": "celu", "alpha": 0}, "alpha", "value-out-of-range"),
        ({"name": "celu", "alpha": 1e-50}, "alpha", "value-out-of-range"),
        ({"name": "celu", "alpha": -0.5, "inplace": True}, "inplace", "argument-conflict"),
        ({"name": "ELU", "alpha": -1, "inplace": True}, "inplace", "argument-conflict"),
        ({"name": "leakyrelu", "negative_slope": -0.1, "inplace": True}, "inplace", "argument-conflict"),
        ({"name": "hardtanh", "min_val": 1}, "min_val", "argument-conflict"),
    ],
)
def test_activations_that_fail_in_the_first_step(activation, key, rule):
    assert found(hid_layers_activation=activation) == [(f"/hid_layers_activation/{key}", rule, "error")]
    listed = [activation]
    assert found(hid_layers_activation=listed) == [(f"/hid_layers_activation/0/{key}", rule, "error")]


@pytest.mark.parametrize(
    "activation",
    [
        {"name": "celu", "alpha": -0.5},
        {"name": "ELU", "alpha": 0, "inplace": True},
        {"name": "leakyrelu", "negative_slope": -1},
        {"name": "rrelu", "lower": -1, "upper": -0.5, "inplace": True},
        {"name": "rrelu", "lower": 0.2, "upper": 0.2},
        {"name": "threshold", "threshold": 1, "value": 2, "inplace": True},
    ],
)
def test_unusual_activations_that_torch_takes(activation):
    assert found(hid_layers_activation=activation) == []
    assert trained(hid_layers_activation=activation).skipped_steps == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"optim_spec": {"name": "Adam", "weight_decay": 1e308}}, "/optim_spec/weight_decay"),
        ({"optim_spec": {"name": "SGD", "momentum": 1e39}}, "/optim_spec/momentum"),
        ({"init_fn": {"name": "constant_", "val": -1e39}}, "/init_fn/val"),
        ({"hid_layers_activation": {"name": "softplus", "beta": 1e308}}, "/hid_layers_activation/beta"),
        ({"loss_spec": {"name": "CrossEntropyLoss", "weight": [1, 1e39]}}, "/loss_spec/weight/1"),
        ({"log_std_init": 1e39}, "/log_std_init"),
        ({"critic_init_std": 1e39}, "/critic_init_std"),
        ({"clip_grad_val": 1e39, "clip_grad_type": "value"}, "/clip_grad_val"),
        ({"optim_spec": {"name": "Adam", "lr": 1e38}}, "/optim_spec/lr"),  # divided by 1 - beta1
        ({"lr_scheduler_spec": {"name": "ExponentialLR", "gamma": 1e38}}, "/lr_scheduler_spec/gamma"),
    ],
)
def test_numbers_that_32_bits_cannot_hold(changes, pointer):
    errors = [problem for problem in found(**changes) if problem[2] == "error"]
    assert errors == [(pointer, "value-out-of-range", "error")]


def test_the_largest_number_is_that_of_torch():
    assert torch.finfo(torch.float32).max == MOST
    assert found(init_fn={"name": "constant_", "val": 3e38}) == []
    assert found(clip_grad_val=1e39) == []
    # frames and thresholds stay Python's numbers
    assert found(lr_scheduler_spec={"name": "LinearToZero", "frame": 1e50}) == []


@pytest.mark.parametrize("changes", [{"total_steps": 10, "pct_start": 0.1}, {"epochs": 5, "steps_per_epoch": 1}])
def test_a_way_up_of_one_step_divides_by_zero(changes):
    scheduler = {**CYCLE, "pct_start": 0.2, **changes}
    with pytest.raises(ZeroDivisionError):
        arguments = {key: value for key, value in scheduler.items() if key != "name"}
        OneCycleLR(torch.optim.Adam([nn.Parameter(torch.zeros(1))]), **arguments)
    assert found(lr_scheduler_spec=scheduler)[0][:2] == ("/lr_scheduler_spec/pct_start", "argument-conflict")


@pytest.mark.parametrize("three_phase", [True, False])
@pytest.mark.parametrize("pct_start", [0, 0.05, 0.3, 0.5, 0.55, 0.9, 1])
@pytest.mark.parametrize("total_steps", [3, 10])
def test_other_cycles_train_past_their_end(total_steps, pct_start, three_phase):
    spec = {**CYCLE, "total_steps": total_steps, "pct_start": pct_start, "three_phase": three_phase}
    assert found(lr_scheduler_spec=spec) == []
    bundle = build_net({**NET, "lr_scheduler_spec": spec}, 4, 2)
    for _ in range(total_steps + 3):
        bundle.train_step(bundle.model(torch.randn(8, 4)).pow(2).mean())
    assert bundle.optimizer.param_groups[0]["lr"] > 0


@pytest.mark.parametrize(
    ("scheduler", "expected"),
    [
        ({"name": "CyclicLR", "base_lr": 0.1, "max_lr": [0.01]}, ("base_lr", "argument-conflict", "error")),
        ({"name": "CyclicLR", "base_lr": [0.1], "max_lr": [0.01]}, ("base_lr", "argument-conflict", "error")),
        ({"name": "CyclicLR", "base_lr": [0.1, 0.2], "max_lr": 1}, ("base_lr", "wrong-length", "error")),
        ({"name": "ReduceLROnPlateau", "min_lr": [0, 0]}, ("min_lr", "wrong-length", "error")),
        ({**CYCLE, "max_lr": [0.1, 0.2], "total_steps": 9}, ("max_lr", "wrong-length", "error")),
        ({**CYCLE, "total_steps": 9, "base_momentum": 0.96}, ("base_momentum", "argument-conflict", "warning")),
    ],
)
def test_schedules_whose_bounds_do_not_fit(scheduler, expected):
    key, *rest = expected
    assert found(lr_scheduler_spec=scheduler) == [(f"/lr_scheduler_spec/{key}", *rest)]


def test_torch_divides_by_the_factor_of_a_constant_rate():
    spec = {"name": "ConstantLR", "factor": 0, "total_iters": 1}
    assert found(lr_scheduler_spec=spec) == [("/lr_scheduler_spec/factor", "argument-conflict", "error")]
    assert found(lr_scheduler_spec={**spec, "step_on": "frame"}) == []
    trained(lr_scheduler_spec={**spec, "step_on": "frame"})
    trained(lr_scheduler_spec={**spec, "factor": 1e-8})


def test_lists_of_one_rate_and_momenta_that_are_not_cycled():
    assert found(lr_scheduler_spec={"name": "CyclicLR", "base_lr": [0.01], "max_lr": [0.1]}) == []
    still = {**CYCLE, "total_steps": 9, "base_momentum": 0.96, "cycle_momentum": False}
    assert found(lr_scheduler_spec=still) == []


def test_nesterov_is_told_what_it_lacks():
    [problem] = validate({**NET, "optim_spec": {"name": "SGD", "momentum": 0.9, "dampening": 0.1, "nesterov": True}})
    assert problem.pointer == "/optim_spec/nesterov" and problem.hint == 'write "dampening": 0'
    [problem] = validate({**NET, "optim_spec": {"name": "SGD", "nesterov": True}})
    assert problem.hint == 'for example "momentum": 0.9'


@pytest.mark.parametrize("spec", [{"name": "Adafactor", "eps": 1e-8}, {"name": "Rprop", "etas": 0.5}])
def test_a_number_in_place_of_a_pair(spec):
    [(pointer, rule, _)] = found(optim_spec=spec)
    assert pointer.startswith("/optim_spec/") and rule == "wrong-type"


@pytest.mark.parametrize("spec", [{"name": "Adafactor", "eps": [0.1, 0.1, 1]}, {"name": "Rprop", "etas": [0.5]}])
def test_a_pair_has_two_entries(spec):
    assert [rule for _, rule, _ in found(optim_spec=spec)] == ["wrong-length"]
