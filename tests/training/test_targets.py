import copy
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.training import TargetUpdate, targets


def make_net(seed, width=5):
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Linear(3, width), nn.BatchNorm1d(width), nn.Sequential(), nn.Sequential(nn.Linear(width, 2, bias=False))
    )
    net(torch.randn(8, 3))
    net.register_buffer("extra", torch.randn(2), persistent=False)
    return net


def tensors(net):
    return {**dict(net.named_parameters()), **dict(net.named_buffers())}


@settings(deadline=None)
@given(st.floats(1e-6, 1), st.integers(0, 50))
def test_polyak_weights_the_source_and_includes_buffers(coef, seed):
    source, target = make_net(seed), make_net(seed + 1)
    for _ in range(seed % 3):
        source(torch.randn(4, 3))
    before = copy.deepcopy(target)
    TargetUpdate("polyak", polyak_coef=coef).update(source, target)
    for (name, new), old, ours in zip(
        tensors(target).items(), tensors(before).values(), tensors(source).values(), strict=True
    ):
        want = coef * ours + (1 - coef) * old if old.is_floating_point() else ours
        torch.testing.assert_close(new, want, msg=name)


def test_replace_copies_values_and_keeps_the_targets_own_tensors():
    source, target = make_net(0), make_net(1)
    own = {name: tensor.data_ptr() for name, tensor in tensors(target).items()}
    TargetUpdate().update(source, target)
    for name, tensor in tensors(target).items():
        assert torch.equal(tensor, tensors(source)[name])
        assert tensor.data_ptr() == own[name]
        assert tensor.requires_grad == tensors(source)[name].requires_grad
    source[0].weight.data.zero_()
    assert not torch.equal(source[0].weight, target[0].weight)


def test_polyak_1_is_replace():
    source, target = make_net(0), make_net(1)
    TargetUpdate("polyak", polyak_coef=1).update(source, target)
    assert all(torch.equal(tensor, tensors(source)[name]) for name, tensor in tensors(target).items())


def test_a_shared_weight_moves_once():
    def tied():
        net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
        net[1].weight = net[0].weight
        return net

    source, target = tied(), tied()
    nn.init.ones_(source[0].weight)
    nn.init.zeros_(target[0].weight)
    TargetUpdate("polyak", polyak_coef=0.25).update(source, target)
    assert torch.equal(target[1].weight, torch.full((2, 2), 0.25))


def test_it_follows_a_net_that_was_moved_or_changed():
    update = TargetUpdate("polyak", polyak_coef=0.5)
    source, target = make_net(0), make_net(1)
    update.update(source, target)
    source, target = source.double(), target.double()
    source[3][0], target[3][0] = nn.Linear(5, 4).double(), nn.Linear(5, 4).double()
    want = (source[3][0].weight + target[3][0].weight) / 2
    update.update(source, target)
    torch.testing.assert_close(target[3][0].weight, want)


def test_a_net_without_tensors():
    for update in (TargetUpdate(), TargetUpdate("polyak", polyak_coef=0.5)):
        update.update(nn.ReLU(), nn.ReLU())


@pytest.mark.parametrize("update", [TargetUpdate(), TargetUpdate("polyak", polyak_coef=0.1)])
def test_nets_that_differ_name_the_first_tensor(update):
    with pytest.raises(ValueError, match=r"0\.weight is \(5, 3\) in the source and \(6, 3\) in the target"):
        update.update(make_net(0), make_net(0, width=6))
    with pytest.raises(ValueError, match=r"bias is missing in the source and \(2,\) in the target"):
        update.update(nn.Linear(2, 2, bias=False), nn.Linear(2, 2))


@pytest.mark.parametrize(("frequency", "due"), [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 2, 4]), (5, [0, 5])])
def test_due(frequency, due):
    update = TargetUpdate(update_frequency=frequency)
    assert [step for step in range(6) if update.due(step)] == due


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"update_type": "polyakk"}, "did you mean 'polyak'"),
        ({"update_frequency": 0}, "at least 1"),
        ({"update_frequency": 1.5}, "integer"),
        ({"update_frequency": True}, "integer"),
        ({"polyak_coef": -0.1}, "between 0 and 1"),
        ({"polyak_coef": 1.5}, "between 0 and 1"),
        ({"polyak_coef": math.nan}, "between 0 and 1"),
        ({"polyak_coef": True}, "between 0 and 1"),
    ],
)
def test_bad_arguments(args, message):
    with pytest.raises(ValueError, match=message):
        TargetUpdate(**args)


