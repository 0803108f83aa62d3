import pytest
import torch
from torch import nn

from slm_net.training.updates import UPDATES, state_for

SETTINGS = [
    ("Adam", {}),
    ("Adam", {"amsgrad": True, "weight_decay": 0.1}),
    ("Adam", {"maximize": True, "decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("AdamW", {"betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adam", {"betas": (0.0, 0.9)}),
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "maximize": True}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=str)
@pytest.mark.parametrize("fused", [False, True])
def test_the_arithmetic_is_torchs(name, settings, fused):
    torch.manual_seed(0)
    parameter, theirs = (nn.Parameter(torch.linspace(-1, 1, 6).reshape(2, 3)) for _ in "12")
    kind = getattr(torch.optim, name)
    ours, other = (kind([each], lr=0.05, fused=fused, **settings) for each in (parameter, theirs))
    group = ours.param_groups[0]
    for _ in range(5):
        theirs.grad = torch.randn(2, 3)
        state = state_for(ours, parameter, group)
        with torch.no_grad():
            UPDATES[kind].rule(parameter, theirs.grad, state, torch.tensor(0.05), group)
        other.step()
        assert torch.allclose(parameter, theirs, atol=1e-6)
    kept, wanted = (
        ours.state[parameter],
        {key: value for key, value in other.state[theirs].items() if value is not None},
    )
    assert kept.keys() == wanted.keys()
    for key, value in wanted.items():
        assert value.shape == kept[key].shape and value.dtype == kept[key].dtype
        assert torch.allclose(kept[key], value, atol=1e-6)


def test_what_it_reads_are_settings_of_the_optimizer():
    for kind, update in UPDATES.items():
        defaults = kind([nn.Parameter(torch.zeros(1))]).defaults
        assert set(update.settings) <= defaults.keys()
