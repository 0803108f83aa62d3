"""Nets that start from what is trained: the same, one like it, part of it, or an error before anything changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import slm_net
from slm_net import SpecError
from slm_net.slm_lab import v4, v5

SPECS = Path(__file__).parent.parent.parent / "specs"
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "batch_norm": True}


@pytest.fixture
def saved(tmp_path):
    """A folder with a net of two outputs whose statistics have moved."""
    bundle = slm_net.build_net(MLP, 4, 2, seed=0)
    bundle.train_step(bundle.model(torch.rand(8, 4)).square().mean())
    bundle.save(tmp_path / "trained")
    return bundle


def start(root, out_dim=2, seed=1, **init):
    return slm_net.build_net({**MLP, "init_from": {"folder": "trained", **init}}, 4, out_dim, seed=seed, root=root)


def same(one, other, prefix=""):
    pairs = zip(one.state_dict().items(), other.state_dict().values(), strict=True)
    return all(torch.equal(value, twin) for (name, value), twin in pairs if name.startswith(prefix))


def test_the_same_net_takes_weights_and_statistics(saved, tmp_path):
    bundle = start(tmp_path)
    assert same(bundle.model, saved.model)
    assert (len(bundle.started.loaded), bundle.started.drawn, bundle.started.left) == (9, {}, ())
    assert bundle.optimizer.state_dict()["state"] == {}  # training begins anew


def test_another_head_is_drawn_as_the_seed_draws_it(saved, tmp_path):
    bundle = start(tmp_path, 3, on_mismatch="reinit", freeze=["body"])
    fresh = slm_net.build_net(MLP, 4, 3, seed=1)
    assert same(bundle.model.model, saved.model.model)
    assert same(bundle.model.model_tail, fresh.model.model_tail)
    assert bundle.started.drawn["model_tail.0.bias"] == "is [3] here and [2] there"
    assert "model_tail.0.weight          drawn anew: is [3, 8] here and [2, 8] there" in str(bundle.started)
    assert len(bundle.optimizer.param_groups[0]["params"]) == 2


def test_only_the_parts_that_are_named_are_taken(saved, tmp_path):
    bundle = start(tmp_path, 3, parts=["body"])
    assert same(bundle.model.model, saved.model.model)
    assert {*bundle.started.left} == {"model_tail.0.weight", "model_tail.0.bias"}
    assert set(bundle.started.drawn.values()) == {""}


def test_what_does_not_fit_is_said_of_each_tensor(saved, tmp_path):
    with pytest.raises(SpecError) as caught:
        start(tmp_path, 3)
    assert [problem.pointer for problem in caught.value.problems] == ["/init_from"] * 2
    assert "on_mismatch" in caught.value.problems[0].hint
    other = {**MLP, "hid_layers": [7], "init_from": {"folder": "trained", "on_mismatch": "reinit", "parts": ["body"]}}
    with pytest.raises(SpecError, match=r"model\.0\.weight is \[7, 4\] here and \[8, 4\] there"):
        slm_net.build_net(other, 4, 2, root=tmp_path)


@pytest.mark.parametrize("folder", ["../trained", "/etc", "link"])
def test_nothing_outside_of_the_root_is_read(folder, saved, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "trained")
    with pytest.raises(SpecError, match="leads out of the root"):
        start(root, folder=folder)


def test_without_a_root_nothing_is_read(saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match=r'name it: root="\."'):
        start(None)
    assert start(".").started


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ({"folder": "nothing"}, "cannot be read: No such file"),
        ({"folder": "empty"}, "nothing was saved here"),
        ({"net": "critic_net"}, "there is no net 'critic_net'"),
        ({"folder": "notes.txt"}, "was not written by torch.save"),
    ],
)
def test_a_source_that_is_none_is_one_clear_error(init, message, saved, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(SpecError, match=message) as caught:
        start(tmp_path, **init)
    assert [problem.pointer for problem in caught.value.problems] == ["/init_from"]


def test_a_damaged_folder_is_refused(saved, tmp_path):
    file = tmp_path / "trained" / "step-1" / "model.safetensors"
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(SpecError, match="checksum differs"):
        start(tmp_path)


def test_numbers_that_are_not_finite_are_no_start(tmp_path):
    bundle = slm_net.build_net(MLP, 4, 2)
    with torch.no_grad():
        bundle.model.model[0].weight[0, 0] = torch.nan
    bundle.save(tmp_path / "trained")
    with pytest.raises(SpecError, match=r"model\.0\.weight has numbers there that are not finite"):
        start(tmp_path)


@pytest.mark.parametrize("lab", [v4, v5])
def test_a_checkpoint_of_slm_lab_is_a_source(lab, tmp_path):
    net = lab.net.MLPNet({**MLP, "batch_norm": False}, 4, 2)
    torch.save(net.state_dict(), tmp_path / "trained")
    block = {**MLP, "batch_norm": False, "init_from": {"folder": "trained"}}
    bundle = slm_net.build_net(block, 4, 2, root=tmp_path)
    x = torch.rand(3, 4)
    assert torch.allclose(bundle.model(x), net(x))


def test_each_net_of_an_agent_takes_its_own_and_targets_those_of_their_source(tmp_path):
    trained = slm_net.build_nets(SPECS / "ppo_cartpole.json", seed=0)
    trained.save(tmp_path / "ppo")
    changes = {"agent.net.init_from": {"folder": "ppo"}}
    nets = slm_net.build_nets(SPECS / "ppo_cartpole.json", seed=1, overrides=changes, root=tmp_path)
    assert all(same(nets[name].model, trained[name].model) for name in nets)
    slm_net.build_nets(SPECS / "dqn_cartpole.json", seed=0).save(tmp_path / "dqn")
    changes = {"agent.0.net.init_from": {"folder": "dqn", "parts": ["body"]}}
    nets = slm_net.build_nets(SPECS / "dqn_cartpole.json", seed=1, overrides=changes, root=tmp_path)
    assert same(nets["net"].model, nets["target_net"].model)
    changes["agent.0.net.init_from"]["net"] = "target_net"
    other = slm_net.build_nets(SPECS / "dqn_cartpole.json", seed=1, overrides=changes, root=tmp_path)
    assert not same(nets["net"].model, other["net"].model)


def test_what_started_so_is_saved_and_loaded_without_its_source(saved, tmp_path):
    bundle = start(tmp_path, freeze=["body"])
    bundle.save(tmp_path / "next")
    (tmp_path / "trained" / "latest.json").unlink()
    again = slm_net.load(tmp_path / "next")
    assert again.spec == bundle.spec
    assert not again.model.train().model.training
    assert again.started is None
    assert len(again.optimizer.param_groups[0]["params"]) == 2


def test_the_command_names_a_root(saved, tmp_path):
    spec = tmp_path / "net.json"
    spec.write_text(str({**MLP, "init_from": {"folder": "trained"}}).replace("'", '"').replace("True", "true"))
    command = [sys.executable, "-m", "slm_net", "build", str(spec), "--in-dim", "4", "--out-dim", "2"]
    environment = {**os.environ, "COLUMNS": "120"}
    refused = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert refused.returncode == 1
    assert "name it: --root ." in refused.stdout
    command += ["--root", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert found.returncode == 0
    assert "9 tensors from" in found.stdout
