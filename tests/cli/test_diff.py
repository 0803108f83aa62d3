"""`slm-net diff`: formats, exit codes, revisions, saved folders, and one line for what cannot be compared."""

import json
import shutil
import subprocess
import sys

import pytest
from cli_helpers import environment, spec_of

import slm_net

NAMED = {"one": spec_of()}


def test_exit_codes_and_formats(shell, spec_file):
    was, now = spec_file(NAMED, "was.json"), spec_file({"one": spec_of(hid_layers=[32])}, "now.json")
    done = shell("diff", was, now)
    assert done.code == 1
    assert "dense row 1: units 64 → 32, -160 parameters" in done.out
    assert "optimizer, lr_scheduler, loss" in done.out
    assert shell("diff", was, was).code == 0
    assert json.loads(shell("diff", was, now, "--format", "json").out)["differs"] is True


def test_no_torch_is_imported(spec_file):
    run = "main(['diff', sys.argv[1], sys.argv[1]])"
    code = f"import sys; from slm_net.cli.main import main; {run}; print('torch' in sys.modules)"
    command = [sys.executable, "-c", code, spec_file(NAMED)]
    done = subprocess.run(command, capture_output=True, env=environment(), check=True)
    assert done.stdout.split()[-1] == b"False"


def test_wrong_usage_is_one_line(cli, spec_file):
    path = spec_file(NAMED)
    for arguments in ([path], [path, path, path], [path, path, "--git", "HEAD"], [path, "gone.json"]):
        done = cli("diff", *arguments)
        assert done.code == 2, arguments
        assert "Traceback" not in done.err
    assert "--format" in cli("diff", path, path, "--format", "xml").err
    done = cli("diff", path, path, "--name", "two")
    assert done.code == 2
    assert "there is no spec 'two'" in done.err


def test_errors_of_a_spec_are_reported_with_2(cli, spec_file):
    good, bad = spec_file(NAMED, "good.json"), spec_file({"one": spec_of(hid_layers_activation="reluu")}, "bad.json")
    done = cli("diff", good, bad)
    assert (done.code, done.out) == (2, "")
    assert "bad.json" in done.err
    assert "did you mean 'relu'?" in done.err


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_revision_against_the_working_file(cli, spec_file, tmp_path):
    path = spec_file(NAMED)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        own = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(tmp_path), *own, *command], check=True, capture_output=True)
    assert cli("diff", "--git", "HEAD", path).code == 0
    spec_file({"one": spec_of(clip_grad_val=0.5)})
    done = cli("diff", "--git", "HEAD", path, "--format", "markdown")
    assert done.code == 1
    assert "(HEAD)" in done.out
    assert "clip&#95;grad&#95;val" in done.out
    done = cli("diff", "--git", "HEAD~9", path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    spec_file({"one": {"extends": "base.json"}})
    (tmp_path / "base.json").write_text(json.dumps(NAMED))
    for command in (["add", "."], ["commit", "-qm", "two"]):
        subprocess.run(["git", "-C", str(tmp_path), *own, *command], check=True, capture_output=True)
    assert "read as they are now" in cli("diff", "--git", "HEAD", path).err


def test_a_saved_folder_is_a_spec(cli, tmp_path, spec_file):
    block = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
    slm_net.build_net(block, 4, 2).save(tmp_path / "saved")
    done = cli("diff", spec_file(block), tmp_path / "saved", "--in-dim", "4", "--out-dim", "2")
    assert (done.code, done.err) == (0, "")
