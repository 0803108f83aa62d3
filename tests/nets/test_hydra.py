import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.nets import HydraMLPNet

TANH = {"name": "Tanh"}


def test_same_network_as_by_hand(net_spec):
    spec = net_spec("HydraMLPNet", hid_layers=[[[16], [12]], [20], [[8], [6]]], init_fn={"name": "orthogonal_"})
    torch.manual_seed(4)
    net = HydraMLPNet(spec | {"out_layer_activation": [TANH, None]}, [4, 6], [2, 3])
    after = torch.rand(1, dtype=torch.float64)

    torch.manual_seed(4)
    heads, body = [nn.Linear(4, 16), nn.Linear(6, 12)], nn.Linear(28, 20)
    tails = [(nn.Linear(20, 8), nn.Linear(8, 2)), (nn.Linear(20, 6), nn.Linear(6, 3))]
    layers = [*heads, body, *tails[0], *tails[1]]
    for layer in layers:
        nn.init.orthogonal_(layer.weight, gain=5 / 3)
        nn.init.zeros_(layer.bias)
    assert torch.equal(after, torch.rand(1, dtype=torch.float64))
    by_hand = [parameter for layer in layers for parameter in layer.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))

    xs = [torch.randn(3, 4), torch.randn(3, 6)]
    h = torch.cat([torch.tanh(head(x)) for head, x in zip(heads, xs, strict=True)], dim=1)
    h = torch.tanh(body(h))
    first, second = [output(torch.tanh(layer(h))) for layer, output in tails]
    torch.testing.assert_close(net(xs), [torch.tanh(first), second])


def test_draws_without_init_fn(net_spec):
    torch.manual_seed(5)
    net = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[7]], [8], [[5], []]]), [4, 6], [2, 3])
    torch.manual_seed(5)
    layers = [nn.Linear(4, 7), nn.Linear(6, 7), nn.Linear(14, 8), nn.Linear(8, 5), nn.Linear(5, 2), nn.Linear(8, 3)]
    by_hand = [parameter for layer in layers for parameter in layer.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), by_hand, strict=True))


def keys(net):
    return list(dict.fromkeys(key.rsplit(".", 1)[0] for key in net.state_dict()))


def test_keys(net_spec):
    net = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[16, 9], [12]], [20], []]), [4, 6], [2, 3])
    heads = ["model_heads.0.0", "model_heads.0.2", "model_heads.1.0"]
    assert keys(net) == [*heads, "model_body.0", "model_tails.0.0", "model_tails.1.0"]
    net = HydraMLPNet(net_spec("HydraMLPNet"), [4, 6], [2, 3])
    assert keys(net)[-4:] == ["model_tails.0.0", "model_tails.0.2.0", "model_tails.1.0", "model_tails.1.2.0"]
    net = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[16]], [20], []]), [4, 6], 2)
    assert keys(net)[-1] == "model_tail.0"


def test_a_repeated_body_width_is_no_layer(net_spec):
    plain = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[7]], [20], [[8], [6]]]), [4, 6], [2, 3])
    repeated = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[7]], [20], [[20, 8], [20, 6]]]), [4, 6], [2, 3])
    repeated.load_state_dict(plain.state_dict())
    mixed = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[7]], [20], [[20, 8], [6]]]), [4, 6], [2, 3])
    assert len([module for module in mixed.model_tails[0].modules() if isinstance(module, nn.Linear)]) == 3


def test_one_head_gives_each_input_its_own_weights(net_spec):
    net = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[12, 8]], [18], []]), [4, 4], [2])
    assert [len(head) for head in net.model_heads] == [4, 4]
    assert not torch.equal(net.model_heads[0][0].weight, net.model_heads[1][0].weight)


def test_one_tail_gives_each_output_its_own_weights(net_spec):
    net = HydraMLPNet(net_spec("HydraMLPNet", hid_layers=[[[12]], [18], [[18, 9]]]), [4, 6], [2, 2])
    first, second = net.model_tails
    assert first[0].weight.shape == second[0].weight.shape == (9, 18)
    assert not torch.equal(first[0].weight, second[0].weight)


widths = st.lists(st.integers(1, 9), max_size=2)


@st.composite
def hydras(draw):
    in_dim = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    out_dim = draw(st.integers(1, 4) | st.lists(st.integers(1, 4), min_size=1, max_size=3))
    outputs = len(out_dim) if isinstance(out_dim, list) else 1
    heads = draw(st.sampled_from([1, len(in_dim)]).flatmap(lambda n: st.lists(widths, min_size=n, max_size=n)))
    tails = draw(st.sampled_from([0, 1, outputs]).flatmap(lambda n: st.lists(widths, min_size=n, max_size=n)))
    return in_dim, out_dim, [heads, draw(widths), tails]


