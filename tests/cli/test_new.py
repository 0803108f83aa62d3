"""`slm-net new`: a spec that is right as it is, printed or written, and one line where there is none."""

import pytest

from slm_net import validate


def test_it_prints_a_spec_that_is_right(shell):
    done = shell("new", "--algorithm", "PPO", "--env", "LunarLander-v3")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("// PPO on LunarLander-v3: the settings of specs/ppo_lunarlander.json")
    assert validate(done.out) == []


def test_it_writes_a_file_and_not_over_one(cli, tmp_path):
    path = tmp_path / "new.yaml"
    call = ("new", "--algorithm", "sac", "--env", "Hopper-v5", "-o", path)
    assert cli(*call) == (0, "", "")
    assert path.read_text(encoding="utf-8").startswith("# SoftActorCritic on Hopper-v5: settings that are usual")
    assert cli("validate", "--no-cache", "--for", "slm-lab-5", path).code == 0
    path.write_text("mine", encoding="utf-8")
    done = cli(*call)
    assert (done.code, path.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force writes over it" in done.err
    assert cli(*call, "--force").code == 0
    assert "SoftActorCritic" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--algorithm", "PPP", "--env", "CartPole-v1"), "is no algorithm, did you mean 'PPO'?"),
        (("--algorithm", "PPO", "--env", "CartPole-v9"), "did you mean 'CartPole-v"),
        (("--algorithm", "DQN", "--env", "Pendulum-v1"), "for Pendulum-v1 there are PPO, "),
        (("--algorithm", "DQN", "--env", "CartPole-v1", "--net", "MLPnet"), "did you mean 'MLPNet'?"),
        (
            ("--algorithm", "PPO", "--env", "CartPole-v1", "--net", "MLPNet", "--recurrent"),
            "--recurrent is a RecurrentNet",
        ),
        (
            ("--algorithm", "PPO", "--env", "CartPole-v1", "-o", "no/such/folder/a.json"),
            "cannot be written: there is no such folder",
        ),
        (("--algorithm", "PPO\x1b[31m", "--env", "CartPole-v1"), "\\x1b"),
        (("--env", "CartPole-v1"), "--algorithm"),
    ],
)
def test_what_cannot_be_is_one_line(cli, arguments, words):
    done = cli("new", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err


def test_a_game_without_its_version_is_that_of_today(shell):
    done = shell("new", "--algorithm", "DQN", "--env", "Breakout")  # where nobody has registered the games of old
    assert done.code == 2
    assert "did you mean 'ALE/Breakout-v5'" in done.err


def test_options_choose(cli):
    done = cli("new", "--algorithm", "PPO", "--env", "CartPole-v1", "--recurrent", "--format", "yaml", "--slm-lab", "4")
    assert done.code == 0
    assert "type: RecurrentNet" in done.out
    assert "  agent:" in done.out
    assert "- name: PPO" in done.out
