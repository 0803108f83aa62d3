import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.nets import DuelingConvNet, DuelingMLPNet, DuelingRecurrentNet
from slm_net.nets.activations import ACTIVATIONS

TANH = {"name": "Tanh"}
GAINS = {"orthogonal_": nn.init.orthogonal_, "xavier_normal_": nn.init.xavier_normal_}


def q_values(value, advantages):
    return value + advantages - advantages.mean(dim=1, keepdim=True)


def drawn_by_hand(body, v, adv, init):
    """Initialise as SLM Lab does: both tails are in the module tree twice, and drawn twice."""
    for layer in (*body, v, adv, v, adv) if init else ():
        GAINS[init](layer.weight, gain=5 / 3)
        nn.init.zeros_(layer.bias)
    return [parameter for layer in (*body, v, adv) for parameter in layer.parameters()]


@pytest.mark.parametrize("hid_layers", [[], [16], [16, 8, 4]])
@pytest.mark.parametrize("init", [None, *GAINS])
def test_same_draws_as_by_hand(init, hid_layers, net_spec):
    torch.manual_seed(7)
    net = DuelingMLPNet(net_spec("DuelingMLPNet", hid_layers=hid_layers, init_fn=init and {"name": init}), 5, 3)
    after = torch.rand(1, dtype=torch.float64)

    torch.manual_seed(7)
    widths = [5, *hid_layers]
    body = [nn.Linear(a, b) for a, b in pairwise(widths)]
    v, adv = nn.Linear(widths[-1], 1), nn.Linear(widths[-1], 3)
    by_hand = drawn_by_hand(body, v, adv, init)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))

    x = h = torch.randn(6, 5)
    for layer in body:
        h = torch.tanh(layer(h))
    torch.testing.assert_close(net(x), q_values(v(h), adv(h)))


@pytest.mark.parametrize("init", [None, "orthogonal_"])
def test_images_by_hand(init, net_spec):
    rows = [[8, 3, 2, 0, 1], [16, 3, 2, 0, 1]]
    spec = net_spec("DuelingConvNet", conv_hid_layers=rows, fc_hid_layers=[32], normalize=True)
    torch.manual_seed(3)
    net = DuelingConvNet(spec | {"init_fn": init and {"name": init}}, (3, 24, 24), 5)
    after = torch.rand(1, dtype=torch.float64)

    torch.manual_seed(3)
    body = [nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 16, 3, 2), nn.Linear(16 * 5 * 5, 32)]
    v, adv = nn.Linear(32, 1), nn.Linear(32, 5)
    by_hand = drawn_by_hand(body, v, adv, init)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))

    x = torch.rand(2, 3, 24, 24) * 255
    h = torch.tanh(body[1](torch.tanh(body[0](x / 255))))
    h = torch.tanh(body[2](h.flatten(1)))
    torch.testing.assert_close(net(x), q_values(v(h), adv(h)))


def test_sequences_by_hand(net_spec):
    net = DuelingRecurrentNet(net_spec("DuelingRecurrentNet"), (4, 5), 3)
    x = torch.randn(2, 4, 5)
    steps, hidden = net.rnn_model(torch.tanh(net.fc_model[0](x)))
    expected = q_values(net.v(steps[:, -1]), net.adv(steps[:, -1]))
    torch.testing.assert_close(net(x), expected)
    stepped, carried = net(x, return_hidden=True)
    torch.testing.assert_close((stepped, carried), (expected, hidden))


TAILS = ["v.weight", "v.bias", "adv.weight", "adv.bias"]
TAILS += [f"model_tails.{i}.{kind}" for i in (0, 1) for kind in ("weight", "bias")]


def test_keys(net_spec):
    net = DuelingMLPNet(net_spec("DuelingMLPNet"), 5, 3)
    body = [f"model_body.{i}.{kind}" for i in (0, 2) for kind in ("weight", "bias")]
    assert list(net.state_dict()) == [*body, *TAILS]
    net = DuelingConvNet(net_spec("DuelingConvNet", fc_hid_layers=[], batch_norm=True), (2, 9, 11), 3)
    modules = [key.rsplit(".", 1)[0] for key in net.state_dict() if key not in TAILS]
    assert list(dict.fromkeys(modules)) == ["conv_model.0", "conv_model.2", "conv_model.4"]
    assert list(net.state_dict())[-8:] == TAILS


