"""Two processes train one net: DistributedDataParallel, fully_shard, compiled; on CPUs, by gloo."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import slm_net
from slm_net.training.ranks import Ranks, bare

PROGRAM = Path(__file__).with_name("ranks_together.py")
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def run(folder, *wraps):
    """What each of two processes found."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = []
    for rank in range(2):
        env = {**os.environ, "RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        env["FOLDER"] = str(folder)
        command = [sys.executable, str(PROGRAM), *wraps]
        processes.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    try:
        outputs = [process.communicate(timeout=300) for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, (_, errors) in zip(processes, outputs, strict=True):
        assert process.returncode == 0, errors[-3000:]
    return [json.loads(out.splitlines()[-1]) for out, _ in outputs]


@pytest.fixture(scope="module", params=["ddp", "fsdp", pytest.param("compiled", marks=pytest.mark.slow)])
def found(request, tmp_path_factory):
    return request.param, run(tmp_path_factory.mktemp(request.param), request.param)


def test_two_processes_are_one_with_the_whole_batch(found):
    wrap, each = found
    for rank in each:
        for optimizer, distance in rank[f"{wrap} like"].items():
            assert distance < (1e-4 if "norm" in optimizer else 2e-4), optimizer
        assert rank[f"{wrap} accumulated"] < 1e-5
    assert each[0][f"{wrap} like"] == each[1][f"{wrap} like"]


def test_they_skip_together(found):
    wrap, each = found
    assert [rank[f"{wrap} skips"] for rank in each] == [[1, True], [1, True]]


def test_a_plateau_sees_the_mean_loss(found):
    wrap, each = found
    assert [rank[f"{wrap} plateau"] for rank in each] == [0.5, 0.5]


def test_states_go_from_wrapped_to_plain_and_back(found):
    wrap, each = found
    assert [rank[f"{wrap} exchange"] for rank in each] == [True, True]


def test_what_they_save_is_one_net(found):
    wrap, each = found
    assert [rank[f"{wrap} saved"] for rank in each] == [True, True]


def test_targets_follow(found):
    wrap, each = found
    for rank in each:
        targets = rank[f"{wrap} targets"]
        assert targets.pop("target") < 1e-5
        assert targets.pop("module").endswith("MLPNet")  # fully_shard gives the class another name
        clean = targets.pop("clean")
        assert clean or wrap != "fsdp"  # by DDP all processes have the same source, which here they have not
        assert targets == {"plain": True, "frozen": True, "sharded": wrap == "fsdp"}


def test_the_temperature_is_the_same_in_both(found):
    wrap, each = found
    if wrap == "fsdp":
        pytest.skip("one number is not sharded")
    assert each[0][f"{wrap} temperature"] == each[1][f"{wrap} temperature"]
    assert each[0][f"{wrap} temperature"][1] == pytest.approx(1.5)


def test_an_ordinary_net_has_no_ranks():
    net = nn.Linear(2, 2)
    ranks, loss = Ranks(net, net.parameters()), torch.tensor(3.0)
    assert not ranks.groups and ranks.mean(loss) is loss


def test_the_bare_net_is_found_in_its_wrappers():
    net = nn.Linear(2, 2)
    assert bare(torch.compile(nn.DataParallel(net), backend="eager")) is net


def test_wrap_gets_each_model_before_its_optimizer_and_may_return_none():
    seen = []

    def wrap(model):
        seen.append(all(parameter.requires_grad for parameter in model.parameters()))
        for parameter in model.parameters():
            parameter.data = parameter.data.clone()

    spec = {"agent": {"algorithm": {"name": "DQN"}, "net": MLP}, "env": {"name": "CartPole-v1"}}
    nets = slm_net.build_nets(spec, wrap=wrap)
    assert seen == [True, False]
    assert not nets["target_net"].model.training and nets["net"].model.training
    bundle = slm_net.build_net(MLP, 4, 2, wrap=lambda model: torch.compile(model, backend="eager"))
    assert bundle.model is not bundle.module and "MLPNet" in repr(bundle)
    bundle.train_step(bundle.model(torch.ones(2, 4)).mean())


def test_what_wrap_may_not_return():
    with pytest.raises(ValueError, match=r"wrap returns the wrapped model, or None .*, not str"):
        slm_net.build_net(MLP, 4, 2, wrap=lambda model: "model")
