import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.net_types.conv import ConvolutionError
from slm_net.nets import FiLMQConvNet, QConvNet, QMLPNet

RELU, TANH, SIGMOID = {"name": "ReLU"}, {"name": "Tanh"}, {"name": "Sigmoid"}
ROWS = [[8, 3, 2, 0, 1], [16, 3, 2, 0, 1]]
IMAGE = (3, 24, 24)


def drawn_by_hand(layers, init):
    for layer in layers if init else ():
        nn.init.orthogonal_(layer.weight, gain=5 / 3)
        nn.init.zeros_(layer.bias)
    return [parameter for layer in layers for parameter in layer.parameters()]


def convolved(convs, image):
    for conv in convs:
        image = torch.tanh(conv(image))
    return image.flatten(1)


@pytest.mark.parametrize("init", [None, "orthogonal_"])
def test_vectors_by_hand(init, net_spec):
    torch.manual_seed(1)
    net = QMLPNet(net_spec("QMLPNet", hid_layers=[32, 16], init_fn=init and {"name": init}), [6, 3], 1)
    after = torch.rand(1, dtype=torch.float64)
    torch.manual_seed(1)
    layers = [nn.Linear(9, 32), nn.Linear(32, 16), nn.Linear(16, 1)]
    by_hand = drawn_by_hand(layers, init)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))
    state, action = torch.randn(4, 6), torch.randn(4, 3)
    h = torch.tanh(layers[1](torch.tanh(layers[0](torch.cat([state, action], dim=1)))))
    torch.testing.assert_close(net(state, action), layers[2](h))


@pytest.mark.parametrize("init", [None, "orthogonal_"])
def test_images_by_hand(init, net_spec):
    spec = net_spec("QConvNet", conv_hid_layers=ROWS, fc_hid_layers=[32], normalize=True)
    torch.manual_seed(2)
    net = QConvNet(spec | {"init_fn": init and {"name": init}}, [IMAGE, 4], 1)
    after = torch.rand(1, dtype=torch.float64)
    torch.manual_seed(2)
    convs = [nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 16, 3, 2)]
    dense, tail = nn.Linear(400 + 4, 32), nn.Linear(32, 1)
    by_hand = drawn_by_hand([*convs, dense, tail], init)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))
    state, action = 255 * torch.rand(2, *IMAGE), torch.randn(2, 4)
    features = torch.cat([convolved(convs, state / 255), action], dim=1)
    torch.testing.assert_close(net(state, action), tail(torch.tanh(dense(features))))


@pytest.mark.parametrize("init", [None, "orthogonal_"])
@pytest.mark.parametrize("modulation", [None, SIGMOID])
def test_film_by_hand(init, modulation, net_spec):
    cls = type("Modulated", (FiLMQConvNet,), {"modulation": modulation})
    spec = net_spec("FiLMQConvNet", conv_hid_layers=ROWS, fc_hid_layers=[32])
    torch.manual_seed(3)
    net = cls(spec | {"init_fn": init and {"name": init}}, [IMAGE, 4], 1)
    after = torch.rand(1, dtype=torch.float64)
    torch.manual_seed(3)
    convs = [nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 16, 3, 2)]
    dense, scale, shift, tail = nn.Linear(400, 32), nn.Linear(4, 32), nn.Linear(4, 32), nn.Linear(32, 1)
    by_hand = drawn_by_hand([*convs, dense, scale, shift, tail], init)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))
    state, action = torch.rand(2, *IMAGE), torch.randn(2, 4)
    features = torch.tanh(dense(convolved(convs, state)))
    bounded = torch.sigmoid if modulation else nn.Identity()
    torch.testing.assert_close(net(state, action), tail(features * bounded(scale(action)) + bounded(shift(action))))


def keys(net):
    return list(dict.fromkeys(key.rsplit(".", 1)[0] for key in net.state_dict()))


def test_keys(net_spec):
    assert keys(QMLPNet(net_spec("QMLPNet"), [5, 3], 1)) == ["model.0", "model.2", "model_tail.0"]
    net = QConvNet(net_spec("QConvNet", batch_norm=True), [(2, 9, 11), 3], 1)
    assert keys(net) == ["conv_model.0", "conv_model.2", "conv_model.4", "fc_model.0", "model_tail.0"]
    net = FiLMQConvNet(net_spec("FiLMQConvNet"), [(2, 9, 11), 3], 1)
    body = ["conv_model.0", "conv_model.2", "state_fc_model.0"]
    assert keys(net) == [*body, "action_fc_scale.0", "action_fc_shift.0", "model_tail.0"]


def test_film_follows_hid_layers_activation(net_spec):
    def kinds(activation):
        net = FiLMQConvNet(net_spec("FiLMQConvNet", hid_layers_activation=activation), [(2, 9, 11), 3], 1)
        modules = [*net.conv_model, *net.state_fc_model, *net.action_fc_scale, *net.action_fc_shift]
        return [type(module) for module in modules if not isinstance(module, nn.Linear | nn.Conv2d)]

    assert kinds(TANH) == [nn.Tanh] * 3
    assert kinds([TANH, None, RELU]) == [nn.Tanh, nn.ReLU]
    with pytest.raises(ValueError, match="hid_layers_activation lists 5 activations for 3"):
        kinds([TANH] * 5)


