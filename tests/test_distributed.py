"""Several processes do together what one does: docs/distributed.md, examples/ddp_ppo.py, and two_processes.py."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "distributed.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (two processes|accelerate) -->\n```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
EXAMPLE = ROOT / "examples" / "ddp_ppo.py"
LINE = re.compile(r"frame (\d+): mean return (\S+) of (\d+) episodes, losses (\S+) (\S+)")

needs_gloo = pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no torch.distributed")


def run(folder, processes, *command):
    """What a script prints in that many processes; 0 for the script without torchrun."""
    start = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, *start, *map(str, command)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@needs_gloo
def test_ppo_is_the_same_with_one_process_and_two(tmp_path):
    pytest.importorskip("gymnasium")
    curves, states = [], []
    for processes in (0, 2):
        file = tmp_path / f"{processes}.pt"
        out = run(tmp_path, processes, EXAMPLE, "--seed", 3, "--steps", 3 * 1024, "--save", file)
        curves.append([[float(number) for number in numbers] for numbers in LINE.findall(out)])
        states.append(torch.load(file, weights_only=True)["bundles"])
    assert [row[0] for row in curves[0]] == [1024, 2048, 3072]
    assert curves[1] == [pytest.approx(row, abs=1e-4, rel=1e-5) for row in curves[0]]
    for name, bundle in states[0].items():
        for key, weight in bundle["model"].items():
            torch.testing.assert_close(states[1][name]["model"][key], weight, atol=1e-4, rtol=0)


@pytest.mark.slow
@needs_gloo
def test_processes_agree_and_are_one_together(tmp_path):
    found = json.loads(run(tmp_path, 2, ROOT / "tests" / "two_processes.py"))
    assert found["differences"] == {name: pytest.approx(0, abs=1e-6) for name in found["differences"]}
    assert found["skipped"] == [1, 1]


@pytest.mark.slow
@needs_gloo
@pytest.mark.parametrize(("kind", "code", "output"), BLOCK.findall(PAGE))
def test_a_script_of_the_page_prints_what_it_says(kind, code, output, tmp_path):
    if kind == "accelerate" and importlib.util.find_spec("accelerate") is None:
        pytest.skip("needs accelerate")
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    (tmp_path / "script.py").write_text(code)
    assert run(tmp_path, 2, "script.py") == output


def test_the_page_has_scripts():
    assert len(BLOCK.findall(PAGE)) == PAGE.count("<!-- ") == 3
