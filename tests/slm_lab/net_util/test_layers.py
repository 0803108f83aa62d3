"""Out dims, layers, losses and tails, as SLM Lab's algorithms ask for them."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from slm_net.slm_lab import v4, v5

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


@pytest.mark.parametrize("lab", [v4, v5])
@pytest.mark.parametrize(
    ("action_dim", "is_discrete", "action_type", "alone", "with_critic"),
    [
        (3, True, "discrete", 3, [3, 1]),
        ([2, 3], True, "multi_discrete", [2, 3], [2, 3, 1]),
        (1, False, "continuous", 2, [2, 1]),
        (4, False, "continuous", [4, 4], [4, 4, 1]),
    ],
)
def test_out_dims(lab, action_dim, is_discrete, action_type, alone, with_critic):
    body = SimpleNamespace(action_dim=action_dim, is_discrete=is_discrete, action_type=action_type)
    assert lab.net_util.get_policy_out_dim(body) == lab.net_util.get_out_dim(body) == alone
    assert lab.net_util.get_out_dim(body, add_critic=True) == with_critic


def test_out_dims_take_numpy_integers():
    numpy = pytest.importorskip("numpy")
    body = SimpleNamespace(action_dim=numpy.int64(4), is_discrete=True, action_type="discrete")
    assert v4.net_util.get_out_dim(body, add_critic=True) == [4, 1]
    body = SimpleNamespace(action_dim=2.5, is_discrete=True, action_type="discrete")
    with pytest.raises(ValueError, match="action_dim"):
        v4.net_util.get_out_dim(body)


def test_layers_by_name():
    model = v4.net_util.build_fc_model([4, 8, 2], "leakyrelu")
    assert [type(layer) for layer in model] == [nn.Linear, nn.LeakyReLU] * 2
    assert len(v4.net_util.build_fc_model([4, 2])) == 1
    assert v4.net_util.get_nn_name("gru") == "GRU"
    assert isinstance(v4.net_util.get_activation_fn("SELU"), nn.SELU)
    assert isinstance(v4.net_util.get_loss_fn(None, {"name": "smoothl1loss"}), nn.SmoothL1Loss)


def test_init_layers_of_a_users_net():
    net = nn.Sequential(nn.Linear(3, 3), nn.LSTM(3, 3), nn.BatchNorm1d(3))
    net.hid_layers_activation = "tanh"
    before = net[1].weight_ih_l0.clone()
    v4.net_util.init_layers(net, None)
    v4.net_util.init_layers(net, "orthogonal_")
    torch.testing.assert_close(net[0].weight @ net[0].weight.T, torch.eye(3) * (5 / 3) ** 2)
    assert net[0].bias.eq(0).all() and torch.equal(before, net[1].weight_ih_l0)


def test_tails_of_5():
    util = v5.net_util
    tails, log_std = util.build_tails(4, [2, 2], "tanh", -1.0)
    mean, std = util.forward_tails(torch.rand(3, 4), tails, log_std)
    assert mean.abs().max() <= 1 and std.eq(-1).all()
    tails, log_std = util.build_tails(4, [2, 1], ["tanh", None])
    assert log_std is None and [len(tail) for tail in tails] == [2, 1]
    assert util.forward_tails(torch.rand(3, 4), *util.build_tails(4, 2, None)).shape == (3, 2)
    with pytest.raises(ValueError, match="3 activations for 2"):
        util.build_tails(4, [2, 1], ["tanh", None, None])


def test_spectral_norm_on_the_last_hidden_layer_of_5():
    net = v5.net.MLPNet({**MLP, "hid_layers": [8, 6]}, 4, 1)
    v5.net_util.apply_spectral_norm_penultimate(net)
    assert hasattr(net.model[2], "parametrizations") and not hasattr(net.model[0], "parametrizations")
    assert not hasattr(net.tails[0], "parametrizations")
