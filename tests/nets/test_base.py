"""What every net type keeps, whatever its body is."""

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from slm_net.nets import NETS, Net
from slm_net.nets.activations import ACTIVATIONS
from slm_net.registry import RegistryError

POLICY_KINDS = ["MLPNet", "ConvNet", "RecurrentNet", "HydraMLPNet"]
VALUE_KINDS = ["DuelingMLPNet", "DuelingConvNet", "DuelingRecurrentNet", "QMLPNet", "QConvNet", "FiLMQConvNet"]
KINDS = POLICY_KINDS + VALUE_KINDS
HIDDEN_DENSE = {
    **dict.fromkeys(("MLPNet", "QMLPNet"), "model.0 model.2"),
    **dict.fromkeys(("ConvNet", "QConvNet", "DuelingConvNet", "RecurrentNet", "DuelingRecurrentNet"), "fc_model.0"),
    "DuelingMLPNet": "model_body.0 model_body.2",
    "FiLMQConvNet": "state_fc_model.0",
    "HydraMLPNet": "model_heads.0.0 model_heads.1.0 model_body.0 model_tails.0.0 model_tails.1.0",
}
REQUIRED = {"Threshold": {"threshold": -9.0, "value": -9.0}}


def outputs(net, xs):
    y = net(*xs)
    return y if isinstance(y, list) else [y]


def test_types_are_registered():
    assert set(KINDS) == set(NETS.names()) - {"TorchArcNet"}, "put a new type into KINDS, and into conftest.py"
    assert all(NETS[kind].__name__ == kind for kind in KINDS)
    with pytest.raises(RegistryError, match="did you mean 'ConvNet'"):
        NETS["convnet"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTIVATIONS.names())
def test_every_activation_in_every_type(kind, name, net_spec, in_dims, arguments):
    activation = {"name": name, **REQUIRED.get(name, {})}
    spec = net_spec(kind, hid_layers_activation=activation, out_layer_activation=activation, dropout=0.1)
    net = NETS[kind](
        spec | {"init_fn": {"name": "kaiming_uniform_"}}, in_dims[kind], 3 if kind in VALUE_KINDS else [3, 1]
    )
    assert all(torch.isfinite(y).all() for y in outputs(net, arguments(net)))


@pytest.mark.parametrize(
    ("kind", "out_dim"),
    [*((kind, 3) for kind in VALUE_KINDS), *((kind, [2, 1]) for kind in POLICY_KINDS), ("MLPNet", 3)],
)
def test_gradients_reach_every_parameter(kind, out_dim, net_spec, in_dims, arguments):
    net = NETS[kind](net_spec(kind, layer_norm=True), in_dims[kind], out_dim)
    sum(y.square().sum() for y in outputs(net, arguments(net))).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("init_fn", [None, "orthogonal_", "eye_", "zeros_"])
def test_weight_norm_starts_as_the_net_without(kind, init_fn, net_spec, in_dims, arguments):
    def build(weight_norm):
        torch.manual_seed(0)
        given = init_fn and {"name": init_fn}
        spec = net_spec(kind, init_fn=given, weight_norm=weight_norm)
        return NETS[kind](spec, in_dims[kind], 3 if kind in VALUE_KINDS else [2, 1]), torch.rand(1)

    (plain, after), (normed, after_normed) = build(False), build(True)
    assert after == after_normed  # as many random numbers are drawn
    assert [name for name, layer in normed.named_modules() if is_parametrized(layer)] == HIDDEN_DENSE[kind].split()
    for name, layer in plain.named_modules():
        if isinstance(layer, nn.Linear):
            assert torch.equal(normed.get_submodule(name).weight, layer.weight), name
    xs = arguments(plain)
    assert all(map(torch.equal, outputs(plain, xs), outputs(normed, xs)))


