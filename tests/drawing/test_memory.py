"""What optimizers keep, and what a net takes, against torch's own."""

import pytest
import torch
from torch import nn

from slm_net import build_net
from slm_net.drawing.memory import kept_by
from slm_net.schema.catalogue import names
from slm_net.training import build_optimizer

SPECS = [
    *({"name": name} for name in names("optimizer") if name != "Adafactor"),
    *({"name": name, "amsgrad": True} for name in ("Adam", "AdamW")),
    {"name": "SGD", "lr": 0.1, "momentum": 0.9},
    {"name": "RMSprop", "momentum": 0.9, "centered": True},
    {"name": "Lookahead", "optimizer": "SGD", "momentum": 0.5},
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_an_optimizer_keeps_as_many_numbers_as_it_says(spec):
    model = nn.Linear(7, 5)
    optimizer = build_optimizer(model, {"lr": 0.01, **spec})
    for _ in range(2):  # some begin in the second step
        model(torch.ones(3, 7)).sum().backward()
        optimizer.step()
    inner = getattr(optimizer, "inner", None) or optimizer
    sizes = {p.shape: 0 for p in model.parameters()}
    states = [state for owner in {id(o): o for o in (optimizer, inner)}.values() for state in owner.state.values()]
    found = {id(value): value for state in states for value in state.values() if torch.is_tensor(value)}
    kept = sum(value.numel() for value in found.values() if value.shape in sizes)
    assert kept == kept_by(spec) * sum(p.numel() for p in model.parameters())


def test_what_is_frozen_has_no_gradient():
    spec = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "freeze": ["body"]}
    memory = build_net(spec, 4, 2).summary(batch=10).facts.memory
    body, tail = 8 * 5, 2 * 9
    assert (memory.weights, memory.gradients, memory.optimizer) == (4 * (body + tail), 4 * tail, 8 * tail)
    assert memory.activations == 4 * 10 * (8 + 8 + 2)


def test_of_an_optimizer_that_is_not_known_nothing_is_said():
    spec = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "optim_spec": {"name": "Adafactor"}}
    summary = build_net(spec, 4, 2).summary()
    assert summary.facts.memory.optimizer is None
    assert "?" in str(summary).splitlines()[-1]
