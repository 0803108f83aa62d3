import math

import torch
from torch import nn

from slm_net.training.statistics import Statistics


def make():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    return net, Statistics(net)


def buffers(net):
    return {name: buffer.clone() for name, buffer in net.named_buffers()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_what_a_pass_changed_is_undone_and_what_was_kept_stays():
    net, statistics = make()
    net(torch.randn(4, 2))
    statistics.keep()
    before = buffers(net)
    net(torch.full((4, 2), math.nan))
    assert not same(before, buffers(net))
    statistics.restore()
    assert same(before, buffers(net))


def test_a_scalar_decides_without_being_looked_at():
    net, statistics = make()
    first = buffers(net)
    net(torch.randn(4, 2))
    statistics.restore_if(torch.tensor(1.0))
    assert same(first, buffers(net))
    net(torch.randn(4, 2))
    moved = buffers(net)
    statistics.restore_if(torch.tensor(0.0))
    assert same(moved, buffers(net))
    statistics.restore()
    assert same(moved, buffers(net))


def test_only_numbers_with_a_point_have_to_be_finite():
    _, statistics = make()
    assert [tensor.shape for tensor in statistics.to_be_finite()] == [(2,), (2,)]
    assert not Statistics(nn.Linear(2, 2)).to_be_finite()


def test_a_net_that_changed_its_dtype_is_still_restored():
    net, statistics = make()
    before = buffers(net)
    net.double()
    net(torch.full((4, 2), math.nan, dtype=torch.float64))
    statistics.restore()
    assert all(torch.equal(before[name].double(), buffers(net)[name].double()) for name in before)


def test_a_mask_that_is_not_finite_from_the_beginning_need_not_be():
    net = nn.Linear(2, 2)
    net.register_buffer("mask", torch.tensor([0.0, -math.inf]))
    net.register_buffer("mean", torch.zeros(2))
    assert [tensor.tolist() for tensor in Statistics(net).to_be_finite()] == [[0.0, 0.0]]


def test_buffers_of_another_shape_are_kept_anew():
    net, statistics = make()
    net[1].running_mean = torch.ones(3)
    statistics.keep()
    net[1].running_mean.fill_(math.nan)
    statistics.restore()
    assert torch.equal(net[1].running_mean, torch.ones(3))


def test_a_norm_that_keeps_no_statistics_is_no_trouble():
    statistics = Statistics(nn.InstanceNorm1d(2))
    statistics.keep()
    statistics.restore()
    statistics.restore_if(torch.tensor(1.0))
    assert statistics.tensors() == statistics.to_be_finite() == []
