"""Seeded sessions of a real SLM Lab, plain and with install(); `SLM_NET_LAB` names its checkouts (docs/drop_in.md)."""

import os
from pathlib import Path

import pytest
from lab_runs import CASES, compare, version_of

LABS = {version_of(Path(lab)): Path(lab) for lab in os.environ.get("SLM_NET_LAB", "").split(os.pathsep) if lab}


@pytest.mark.lab
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.version}-{case.label}")
def test_the_same_run(case):
    if case.version not in LABS:
        pytest.skip(f"SLM_NET_LAB names no checkout of SLM Lab {case.version}")
    assert compare(LABS[case.version], case).differs == []
