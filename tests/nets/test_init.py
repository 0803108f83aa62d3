import math

import pytest
import torch
from torch import nn

from slm_net.nets import NETS
from slm_net.nets.init import INITS, init_parameters, init_tail

REQUIRED = {"constant_": {"val": 0.3}, "sparse_": {"sparsity": 0.5}}
UNDEFINED = {("dirac_", "MLPNet"), ("dirac_", "RecurrentNet"), ("dirac_", "TorchArcNet")}


def written(name):
    return {"name": name, **REQUIRED.get(name, {})}


@pytest.mark.parametrize("kind", ["MLPNet", "ConvNet", "RecurrentNet", "TorchArcNet"])
@pytest.mark.parametrize("name", INITS.names())
def test_every_init_on_every_type(name, kind, net_spec, in_dims):
    spec = net_spec(kind, init_fn=written(name))
    if (name, kind) in UNDEFINED:
        with pytest.raises(ValueError, match="init_fn dirac_ is defined for none"):
            NETS[kind](spec, in_dims[kind], 3)
        return
    net = NETS[kind](spec, in_dims[kind], 3)
    assert all(torch.isfinite(parameter).all() for parameter in net.parameters())
    tail = net.model_tail[0]
    assert (tail.bias.abs().sum() == 0) == (name != "dirac_")


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_recurrent_weights_are_reached(cell, bidirectional, net_spec):
    init_fn = {"name": "constant_", "val": 0.25}
    spec = net_spec("RecurrentNet", cell_type=cell, bidirectional=bidirectional, rnn_num_layers=2, init_fn=init_fn)
    net = NETS["RecurrentNet"](spec, (4, 5), 2)
    parameters = dict(net.rnn_model.named_parameters())
    assert len(parameters) == 4 * 2 * (1 + bidirectional)
    for name, parameter in parameters.items():
        assert torch.all(parameter == (0.25 if "weight" in name else 0.0)), name


def test_norms_and_learned_slopes_stay():
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.PReLU(), nn.BatchNorm1d(4), nn.Linear(4, 2))
    init_parameters(model, {"name": "constant_", "val": 5.0}, None)
    assert model[1].weight.tolist() == [1.0] * 4
    assert model[2].weight.tolist() == [0.25]
    assert model[3].weight.tolist() == [1.0] * 4
    assert torch.all(model[0].weight == 5) and torch.all(model[4].weight == 5)


@pytest.mark.parametrize("name", ["eye_", "orthogonal_", "xavier_normal_"])
def test_a_weight_that_is_computed_is_reached(name):
    plain = nn.Linear(5, 4)
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(5, 4))
    for module in (plain, layer):
        torch.manual_seed(0)
        init_parameters(module, {"name": name}, None)
    torch.testing.assert_close(layer.weight, plain.weight)
    assert layer.bias.tolist() == [0.0] * 4


GAINS = [
    ({"name": "ReLU"}, math.sqrt(2)),
    ({"name": "ReLU6"}, math.sqrt(2)),
    ({"name": "Tanh"}, 5 / 3),
    ({"name": "SELU"}, 0.75),
    ({"name": "Sigmoid"}, 1.0),
    ({"name": "LeakyReLU"}, math.sqrt(2 / (1 + 0.01**2))),
    ({"name": "LeakyReLU", "negative_slope": 0.5}, math.sqrt(2 / 1.25)),
    ({"name": "PReLU"}, math.sqrt(2 / (1 + 0.25**2))),
    ({"name": "RReLU", "lower": 0.1, "upper": 0.3}, math.sqrt(2 / (1 + 0.2**2))),
    ({"name": "GELU"}, 1.0),
    ({"name": "ELU"}, 1.0),
    ({"name": "SiLU"}, 1.0),
    ({"name": "Softmax"}, 1.0),
    (None, 1.0),
]


@pytest.mark.parametrize(("activation", "gain"), GAINS)
def test_orthogonal_follows_the_activation(activation, gain):
    layer = nn.Linear(8, 8)
    init_parameters(layer, {"name": "orthogonal_"}, activation)
    torch.testing.assert_close(layer.weight @ layer.weight.T, torch.eye(8) * gain**2, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("activation", "gain"), GAINS)
@pytest.mark.parametrize("name", ["xavier_uniform_", "xavier_normal_"])
def test_xavier_follows_the_activation(name, activation, gain):
    layer, expected = nn.Linear(8, 6), torch.empty(6, 8)
    torch.manual_seed(3)
    init_parameters(layer, {"name": name}, activation)
    torch.manual_seed(3)
    INITS[name](expected, gain=gain)
    torch.testing.assert_close(layer.weight.detach(), expected)


