import copy
import inspect

import pytest
import torch
from torch import multiprocessing, nn, optim

from slm_net.registry import RegistryError
from slm_net.training import OPTIMIZERS, GlobalAdam, GlobalRMSprop, build_optimizer

OURS = {"GlobalAdam", "GlobalRMSprop", "Lookahead"}
LEFT_OUT = {
    "LBFGS": "needs a closure that computes the loss again",
    "Muon": "takes matrices only, and every net has biases",
    "SparseAdam": "takes sparse gradients only",
}


def make_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))


def train(net, optimizer, steps=5):
    torch.manual_seed(1)
    for _ in range(steps):
        optimizer.zero_grad()
        net(torch.randn(4, 3)).square().mean().backward()
        optimizer.step()
    return nn.utils.parameters_to_vector(net.parameters()).detach()


def test_every_torch_optimizer_is_registered_or_left_out_for_a_reason():
    names = {name for name, entry in inspect.getmembers(optim, inspect.isclass) if issubclass(entry, optim.Optimizer)}
    assert names - {"Optimizer"} - set(LEFT_OUT) == set(OPTIMIZERS) - OURS


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_each_optimizer_builds_with_its_defaults_and_steps(name):
    net = make_net()
    before = nn.utils.parameters_to_vector(net.parameters()).detach().clone()
    after = train(net, build_optimizer(net, {"name": name}))
    assert torch.isfinite(after).all()
    assert not torch.equal(before, after)


FUSED = {"Adam", "AdamW", "SGD", "Adagrad"}


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS) - OURS))
def test_torchs_optimizers_give_torchs_numbers(name):
    ours, theirs = make_net(), make_net()
    fused = {"fused": True} if name in FUSED else {}
    got = train(ours, build_optimizer(ours, {"name": name, "lr": 0.01}))
    assert torch.equal(got, train(theirs, OPTIMIZERS[name](theirs.parameters(), lr=0.01, **fused)))


@pytest.mark.parametrize("name", ["Adam", "AdamW", "SGD", "Adagrad"])
def test_the_fused_kernel_is_taken_where_it_can_be_unless_the_spec_says_something(name):
    def fused(net, **written):
        return build_optimizer(net, {"name": name, **written}).param_groups[0]["fused"]

    assert fused(make_net()) is fused(make_net(), fused="auto") is fused(make_net(), fused=True) is True
    assert not fused(make_net(), fused=False) and fused(make_net(), fused=None) is None
    assert not fused(make_net(), foreach=True)
    assert not fused(make_net().to("meta"))
    around = build_optimizer(make_net(), {"name": "Lookahead", "optimizer": name})
    assert around.param_groups[0]["fused"] is True


def test_capturable_is_left_out_on_a_cpu_and_said():
    with pytest.warns(RuntimeWarning, match="no CUDA graphs on a CPU"):
        optimizer = build_optimizer(make_net(), {"name": "Adam", "capturable": True})
    assert optimizer.param_groups[0]["capturable"] is False and optimizer.param_groups[0]["lr"] == 0.001


def test_only_written_arguments_are_passed_and_lists_become_tuples():
    group = build_optimizer(make_net(), {"name": "Adam", "betas": [0.5, 0.9], "amsgrad": True}).param_groups[0]
    assert (group["betas"], group["amsgrad"], group["lr"]) == ((0.5, 0.9), True, 0.001)


def test_a_tensor_and_parameter_groups():
    alpha = torch.zeros(1, requires_grad=True)
    assert build_optimizer(alpha, {"name": "SGD"}).param_groups[0]["params"] == [alpha]
    groups = [{"params": [alpha], "lr": 0.5}]
    assert build_optimizer(groups, {"name": "SGD", "lr": 0.1}).param_groups[0]["lr"] == 0.5


@pytest.mark.parametrize("name", ["adam", "lr_scheduler", "Optimizer", "LBFGS"])
def test_only_registered_names_are_taken(name):
    with pytest.raises(RegistryError, match="no optimizer"):
        build_optimizer(make_net(), {"name": name})


GLOBAL = [
    (GlobalAdam, optim.Adam, {}),
    (GlobalAdam, optim.Adam, {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-5, "weight_decay": 0.1}),
    (GlobalRMSprop, optim.RMSprop, {}),
    (GlobalRMSprop, optim.RMSprop, {"lr": 0.002, "alpha": 0.9, "eps": 1e-5, "weight_decay": 0.1}),
]


@pytest.mark.parametrize(("ours", "torchs", "args"), GLOBAL)
def test_global_optimizers_give_the_numbers_of_torchs(ours, torchs, args):
    mine, reference = make_net(), make_net()
    got = train(mine, ours(mine.parameters(), **args))
    assert torch.equal(got, train(reference, torchs(reference.parameters(), **args)))


@pytest.mark.parametrize("kind", [GlobalAdam, GlobalRMSprop])
def test_global_state_is_there_and_shared_before_the_first_step(kind):
    net = make_net()
    optimizer = kind(net.parameters())
    optimizer.add_param_group({"params": [nn.Parameter(torch.ones(2))]})
    optimizer.share_memory()
    assert len(optimizer.state) == 5
    tensors = [value for state in optimizer.state.values() for value in state.values()]
    assert all(tensor.is_shared() for tensor in tensors)
    train(net, optimizer)
    now = [value for state in optimizer.state.values() for value in state.values()]
    assert all(new is old for new, old in zip(now, tensors, strict=True))


@pytest.mark.parametrize("kind", [GlobalAdam, GlobalRMSprop])
def test_global_state_round_trip(kind):
    net = make_net()
    optimizer = kind(net.parameters())
    train(net, optimizer)
    twin = copy.deepcopy(net)
    other = kind(twin.parameters())
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert torch.equal(train(net, optimizer), train(twin, other))


def work(net, optimizer):
    train(net, optimizer, steps=3)


@pytest.mark.slow
def test_a_second_process_moves_the_same_weights_and_state():
    net = make_net().share_memory()
    optimizer = GlobalAdam(net.parameters(), lr=0.01)
    optimizer.share_memory()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(net, optimizer))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert optimizer.state[net[0].weight]["step"].item() == 3
    alone = make_net()
    work(alone, alone_optimizer := optim.Adam(alone.parameters(), lr=0.01))
    assert torch.equal(net[0].weight, alone[0].weight)
    assert torch.equal(
        optimizer.state[net[0].weight]["exp_avg_sq"], alone_optimizer.state[alone[0].weight]["exp_avg_sq"]
    )