@pytest.mark.parametrize("kind", KINDS)
def test_weight_norm_is_trained_copied_and_saved(kind, net_spec, in_dims, arguments):
    out_dim = 3 if kind in VALUE_KINDS else [2, 1]
    net, other = (NETS[kind](net_spec(kind, weight_norm=True), in_dims[kind], out_dim) for _ in range(2))
    optimizer, xs = torch.optim.SGD(net.parameters(), lr=0.1), arguments(net)
    before = copy.deepcopy(net)
    sum(y.square().sum() for y in outputs(net, xs)).backward()
    optimizer.step()
    for (name, parameter), old in zip(net.named_parameters(), before.parameters(), strict=True):
        assert parameter.grad.abs().sum() > 0 and not torch.equal(parameter, old), name
    other.load_state_dict(net.state_dict())
    assert all(map(torch.equal, outputs(net, xs), outputs(other, xs)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_are_equal_and_independent(kind, duplicate, net_spec, in_dims, arguments):
    net = NETS[kind](net_spec(kind), in_dims[kind], 3 if kind in VALUE_KINDS else [2, 2])
    twin, xs = duplicate(net), arguments(net)
    assert isinstance(twin, Net)
    before = outputs(net, xs)
    assert all(torch.equal(a, b) for a, b in zip(before, outputs(twin, xs), strict=True))
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.fill_(9.0)
    assert all(torch.equal(a, b) for a, b in zip(before, outputs(net, xs), strict=True))


@pytest.mark.parametrize("kind", POLICY_KINDS)
def test_log_std_is_copied(kind, net_spec, in_dims, arguments):
    changes = {"hid_layers": [[[7]], [8], []]} if kind == "HydraMLPNet" else {}
    net = NETS[kind](net_spec(kind, log_std_init=0.5, **changes), in_dims[kind], [2, 2, 1])
    twin = copy.deepcopy(net)
    with torch.no_grad():
        twin.log_std.fill_(9.0)
    assert torch.all(net(*arguments(net))[1] == 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_spec_is_only_read(kind, net_spec, in_dims):
    single = kind in VALUE_KINDS
    activation = {"name": "Tanh"} if single else [None, {"name": "Softmax"}]
    spec = net_spec(kind, init_fn={"name": "xavier_normal_"}, out_layer_activation=activation)
    before, out_dim = copy.deepcopy(spec), 3 if single else [3, 2]
    net = NETS[kind](spec, in_dims[kind], out_dim)
    if not single:
        net.out_dim.append(9)
    assert spec == before
    assert out_dim in (3, [3, 2])


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_names_never_reach_torch(kind, net_spec, in_dims):
    for change in ({"hid_layers_activation": {"name": "Module"}}, {"init_fn": {"name": "calculate_gain"}}):
        with pytest.raises(RegistryError):
            NETS[kind](net_spec(kind, **change), in_dims[kind], 2 if kind in VALUE_KINDS else [2, 1])


@pytest.mark.parametrize("kind", ["MLPNet", "ConvNet", "RecurrentNet", "QMLPNet", "QConvNet"])
def test_hooks_see_body_and_tails(kind, net_spec, in_dims, arguments):
    net, seen = NETS[kind](net_spec(kind), in_dims[kind], 2), []
    for name, module in net.named_children():
        module.register_forward_hook(lambda *_, name=name: seen.append(name))
    net(*arguments(net))
    assert seen == [name for name, _ in net.named_children()]
    assert all(isinstance(child, nn.Module) for child in net.children())


@pytest.mark.parametrize("kind", VALUE_KINDS)
@pytest.mark.parametrize("out_dim", [[2], [1, 1], (3, 1), 0, None])
def test_values_are_one_output(kind, out_dim, net_spec, in_dims):
    with pytest.raises(ValueError, match="out_dim"):
        NETS[kind](net_spec(kind), in_dims[kind], out_dim)


@pytest.mark.parametrize("kind", VALUE_KINDS)
@pytest.mark.parametrize("key", ["log_std_init", "actor_init_std"])
def test_values_have_no_policy(kind, key, net_spec, in_dims):
    with pytest.raises(ValueError, match=f"{key} is for the outputs of a policy, and {kind} has none"):
        NETS[kind](net_spec(kind, **{key: 0.5}), in_dims[kind], 2)


@pytest.mark.parametrize("kind", VALUE_KINDS)
def test_critic_init_std_reaches_every_value(kind, net_spec, in_dims):
    net = NETS[kind](net_spec(kind, critic_init_std=3.0), in_dims[kind], 2)
    tails = [net.v, net.adv] if kind.startswith("Dueling") else [net.model_tail[0]]
    for tail in tails:
        torch.testing.assert_close(tail.weight.norm(dim=1), torch.full((len(tail.weight),), 3.0))
        assert torch.all(tail.bias == 0)


@pytest.mark.parametrize("kind", KINDS)
def test_integers_and_batches_of_one(kind, net_spec, in_dims, arguments):
    net = NETS[kind](net_spec(kind), in_dims[kind], 3 if kind in VALUE_KINDS else [2, 1])

    def cast(xs, dtype):
        return [cast(x, dtype) if isinstance(x, list) else x.mul(9).abs().to(torch.uint8).to(dtype) for x in xs]

    xs = arguments(net, 1)
    for a, b in zip(outputs(net, cast(xs, torch.uint8)), outputs(net, cast(xs, torch.float32)), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("kind", [*KINDS, "TorchArcNet"])
def test_the_tails_make_the_outputs_of_the_features(kind, net_spec, in_dims, arguments):
    net = NETS[kind](net_spec(kind, dropout=0.0), in_dims[kind], 3 if kind in VALUE_KINDS else [2, 1])
    xs = arguments(net)
    features, y = net.features(*xs), net(*xs)
    assert features.shape == (4, net.features_dim) and type(net.features_dim) is int
    if kind.startswith("Dueling"):
        value, advantages = net.v(features), net.adv(features)
        torch.testing.assert_close(y, value + advantages - advantages.mean(dim=-1, keepdim=True))
    elif kind in VALUE_KINDS:
        assert torch.equal(y, net.model_tail(features))
    else:
        assert all(torch.equal(one, tail(features)) for one, tail in zip(y, net.model_tails, strict=True))
    assert all(map(torch.equal, net.outputs(features), y))
