"""The notebooks run, and what comes out is what they show."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "examples").rglob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_it_does(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    tool = runpy.run_path(str(ROOT / ".ci" / "notebooks.py"))
    again = tool["written"](tool["run"](path))
    assert again == path.read_text(encoding="utf-8"), f"python .ci/notebooks.py {path.relative_to(ROOT)}"
