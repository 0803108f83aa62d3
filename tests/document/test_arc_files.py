"""`arc_file`: read in the place of `arc`, from the folder of the spec alone, with mistakes at its own lines."""

import json
import os
import subprocess
import sys

import pytest
import torch

from slm_net import SpecError, build_net, load_spec, validate
from slm_net.document.arc_files import MAX_BYTES

BODY = """\
modules:
  body:
    Sequential:
      - LazyLinear: {out_features: 8}
      - LayerNorm: {normalized_shape: 8}
graph: {input: x, modules: {body: [x]}, output: body}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "arcs").mkdir()
    (tmp_path / "arcs" / "body.yaml").write_text(BODY)
    (tmp_path / "spec.yaml").write_text("type: TorchArcNet\narc_file: arcs/body.yaml\n")
    return tmp_path


def found(path, **dims):
    return [(problem.rule_name, problem.pointer, problem.file, problem.line) for problem in validate(path, **dims)]


def test_the_arc_of_a_file_is_that_of_the_spec(folder):
    assert found(folder / "spec.yaml", in_dim=4, out_dim=2) == []
    net = build_net(folder / "spec.yaml", 4, 2).model
    assert net(torch.zeros(3, 4)).shape == (3, 2) and net.body.body[1].normalized_shape == (8,)


def test_a_whole_spec_has_the_arcs_of_actor_and_critic_from_files(folder):
    net = {
        "type": "TorchArcNet",
        "actor_arc_file": "arcs/body.yaml",
        "critic_arc_file": "arcs/body.yaml",
        "shared": False,
    }
    agent = {"name": "PPO", "algorithm": {"name": "PPO"}, "memory": {"name": "OnPolicyBatchReplay"}, "net": net}
    path = folder / "ppo.json"
    path.write_text(json.dumps({"ppo": {"agent": agent, "env": {"name": "CartPole-v1"}, "meta": {}}}))
    assert not [problem for problem in validate(path) if problem.severity == "error"]
    loaded = load_spec(path)["agent"]["net"]
    assert "actor_arc_file" not in loaded and loaded["critic_arc"]["graph"]["output"] == "body"


def test_mistakes_are_told_at_the_lines_of_the_file(folder):
    file = folder / "arcs" / "body.yaml"
    file.write_text(BODY.replace("normalized_shape: 8", "normalized_shape: 9").replace("output: body", "output: bdy"))
    name = str(folder / "arcs/body.yaml")
    assert found(folder / "spec.yaml", in_dim=4) == [("graph-does-not-connect", "/arc/graph/output", name, 6)]
    file.write_text(BODY.replace("normalized_shape: 8", "normalized_shape: 9"))
    place = "/arc/modules/body/Sequential/1/LayerNorm/normalized_shape"
    assert found(folder / "spec.yaml", in_dim=4) == [("layer-does-not-fit", place, name, 5)]
    file.write_text(BODY.replace("[x]", "[x"))
    assert [row[0] for row in found(folder / "spec.yaml")] == ["syntax"]


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../spec.yaml", "arcs/../../x.yaml", "arcs/no.yaml", "arcs", "link.yaml", "a\0b", "\ud800", ""],
)
def test_other_files_are_not_read(folder, name):
    os.symlink("/etc/hostname", folder / "link.yaml")
    path = folder / "spec.json"
    path.write_text(json.dumps({"type": "TorchArcNet", "arc_file": name}))
    assert [row[:2] for row in found(path)] == [("arc-file-not-readable", "/arc_file")]
    with pytest.raises(SpecError):
        build_net(path, 4, 2)


def test_a_large_file_is_not_read(folder):
    (folder / "arcs" / "body.yaml").write_text(BODY + "# " + "x" * MAX_BYTES)
    assert [row[0] for row in found(folder / "spec.yaml")] == ["arc-file-not-readable"]


def test_a_spec_that_is_no_file_looks_into_the_working_directory(folder, monkeypatch):
    monkeypatch.chdir(folder / "arcs")
    spec = {"type": "TorchArcNet", "arc_file": "body.yaml"}
    assert found(spec, in_dim=4) == []
    assert [row[0] for row in found({**spec, "arc_file": "../spec.yaml"})] == ["arc-file-not-readable"]


def test_the_command_shows_the_place_and_does_not_remember_the_result(folder):
    def run(*options):
        command = [sys.executable, "-m", "slm_net", "validate", "spec.yaml", "--in-dim", "4", *options]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    assert run().returncode == 0
    (folder / "arcs" / "body.yaml").write_text(BODY.replace("normalized_shape: 8", "normalized_shape: 9"))
    done = run()
    assert done.returncode == 1
    assert done.stdout.startswith("arcs/body.yaml:5:39: error SN230 [layer-does-not-fit] LayerNorm gets (batch, 8)")
    assert run("--fix").returncode == 1  # the fix would be for another file
    assert "normalized_shape: 9" in (folder / "arcs" / "body.yaml").read_text()
