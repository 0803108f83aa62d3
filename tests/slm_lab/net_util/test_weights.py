"""Weights from net to net, to files and back, and shared by two processes; files that are none."""

import os
import pickle
from types import SimpleNamespace

import pytest
import torch
import torch.multiprocessing as mp
from torch import nn

from slm_net import SpecError
from slm_net.slm_lab import load_checkpoint, v4, v5
from slm_net.slm_lab.net_util.weights import read_state

MLP = {
    "type": "MLPNet",
    "hid_layers": [8, 6],
    "hid_layers_activation": "tanh",
    "optim_spec": {"name": "Adam", "lr": 0.1},
}
SHARED = {
    "type": "MLPNet",
    "hid_layers": [8],
    "hid_layers_activation": "tanh",
    "optim_spec": {"name": "GlobalAdam", "lr": 0.01},
    "lr_scheduler_spec": None,
}
STEPS = 30


@pytest.mark.parametrize("lab", [v4, v5])
def test_copy_and_polyak(lab):
    source, target = (nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(2))
    source(torch.rand(8, 2))
    old = target[0].weight.detach().clone()
    lab.net_util.polyak_update(source, target, 0.25)
    torch.testing.assert_close(target[0].weight, 0.25 * source[0].weight + 0.75 * old)
    assert target[1].num_batches_tracked == 0
    lab.net_util.copy(source, target)
    assert target[1].num_batches_tracked == 1 and torch.equal(source[0].weight, target[0].weight)


@pytest.mark.parametrize(
    ("lab", "mix"),
    [(v4, lambda s, t, c: c * s + (1.0 - c) * t), (v5, lambda s, t, c: t + c * (s - t))],  # lerp below a half
)
def test_polyak_to_the_last_bit(lab, mix):
    source, target = nn.Linear(50, 50), nn.Linear(50, 50)
    expected = mix(source.weight.detach(), target.weight.detach(), 0.005)
    lab.net_util.polyak_update(source, target, old_ratio=0.005)
    if lab is v4:
        assert torch.equal(target.weight, expected)
    else:  # lerp multiplies and adds in one rounding where the processor can
        assert (target.weight - expected).abs().max() <= torch.finfo(torch.float32).eps * expected.abs().max()
        assert not torch.equal(target.weight, 0.005 * source.weight + 0.995 * target.weight)


def test_update_target_net_of_5():
    source = nn.Linear(2, 2)
    source.update_type, source.update_frequency, source.polyak_coef = "replace", 100, 0.5

    def moved(frame):
        target = nn.Linear(2, 2)
        v5.net_util.update_target_net(source, target, frame, num_envs=8)
        return torch.equal(source.weight, target.weight)

    assert [moved(frame) for frame in (0, 96, 104, 112, 200)] == [True, False, True, False, True]
    source.update_type = "polyakk"
    with pytest.raises(ValueError, match="polyak"):
        moved(0)


class Bomb:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def bad_files(tmp_path):
    whole = tmp_path / "whole.pt"
    net = v4.net.MLPNet(MLP, 4, 2)
    torch.save(net.state_dict(), whole)
    data = whole.read_bytes()
    yield "cut.pt", data[: len(data) // 2], "cut short"
    yield "text.pt", b"hello", "the file"
    yield "empty.pt", b"", "cut short"
    yield "bomb.pt", pickle.dumps({"model.0.weight": Bomb(tmp_path / "exploded")}), "safely"
    at = data.index(net.model[0].weight.detach().numpy().tobytes())
    yield "flipped.pt", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], "the checksum of whole/data/0 differs"
    torch.save([1, 2], whole)
    yield "list.pt", whole.read_bytes(), "holds a list"
    torch.save({"model.0.weight": torch.eye(3).to_sparse()}, whole)
    yield "sparse.pt", whole.read_bytes(), "sparse tensors"
    torch.save({"net": Bomb(tmp_path / "exploded")}, whole)
    yield "torch_bomb.pt", whole.read_bytes(), "safely"


def test_a_bad_file_is_one_clear_error_and_runs_nothing(tmp_path):
    for name, data, words in bad_files(tmp_path):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SpecError, match=words) as caught:
            load_checkpoint(MLP, tmp_path / name, 4, 2)
        assert len(caught.value.problems) == 1 and len(str(caught.value)) < 600
        assert not (tmp_path / "exploded").exists()
    with pytest.raises(SpecError, match="No such file"):
        read_state(tmp_path / "nothing.pt")
    with pytest.raises(SpecError, match="cannot be read"):
        read_state(tmp_path)
    os.mkfifo(tmp_path / "pipe.pt")
    for odd in (tmp_path / "pipe.pt", "/dev/zero"):
        with pytest.raises(SpecError, match="no regular file"):
            read_state(odd)