def test_both_names_are_the_same_parameters(net_spec):
    net = DuelingMLPNet(net_spec("DuelingMLPNet"), 5, 3)
    assert net.model_tails[0] is net.v
    assert net.model_tails[1] is net.adv
    assert len(list(net.parameters())) == 8
    twin = DuelingMLPNet(net_spec("DuelingMLPNet"), 5, 3)
    twin.load_state_dict(net.state_dict())
    x = torch.randn(2, 5)
    assert torch.equal(net(x), twin(x))


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS.names() if name not in ("RReLU", "Threshold")])
def test_the_output_activation_acts_on_q_values(name, net_spec):
    plain = DuelingMLPNet(net_spec("DuelingMLPNet"), 5, 3)
    net = DuelingMLPNet(net_spec("DuelingMLPNet", out_layer_activation={"name": name}), 5, 3)
    net.load_state_dict(plain.state_dict(), strict=False)
    x = torch.randn(4, 5)
    arguments = {"dim": -1} if name in ("Softmax", "LogSoftmax", "Softmin") else {}
    torch.testing.assert_close(net(x), ACTIVATIONS[name](**arguments)(plain(x)))


def test_a_list_of_output_activations_needs_one_entry(net_spec):
    net = DuelingMLPNet(net_spec("DuelingMLPNet", out_layer_activation=[TANH]), 5, 3)
    assert net(100 * torch.randn(4, 5)).abs().max() <= 1
    with pytest.raises(ValueError, match="out_layer_activation lists 2"):
        DuelingMLPNet(net_spec("DuelingMLPNet", out_layer_activation=[TANH, None]), 5, 3)


@settings(deadline=None, max_examples=50)
@given(
    widths=st.lists(st.integers(1, 12), max_size=3),
    in_dim=st.integers(1, 7),
    out_dim=st.integers(1, 6),
    norm=st.sampled_from(["layer_norm", "batch_norm", None]),
)
def test_advantages_are_relative_to_their_mean(net_spec, widths, in_dim, out_dim, norm):
    spec = net_spec("DuelingMLPNet", hid_layers=widths, **({norm: True} if norm else {}))
    net = DuelingMLPNet(spec, in_dim, out_dim).eval()
    x = torch.randn(3, in_dim)
    assert net(x).shape == (3, out_dim)
    torch.testing.assert_close(net(x).mean(dim=1, keepdim=True), net.v(net.model_body(x)))


def test_in_dims(net_spec):
    net = DuelingMLPNet(net_spec("DuelingMLPNet"), np.int64(5), np.int64(3))
    assert (net.in_dim, net.out_dim, type(net.out_dim)) == (5, 3, int)
    with pytest.raises(ValueError, match="in_dim of DuelingMLPNet must be a positive integer"):
        DuelingMLPNet(net_spec("DuelingMLPNet"), (4, 84, 84), 2)
    with pytest.raises(ValueError, match="in_dim of DuelingConvNet must list"):
        DuelingConvNet(net_spec("DuelingConvNet"), 4, 2)
    with pytest.raises(ValueError, match="in_dim of DuelingRecurrentNet must list"):
        DuelingRecurrentNet(net_spec("DuelingRecurrentNet"), 4, 2)


def test_a_gain_for_both_tails(net_spec):
    spec = net_spec("DuelingMLPNet", init_fn={"name": "orthogonal_"}, hid_layers_activation={"name": "ReLU"})
    net = DuelingMLPNet(spec, 5, 3)
    torch.testing.assert_close(net.v.weight.norm(), torch.tensor(math.sqrt(2)))
    torch.testing.assert_close(net.adv.weight.norm(dim=1), torch.full((3,), math.sqrt(2)))
