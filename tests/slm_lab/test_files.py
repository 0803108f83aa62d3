"""Files that SLM Lab's functions write and read, and files that are none."""

import os
import pickle
from types import SimpleNamespace

import pytest
import torch

from slm_net import SpecError
from slm_net.slm_lab import load_checkpoint, v4, v5
from slm_net.slm_lab.checkpoint_file import read_state

MLP = {
    "type": "MLPNet",
    "hid_layers": [8, 6],
    "hid_layers_activation": "tanh",
    "optim_spec": {"name": "Adam", "lr": 0.1},
}


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/exploded_in_test_checkpoint",)


def bad_files(tmp_path):
    whole = tmp_path / "whole.pt"
    torch.save(v4.net.MLPNet(MLP, 4, 2).state_dict(), whole)
    data = whole.read_bytes()
    yield "cut.pt", data[: len(data) // 2], "cut short"
    yield "text.pt", b"hello", "the file"
    yield "empty.pt", b"", "cut short"
    yield "bomb.pt", pickle.dumps({"model.0.weight": Bomb()}), "safely"
    torch.save([1, 2], whole)
    yield "list.pt", whole.read_bytes(), "holds a list"
    torch.save({"net": Bomb()}, whole)
    yield "torch_bomb.pt", whole.read_bytes(), "safely"


def test_a_bad_file_is_one_clear_error_and_runs_nothing(tmp_path):
    for name, data, words in bad_files(tmp_path):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SpecError, match=words) as caught:
            load_checkpoint(MLP, tmp_path / name, 4, 2)
        assert len(caught.value.problems) == 1 and len(str(caught.value)) < 600
        assert not os.path.exists("/tmp/exploded_in_test_checkpoint")
    with pytest.raises(SpecError, match="No such file"):
        read_state(tmp_path / "nothing.pt")
    with pytest.raises(SpecError, match="cannot be read"):
        read_state(tmp_path)


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
