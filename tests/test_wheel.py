"""The built wheel, in an environment of its own: schemas and specs are inside, and the commands work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this source tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("slm_net-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A fresh virtual environment with the wheel in it; the dependencies are those of the running one."""
    home = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", where], check=True, capture_output=True, text=True).stdout.strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_schemas_and_specs_are_in_the_wheel(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("schemas", "specs"):
        files = {f"slm_net/{folder}/{path.name}" for path in (ROOT / folder).iterdir()}
        assert files
        assert files <= set(names)
    assert "slm_net/spaces/environments.json" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]


def test_it_validates_and_builds_far_from_the_source_tree(installed, tmp_path):
    code = (
        "import json, pathlib, slm_net; from slm_net.schema.files import folder;"
        "home = pathlib.Path(slm_net.__file__).parent; spec = home / 'specs' / 'mlp_page.json';"
        "print(json.dumps([str(home), str(folder()), len(slm_net.validate(spec)), slm_net.build_net(spec).in_dim]))"
    )
    done = subprocess.run([installed, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    home, schemas, problems, in_dim = json.loads(done.stdout)
    assert Path(home).is_relative_to(installed.parent.parent)
    assert Path(schemas).parent == Path(home)
    assert (problems, in_dim) == (0, 4)


def test_the_console_script_works(installed, tmp_path):
    script = installed.parent / "slm-net"
    version = subprocess.run([script, "--version"], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert version.stdout == "slm_net 0.1.0\n"
    (tmp_path / "bad.json").write_text('{"type": "MLPNet", "hid_layers": 64, "hid_layers_activation": "relu"}')
    done = subprocess.run([script, "validate", "bad.json"], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert "write [64]" in done.stdout
