"""Out dims, layers, losses and tails, as SLM Lab's algorithms ask for them."""

import logging
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


@pytest.mark.parametrize(("out_dim", "place"), [(1, ("model", 2)), ([3, 1], ("tails", 0))])
def test_spectral_norm_on_the_last_linear_layer_but_one_of_5(out_dim, place):
    net = v5.net.MLPNet({**MLP, "hid_layers": [8, 6]}, 4, out_dim)
    v5.net_util.apply_spectral_norm_penultimate(net_module=net)
    name, index = place
    layer = getattr(net, name)[index] if name == "model" else getattr(net, name)[index][0]
    normed = [module for module in net.modules() if hasattr(module, "weight_orig")]
    assert normed == [layer] and {"weight_u", "weight_v"} <= layer.state_dict().keys()
    for _ in range(50):  # each pass brings the estimate nearer
        net(torch.rand(3, 4))
    assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, rel=1e-3)


def test_a_net_of_one_linear_layer_takes_no_spectral_norm(monkeypatch):
    log, told = logging.getLogger("slm_net.slm_lab"), []
    monkeypatch.setattr(log, "filters", [lambda record: told.append(record.getMessage())])
    conv = {"type": "ConvNet", "conv_hid_layers": [[4, 3]], "fc_hid_layers": [], "hid_layers_activation": "relu"}
    net = v5.net.ConvNet(conv, (1, 6, 6), 2)
    v5.net_util.apply_spectral_norm_penultimate(net)
    assert "1 Linear layers" in "".join(told) and not any("weight_orig" in key for key in net.state_dict())


def test_norms_between_dense_layers_of_5():
    names = [type(layer).__name__ for layer in v5.net_util.build_fc_model([4, 8, 2], "relu", layer_norm=True)]
    assert names == ["Linear", "LayerNorm", "ReLU"] * 2
    both = v5.net_util.build_fc_model([4, 8], None, layer_norm=True, batch_norm=True)
    assert [type(layer).__name__ for layer in both] == ["Linear", "BatchNorm1d"]


class MyLinear(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.rand(3, 2)), nn.Parameter(torch.rand(3))


@pytest.mark.parametrize("lab", [v4, v5])
@pytest.mark.parametrize(
    ("layer", "weights"),
    [
        (MyLinear(), ["weight"]),
        (nn.ConvTranspose2d(2, 3, 2), ["weight"]),
        (nn.GRUCell(2, 3), ["weight_ih", "weight_hh"]),
    ],
    ids=["MyLinear", "ConvTranspose2d", "GRUCell"],
)
def test_init_fn_reaches_layers_by_the_name_of_their_class(lab, layer, weights):
    net = nn.Sequential(layer, nn.LSTMCell(2, 2), nn.BatchNorm2d(2))
    net.hid_layers_activation = "relu"
    others = [parameter.clone() for parameter in net[1:].parameters()]
    lab.net_util.init_layers(net, "ones_")
    state = layer.state_dict()
    assert all(state[key].eq(1).all() if key in weights else state[key].eq(0).all() for key in state)
    assert all(torch.equal(before, after) for before, after in zip(others, net[1:].parameters(), strict=True))


def test_a_computed_weight_draws_its_numbers_and_stays():
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    net = nn.Sequential(layer)
    net.hid_layers_activation, before = "relu", layer.weight.clone()
    torch.manual_seed(0)
    v5.net_util.init_layers(net, "normal_")
    after = torch.rand(1)
    torch.manual_seed(0)
    nn.init.normal_(torch.empty(2, 3))
    assert torch.equal(after, torch.rand(1)) and torch.equal(layer.weight, before) and layer.bias.eq(0).all()
