"""Dense layers with weight norm: torch's numbers and names, and copies that torch's own do not allow."""

import copy
import io
import pickle

import pytest
import torch
from torch import nn

from slm_net.nets.init import init_parameters
from slm_net.nets.weight_norm import LazyWeightNormLinear, WeightNormLinear, weight_norm

CLASSES = {WeightNormLinear: "linear", LazyWeightNormLinear: "_linear"}
X = torch.rand(3, 5)


def saved(layer):
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda layer: pickle.loads(pickle.dumps(layer)), "save": saved}


@pytest.mark.parametrize("weight", [torch.randn(4, 3), torch.eye(4, 3), torch.zeros(4, 3)])
def test_weight_norm_keeps_the_weight_and_learns(weight):
    layer = weight_norm(nn.Linear(3, 4))
    layer.weight = weight
    assert torch.equal(layer.weight, weight)
    layer.weight.square().sum().add(layer.weight.sum()).backward()
    length = layer.parametrizations.weight.original0
    assert length.grad.isfinite().all() and length.grad.abs().sum() > 0


def test_weight_norm_is_torchs():
    torch.manual_seed(0)
    ours, theirs = weight_norm(nn.Linear(3, 4)), nn.utils.parametrizations.weight_norm(nn.Linear(3, 4))
    theirs.load_state_dict(ours.state_dict())
    torch.testing.assert_close(ours.weight, theirs.weight)
    for layer in (ours, theirs):
        layer(torch.ones(2, 3)).square().sum().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("bias", [True, False])
def test_the_numbers_and_names_are_torchs(cls, bias):
    torch.manual_seed(0)
    ours = cls(5, 4, bias=bias)
    torch.manual_seed(0)
    theirs = nn.utils.parametrizations.weight_norm(nn.Linear(5, 4, bias=bias))
    assert torch.equal(ours(X), theirs(X))
    assert list(ours.state_dict()) == [f"{CLASSES[cls]}.{key}" for key in theirs.state_dict()]
    assert list(ours.state_dict())[-2:] == [f"{CLASSES[cls]}.parametrizations.weight.original{i}" for i in (0, 1)]


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_is_a_layer_of_its_own(cls, bias, copied):
    layer = cls(5, 4, bias=bias).double().eval().requires_grad_(False)
    same = copied(copied(layer))
    assert type(same) is cls and not same.training and repr(same) == repr(layer)
    assert torch.equal(same(X.double()), layer(X.double()))
    assert not any(parameter.requires_grad for parameter in same.parameters())
    before = layer(X.double())
    with torch.no_grad():
        for parameter in same.parameters():
            parameter.add_(1)
    assert torch.equal(layer(X.double()), before) and not torch.equal(same(X.double()), before)
    same.load_state_dict(layer.state_dict())
    assert torch.equal(same(X.double()), before)


@pytest.mark.parametrize("cls", CLASSES)
def test_a_copy_trains_as_the_layer(cls):
    torch.manual_seed(0)
    layer = cls(5, 4)
    same = pickle.loads(pickle.dumps(layer))
    for module in (layer, same):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            module(X).square().sum().backward()
            optimizer.step()
    assert all(torch.equal(one, other) for one, other in zip(layer.parameters(), same.parameters(), strict=True))


@pytest.mark.parametrize("cls", CLASSES)
def test_it_is_compiled_as_a_whole(cls):
    torch._dynamo.reset()
    layer = cls(5, 4)
    assert torch.equal(torch.compile(layer, fullgraph=True, backend="eager")(X), layer(X))


@pytest.mark.parametrize("cls", CLASSES)
def test_an_init_function_reaches_its_weight(cls):
    layer = cls(5, 4)
    init_parameters(layer, {"name": "constant_", "val": 0.5}, None)
    torch.testing.assert_close(layer(torch.ones(1, 5)), torch.full((1, 4), 2.5))
