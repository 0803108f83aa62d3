import copy
import io
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn, optim

from slm_net.training import Lookahead, build_lr_scheduler, build_optimizer


def make_net():
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def gradient(net, step):
    torch.manual_seed(step)
    net.zero_grad()
    net(torch.randn(4, 3)).square().mean().backward()


def vector(net):
    return nn.utils.parameters_to_vector(net.parameters()).detach()


def by_the_paper(net, inner, k, alpha, steps):
    """Algorithm 1 of the paper, in the words of its text: an outer loop over slow weights."""
    slow = [parameter.detach().clone() for parameter in net.parameters()]
    for step in range(steps):
        gradient(net, step)
        inner.step()
        if (step + 1) % k == 0:
            with torch.no_grad():
                for index, fast in enumerate(net.parameters()):
                    slow[index] = slow[index] + alpha * (fast - slow[index])
                    fast.copy_(slow[index])
    return vector(net)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.floats(0, 1), st.integers(0, 14), st.sampled_from(["SGD", "Adam", "RAdam", "GlobalAdam"]))
def test_it_is_the_papers_algorithm(k, alpha, steps, inner):
    spec = {"name": "Lookahead", "optimizer": inner, "k": k, "alpha": alpha, "lr": 0.05}
    ours, reference = make_net(), make_net()
    optimizer = build_optimizer(ours, spec)
    for step in range(steps):
        gradient(ours, step)
        optimizer.step()
    want = by_the_paper(reference, build_optimizer(reference, {"name": inner, "lr": 0.05}), k, alpha, steps)
    torch.testing.assert_close(vector(ours), want, rtol=1e-5, atol=1e-6)


def test_defaults_and_inner_arguments():
    optimizer = build_optimizer(make_net(), {"name": "Lookahead", "lr": 0.002, "betas": [0.8, 0.99]})
    assert isinstance(optimizer.inner, optim.RAdam)
    assert (optimizer.k, optimizer.alpha) == (5, 0.5)
    assert optimizer.param_groups[0] is optimizer.inner.param_groups[0]
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.99)
    assert "RAdam" in repr(optimizer)


def test_it_is_an_optimizer_to_schedulers_and_takes_groups_later():
    net = make_net()
    optimizer = build_optimizer(net, {"name": "Lookahead", "optimizer": "SGD", "lr": 0.1})
    schedule = build_lr_scheduler(optimizer, {"name": "StepLR", "step_size": 1})
    optimizer.add_param_group({"params": [extra := nn.Parameter(torch.ones(1))], "lr": 1.0})
    gradient(net, 0)
    extra.grad = torch.ones(1)
    optimizer.step()
    schedule.scheduler.base_lrs.append(1.0)
    schedule.step(0.0)
    assert [group["lr"] for group in optimizer.inner.param_groups] == pytest.approx([0.01, 0.1])
    assert extra.item() == 0
    optimizer.zero_grad()
    assert all(parameter.grad is None for parameter in [*net.parameters(), extra])


def test_weights_loaded_between_two_looks_are_where_it_starts():
    net = nn.Linear(1, 1, bias=False)
    optimizer = Lookahead(optim.SGD(net.parameters(), lr=1.0), k=1, alpha=0.5)
    for start in (10.0, 20.0):
        nn.init.constant_(net.weight, start)
        net.weight.grad = torch.ones(1, 1)
        optimizer.step()
        assert net.weight.item() == start - 0.5


@pytest.mark.parametrize("steps", [0, 3, 5])
def test_state_round_trip(steps):
    spec = {"name": "Lookahead", "optimizer": "Adam", "k": 4, "lr": 0.05}
    net = make_net()
    optimizer = build_optimizer(net, spec)
    for step in range(steps):
        gradient(net, step)
        optimizer.step()
    torch.save(optimizer.state_dict(), buffer := io.BytesIO())
    buffer.seek(0)
    twin = copy.deepcopy(net)
    other = build_optimizer(twin, spec)
    other.load_state_dict(torch.load(buffer, weights_only=True))
    assert other.param_groups is other.inner.param_groups
    for step in range(6):
        for each, its in ((net, optimizer), (twin, other)):
            gradient(each, step)
            its.step()
    assert torch.equal(vector(net), vector(twin))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copies_go_on_alike(duplicate):
    net = make_net()
    optimizer = build_optimizer(net, {"name": "Lookahead", "lr": 0.05, "k": 2})
    gradient(net, 0)
    optimizer.step()
    twin, other = duplicate((net, optimizer))
    assert other.param_groups is other.inner.param_groups
    for step in range(4):
        for each, its in ((net, optimizer), (twin, other)):
            gradient(each, step)
            its.step()
    assert torch.equal(vector(net), vector(twin))


def test_a_closure_is_passed_on():
    net = make_net()
    optimizer = build_optimizer(net, {"name": "Lookahead"})

    def closure():
        optimizer.zero_grad()
        loss = net(torch.ones(1, 3)).square().sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() > 0


def test_foreign_state_is_refused():
    net = make_net()
    with pytest.raises(ValueError, match="not the state of a Lookahead"):
        build_optimizer(net, {"name": "Lookahead"}).load_state_dict(optim.RAdam(net.parameters()).state_dict())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"k": 0}, "at least 1"),
        ({"k": 2.5}, "integer"),
        ({"k": True}, "integer"),
        ({"alpha": 1.5}, "between 0 and 1"),
        ({"alpha": -0.1}, "between 0 and 1"),
        ({"optimizer": "Lookahead"}, "its own inner optimizer"),
    ],
)
def test_bad_arguments(args, message):
    with pytest.raises(ValueError, match=message):
        build_optimizer(make_net(), {"name": "Lookahead", **args})


def test_a_lookahead_instance_inside_is_refused():
    inner = Lookahead(optim.SGD(make_net().parameters(), lr=0.1))
    with pytest.raises(ValueError, match="its own inner optimizer"):
        Lookahead(inner)
