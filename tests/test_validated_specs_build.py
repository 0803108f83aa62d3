"""Whatever `validate` passes, `build_net` builds, and updates leave finite weights."""

import warnings

import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from spec_strategies import cases

from slm_net import SpecError, build_net, validate

QUICK, MANY = 150, 3000
STRANGER = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def batch(size):
    return torch.rand(4, *([size] if isinstance(size, int) else size))


def outputs(bundle):
    """What a net gives out for a batch, as a list."""
    net_type, sizes = bundle.spec["type"], bundle.in_dim
    several = net_type.startswith(("Hydra", "Q", "FiLM"))
    x = [batch(size) for size in sizes] if several else batch(sizes)
    y = bundle.model(*x) if several and net_type != "HydraMLPNet" else bundle.model(x)
    return y if isinstance(y, list) else [y]


def is_finite(bundle):
    return all(parameter.isfinite().all() for parameter in bundle.model.parameters())


def check(case):
    """Validate, build and train one case; an error of `validate` is one of `build_net` too."""
    spec, in_dim, out_dim = case
    problems = validate(spec, in_dim=in_dim, out_dim=out_dim)
    if any(problem.severity == "error" for problem in problems):
        event("refused")
        with pytest.raises(SpecError):
            build_net(spec, in_dim, out_dim)
        return
    event(f"built {spec['type']}")
    bundle = build_net(spec, in_dim, out_dim, seed=0)
    began = is_finite(bundle)  # weight_norm has no length for weights near the largest number
    for frame in (1, 2):
        bundle.train_step(sum(y.pow(2).mean() for y in outputs(bundle)), frame)
    # a warning about the optimizer or its rate says that the weights may break
    if began and not any(problem.pointer.startswith(("/optim_spec", "/lr_scheduler_spec")) for problem in problems):
        assert is_finite(bundle)


@given(cases())
@settings(max_examples=QUICK, deadline=None, suppress_health_check=STRANGER)
def test_what_is_valid_builds_and_trains(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(case)


@pytest.mark.slow
@given(cases())
@settings(max_examples=MANY, deadline=None, suppress_health_check=STRANGER)
def test_much_that_is_valid_builds_and_trains(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(case)
