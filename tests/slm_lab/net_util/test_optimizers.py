"""Optimizers and schedulers of SLM Lab 4 and 5."""

import math

import pytest
import torch
from torch import nn

from slm_net import SpecError, register_optimizer, unregister
from slm_net.slm_lab import v4, v5
from slm_net.slm_lab.net_util.optimizers import Lookahead, RAdam


def test_schedulers_of_4_and_5():
    def rates(make, steps, **kwargs):
        optim = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = make(optim, {"name": "LinearToZero", "frame": 4}, **kwargs)
        found = []
        for _ in range(steps):
            optim.step()
            scheduler.step()
            found.append(optim.param_groups[0]["lr"])
        return found

    assert rates(v4.net_util.get_lr_scheduler, 6) == [0.75, 0.5, 0.25, 0, -0.25, -0.5]
    assert rates(v5.net_util.get_lr_scheduler, 6) == [0.75, 0.5, 0.25, 0, 0, 0]
    assert rates(v5.net_util.get_lr_scheduler, 3, steps_per_schedule=2) == [0.5, 0, 0]


@pytest.mark.parametrize("spec", [None, {}])
def test_no_scheduler(spec):
    optim = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler = v4.net_util.get_lr_scheduler(optim, spec)
    scheduler.step()
    scheduler.step(epoch=3)
    assert isinstance(scheduler, v4.net_util.NoOpLRScheduler) and scheduler.get_lr() == scheduler.get_last_lr() == 0.5


def test_optimizers_over_a_net_and_over_a_tensor():
    for lab in (v4, v5):
        log_alpha = torch.zeros(1, requires_grad=True)
        assert lab.net_util.get_optim(log_alpha, {"name": "Adam", "lr": 0.1}).param_groups[0]["params"] == [log_alpha]
        net = nn.Linear(2, 1)
        groups = lab.net_util.get_optim(net, {"name": "RAdam", "lr": 0.1, "betas": [0.8, 0.9]}).param_groups
        assert groups[0]["params"] == list(net.parameters()) and tuple(groups[0]["betas"]) == (0.8, 0.9)
    assert type(v5.net_util.get_optim(net, {"name": "RAdam"})) is torch.optim.RAdam


def test_radam_of_4_decays_apart_from_the_gradient():
    weight = nn.Parameter(torch.ones(1))
    optim = v4.net_util.get_optim(weight, {"name": "RAdam", "lr": 0.1, "weight_decay": 0.5})
    expected, first, second = 1.0, 0.0, 0.0
    for step in range(1, 12):
        weight.grad = torch.tensor([0.3])
        optim.step()
        first, second = 0.9 * first + 0.1 * 0.3, 0.999 * second + 0.001 * 0.09
        length = 1999 - 2 * step * 0.999**step / (1 - 0.999**step)
        expected -= 0.1 * 0.5 * expected
        if length >= 5:
            ratio = (length - 4) / 1995 * (length - 2) / length * 1999 / 1997
            size = math.sqrt((1 - 0.999**step) * ratio) / (1 - 0.9**step)
            expected -= 0.1 * size * first / (math.sqrt(second) + 1e-8)
        else:
            expected -= 0.1 * first / (1 - 0.9**step)
    assert weight.item() == pytest.approx(expected, rel=5e-4)  # SLM Lab works out the length in float32


GRADIENTS = ([0.3, -1.0], [0.1, 0.2], [-0.4, 0.3], [0.3, 0.0], [0.2, 0.1], [0.3, -0.3], [0.5, 1.0], [0.1, 0.1])


@pytest.mark.parametrize(
    ("name", "recorded"),  # of SLM Lab 4.1.1's own classes, on these gradients
    [
        ("RAdam", [[0.8545263409614563, -1.673157811164856], [0.6116132140159607, -1.2107681035995483]]),
        ("GlobalAdam", [[0.8545287251472473, -1.8361114263534546], [0.4259454309940338, -1.4020811319351196]]),
        ("GlobalRMSprop", [[-0.05963262915611267, -0.8946006894111633], [-0.457946240901947, -0.5466946959495544]]),
    ],
)
def test_the_optimizers_of_slm_lab_to_the_last_bit(name, recorded):
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    optim = v4.net_util.get_optim(weight, {"name": name, "lr": 0.1, "weight_decay": 0.5, "eps": 0.01})
    found = []
    for gradient in GRADIENTS:
        weight.grad = torch.tensor(gradient)
        optim.step()
        found.append(weight.tolist())
    assert [found[1], found[7]] == recorded


def test_a_name_that_stands_in_torch_can_be_registered(monkeypatch):
    class MyAdam(torch.optim.Adam):
        pass

    monkeypatch.setattr(torch.optim, "MyAdam", MyAdam, raising=False)
    with pytest.raises(SpecError) as caught:
        v5.net_util.get_optim(nn.Linear(2, 1), {"name": "MyAdam", "lr": 0.1})
    hint = caught.value.problems[0].hint
    assert hint.startswith("register torch.optim.MyAdam: slm_net.register_optimizer('MyAdam', ")
    register_optimizer("MyAdam", schema={"properties": {}})(MyAdam)
    try:
        assert type(v5.net_util.get_optim(nn.Linear(2, 1), {"name": "MyAdam", "lr": 0.1})) is MyAdam
    finally:
        unregister("optimizer", "MyAdam")


def test_lookahead_of_4_has_its_radam_and_is_not_in_torch():
    optim = v4.net_util.get_optim(nn.Linear(2, 1), {"name": "Lookahead", "lr": 0.1})
    assert isinstance(optim, Lookahead) and isinstance(optim.inner, RAdam) and (optim.k, optim.alpha) == (5, 0.5)
    assert not hasattr(torch.optim, "Lookahead") and not hasattr(torch.optim, "GlobalAdam")
    inner = optim.inner.state_dict()
    optim.load_state_dict({**inner, "param_groups": [{**inner["param_groups"][0], "step_counter": 3}]})
    optim.load_state_dict(optim.state_dict())
    with pytest.raises(TypeError, match="SGD"):
        v4.net_util.get_optim(nn.Linear(2, 1), {"name": "Lookahead", "optimizer": "SGD", "lr": 0.1}).share_memory()


@pytest.mark.parametrize("get_optim", [v4.net_util.get_optim, v5.net_util.get_optim])
@pytest.mark.parametrize(
    "spec",
    [{"name": name} for name in ("Adam", "AdamW", "SGD", "Adagrad")] + [{"name": "Lookahead", "optimizer": "Adam"}],
    ids=str,
)
def test_no_kernel_but_the_one_that_slm_lab_takes_as_others_round_otherwise(get_optim, spec):
    net = torch.nn.Linear(3, 2)
    optimizer = get_optim(net, {**spec, "lr": 0.01})
    inner = getattr(optimizer, "inner", optimizer)
    assert not inner.defaults["fused"] and inner.defaults["lr"] == 0.01
    if spec["name"] != "Lookahead":
        assert get_optim(net, {**spec, "lr": 0.01, "fused": True}).defaults["fused"]
