"""What every net type keeps, whatever its body is."""

import copy
import pickle

import pytest
import torch
from torch import nn

from slm_net.nets import NETS, Net
from slm_net.nets.activations import ACTIVATIONS
from slm_net.registry import RegistryError

KINDS = ["MLPNet", "ConvNet", "RecurrentNet"]
REQUIRED = {"Threshold": {"threshold": -9.0, "value": -9.0}}


def batch(net, size=4):
    in_dim = net.in_dim if isinstance(net.in_dim, tuple) else (net.in_dim,)
    return torch.randn(size, *in_dim)


def test_types_are_registered():
    assert set(KINDS) <= set(NETS.names())
    assert all(NETS[kind].__name__ == kind for kind in KINDS)
    with pytest.raises(RegistryError, match="did you mean 'ConvNet'"):
        NETS["convnet"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTIVATIONS.names())
def test_every_activation_in_every_type(kind, name, net_spec, in_dims):
    activation = {"name": name, **REQUIRED.get(name, {})}
    spec = net_spec(kind, hid_layers_activation=activation, out_layer_activation=activation, dropout=0.1)
    net = NETS[kind](spec | {"init_fn": {"name": "kaiming_uniform_"}}, in_dims[kind], [3, 1])
    assert all(torch.isfinite(y).all() for y in net(batch(net)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("out_dim", [3, [2, 1]])
def test_gradients_reach_every_parameter(kind, out_dim, net_spec, in_dims):
    net = NETS[kind](net_spec(kind, layer_norm=True), in_dims[kind], out_dim)
    ys = net(batch(net))
    sum(y.square().sum() for y in (ys if isinstance(ys, list) else [ys])).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_are_equal_and_independent(kind, duplicate, net_spec, in_dims):
    net = NETS[kind](net_spec(kind, log_std_init=0.5), in_dims[kind], [2, 2, 1])
    twin, x = duplicate(net), batch(net)
    assert isinstance(twin, Net)
    assert all(torch.equal(a, b) for a, b in zip(net(x), twin(x), strict=True))
    with torch.no_grad():
        twin.log_std.fill_(9.0)
    assert torch.all(net(x)[1] == 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_spec_is_only_read(kind, net_spec, in_dims):
    spec = net_spec(kind, init_fn={"name": "xavier_normal_"}, out_layer_activation=[None, {"name": "Softmax"}])
    before, out_dim = copy.deepcopy(spec), [3, 2]
    net = NETS[kind](spec, in_dims[kind], out_dim)
    net.out_dim.append(9)
    assert spec == before
    assert out_dim == [3, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_names_never_reach_torch(kind, net_spec, in_dims):
    for change in ({"hid_layers_activation": {"name": "Module"}}, {"init_fn": {"name": "calculate_gain"}}):
        with pytest.raises(RegistryError):
            NETS[kind](net_spec(kind, **change), in_dims[kind], 2)


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_see_body_and_tails(kind, net_spec, in_dims):
    net, seen = NETS[kind](net_spec(kind), in_dims[kind], 2), []
    for name, module in net.named_children():
        module.register_forward_hook(lambda *_, name=name: seen.append(name))
    net(batch(net))
    assert seen == [name for name, _ in net.named_children()]
    assert all(isinstance(child, nn.Module) for child in net.children())