@settings(deadline=None, max_examples=60)
@given(hydras(), st.sampled_from(["layer_norm", "batch_norm", None]), st.booleans())
def test_any_widths(net_spec, hydra, norm, activated):
    in_dim, out_dim, hid_layers = hydra
    spec = net_spec(
        "HydraMLPNet", hid_layers=hid_layers, dropout=0.1, hid_layers_activation=TANH if activated else None
    )
    net = HydraMLPNet(spec | ({norm: True} if norm else {}), in_dim, out_dim)
    y = net([torch.randn(3, size) for size in in_dim])
    assert isinstance(y, list) == isinstance(out_dim, list)
    expected = out_dim if isinstance(out_dim, list) else [out_dim]
    assert [tuple(o.shape) for o in (y if isinstance(y, list) else [y])] == [(3, size) for size in expected]


def test_numpy_dims_and_mixed_inputs(net_spec):
    net = HydraMLPNet(net_spec("HydraMLPNet"), np.array([4, 6]), np.array([2, 3]))
    assert (net.in_dim, net.out_dim) == ((4, 6), [2, 3])
    xs = [torch.randint(0, 9, (4, 3)).to(torch.uint8).T, torch.randn(3, 6)]
    torch.testing.assert_close(net(xs), net((xs[0].float().contiguous(), xs[1])))


@pytest.mark.parametrize("in_dim", [4, [], [4, 0], None, [4, [6]], "46"])
def test_bad_in_dim(in_dim, net_spec):
    with pytest.raises(ValueError, match="in_dim of HydraMLPNet must"):
        HydraMLPNet(net_spec("HydraMLPNet"), in_dim, [2, 3])


def test_numbers_of_heads_and_tails(net_spec):
    with pytest.raises(ValueError, match="2 heads for 3 inputs"):
        HydraMLPNet(net_spec("HydraMLPNet"), [4, 6, 2], [2, 3])
    with pytest.raises(ValueError, match="2 tails for 3 outputs"):
        HydraMLPNet(net_spec("HydraMLPNet"), [4, 6], [2, 3, 1])
    with pytest.raises(ValueError, match="2 tails for 1 outputs"):
        HydraMLPNet(net_spec("HydraMLPNet"), [4, 6], 2)


def test_what_goes_into_forward(net_spec):
    net = HydraMLPNet(net_spec("HydraMLPNet"), [4, 6], [2, 3])
    with pytest.raises(ValueError, match="HydraMLPNet got 1 inputs, expected a list of 2 tensors"):
        net([torch.zeros(3, 4)])
    with pytest.raises(ValueError, match="HydraMLPNet got a tensor, expected a list of 2 tensors"):
        net(torch.zeros(2, 4))


def test_one_activation_for_all_layers(net_spec):
    with pytest.raises(ValueError, match="HydraMLPNet takes one for all of its hidden layers"):
        HydraMLPNet(net_spec("HydraMLPNet", hid_layers_activation=[TANH] * 5), [4, 6], [2, 3])


def test_log_std_has_no_tail(net_spec):
    spec = net_spec("HydraMLPNet", hid_layers=[[[7]], [8], []], log_std_init=-1.0)
    mean, log_std, value = HydraMLPNet(spec, [4, 6], [3, 3, 1])([torch.randn(2, 4), torch.randn(2, 6)])
    assert (mean.shape, log_std.shape, value.shape) == ((2, 3), (2, 3), (2, 1))
    assert torch.all(log_std == -1)
    empty = HydraMLPNet(spec | {"hid_layers": [[[7]], [8], [[], []]]}, [4, 6], [3, 3])
    assert keys(empty)[-1] == "model_tail.0"
    with pytest.raises(ValueError, match="must be empty"):
        HydraMLPNet(net_spec("HydraMLPNet", log_std_init=-1.0), [4, 6], [3, 3])


def test_actor_init_std_is_for_the_output_layer(net_spec):
    spec = net_spec("HydraMLPNet", actor_init_std=0.01, critic_init_std=2.0)
    torch.manual_seed(6)
    net = HydraMLPNet(spec, [4, 6], [2, 1])
    torch.manual_seed(6)
    plain = HydraMLPNet(net_spec("HydraMLPNet"), [4, 6], [2, 1])
    gains = [tail[2][0].weight.norm(dim=1).mean().item() for tail in net.model_tails]
    assert gains == [pytest.approx(0.01), pytest.approx(2.0)]
    assert all(torch.equal(a[0].weight, b[0].weight) for a, b in zip(net.model_tails, plain.model_tails, strict=True))
