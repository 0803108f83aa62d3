"""What teams copy: the hook, the action and the snippets of the documentation name options that exist."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import environment

from slm_net.cli import validate
from slm_net.cli.settings import project_settings

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).parents[2]
CI = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
EDITORS = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")


def snippets(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def parsed(arguments):
    parser = argparse.ArgumentParser(exit_on_error=False)
    validate.configure(parser)
    return parser.parse_args(arguments)


def test_the_hook():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, command, *more = hook["entry"].split()
    assert (program, command) == ("slm-net", "validate")
    assert parsed([*more, *hook["args"], "a.json"]).quiet
    wanted = re.compile(hook["files"])
    assert wanted.search("slm_lab/spec/demo.json") and wanted.search("specs/a.yaml")
    assert not wanted.search("package.json")


@pytest.mark.skipif(shutil.which("bash") is None, reason="the action runs bash")
def test_the_action_validates_with_annotations_and_runs_nothing_else(tmp_path):
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    script = steps[-1]["run"]
    (tmp_path / "slm-net").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m slm_net "$@"\n')
    (tmp_path / "slm-net").chmod(0o755)
    (tmp_path / "a.json").write_text('{"type": "MLPNet",\n"hid_layers": 4, "hid_layers_activation": "relu"}')
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    for files in ("a.json", "*.json", "a.json $(touch${IFS}made)"):
        env = environment(PATH=path, FILES=files, ARGS="--strict")
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert "::error file=a.json,line=2,col=15,title=SN104 wrong-type::" in done.stdout
        assert done.returncode == (2 if "made" in files else 1)
    assert not (tmp_path / "made").exists()


def test_the_settings_in_the_documentation_can_be_used(tmp_path):
    (table,) = snippets(CI, "toml")
    (tmp_path / "pyproject.toml").write_text(table)
    settings = project_settings(tmp_path)
    if not settings.notice:
        assert settings.ignore == ("SN102",) and settings.strict and not settings.strict_json


@pytest.mark.parametrize("text", [CI, EDITORS], ids=["ci", "editors"])
def test_the_snippets_are_valid(text):
    for snippet in snippets(text, "yaml"):
        assert yaml.safe_load(snippet)
    for line in re.findall(r"slm-net validate (-[^`\n>&]*|\w[\w./]* -[^`\n>&]*)", text):
        words = line.split()
        parsed(words if any("/" in word for word in words) else [*words, "a.json"])
