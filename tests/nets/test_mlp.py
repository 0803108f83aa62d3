import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.nets import MLPNet


def same(net, layers, after):
    """The net has the parameters of the hand-written layers, and drew the same random numbers."""
    by_hand = [tensor for layer in layers for tensor in layer.state_dict().values()]
    built = list(net.state_dict().values())
    assert len(built) == len(by_hand)
    assert all(torch.equal(a, b) for a, b in zip(built, by_hand, strict=True))
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))


@pytest.mark.parametrize("out_dim", [3, [3], [4, 4, 1]])
@pytest.mark.parametrize("hid_layers", [[], [16], [16, 8, 4]])
@pytest.mark.parametrize("init_fn", [None, "orthogonal_", "xavier_uniform_", "normal_"])
def test_same_draws_as_by_hand(init_fn, hid_layers, out_dim, net_spec):
    spec = net_spec("MLPNet", hid_layers=hid_layers, init_fn=init_fn and {"name": init_fn})
    torch.manual_seed(7)
    net = MLPNet(spec, 5, out_dim)
    after = torch.rand(1, dtype=torch.float64)

    torch.manual_seed(7)
    widths = [5, *hid_layers]
    layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
    layers += [nn.Linear(widths[-1], width) for width in (out_dim if isinstance(out_dim, list) else [out_dim])]
    for layer in layers if init_fn else ():
        if init_fn == "orthogonal_":
            nn.init.orthogonal_(layer.weight, gain=5 / 3)
        elif init_fn == "xavier_uniform_":
            nn.init.xavier_uniform_(layer.weight, gain=5 / 3)
        else:
            nn.init.normal_(layer.weight)
        nn.init.zeros_(layer.bias)
    same(net, layers, after)


def test_forward_is_the_plain_formula(net_spec):
    net = MLPNet(net_spec("MLPNet", hid_layers=[6, 4]), 3, 2)
    x = torch.randn(5, 3)
    w = net.state_dict()
    h = torch.tanh(x @ w["model.0.weight"].T + w["model.0.bias"])
    h = torch.tanh(h @ w["model.2.weight"].T + w["model.2.bias"])
    torch.testing.assert_close(net(x).detach(), h @ w["model_tail.0.weight"].T + w["model_tail.0.bias"])


def test_keys(net_spec):
    assert list(MLPNet(net_spec("MLPNet"), 3, 2).state_dict()) == [
        *("model.0.weight", "model.0.bias", "model.2.weight", "model.2.bias"),
        *("model_tail.0.weight", "model_tail.0.bias"),
    ]
    normed = MLPNet(net_spec("MLPNet", layer_norm=True, hid_layers_activation=None), 3, 2)
    assert [type(module) for module in normed.model] == [nn.Linear, nn.LayerNorm] * 2


@settings(deadline=None, max_examples=50)
@given(
    widths=st.lists(st.integers(1, 12), max_size=4),
    in_dim=st.integers(1, 7),
    out_dim=st.integers(1, 5) | st.lists(st.integers(1, 5), min_size=1, max_size=4),
    norm=st.sampled_from(["layer_norm", "batch_norm", None]),
)
def test_any_widths(net_spec, widths, in_dim, out_dim, norm):
    spec = net_spec("MLPNet", hid_layers=widths, dropout=0.2) | ({norm: True} if norm else {})
    net = MLPNet(spec, in_dim, out_dim)
    ys = net(torch.randn(3, in_dim))
    assert isinstance(ys, list) == isinstance(out_dim, list)
    shapes = [tuple(y.shape) for y in ys] if isinstance(ys, list) else tuple(ys.shape)
    assert shapes == ([(3, width) for width in out_dim] if isinstance(out_dim, list) else (3, out_dim))
    expected = sum(a * b + b for a, b in zip([in_dim, *widths], widths, strict=False))
    expected += sum((widths or [in_dim])[-1] * n + n for n in (out_dim if isinstance(out_dim, list) else [out_dim]))
    expected += 2 * sum(widths) if norm else 0
    assert sum(parameter.numel() for parameter in net.parameters()) == expected


def test_numpy_dims(net_spec):
    spec = net_spec("MLPNet", hid_layers=list(np.array([8, 4])))
    net = MLPNet(spec, np.int64(3), np.array([2, 1]))
    assert [tuple(y.shape) for y in net(torch.zeros(2, 3))] == [(2, 2), (2, 1)]
    assert (net.in_dim, net.out_dim) == (3, [2, 1])


@pytest.mark.parametrize("in_dim", [0, None, (4, 84, 84), 2.5])
def test_bad_in_dim(in_dim, net_spec):
    with pytest.raises(ValueError, match="in_dim of MLPNet must be a positive integer"):
        MLPNet(net_spec("MLPNet"), in_dim, 2)


def test_keys_that_contradict(net_spec):
    with pytest.raises(ValueError, match="batch_norm and layer_norm"):
        MLPNet(net_spec("MLPNet", batch_norm=True, layer_norm=True), 3, 2)
    with pytest.raises(ValueError, match="hid_layers_activation lists 3 activations for 2"):
        MLPNet(net_spec("MLPNet", hid_layers_activation=[None] * 3), 3, 2)


def test_dropout_only_while_training(net_spec):
    net = MLPNet(net_spec("MLPNet", hid_layers=[512], dropout=0.5), 3, 2)
    x = torch.randn(4, 3)
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert torch.equal(net(x), net(x))
    net.train()
    dropped = (net.model(x) == 0).float().mean().item()
    assert math.isclose(dropped, 0.5, abs_tol=0.1)
