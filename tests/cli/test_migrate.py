"""`slm-net migrate`: files written as a whole or not at all, with the proof that the nets are the same."""

import json
import os

import pytest
from old_specs import FOUR, OLDEST, YAML

from slm_net.migration import blocks

CARTPOLE = FOUR.replace('"PongNoFrameskip-v4"', '"CartPole-v0"')


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "four.json"
    path.write_text(FOUR, encoding="utf-8")
    return path


def test_a_file_is_written_and_then_left_alone(shell, old):
    old.chmod(0o640)
    done = shell("migrate", "--to", "5", old)
    assert (done.code, done.out) == (0, "")
    assert "migrated, " in done.err
    assert "nets of 1 spec compared: equal" in done.err
    assert json.loads(old.read_text(encoding="utf-8"))["ppo_pong"]["env"]["name"] == "ALE/Pong-v5"
    assert old.stat().st_mode & 0o777 == 0o640
    assert os.listdir(old.parent) == [old.name]
    written = old.read_bytes()
    done = shell("migrate", "--to", "5", old)
    assert (done.code, old.read_bytes()) == (0, written)
    assert "nothing to migrate" in done.err


def test_diff_and_check_write_nothing(cli, old):
    done = cli("migrate", "--to", "5", old, "--diff")
    assert done.code == 1
    assert '-      "name": "PongNoFrameskip-v4",' in done.out
    assert '+      "name": "ALE/Pong-v5",' in done.out
    assert cli("migrate", "--to", "5", old, "--check").code == 1
    assert old.read_text(encoding="utf-8") == FOUR
    cli("migrate", "--to", "5", old)
    assert cli("migrate", "--to", "5", old, "--check").code == 0
    assert cli("migrate", "--to", "5", old, "--diff") == (0, "", cli("migrate", "--to", "5", old, "--diff").err)


def test_what_is_left_is_told_at_its_line(cli, tmp_path):
    path = tmp_path / "oldest.json"
    path.write_text(OLDEST, encoding="utf-8")
    done = cli("migrate", "--to", "5", path)
    assert done.code == 1
    assert "oldest.json:2:3: error SN501" in done.err
    assert "not compared" in done.err
    assert '"training_batch_iter": 4' in path.read_text(encoding="utf-8")


def test_a_folder_of_both_formats(cli, old, tmp_path):
    (tmp_path / "sac.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"scripts": {}}', encoding="utf-8")
    done = cli("migrate", "--to", "5", tmp_path)
    assert done.code == 0
    assert done.err.count("migrated, ") == 2
    assert cli("validate", "--for", "slm-lab-5", "--no-cache", tmp_path).code == 0


def test_other_nets_are_not_written(cli, old, monkeypatch):
    monkeypatch.setattr(blocks, "environment_of_today", lambda name: "ALE/Breakout-v5")
    done = cli("migrate", "--to", "5", old)
    assert done.code == 1
    assert "not migrated: its nets would be others" in done.err
    assert "out_dim [6, 1] → [4, 1]" in done.err
    assert old.read_text(encoding="utf-8") == FOUR


def test_weights_are_proved(cli, old):
    done = cli("migrate", "--to", "5", old, "--prove")
    assert done.code == 0
    assert "those of 1 built with one seed: equal weights" in done.err


def test_wrong_usage(cli, old, tmp_path):
    assert cli("migrate", old).code == 2
    assert cli("migrate", "--to", "6", old).code == 2
    assert cli("migrate", "--to", "5", "-").code == 2
    assert cli("migrate", "--to", "5", tmp_path / "gone.json").code == 2


def test_a_text_with_mistakes_is_left(cli, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(FOUR.replace('"PPO",', '"PPO"', 1), encoding="utf-8")
    before = path.read_bytes()
    done = cli("migrate", "--to", "5", path)
    assert (done.code, path.read_bytes()) == (1, before)
    assert "not migrated" in done.err
