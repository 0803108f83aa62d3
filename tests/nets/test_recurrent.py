import pytest
import torch
from torch import nn

from slm_net.nets import RecurrentNet
from slm_net.nets.recurrent import CELLS

TANH = {"name": "Tanh"}


def test_same_network_as_by_hand(net_spec):
    spec = net_spec("RecurrentNet", fc_hid_layers=[16, 12], init_fn={"name": "orthogonal_"}, rnn_hidden_size=8)
    torch.manual_seed(4)
    net = RecurrentNet(spec, (4, 5), [3, 1])
    after = torch.rand(1, dtype=torch.float64)

    torch.manual_seed(4)
    first, second, gru = nn.Linear(5, 16), nn.Linear(16, 12), nn.GRU(12, 8, batch_first=True)
    actor, critic = nn.Linear(8, 3), nn.Linear(8, 1)
    by_hand = [parameter for layer in (first, second, gru, actor, critic) for parameter in layer.parameters()]
    for parameter in by_hand:
        nn.init.orthogonal_(parameter, gain=5 / 3) if parameter.ndim > 1 else nn.init.zeros_(parameter)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))

    x = torch.randn(3, 4, 5)
    _, hidden = gru(torch.tanh(second(torch.tanh(first(x)))))
    for y, tail in zip(net(x), (actor, critic), strict=True):
        torch.testing.assert_close(y, tail(hidden[-1]))


def test_keys(net_spec):
    net = RecurrentNet(net_spec("RecurrentNet"), (4, 5), 2)
    assert {key.split(".")[0] for key in net.state_dict()} == {"fc_model", "rnn_model", "model_tail"}
    net = RecurrentNet(net_spec("RecurrentNet", fc_hid_layers=[]), (4, 5), [2, 1])
    assert {key.split(".")[0] for key in net.state_dict()} == {"rnn_model", "model_tails"}
    assert "rnn_model.weight_ih_l0" in net.state_dict()


@pytest.mark.parametrize("cell", CELLS.names())
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_tails_read_the_last_layer_in_every_direction(cell, layers, bidirectional, net_spec):
    spec = net_spec("RecurrentNet", cell_type=cell, rnn_num_layers=layers, bidirectional=bidirectional)
    net = RecurrentNet(spec, (4, 5), 2)
    x = torch.randn(3, 4, 5)
    _, hidden = net.rnn_model(net.fc_model(x))
    h = hidden[0] if cell == "LSTM" else hidden  # (layers * directions, batch, hidden)
    features = torch.cat([h[-2], h[-1]], dim=-1) if bidirectional else h[-1]
    torch.testing.assert_close(net(x), net.model_tail(features))


@pytest.mark.parametrize("cell", CELLS.names())
@pytest.mark.parametrize("bidirectional", [False, True])
def test_gradients_reach_every_parameter(cell, bidirectional, net_spec):
    spec = net_spec("RecurrentNet", cell_type=cell, rnn_num_layers=2, bidirectional=bidirectional)
    net = RecurrentNet(spec, (4, 5), [2, 1])
    sum(y.square().sum() for y in net(torch.randn(3, 4, 5))).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("cell", CELLS.names())
@pytest.mark.parametrize("layers", [1, 2])
def test_stepping_equals_the_whole_sequence(cell, layers, net_spec):
    net = RecurrentNet(net_spec("RecurrentNet", cell_type=cell, rnn_num_layers=layers), (4, 5), 2)
    x = torch.randn(3, 4, 5)
    whole, last_hidden = net(x, return_hidden=True)
    hidden = None
    for step in range(4):
        y, hidden = net(x[:, step : step + 1], hidden, return_hidden=True)
    torch.testing.assert_close(y, whole)
    torch.testing.assert_close(hidden, last_hidden)
    _, half = net(x[:, :3], return_hidden=True)
    torch.testing.assert_close(net(x[:, 3:], half), whole)


@pytest.mark.parametrize("shape", [(3, 5, 5), (3, 4, 6), (4, 5), (3, 4, 5, 1), (3, 20)])
def test_wrong_input_shapes(shape, net_spec):
    net = RecurrentNet(net_spec("RecurrentNet"), (4, 5), 2)
    with pytest.raises(ValueError, match=r"expected \(batch, 4, 5\): seq_len 4 is in the net spec") as caught:
        net(torch.zeros(shape))
    assert str(shape) in str(caught.value)


@pytest.mark.parametrize("shape", [(3, 2, 6), (3, 0, 5), (2, 5)])
def test_wrong_input_shapes_while_stepping(shape, net_spec):
    net = RecurrentNet(net_spec("RecurrentNet"), (4, 5), 2)
    with pytest.raises(ValueError, match="RecurrentNet got input of shape"):
        net(torch.zeros(shape), return_hidden=True)


def test_seq_len_is_the_one_of_in_dim(net_spec):
    with pytest.raises(ValueError, match=r"seq_len is 4, but in_dim \(3, 5\) has sequences of 3"):
        RecurrentNet(net_spec("RecurrentNet"), (3, 5), 2)


@pytest.mark.parametrize("in_dim", [5, (4,), (4, 5, 6), (4, 0)])
def test_bad_in_dim(in_dim, net_spec):
    with pytest.raises(ValueError, match="in_dim of RecurrentNet must"):
        RecurrentNet(net_spec("RecurrentNet"), in_dim, 2)


def test_dropout_stands_between_recurrent_layers(net_spec, recwarn):
    single = RecurrentNet(net_spec("RecurrentNet", dropout=0.5, fc_hid_layers=[]), (4, 5), 2)
    assert not recwarn.list
    assert single.rnn_model.dropout == 0
    assert RecurrentNet(net_spec("RecurrentNet", dropout=0.5, rnn_num_layers=2), (4, 5), 2).rnn_model.dropout == 0.5


def test_layer_norm_on_dense_layers(net_spec):
    net = RecurrentNet(net_spec("RecurrentNet", layer_norm=True), (4, 5), 2)
    assert [type(module) for module in net.fc_model] == [nn.Linear, nn.LayerNorm, nn.Tanh]
    assert net(torch.randn(2, 4, 5)).shape == (2, 2)


def test_integer_and_non_contiguous_input(net_spec):
    net = RecurrentNet(net_spec("RecurrentNet"), (4, 5), 2)
    x = torch.randint(0, 9, (4, 3, 5)).transpose(0, 1)
    torch.testing.assert_close(net(x), net(x.float().contiguous()))


def test_log_std_and_init_std(net_spec):
    spec = net_spec("RecurrentNet", log_std_init=-1.0, actor_init_std=0.01, critic_init_std=1.0, bidirectional=True)
    net = RecurrentNet(spec, (4, 5), [3, 3, 1])
    mean, log_std, value = net(torch.randn(2, 4, 5))
    assert (mean.shape, log_std.shape, value.shape) == ((2, 3), (2, 3), (2, 1))
    assert mean.abs().max() < 0.1
    assert torch.all(log_std == -1)


def test_features_come_with_the_hidden_state_that_was_asked_for(net_spec):
    net, x = RecurrentNet(net_spec("RecurrentNet"), (4, 5), 2), torch.randn(3, 4, 5)
    features, hidden = net.features(x[:, :2], None, return_hidden=True)
    y, after = net(x[:, :2], return_hidden=True)
    assert torch.equal(y, net.model_tail(features)) and torch.equal(hidden, after)
    torch.testing.assert_close(net.features(x[:, 2:], hidden), net.features(x))