@pytest.mark.parametrize("cls", [QConvNet, FiLMQConvNet])
def test_without_dense_layers(cls, net_spec):
    net = cls(net_spec(cls.__name__, fc_hid_layers=[]), [(2, 9, 11), 3], 1)
    flat = 8 * 4 * 5
    assert net.model_tail[0].in_features == flat + (3 if cls is QConvNet else 0)
    assert net(torch.randn(4, 2, 9, 11), torch.randn(4, 3)).shape == (4, 1)
    plain = cls(net_spec(cls.__name__, fc_hid_layers=[], conv_hid_layers=[]), [(2, 9, 11), 3], 2)
    assert plain(torch.randn(4, 2, 9, 11), torch.randn(4, 3)).shape == (4, 2)


@st.composite
def image_nets(draw):
    shape = (2, *draw(st.lists(st.integers(3, 7), min_size=1, max_size=3)))
    row = st.tuples(st.integers(1, 4), st.integers(1, 2)).map(list)
    stacks = {
        "conv_hid_layers": draw(st.lists(row, max_size=2)),
        "fc_hid_layers": draw(st.lists(st.integers(1, 6), max_size=2)),
    }
    return draw(st.sampled_from([QConvNet, FiLMQConvNet])), stacks, shape, draw(st.integers(1, 4))


@settings(deadline=None, max_examples=50)
@given(image_nets(), st.integers(1, 3))
def test_any_images(net_spec, image_net, out_dim):
    cls, stacks, shape, action = image_net
    spec = net_spec(cls.__name__, **stacks, batch_norm=True, layer_norm=True, dropout=0.2)
    net = cls(spec, [shape, action], out_dim)
    assert net(torch.randn(3, *shape), torch.randn(3, action)).shape == (3, out_dim)
    assert (net.in_dim, net.out_dim) == ((shape, action), out_dim)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.integers(1, 4), st.lists(st.integers(1, 9), max_size=3), st.integers(1, 3))
def test_any_vectors(net_spec, state, action, widths, out_dim):
    net = QMLPNet(net_spec("QMLPNet", hid_layers=widths, layer_norm=True), [state, action], out_dim)
    assert net(torch.randn(3, state), torch.randn(3, action)).shape == (3, out_dim)


def test_numpy_dims_and_raw_inputs(net_spec):
    net = QConvNet(net_spec("QConvNet", normalize=True), (np.array([2, 9, 11]), np.int64(3)), np.int64(1))
    assert net.in_dim == ((2, 9, 11), 3)
    frames = torch.randint(0, 256, (4, 9, 11, 2), dtype=torch.uint8).permute(0, 3, 1, 2)
    actions = torch.eye(3, dtype=torch.int64)[[0, 2, 1, 0]]
    torch.testing.assert_close(net(frames, actions), net(frames.float().contiguous(), actions.float()))
    net = QMLPNet(net_spec("QMLPNet"), np.array([5, 3]), 1)
    states = torch.randint(0, 9, (4, 5))
    torch.testing.assert_close(net(states, actions.bool()), net(states.float(), actions.float()))


@pytest.mark.parametrize("in_dim", [6, [6], [6, 2, 1], [(3, 24, 24), 2], [6, 0], None])
def test_bad_in_dim_of_vectors(in_dim, net_spec):
    with pytest.raises(ValueError, match="in_dim of QMLPNet must"):
        QMLPNet(net_spec("QMLPNet"), in_dim, 1)


@pytest.mark.parametrize("cls", [QConvNet, FiLMQConvNet])
@pytest.mark.parametrize("in_dim", [6, (3, 24, 24), [24, 2], [(3, 24, 24), (2,)], [(3, 24, 24), 0], [(3,), 2], None])
def test_bad_in_dim_of_images(cls, in_dim, net_spec):
    with pytest.raises(ValueError, match=f"in_dim of {cls.__name__} must"):
        cls(net_spec(cls.__name__), in_dim, 1)


def test_a_convolution_that_does_not_fit(net_spec):
    with pytest.raises(ConvolutionError) as caught:
        FiLMQConvNet(net_spec("FiLMQConvNet", conv_hid_layers=[[6, 3, 2], [8, 9]]), [(2, 9, 11), 3], 1)
    assert caught.value.row == 1


def test_output_activation(net_spec):
    net = QMLPNet(net_spec("QMLPNet", out_layer_activation=TANH), [5, 3], 1)
    assert net(100 * torch.randn(4, 5), torch.randn(4, 3)).abs().max() <= 1


def test_gain_of_a_single_activation(net_spec):
    spec = net_spec("FiLMQConvNet", hid_layers_activation=RELU, init_fn={"name": "orthogonal_"})
    net = FiLMQConvNet(spec, [(2, 9, 11), 3], 1)
    torch.testing.assert_close(net.model_tail[0].weight.norm(), torch.tensor(math.sqrt(2)))
