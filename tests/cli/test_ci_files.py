"""What teams copy: the hook, the action and the snippets of the documentation name options that exist."""

import argparse
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import packaging.requirements
import pytest
from cli_helpers import environment

import slm_net
from slm_net.cli import validate
from slm_net.project.settings import Projects

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


def hook():
    (only,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return only


def requirements(*texts):
    """What each package must be, by name."""
    parsed = [packaging.requirements.Requirement(text) for text in texts]
    return {requirement.name.lower(): requirement for requirement in parsed}


def test_the_hook():
    program, command, *more = hook()["entry"].split()
    assert (program, command) == ("slm-net", "validate")
    assert parsed([*more, *hook()["args"], "a.json"]).quiet


@pytest.mark.parametrize(
    "path, is_looked_at",
    [
        ("slm_lab/spec/demo.json", True),
        ("specs/a.yaml", True),
        ("specs/my net.jsonc", True),
        ("a/spec/b.v2.yml", True),
        ("specs/README.md", False),
        ("specs/json", False),
        ("package.json", False),
        ("respecs/a.json", False),
    ],
)
def test_the_hook_looks_at_spec_files(path, is_looked_at):
    found = re.search(hook()["files"], path) and not re.search(hook()["exclude"], path)
    assert bool(found) == is_looked_at


def test_the_hook_names_all_that_validation_needs():
    option, *listed = hook()["additional_dependencies"]
    assert option == "--no-deps"
    known = requirements(*listed)
    waiting = ["jsonschema", "pyyaml"]
    while waiting:
        name = waiting.pop()
        for text in importlib.metadata.requires(name) or []:
            needed = packaging.requirements.Requirement(text)
            if not needed.marker or needed.marker.evaluate({"extra": "", "python_version": "3.10"}):
                assert needed.name.lower() in known, f"{name} needs {text}"
                waiting.append(needed.name)


@pytest.mark.parametrize("file", [".pre-commit-hooks.yaml", "action.yml", "docs/ci.md"])
def test_the_versions_are_those_of_the_package(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    for wanted in re.findall(r'"((?:jsonschema|PyYAML)[<>=].*?)"', (ROOT / "pyproject.toml").read_text()):
        assert wanted in text


def builtin_schema_says(name, path):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_the_action_is_one():
    assert builtin_schema_says("github-actions", ROOT / "action.yml") == ""


def test_the_snippets_fit_their_services(tmp_path):
    with_action, more_steps, gitlab, diff = snippets(CI, "yaml")[:4]
    workflow = yaml.safe_load(with_action)
    workflow["jobs"]["specs"]["steps"] += yaml.safe_load(more_steps)
    workflows = [("github-workflows", workflow), ("github-workflows", yaml.safe_load(diff))]
    for name, content in (*workflows, ("gitlab-ci", yaml.safe_load(gitlab))):
        (tmp_path / "file.yml").write_text(json.dumps(content).replace('"true":', '"on":'))
        assert builtin_schema_says(name, tmp_path / "file.yml") == ""


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
    settings = Projects().settings(str(tmp_path))
    if not settings.notice:
        assert settings.ignore == ("SN102",) and settings.strict and not settings.strict_json


@pytest.mark.parametrize("text", [CI, EDITORS], ids=["ci", "editors"])
def test_the_snippets_are_valid(text):
    for snippet in snippets(text, "yaml"):
        assert yaml.safe_load(snippet)
    for snippet in snippets(text, "json"):
        content = json.loads(snippet)
        assert "type" not in content or slm_net.validate(content) == []
    for line in re.findall(r"slm-net validate (-[^`\n>&]*|\w[\w./]* -[^`\n>&]*)", text):
        words = line.split()
        parsed(words if any("/" in word for word in words) else [*words, "a.json"])
