"""Packages of npm for tests with programs that are not Python: from a folder, or installed for the test."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest


def installed(folder, *packages):
    """A folder with these packages in `node_modules`: the one that SLM_NET_NODE names, or `folder`, filled by npm."""
    if not shutil.which("node"):
        pytest.skip("there is no node")
    folder = Path(os.environ.get("SLM_NET_NODE", "") or folder)
    missing = [name for name in packages if not (folder / "node_modules" / name.partition("@")[0]).is_dir()]
    if missing and not (npm := shutil.which("npm")):
        pytest.skip(f"there is no npm to install {' '.join(missing)}, and SLM_NET_NODE names no folder with it")
    if missing:
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *missing]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"npm cannot install {' '.join(missing)}: {done.stderr[-200:]}")
    return folder


def answers(folder, script, given):
    """What a script prints as JSON, given JSON on its standard input."""
    done = subprocess.run(
        ["node", "-e", script],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
