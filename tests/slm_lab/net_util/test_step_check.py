"""SLM Lab's check that an update changed the weights."""

import os
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from slm_net.slm_lab import v4

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


@pytest.mark.parametrize(("name", "value"), [("PY_ENV", "test"), ("lab_mode", "dev")])
def test_the_development_check(monkeypatch, name, value):
    for other in ("PY_ENV", "lab_mode"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    assert v4.net_util.to_check_train_step() and os.environ[name] == value
    net = v4.net.MLPNet(MLP, 4, 2)
    net.train_step(net(torch.ones(1, 4)).sum(), v4.net_util.get_optim(net, net.optim_spec))
    algorithm = SimpleNamespace(net_names=["net", "target_net"], net=net, target_net=v4.net.MLPNet(MLP, 4, 2))
    assert v4.net_util.get_grad_norms(algorithm) == net.grad_norms and len(net.grad_norms) == 4
    frozen = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1.0)
    if name == "PY_ENV":
        with pytest.raises(AssertionError, match="changed no parameter"):
            net.train_step(net(torch.ones(1, 4)).sum(), frozen)
    else:
        net.train_step(net(torch.ones(1, 4)).sum(), frozen)
