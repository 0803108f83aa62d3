"""What `validate(for_=...)` says of each entry, and what a real SLM Lab does; `SLM_NET_LAB` names its checkouts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LABS = [lab for lab in os.environ.get("SLM_NET_LAB", "").split(os.pathsep) if lab]
SCRIPT = Path(__file__).parents[1] / "lab_builds.py"


@pytest.mark.lab
@pytest.mark.parametrize("lab", LABS or [None])
def test_what_is_said_is_what_the_lab_does(lab):
    if lab is None:
        pytest.skip("SLM_NET_LAB names no checkout of SLM Lab")
    done = subprocess.run([sys.executable, str(SCRIPT), lab], capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    assert json.loads(done.stdout)["wrong"] == []
