"""`slm-net search`: what is tried, shown and written, and how it ends."""

import json
import sys

import pytest

import slm_net

pytest.importorskip("optuna")
pytest.importorskip("matplotlib")
LR = "agent.net.optim_spec.lr"
NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu", "optim_spec": {"name": "Adam", "lr": 0.1}}
SPEC = {
    "agent": {
        "algorithm": {"name": "DQN", "gamma": 0.99, "training_frequency": 4},
        "memory": {"name": "Replay", "batch_size": 32, "max_size": 1000},
        "net": NET,
    },
    "env": {"name": "${env}", "max_frame": 500},
    "spec_params": {"env": ["CartPole-v1", "Acrobot-v1"]},
    "search": {f"{LR}__loguniform": [1e-4, 1e-2], "agent.net.hid_layers__choice": [[64], [64, 32]]},
}
OBJECTIVE = """
def run(spec, report):
    for step in range(3):
        report(step, spec["agent"]["net"]["optim_spec"]["lr"])
    if report.number == 2:
        raise ValueError("no \\x1b[31mroom")
    return len(spec["agent"]["net"]["hid_layers"]) + 100 * spec["agent"]["net"]["optim_spec"]["lr"]

def stops(spec, report):
    if report.number == 1:
        raise KeyboardInterrupt
    return 1

def fails(spec, report):
    raise RuntimeError("never")
"""


@pytest.fixture
def search(cli, tmp_path, monkeypatch):
    """Runs the command in a folder with a spec file and an objective."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "spec.json").write_text(json.dumps({"demo": SPEC}))
    (tmp_path / "my_objective.py").write_text(OBJECTIVE)

    def run(*options, spec="spec.json", objective="my_objective.py:run"):
        sys.modules.pop("my_objective", None)
        given = ["--objective", objective, "--set", "env=CartPole-v1", *options]
        return cli("search", spec, *given)

    yield run
    sys.modules.pop("my_objective", None)


def test_the_best_spec_is_a_file_that_builds(search, tmp_path):
    done = search("--trials", "6", "--seed", "0")
    assert done.code == 0 and "6 of 6 trials" in done.err
    best = json.loads((tmp_path / "demo_best.json").read_text())["demo"]
    rows = [line.split() for line in done.out.splitlines() if " complete " in line]
    values = [float(row[1]) for row in rows]
    value = len(best["agent"]["net"]["hid_layers"]) + 100 * best["agent"]["net"]["optim_spec"]["lr"]
    assert values == sorted(values, reverse=True) and values[0] == pytest.approx(value, rel=1e-3)
    assert f"best: trial {rows[0][0]}" in done.out and "search" not in best and best["env"]["name"] == "CartPole-v1"
    assert slm_net.validate("demo_best.json", strict=True) == []
    assert slm_net.build_nets("demo_best.json")["net"].model is not None
    assert (tmp_path / "demo_trials.png").read_bytes().startswith(b"\x89PNG")


def test_a_trial_that_fails_is_told_and_ends_nothing(search):
    done = search("--trials", "4")
    assert done.code == 0 and r"trial 2 failed: ValueError: no \x1b[31mroom" in done.err
    assert done.out.count(" failed ") == 1 and r"no \x1b[31mroom" in done.out and "\x1b" not in done.out + done.err


def test_when_all_fail_there_is_no_best_spec(search, tmp_path):
    done = search("--trials", "2", objective="my_objective.py:fails")
    assert done.code == 1 and "no trial completed" in done.out and not (tmp_path / "demo_best.json").exists()


def test_what_was_interrupted_goes_on(search):
    options = "--storage", "sqlite:///study.db", "--out", "out.json", "--plot", "out.png"
    stopped = search("--trials", "3", *options, objective="my_objective.py:stops")
    assert stopped.code == 130 and "interrupted after 1 of 3 trials: the same command goes on" in stopped.err
    done = search("--trials", "3", *options, objective="my_objective.py:stops")
    assert done.code == 0 and "the study has 1 trials already" in done.err and "3 of 3 trials" in done.err
    other = search("--trials", "3", "--minimize", *options)
    assert other.code == 2 and "the storage has a study 'demo' to maximize" in other.err


def test_without_a_storage_nothing_can_go_on(search):
    assert "a search with --storage could go on" in search("--trials", "3", objective="my_objective.py:stops").err


@pytest.mark.parametrize("options, said", [
    (["--trials", "0"], "is no count"),
    (["--trials", "many"], "is no count"),
    (["--trials", "1", "--storage", "study.db"], "is no URL: write sqlite:///study.db"),
    (["--trials", "1", "--out", "no/such/best.json"], "cannot be written: there is no such folder"),
    (["--trials", "1", "--out", "spec.json"], "that is the spec"),
    (["--trials", "1", "--address", "auto"], "--address goes with --engine ray"),
    (["--trials", "1", "--engine", "rya"], "did you mean 'ray'?"),
    (["--trials", "1", "--name", "dmeo"], "there is no spec 'dmeo'"),
])  # fmt: skip
def test_wrong_usage_is_said_before_anything_is_tried(search, options, said):
    done = search(*options)
    assert done.code == 2 and said in done.out + done.err and "Traceback" not in done.err


def test_an_objective_that_is_none_is_wrong_usage(search):
    done = search("--trials", "1", objective="my_objective.py:rnu")
    assert done.code == 2 and "did you mean 'run'?" in done.err


def test_what_is_wrong_with_the_spec_is_reported_at_its_place(search, tmp_path):
    (tmp_path / "none.json").write_text(json.dumps({"demo": {**SPEC, "search": {}}}, indent=1))
    done = search("--trials", "1", spec="none.json")
    assert done.code == 1 and "the spec has no search" in done.out
    (tmp_path / "wrong.json").write_text(json.dumps({"demo": {**SPEC, "search": {f"{LR}__uniform": [2, 1]}}}, indent=1))
    done = search("--trials", "1", spec="wrong.json")
    assert done.code == 1 and "wrong.json:" in done.out and "2 is not below 1" in done.out


def test_an_override_holds_for_every_trial(search, tmp_path):
    done = search("--trials", "1", "--override", "agent.algorithm.gamma=0.5")
    assert done.code == 0
    assert json.loads((tmp_path / "demo_best.json").read_text())["demo"]["agent"]["algorithm"]["gamma"] == 0.5


def test_huge_names_and_codes_of_terminals_do_no_harm(search, tmp_path):
    name, choice = "n" * 300 + "\x1b]0;x\x07/..", "\x1b[31m" + "v" * 300
    data = {**SPEC, "search": {f"env.{'k' * 300}\x1b__choice": [choice, choice]}}
    (tmp_path / "odd.json").write_text(json.dumps({name: data}))
    done = search("--trials", "1", spec="odd.json", objective="my_objective.py:stops")
    assert done.code == 0 and "\x1b" not in done.out + done.err and max(map(len, done.out.splitlines())) <= 250
    assert {len(path.name) for path in tmp_path.glob("nnn*")} == {100 + len("_best.json"), 100 + len("_trials.png")}