@pytest.mark.parametrize(
    ("activation", "arguments"),
    [
        ({"name": "ReLU"}, {"nonlinearity": "relu"}),
        ({"name": "Tanh"}, {"nonlinearity": "tanh"}),
        ({"name": "SELU"}, {"nonlinearity": "selu"}),
        ({"name": "LeakyReLU"}, {"nonlinearity": "leaky_relu"}),
        ({"name": "LeakyReLU", "negative_slope": 0.5}, {"nonlinearity": "leaky_relu", "a": 0.5}),
        ({"name": "PReLU", "init": 0.4}, {"nonlinearity": "leaky_relu", "a": 0.4}),
        ({"name": "Mish"}, {}),
        ({"name": "ELU"}, {"nonlinearity": "relu"}),
        (None, {"nonlinearity": "linear"}),
    ],
)
@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_kaiming_follows_the_activation(name, activation, arguments):
    layer, expected = nn.Conv2d(3, 6, 3), torch.empty(6, 3, 3, 3)
    torch.manual_seed(3)
    init_parameters(layer, {"name": name, "mode": "fan_out"}, activation)
    torch.manual_seed(3)
    INITS[name](expected, mode="fan_out", **arguments)
    torch.testing.assert_close(layer.weight.detach(), expected)


@pytest.mark.parametrize(
    "init_fn",
    [
        {"name": "orthogonal_", "gain": 0.3},
        {"name": "xavier_normal_", "gain": 0.3},
        {"name": "kaiming_normal_", "nonlinearity": "linear"},
        {"name": "kaiming_uniform_", "a": 2.0},
    ],
)
def test_what_the_user_wrote_wins(init_fn):
    layer, expected = nn.Linear(8, 6), torch.empty(6, 8)
    torch.manual_seed(3)
    init_parameters(layer, init_fn, {"name": "Tanh"})
    torch.manual_seed(3)
    INITS[init_fn["name"]](expected, **{key: value for key, value in init_fn.items() if key != "name"})
    torch.testing.assert_close(layer.weight.detach(), expected)


def test_each_layer_has_the_gain_of_its_own_activation(net_spec):
    spec = net_spec("MLPNet", hid_layers=[6, 6, 6], init_fn={"name": "orthogonal_"})
    spec["hid_layers_activation"] = [{"name": "ReLU"}, None, {"name": "Tanh"}]
    net = NETS["MLPNet"](spec, 6, 6)
    layers = [module for module in net.modules() if isinstance(module, nn.Linear)]
    for layer, gain in zip(layers, (math.sqrt(2), 1.0, 5 / 3, 5 / 3), strict=True):
        torch.testing.assert_close(layer.weight @ layer.weight.T, torch.eye(6) * gain**2, rtol=1e-4, atol=1e-4)


def test_dirac_reaches_convolutions_and_eye_matrices(net_spec):
    spec = net_spec("ConvNet", conv_hid_layers=[[3, 3, 1, 1]], fc_hid_layers=[])
    spec["hid_layers_activation"] = None
    net = NETS["ConvNet"](spec | {"init_fn": {"name": "dirac_"}}, (3, 5, 5), 2)
    x = torch.randn(2, 3, 5, 5)
    torch.testing.assert_close(net.conv_model(x), x)
    torch.manual_seed(1)
    net = NETS["ConvNet"](spec | {"init_fn": {"name": "eye_"}}, (3, 5, 5), 2)
    torch.manual_seed(1)
    torch.testing.assert_close(net.conv_model[0].weight, nn.Conv2d(3, 3, 3, 1, 1).weight)
    torch.testing.assert_close(net.model_tail[0].weight.detach(), torch.eye(2, 75))


def test_nothing_is_drawn_without_an_init_function():
    model = nn.Linear(3, 3)
    before = model.weight.clone()
    state = torch.get_rng_state()
    init_parameters(model, None, {"name": "ReLU"})
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(model.weight, before)


def test_a_layer_registered_twice_is_drawn_twice():
    head = nn.Linear(4, 2)
    model = nn.Module()
    model.v, model.tails = head, nn.ModuleList([head])
    torch.manual_seed(0)
    init_parameters(model, {"name": "normal_"}, None)
    torch.manual_seed(0)
    torch.randn(2, 4)
    assert torch.equal(head.weight.detach(), torch.randn(2, 4))


def test_init_tail():
    tail = nn.Sequential(nn.Linear(8, 3), nn.Tanh())
    init_tail(tail, 0.01)
    torch.testing.assert_close(tail[0].weight @ tail[0].weight.T, torch.eye(3) * 1e-4, rtol=1e-4, atol=1e-8)
    assert tail[0].bias.tolist() == [0.0] * 3
