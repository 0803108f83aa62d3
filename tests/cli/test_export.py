"""`slm-net export`: saved folders and checkpoints of SLM Lab as one file, and what is refused."""

import json
import os
import sys

import pytest
import torch
from cli_helpers import spec_of

from slm_net import build_net, build_nets, build_population
from slm_net.slm_lab import v5

NET = {"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}
RNN = {"type": "RecurrentNet", "fc_hid_layers": [], "hid_layers_activation": None, "rnn_hidden_size": 4, "seq_len": 3}
PPO = {**spec_of(shared=False, use_same_optim=True, hid_layers=[4]), "agent": [{"algorithm": {"name": "PPO"}}]}
PPO["agent"][0]["net"] = {**NET, "shared": False, "use_same_optim": True}


def actions_of(path, obs):
    return torch.export.load(path).module()({"observation": torch.as_tensor(obs)})["action"]


def test_the_net_that_acts_of_a_folder(cli, tmp_path):
    nets = build_nets(PPO, seed=0)
    nets.save(tmp_path / "run")
    done = cli("export", "run", "policy.pt2")
    size = (tmp_path / "policy.pt2").stat().st_size
    line = "policy.pt2: observation (batch, 4) -> logits (batch, 2), action (batch)"
    assert (done.code, done.out, done.err) == (0, f"{line}, {size:,} bytes\n", "")
    obs = torch.randn(5, 4)
    assert actions_of(tmp_path / "policy.pt2", obs).tolist() == nets.act(obs, deterministic=True).tolist()


def test_one_net_of_a_folder(cli, tmp_path):
    build_nets(PPO, seed=0).save(tmp_path / "run")
    build_population(NET, 4, 2, seeds=[0, 1]).save(tmp_path / "several")
    build_net(RNN, env="CartPole-v1").save(tmp_path / "rnn")
    assert "-> value (batch, 1)," in cli("export", "run", "a.pt2", "--net", "critic_net").out
    assert "-> output (batch, 2)," in cli("export", "several", "b.pt2", "--net", "1").out
    assert "a.pt2: observation (batch, 3, 4) -> logits" in cli("export", "rnn", "a.pt2", "--sequence").out


def test_a_checkpoint_of_slm_lab(cli, tmp_path, spec_file):
    spec_file({"ppo": PPO, "other": spec_of()})
    nets = build_nets(PPO, seed=0)
    for name in ("net", "critic_net"):
        lab = v5.net.MLPNet(dict(nets[name].spec), 4, nets[name].out_dim)
        v5.net_util.save(lab, tmp_path / f"ppo_{name}_model.pt")
    done = cli("export", "specs.json", "ppo_net_model.pt", "a.pt2", "--name", "ppo")
    assert done.code == 0 and "-> logits (batch, 2), action (batch)," in done.out
    done = cli("export", "specs.json", "ppo_critic_net_model.pt", "b.pt2", "--name", "ppo", "--net", "critic_net")
    assert done.code == 0 and "-> value (batch, 1)," in done.out
    done = cli("export", "specs.json", "ppo_critic_net_model.pt", "c.pt2", "--name", "ppo")
    assert done.code == 1 and "[dims-do-not-fit]" in done.err and not (tmp_path / "c.pt2").exists()


def test_a_wrong_spec_is_an_error_at_its_line(cli, tmp_path, spec_file):
    spec_file({"demo": spec_of(hid_layers_activation="reluu")})
    torch.save({"model.0.weight": torch.zeros(1)}, tmp_path / "a_net_model.pt")
    done = cli("export", "specs.json", "a_net_model.pt", "a.pt2")
    assert done.code == 1 and "specs.json:14:36: error SN105" in done.err and "did you mean 'relu'" in done.err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["run"], "export takes a saved folder, or a spec and a checkpoint, and then the file to write"),
        (["a", "b", "c", "d.pt2"], "export takes a saved folder, or a spec and a checkpoint, and then the file to"),
        (["spec.json", "a.pt2"], "spec.json is no saved folder: of a spec give the checkpoint as well"),
        (["run", "a.pt2", "--env", "CartPole-v1"], "--env goes with a spec: a folder says it itself"),
        (["run", "a.pt2", "--net", "critc_net"], "--net critc_net: the agent has no such net, did you mean 'critic_"),
        (["spec.json", "a.pt", "a.pt2", "--net", "net", "--in-dim", "4"], "--net takes its sizes from the spec"),
        (["run", "policy.pth"], "policy.pth: give it a name that ends in .onnx or .pt2"),
        (["run", "gone/a.pt2"], "gone/a.pt2 cannot be written: there is no such folder: gone"),
        (["run", "a.pt2", "--sequence"], "sequence= is for recurrent nets: MLPNet"),
        (["several", "a.pt2"], "the folder has a population: give --net 0 to 1"),
        (["alone", "a.pt2", "--net", "x"], "--net x: the folder has one net alone"),
    ],
)
def test_what_cannot_be_done_is_one_line(cli, tmp_path, arguments, line):
    build_nets(PPO, seed=0).save(tmp_path / "run")
    build_net(NET, 4, 2).save(tmp_path / "alone")
    build_population(NET, 4, 2, seeds=[0, 1]).save(tmp_path / "several")
    (tmp_path / "spec.json").write_text(json.dumps(PPO))
    before = sorted(os.listdir(tmp_path))
    done = cli("export", *arguments)
    assert (done.code, done.out) == (2, "") and done.err.startswith(f"slm-net: error: {line}")
    assert done.err.count("\n") == 1 and sorted(os.listdir(tmp_path)) == before


def test_what_is_no_folder_and_no_checkpoint_exits_2(cli, tmp_path, spec_file):
    spec_file({"demo": PPO})
    for arguments in (["gone", "a.pt2"], ["specs.json", "gone.pt", "a.pt2"], ["specs.json", "specs.json", "a.pt2"]):
        done = cli("export", *arguments)
        assert done.code == 2 and "[file-not-readable]" in done.err
    assert os.listdir(tmp_path) == ["specs.json"]


def test_a_missing_package_is_named(cli, tmp_path, monkeypatch):
    build_net(NET, 4, 2).save(tmp_path / "run")
    for name in ("onnx", "onnxscript"):
        monkeypatch.setitem(sys.modules, name, None)
    done = cli("export", "run", "a.onnx")
    assert done.code == 2
    assert done.err.startswith("slm-net: error: ONNX, instead of a .pt2, needs onnx and onnxscript: pip install")


def test_names_of_an_environment_are_escaped(cli, tmp_path):
    hydra = {"type": "HydraMLPNet", "hid_layers": [[[4]], [4], []], "hid_layers_activation": "relu"}
    spaces = pytest.importorskip("gymnasium").spaces
    seen = spaces.Dict({"\x1b[31mred": spaces.Box(-1, 1, (2,)), "[b]é": spaces.Discrete(3)})
    build_net(hydra, env=(seen, spaces.Discrete(2))).save(tmp_path / "run")
    done = cli("export", "run", "a.pt2")
    assert done.out.startswith(r"a.pt2: \x1b[31mred (batch, 2), [b]é (batch, 3) -> logits (batch, 2), action (batch), ")
