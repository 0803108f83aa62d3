"""Searches by Ray Tune on a cluster of this machine, started for the test."""

import json
import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

import slm_net

pytest.importorskip("optuna")
pytest.importorskip("ray")
SPEC = {
    "demo": {
        "agent": {
            "algorithm": {"name": "DQN", "gamma": 0.99, "training_frequency": 4},
            "memory": {"name": "Replay", "batch_size": 32, "max_size": 1000},
            "net": {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"},
        },
        "env": {"name": "CartPole-v1", "max_frame": 40},
        "meta": {"search_resources": {"cpu": 0.5}},
        "search": {
            "agent.algorithm.gamma__grid_search": [0.1, 0.4],
            "agent.net.hid_layers__grid_search": [[8], [16, 16]],
        },
    }
}
OBJECTIVE = """
from helper import goodness

def run(spec, report):
    if spec["agent"]["net"]["hid_layers"] == [8] and spec["agent"]["algorithm"]["gamma"] == 0.4:
        raise RuntimeError("no room")
    value = goodness(spec)
    for step in range(1, 6):
        report(10 * step, value)
    return value
"""
HELPER = """
def goodness(spec):
    return spec["agent"]["algorithm"]["gamma"] * len(spec["agent"]["net"]["hid_layers"])
"""


@pytest.fixture
def command(tmp_path):
    """A folder with a spec, an objective, and the module that it imports; and the command that searches there."""
    for name, text in (("spec.json", json.dumps(SPEC)), ("train.py", OBJECTIVE), ("helper.py", HELPER)):
        (tmp_path / name).write_text(text)
    words = (
        "search",
        "spec.json",
        "--objective",
        "train.py:run",
        "--engine",
        "ray",
        "--ray-results",
        str(tmp_path / "r"),
    )
    return [sys.executable, "-m", "slm_net", *words, "--storage", "sqlite:///study.db", "--seed", "0"]


@pytest.fixture
def environment():
    """That of commands which import this slm_net, and take each other's word as machines of one cluster do."""
    own = {"PYTHONPATH": str(Path(slm_net.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    return {**os.environ, **own, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": uuid.uuid4().hex * 2}


@pytest.fixture
def cluster(environment):
    """The address of a head node, started as on the first machine of many; only its own processes are ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = (
        "--head",
        "--block",
        f"--port={port}",
        "--num-cpus=2",
        "--include-dashboard=false",
        "--disable-usage-stats",
    )
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", *options]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as head:
        for line in head.stdout:
            if "--block" in line:  # the last of what it says once it is there
                break
        yield f"127.0.0.1:{port}"
        head.terminate()
        head.wait(60)


@pytest.mark.slow
def test_a_search_goes_on_from_one_machine_to_a_cluster_and_outlives_its_trials(
    command, environment, cluster, tmp_path
):
    def run(*options):
        done = subprocess.run(
            [*command, *options], check=False, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done

    first = run("--trials", "1")
    assert "1 of 1 trials" in first.stderr
    done = run("--trials", "50", "--address", cluster)
    assert "the study has 1 trials already" in done.stderr and "4 of 4 trials" in done.stderr  # each combination once
    assert "failed: RuntimeError: no room" in done.stderr and done.stdout.count(" failed ") == 1
    best = json.loads((tmp_path / "demo_best.json").read_text())
    agent = best["demo"]["agent"]
    assert agent["algorithm"]["gamma"] == 0.4 and agent["net"]["hid_layers"] == [16, 16]
    assert slm_net.validate(tmp_path / "demo_best.json") == []
    assert (tmp_path / "demo_trials.png").read_bytes().startswith(b"\x89PNG")
    print(first.stdout, first.stderr, done.stdout, done.stderr)
