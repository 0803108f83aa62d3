"""Seeded sessions of a real SLM Lab, plain and with install(), and what validate says of the nets that it builds.

`SLM_NET_LAB` names its checkouts (docs/drop_in.md).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lab_runs import CASES, compare, version_of

BUILDS = Path(__file__).parents[1] / "lab_builds.py"
LABS = {version_of(Path(lab)): Path(lab) for lab in os.environ.get("SLM_NET_LAB", "").split(os.pathsep) if lab}


@pytest.mark.lab
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.version}-{case.label}")
def test_the_same_run(case):
    if case.version not in LABS:
        pytest.skip(f"SLM_NET_LAB names no checkout of SLM Lab {case.version}")
    assert compare(LABS[case.version], case).differs == []


@pytest.mark.lab
@pytest.mark.parametrize("version", [4, 5])
def test_validate_says_what_the_lab_does_with_each_entry(version):
    if version not in LABS:
        pytest.skip(f"SLM_NET_LAB names no checkout of SLM Lab {version}")
    command = [sys.executable, str(BUILDS), str(LABS[version])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    assert json.loads(done.stdout)["wrong"] == []
