import numpy as np
import pytest
import torch
from torch import nn

from slm_net.nets import MLPNet
from slm_net.nets.parts import out_dim_of, plan_tails

TANH = {"name": "Tanh"}


def keys(net):
    return [key for key in net.state_dict() if not key.startswith("model.")]


@pytest.mark.parametrize("out_dim", [3, np.int64(3), np.array(3)])
def test_an_int_gives_a_tensor(out_dim, net_spec):
    net = MLPNet(net_spec("MLPNet"), 5, out_dim)
    assert net(torch.randn(2, 5)).shape == (2, 3)
    assert keys(net) == ["model_tail.0.weight", "model_tail.0.bias"]


@pytest.mark.parametrize("out_dim", [[3], [3, 1], (2, 4, 1), np.array([5, 6, 7, 8])])
def test_a_list_gives_a_list(out_dim, net_spec):
    net = MLPNet(net_spec("MLPNet"), 5, out_dim)
    assert [tuple(y.shape) for y in net(torch.randn(2, 5))] == [(2, width) for width in out_dim]
    assert keys(net)[-1] == f"model_tails.{len(out_dim) - 1}.0.bias"
    assert net.out_dim == list(out_dim)


@pytest.mark.parametrize("out_dim", [0, -2, 1.5, "4", None, [], [3, 0], [[2]]])
def test_impossible_out_dims(out_dim):
    with pytest.raises(ValueError, match="out_dim"):
        out_dim_of(out_dim)


def test_one_activation_goes_to_all_tails_and_a_list_to_each(net_spec):
    net = MLPNet(net_spec("MLPNet", out_layer_activation=TANH), 5, [2, 3])
    assert all(isinstance(tail[1], nn.Tanh) for tail in net.model_tails)
    net = MLPNet(net_spec("MLPNet", out_layer_activation=[TANH, None]), 5, [2, 1])
    assert [len(tail) for tail in net.model_tails] == [2, 1]
    with pytest.raises(ValueError, match="out_layer_activation lists 1"):
        MLPNet(net_spec("MLPNet", out_layer_activation=[TANH]), 5, [2, 1])


LOG_STD = {
    # out_dim: shapes of the outputs, keys of the tails, where the log-std is
    "2": (2, [(4, 2)], ["model_tail.0"], lambda ys: ys[0][:, 1:]),
    "[2]": ([2], [(4, 2)], ["model_tails.0.0"], lambda ys: ys[0][:, 1:]),
    "[2, 1]": ([2, 1], [(4, 2), (4, 1)], ["model_tails.0.0", "model_tails.1.0"], lambda ys: ys[0][:, 1:]),
    "[3, 3]": ([3, 3], [(4, 3), (4, 3)], ["model_tail.0"], lambda ys: ys[1]),
    "[2, 2]": ([2, 2], [(4, 2), (4, 2)], ["model_tail.0"], lambda ys: ys[1]),
    "[3, 3, 1]": (
        *([3, 3, 1], [(4, 3), (4, 3), (4, 1)], ["model_tails.0.0", "model_tails.1.0"]),
        lambda ys: ys[1],
    ),
}


@pytest.mark.parametrize("case", LOG_STD)
def test_log_std_is_a_parameter(case, net_spec):
    out_dim, shapes, tails, log_std = LOG_STD[case]
    net = MLPNet(net_spec("MLPNet", log_std_init=-0.5), 5, out_dim)
    y = net(torch.randn(4, 5))
    assert isinstance(y, list) == isinstance(out_dim, list)
    outputs = y if isinstance(y, list) else [y]
    assert [tuple(output.shape) for output in outputs] == shapes
    assert torch.all(log_std(outputs) == -0.5)
    assert next(iter(net.state_dict())) == "log_std"
    assert keys(net)[1:] == [f"{tail}.{kind}" for tail in tails for kind in ("weight", "bias")]
    sum(output.sum() for output in outputs).backward()
    assert net.log_std.grad.tolist() == [4.0] * len(net.log_std)


@pytest.mark.parametrize("out_dim", [1, 3, [3], [3, 4], [3, 1], [3, 3, 3], [2, 2, 2, 1], [4, 1]])
def test_log_std_needs_a_mean_and_a_scale(out_dim):
    with pytest.raises(ValueError, match="log_std_init needs an out_dim of a mean and a scale"):
        plan_tails(out_dim, None, 0.0)


def test_activation_of_a_log_std_output(net_spec):
    net = MLPNet(net_spec("MLPNet", log_std_init=2.0, out_layer_activation=[TANH, None, None]), 5, [3, 3, 1])
    assert [len(tail) for tail in net.model_tails] == [2, 1]
    mean, log_std, _ = net(100 * torch.randn(4, 5))
    assert mean.abs().max() <= 1
    assert torch.all(log_std == 2)
    with pytest.raises(ValueError, match="out_layer_activation must be null"):
        MLPNet(net_spec("MLPNet", log_std_init=2.0, out_layer_activation=[TANH, TANH]), 5, [3, 3])


def gains(net):
    tails = [module for name, module in net.named_modules() if "model_tail" in name and isinstance(module, nn.Linear)]
    return [pytest.approx(tail.weight.norm(dim=1).mean().item(), rel=1e-3) for tail in tails]


@pytest.mark.parametrize(
    ("out_dim", "log_std", "expected"),
    [
        (3, None, [0.01]),
        (1, None, [2.0]),
        ([1], None, [2.0]),
        ([3, 1], None, [0.01, 2.0]),
        ([3, 4], None, [0.01, 0.01]),
        ([1, 3], None, [0.01, 0.01]),
        ([3, 3, 1], None, [0.01, 0.01, 2.0]),
        (2, 0.0, [0.01]),
        ([1, 1], 0.0, [0.01]),
        ([2, 1], 0.0, [0.01, 2.0]),
        ([3, 3, 1], 0.0, [0.01, 2.0]),
    ],
)
def test_actor_and_critic_tails(out_dim, log_std, expected, net_spec):
    spec = net_spec("MLPNet", actor_init_std=0.01, critic_init_std=2.0, log_std_init=log_std)
    assert gains(MLPNet(spec, 5, out_dim)) == expected


def test_tail_initialisation_is_drawn_last(net_spec):
    spec = net_spec("MLPNet", hid_layers=[], init_fn={"name": "normal_"}, actor_init_std=0.1, critic_init_std=None)
    torch.manual_seed(5)
    net = MLPNet(spec, 4, [3, 1])
    after = torch.rand(1)
    torch.manual_seed(5)
    actor, critic = nn.Linear(4, 3), nn.Linear(4, 1)
    nn.init.normal_(actor.weight)
    nn.init.normal_(critic.weight)
    nn.init.orthogonal_(actor.weight, gain=0.1)
    assert torch.equal(net.model_tails[0][0].weight, actor.weight)
    assert torch.equal(net.model_tails[1][0].weight, critic.weight)
    assert torch.equal(torch.rand(1), after)
