import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.net_types.conv import ConvolutionError
from slm_net.nets import ConvNet

RELU = {"name": "ReLU"}


@pytest.mark.parametrize("init_fn", [None, "kaiming_normal_", "orthogonal_"])
def test_same_network_as_by_hand(init_fn, net_spec):
    rows = [[32, 8, 4, 0, 1], [64, 4, 2, 0, 1], [32, 3, 1, 0, 1]]
    spec = net_spec("ConvNet", conv_hid_layers=rows, fc_hid_layers=[64], hid_layers_activation=RELU)
    spec |= {"init_fn": init_fn and {"name": init_fn}, "normalize": True}
    torch.manual_seed(11)
    net = ConvNet(spec, (4, 84, 84), [6, 1])
    after = torch.rand(1, dtype=torch.float64)

    torch.manual_seed(11)
    convs = [nn.Conv2d(4, 32, 8, 4), nn.Conv2d(32, 64, 4, 2), nn.Conv2d(64, 32, 3, 1)]
    layers = [*convs, nn.Linear(32 * 7 * 7, 64), nn.Linear(64, 6), nn.Linear(64, 1)]
    for layer in layers if init_fn else ():
        if init_fn == "orthogonal_":
            nn.init.orthogonal_(layer.weight, gain=math.sqrt(2))
        else:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    by_hand = [parameter for layer in layers for parameter in layer.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))

    x = torch.rand(2, 4, 84, 84) * 255
    h = x / 255
    for conv in convs:
        h = torch.relu(conv(h))
    h = torch.relu(layers[3](h.flatten(1)))
    for y, tail in zip(net(x), layers[4:], strict=True):
        torch.testing.assert_close(y, tail(h))


def test_keys(net_spec):
    net = ConvNet(net_spec("ConvNet", batch_norm=True, fc_hid_layers=[]), (2, 9, 11), 3)
    assert [type(module) for module in net.conv_model] == [nn.Conv2d, nn.Tanh, nn.Conv2d, nn.Tanh, nn.BatchNorm2d]
    assert {key.rsplit(".", 1)[0] for key in net.state_dict()} == {
        *("conv_model.0", "conv_model.2", "conv_model.4", "model_tail.0")
    }


@st.composite
def stacks(draw):
    rank = draw(st.integers(1, 3))
    in_dim = [draw(st.integers(1, 3)), *(draw(st.integers(4, 9)) for _ in range(rank))]
    row = st.tuples(st.integers(1, 4), st.integers(1, 3), st.just(1), st.integers(1, 2)).map(list)
    return in_dim, draw(st.lists(row, max_size=3)), draw(st.lists(st.integers(1, 6), max_size=2)), draw(st.booleans())


@settings(deadline=None, max_examples=50)
@given(stacks())
def test_any_rank_and_depth(net_spec, stack):
    in_dim, rows, dense, batch_norm = stack
    net = ConvNet(net_spec("ConvNet", conv_hid_layers=rows, fc_hid_layers=dense, batch_norm=batch_norm), in_dim, 2)
    assert net(torch.randn(3, *in_dim)).shape == (3, 2)
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(in_dim) - 2]
    assert sum(isinstance(module, kind) for module in net.conv_model) == len(rows)


@pytest.mark.parametrize(
    "row",
    [
        *([8, 3], [8, 3, 2], [8, 3, 1, 1, 2], [8, 3, 1, 0, 1, 2], [8, 3, 1, 0, 1, 1, False]),
        *([8, 3, 1, 1, 1, 1, True, "reflect"], [8, [5, 3], [2, 1], [1, 0], [1, 2]], [8, 3, 1, "same"]),
        [8, [3, 4], 1, "valid"],
    ],
)
def test_rows_are_the_arguments_of_conv2d(row, net_spec):
    torch.manual_seed(2)
    net = ConvNet(net_spec("ConvNet", conv_hid_layers=[row]), (4, 12, 14), 3)
    torch.manual_seed(2)
    by_hand = nn.Conv2d(4, *row)
    x = torch.randn(2, 4, 12, 14)
    torch.testing.assert_close(net.conv_model[0](x), by_hand(x))
    assert net(x).shape == (2, 3)


def test_building_leaves_batch_statistics_alone(net_spec):
    net = ConvNet(net_spec("ConvNet", batch_norm=True), (2, 9, 11), 3)
    norm = net.conv_model[4]
    assert norm.num_batches_tracked == 0
    assert torch.equal(norm.running_var, torch.ones(8))


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.bool])
def test_integer_frames(dtype, normalize, net_spec):
    net = ConvNet(net_spec("ConvNet", normalize=normalize), (2, 9, 11), 3)
    x = torch.randint(0, 256, (4, 2, 9, 11)).to(dtype)
    torch.testing.assert_close(net(x), net(x.float()))
    assert net.double()(x).dtype == torch.float64


def test_normalize_divides_by_255(net_spec):
    net = ConvNet(net_spec("ConvNet", normalize=True), (2, 9, 11), 3)
    x = torch.rand(4, 2, 9, 11)
    scaled = net(x * 255)
    net.normalize = False
    torch.testing.assert_close(scaled, net(x))


@pytest.mark.parametrize("rows", [[], [[6, 3, 2]]])
def test_non_contiguous_input(rows, net_spec):
    net = ConvNet(net_spec("ConvNet", conv_hid_layers=rows), (2, 9, 11), 3)
    x = torch.randn(4, 9, 11, 2).permute(0, 3, 1, 2)
    assert not x.is_contiguous()
    torch.testing.assert_close(net(x), net(x.contiguous()))
    channels_last = x.contiguous().to(memory_format=torch.channels_last)
    torch.testing.assert_close(net(channels_last), net(x.contiguous()))


def test_activation_list_covers_rows_then_dense(net_spec):
    activations = [RELU, None, {"name": "Tanh"}]
    net = ConvNet(net_spec("ConvNet", hid_layers_activation=activations), (2, 9, 11), 3)
    assert [type(module) for module in net.conv_model] == [nn.Conv2d, nn.ReLU, nn.Conv2d]
    assert [type(module) for module in net.fc_model] == [nn.Linear, nn.Tanh]
    with pytest.raises(ValueError, match="2 activations for 3"):
        ConvNet(net_spec("ConvNet", hid_layers_activation=activations[:2]), (2, 9, 11), 3)


def test_dense_layers_take_layer_norm_and_dropout(net_spec):
    net = ConvNet(net_spec("ConvNet", layer_norm=True, dropout=0.1), (2, 9, 11), 3)
    assert [type(module) for module in net.fc_model] == [nn.Linear, nn.LayerNorm, nn.Tanh, nn.Dropout]


def test_a_convolution_that_does_not_fit(net_spec):
    with pytest.raises(ConvolutionError) as caught:
        ConvNet(net_spec("ConvNet", conv_hid_layers=[[6, 3, 2], [8, 9]]), (2, 9, 11), 3)
    assert caught.value.row == 1


@pytest.mark.parametrize("in_dim", [4, (84,), (1, 2, 3, 4, 5), (4, 0, 84), ("c", 3, 3)])
def test_bad_in_dim(in_dim, net_spec):
    with pytest.raises(ValueError, match="in_dim of ConvNet must"):
        ConvNet(net_spec("ConvNet"), in_dim, 2)


def test_numpy_in_dim(net_spec):
    assert ConvNet(net_spec("ConvNet"), np.array([2, 9, 11]), 3).in_dim == (2, 9, 11)