def test_polyak_that_never_moves_the_target_warns():
    with pytest.warns(RuntimeWarning, match="never moves the target"):
        TargetUpdate("polyak")


def test_str():
    assert str(TargetUpdate()) == "replace every step"
    assert str(TargetUpdate("polyak", 1000, 0.005)) == "polyak 0.005 every 1,000 steps"


def poisoned(source, value=math.nan):
    with torch.no_grad():
        source[0].weight[0, 0] = value
    return source


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["replace", "polyak"])
@pytest.mark.parametrize("bound", [False, True])
def test_what_is_not_finite_never_reaches_a_target(kind, value, bound):
    source, target = poisoned(make_net(0), value), make_net(1)
    before = {name: tensor.clone() for name, tensor in target.state_dict().items()}
    update = TargetUpdate(kind, 1, 0.5)
    with pytest.warns(RuntimeWarning, match="stays as it is"):
        if bound:
            update.bind(source, target)()
        else:
            update.update(source, target)
    assert all(torch.equal(before[name], tensor) for name, tensor in target.state_dict().items())


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["replace", "polyak"])
def test_a_device_that_is_not_waited_for_decides_alike(kind, value, monkeypatch):
    monkeypatch.setattr(targets, "at_hand", lambda tensor: False)  # a CPU, as if its numbers were on their way
    source, target = make_net(0), make_net(1)
    follow = TargetUpdate(kind, 1, 0.5).bind(source, target)
    follow()
    before = {name: tensor.clone() for name, tensor in target.state_dict().items()}
    poisoned(source, value)
    follow()
    assert all(torch.equal(before[name], tensor) for name, tensor in target.state_dict().items())
    poisoned(source, 3.0)
    follow()
    assert not torch.equal(before["0.weight"], target[0].weight)


def test_statistics_that_are_not_finite_do_not_reach_a_target_either():
    source, target = make_net(0), make_net(1)
    source[1].running_mean[0] = math.nan
    with pytest.warns(RuntimeWarning, match="stays as it is"):
        TargetUpdate().update(source, target)
    assert target[1].running_mean.isfinite().all()


def test_a_mask_that_both_have_is_no_trouble():
    source, target = nn.Linear(2, 2), nn.Linear(2, 2)
    for net in (source, target):
        net.register_buffer("mask", torch.tensor([0.0, -math.inf]))
    TargetUpdate().update(source, target)
    assert torch.equal(source.weight, target.weight)


def test_a_bound_target_follows_a_net_that_is_rebuilt_cast_or_pruned():
    source, target = make_net(0), make_net(1)
    follow = TargetUpdate("replace").bind(source, target)
    follow()
    source[0] = nn.Linear(3, 5)
    follow()
    assert torch.equal(source[0].weight, target[0].weight)
    for net in (source, target):
        net.double()
        nn.utils.parametrizations.weight_norm(net[0])
    with torch.no_grad():
        source[0].parametrizations.weight.original0.mul_(3)
    follow()
    assert torch.equal(source[0].weight, target[0].weight)


def test_a_bound_target_that_no_longer_fits_is_told():
    source, target = make_net(0), make_net(1)
    follow = TargetUpdate().bind(source, target)
    source[0] = nn.Linear(7, 7)
    with pytest.raises(ValueError, match="does not fit its source"):
        follow()


def test_tensors_follow_those_of_the_same_name():
    source, target = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
    for name in ("weight", "bias"):  # as torchrl leaves a net that it has called with other parameters
        source._parameters[name] = source._parameters.pop(name)
    source._parameters["weight"] = source._parameters.pop("weight")
    assert list(source._parameters) == ["bias", "weight"]
    TargetUpdate().bind(source, target)()
    assert torch.equal(source.weight, target.weight) and torch.equal(source.bias, target.bias)
