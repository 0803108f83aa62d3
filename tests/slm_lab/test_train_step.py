"""One update of the drop-in's nets, and SLM Lab's check of it."""

import math
import os
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from slm_net.slm_lab import v4, v5

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


class TestTrainStep:
    @pytest.fixture(autouse=True)
    def nothing_set(self, monkeypatch):
        for name in ("PY_ENV", "lab_mode"):
            monkeypatch.delenv(name, raising=False)

    def test_a_loss_that_is_not_finite(self):
        for lab, finite in ((v4, False), (v5, True)):
            net = lab.net.MLPNet(MLP, 4, 2)
            optim = lab.net_util.get_optim(net, net.optim_spec)
            loss = net.train_step(net(torch.ones(1, 4)).sum() * math.nan, optim)
            assert all(p.isfinite().all() == finite for p in net.parameters())
            assert loss.isfinite() == finite

    @pytest.mark.parametrize("value", [0, False])
    def test_clip_of_zero_freezes(self, value):
        net = v4.net.MLPNet({**MLP, "clip_grad_val": value, "optim_spec": {"name": "SGD", "lr": 1.0}}, 4, 2)
        before = net.model[0].weight.clone()
        net.train_step(net(torch.ones(1, 4)).sum(), v4.net_util.get_optim(net, net.optim_spec))
        assert torch.equal(before, net.model[0].weight)

    def test_plateau_gets_the_loss_in_4(self):
        net = v4.net.MLPNet(MLP, 4, 2)
        optim = v4.net_util.get_optim(net, {"name": "SGD", "lr": 0.5})
        spec = {"name": "ReduceLROnPlateau", "patience": 0, "factor": 0.5}
        scheduler = v4.net_util.get_lr_scheduler(optim, spec)
        for _ in range(2):
            net.train_step(net(torch.ones(1, 4)).sum() * 0 + 1, optim, scheduler)
        assert optim.param_groups[0]["lr"] == 0.25

    @pytest.mark.parametrize(("name", "value"), [("PY_ENV", "test"), ("lab_mode", "dev")])
    def test_the_development_check(self, monkeypatch, name, value):
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
