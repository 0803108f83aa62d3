"""Two processes train one shared net."""

from types import SimpleNamespace

import pytest
import torch
import torch.multiprocessing as mp

from slm_net.slm_lab import v4, v5

SPEC = {
    "type": "MLPNet",
    "hid_layers": [8],
    "hid_layers_activation": "tanh",
    "optim_spec": {"name": "GlobalAdam", "lr": 0.01},
    "lr_scheduler_spec": None,
}
STEPS = 30


def make(lab, mode):
    net = lab.net.MLPNet(SPEC, 3, 1)
    optim = lab.net_util.get_optim(net, net.optim_spec)
    scheduler = lab.net_util.get_lr_scheduler(optim, net.lr_scheduler_spec)
    agent = SimpleNamespace(spec={"meta": {"distributed": mode}})
    parts = {"net": net, "optim": optim, "lr_scheduler": scheduler, "target_net": lab.net.MLPNet(SPEC, 3, 1)}
    return SimpleNamespace(agent=agent, net_names=["net", "target_net"], **parts)


def work(lab_version, mode, global_nets, seed):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    lab = v4 if lab_version == 4 else v5
    algorithm = make(lab, mode)
    lab.net_util.set_global_nets(algorithm, global_nets)
    if mode == "synced":
        lab.net_util.copy(algorithm.global_net, algorithm.net)
    for _ in range(STEPS):
        x = torch.rand(16, 3)
        loss = algorithm.net.loss_fn(algorithm.net(x), x.sum(1, keepdim=True))
        algorithm.net.train_step(loss, algorithm.optim, algorithm.lr_scheduler, global_net=algorithm.global_net)


def test_shared_and_synced_name_their_nets():
    shared = v4.net_util.init_global_nets(make(v4, "shared"))
    assert list(shared) == ["net", "optim", "lr_scheduler"]
    synced = v4.net_util.init_global_nets(make(v4, "synced"))
    assert list(synced) == ["global_net", "optim", "lr_scheduler"]
    with pytest.raises(ValueError, match="distributed"):
        v4.net_util.init_global_nets(make(v4, "both"))
    algorithm = make(v4, "shared")
    v4.net_util.set_global_nets(algorithm, None)
    assert algorithm.global_net is None and algorithm.global_target_net is None


def test_gradients_of_each_step_are_pushed_once():
    algorithm = make(v4, "synced")
    local = v4.net.MLPNet(SPEC, 3, 1)
    v4.net_util.copy(algorithm.net, local)
    x, norms = torch.ones(4, 3), []
    for _ in range(2):
        optim = torch.optim.SGD(algorithm.net.parameters(), lr=0.0)
        local.train_step(local(x).sum(), optim, global_net=algorithm.net)
        norms.append(sum(p.grad.norm().item() for p in algorithm.net.parameters()))
    assert norms[0] == pytest.approx(norms[1])


@pytest.mark.slow
@pytest.mark.parametrize(("version", "mode"), [(4, "shared"), (5, "synced")])
def test_two_processes_train_one_net(version, mode):
    torch.manual_seed(0)
    algorithm = make(v4 if version == 4 else v5, mode)
    lab = v4 if version == 4 else v5
    global_nets = lab.net_util.init_global_nets(algorithm)
    net = global_nets["net" if mode == "shared" else "global_net"]
    before = net.model[0].weight.detach().clone()
    x = torch.rand(64, 3)
    first = net.loss_fn(net(x), x.sum(1, keepdim=True)).item()
    context = mp.get_context("spawn")
    processes = [context.Process(target=work, args=(version, mode, global_nets, seed)) for seed in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert not torch.equal(before, net.model[0].weight)
    assert net.loss_fn(net(x), x.sum(1, keepdim=True)).item() < first
    steps = global_nets["optim"].state[next(net.parameters())]["step"].item()
    assert STEPS < steps <= 2 * STEPS