class TestAlgorithmFiles:
    def algorithm(self, lab, meta):
        net, target = (lab.net.MLPNet(MLP, 4, 2) for _ in range(2))
        agent = SimpleNamespace(spec={"meta": meta})
        optim = lab.net_util.get_optim(net, net.optim_spec)
        return SimpleNamespace(agent=agent, net_names=["net", "target_net"], net=net, target_net=target, optim=optim)

    @pytest.mark.parametrize(("lab", "key"), [(v4, "prepath"), (v4, "model_prepath"), (v5, "model_prepath")])
    def test_save_and_load(self, tmp_path, monkeypatch, lab, key):
        monkeypatch.delenv("lab_mode", raising=False)
        first, second = (self.algorithm(lab, {key: str(tmp_path / "model" / "dqn_t0_s0")}) for _ in range(2))
        lab.net_util.save_algorithm(first)
        lab.net_util.save_algorithm(first, ckpt="best")
        names = {f"dqn_t0_s0{ckpt}_{part}.pt" for ckpt in ("", "_ckpt-best")
                 for part in ("net_model", "net_optim", "target_net_model")}  # fmt: skip
        assert {path.name for path in (tmp_path / "model").iterdir()} == names
        lab.net_util.load_algorithm(second)
        assert torch.equal(first.net.model[0].weight, second.net.model[0].weight)

    def test_enjoy_mode_loads_the_best_nets(self, tmp_path, monkeypatch):
        monkeypatch.setenv("lab_mode", "enjoy")
        first, second = (self.algorithm(v5, {"model_prepath": str(tmp_path / "a")}) for _ in range(2))
        v5.net_util.save_algorithm(first, ckpt="best")
        (tmp_path / "a_ckpt-best_net_optim.pt").unlink()
        v5.net_util.load_algorithm(second)
        assert torch.equal(first.net.model[0].weight, second.net.model[0].weight)

    def test_a_net_loads_either_layout(self, tmp_path):
        old, new = v4.net.MLPNet(MLP, 4, 2), v5.net.MLPNet(MLP, 4, 2)
        v4.net_util.save(old, tmp_path / "a.pt")
        v5.net_util.load(new, tmp_path / "a.pt")
        assert torch.equal(old.model_tail[0].weight, new.tails[0].weight)

    def test_a_save_that_fails_leaves_the_old_file(self, tmp_path):
        path = tmp_path / "a.pt"
        v4.net_util.save(v4.net.MLPNet(MLP, 4, 2), path)
        before = path.read_bytes()
        with pytest.raises(Exception, match="pickle"):
            v4.net_util.save(SimpleNamespace(state_dict=lambda: {"a": lambda: 0}), path)
        assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def sharing(lab, mode):
    net = lab.net.MLPNet(SHARED, 3, 1)
    optim = lab.net_util.get_optim(net, net.optim_spec)
    scheduler = lab.net_util.get_lr_scheduler(optim, net.lr_scheduler_spec)
    agent = SimpleNamespace(spec={"meta": {"distributed": mode}})
    parts = {"net": net, "optim": optim, "lr_scheduler": scheduler, "target_net": lab.net.MLPNet(SHARED, 3, 1)}
    return SimpleNamespace(agent=agent, net_names=["net", "target_net"], **parts)


def work(lab_version, mode, global_nets, seed):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    lab = v4 if lab_version == 4 else v5
    algorithm = sharing(lab, mode)
    lab.net_util.set_global_nets(algorithm, global_nets)
    if mode == "synced":
        lab.net_util.copy(algorithm.global_net, algorithm.net)
    for _ in range(STEPS):
        x = torch.rand(16, 3)
        loss = algorithm.net.loss_fn(algorithm.net(x), x.sum(1, keepdim=True))
        algorithm.net.train_step(loss, algorithm.optim, algorithm.lr_scheduler, global_net=algorithm.global_net)


def test_shared_and_synced_name_their_nets():
    shared = v4.net_util.init_global_nets(sharing(v4, "shared"))
    assert list(shared) == ["net", "optim", "lr_scheduler"]
    synced = v4.net_util.init_global_nets(sharing(v4, "synced"))
    assert list(synced) == ["global_net", "optim", "lr_scheduler"]
    with pytest.raises(ValueError, match="distributed"):
        v4.net_util.init_global_nets(sharing(v4, "both"))
    algorithm = sharing(v4, "shared")
    v4.net_util.set_global_nets(algorithm, None)
    assert algorithm.global_net is None and algorithm.global_target_net is None


def test_gradients_of_a_synced_net_pile_up():
    algorithm = sharing(v4, "synced")
    local = v4.net.MLPNet(SHARED, 3, 1)
    v4.net_util.copy(algorithm.net, local)
    x, norms = torch.ones(4, 3), []
    for _ in range(2):
        optim = torch.optim.SGD(algorithm.net.parameters(), lr=0.0)
        local.train_step(local(x).sum(), optim, global_net=algorithm.net)
        norms.append(sum(p.grad.norm().item() for p in algorithm.net.parameters()))
    assert norms[1] == pytest.approx(2 * norms[0])


@pytest.mark.slow
@pytest.mark.parametrize(("version", "mode"), [(4, "shared"), (5, "synced")])
def test_two_processes_train_one_net(version, mode):
    torch.manual_seed(0)
    algorithm = sharing(v4 if version == 4 else v5, mode)
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
    if mode == "shared":  # of "synced" the gradients pile up
        assert net.loss_fn(net(x), x.sum(1, keepdim=True)).item() < first
    steps = global_nets["optim"].state[next(net.parameters())]["step"].item()
    assert STEPS < steps <= 2 * STEPS
