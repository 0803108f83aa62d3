"""What GitHub reads: the workflow, the issue form and the citation."""

import subprocess
import sys
from pathlib import Path

import pytest

import slm_net

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).parent.parent
FILES = {
    ".github/workflows/ci.yml": "github-workflows",
    ".github/ISSUE_TEMPLATE/bug.yml": "github-issue-forms",
    "CITATION.cff": "citation-file-format",
}


@pytest.mark.parametrize(("file", "schema"), FILES.items())
def test_the_files_are_what_github_reads(file, schema):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(ROOT / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def read(file):
    return yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))


def test_the_workflow_runs_everything_and_keeps_the_site():
    *_, run, keep = read(".github/workflows/ci.yml")["jobs"]["all"]["steps"]
    assert run["run"] == "bash .ci/run"
    assert ".ci/site.py" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert keep["with"]["path"] == "build/site"


def test_the_form_asks_for_the_spec_and_the_versions():
    asked = {part["id"]: part for part in read(".github/ISSUE_TEMPLATE/bug.yml")["body"]}
    assert all(part["validations"]["required"] for part in asked.values())
    label = asked["version"]["attributes"]["label"]
    done = subprocess.run(
        [sys.executable, "-m", *label.replace("-net", "_net", 1).split()], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(f"slm_net {slm_net.__version__}\nPython ")


def test_the_citation_has_the_version():
    assert read("CITATION.cff")["version"] == slm_net.__version__
