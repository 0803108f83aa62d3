"""What the README and some pages of the documentation show is what happens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SHOWN = (
    "getting_started",
    "python",
    "training",
    "acting",
    "saving",
    "export",
    "populations",
    "searches",
    "interop/hydra",
)
PAGES = README + "".join((ROOT / "docs" / f"{page}.md").read_text() for page in SHOWN)
FOUND = re.findall(r"<!-- example -->\n```python\n(.*?)```\n\n```text\n(.*?)```", PAGES, re.DOTALL)
EXAMPLES = [*dict.fromkeys(FOUND)]


def test_the_readme_has_examples():
    assert len(FOUND) == PAGES.count("<!-- example -->") >= 4


@pytest.mark.parametrize(("code", "output"), EXAMPLES)
def test_an_example_prints_what_the_readme_says(code, output):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert done.stdout == output


@pytest.mark.parametrize("line", re.findall(r"(?m)^slm-net .*", README))
def test_a_command_of_the_readme_runs(line, tmp_path):
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    words = line.split("#")[0].split()[1:]
    command, env = [sys.executable, "-m", "slm_net", *words], {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


def test_the_readme_is_read_in_a_few_minutes():
    assert len(README.split()) <= 800


def test_the_mistake_in_the_readme_looks_like_that(tmp_path):
    shown = re.search(r"```text\n(specs/pong.json:.*?)```", README, re.DOTALL)[1]
    lines = (ROOT / "specs" / "cnn_page.json").read_text().splitlines()
    number = next(i for i, line in enumerate(lines) if "hid_layers_activation" in line)
    line = '        "hid_layers_activation": "swish",'
    text = "\n".join([*lines[:number], line, *lines[number + 1 :]])
    file = tmp_path / "pong.json"
    file.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "slm_net", "validate", "pong.json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    place = f"pong.json:{number + 1}:34:"
    want = shown.replace("specs/pong.json:11:34:", place).replace(" 11 |", f" {number + 1} |")
    assert want in done.stdout


def test_both_commands_install_from_the_constraints():
    for mark in ("main", "test"):
        command = re.search(rf"<!-- {mark} command -->\n```bash\n(.*?)\n```", README, re.DOTALL)[1]
        assert "\n" not in command
        assert command.count("-c constraints.txt") == 2
