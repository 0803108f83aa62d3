"""The extras: each is known by the code that needs it, under the name that pyproject.toml has for it."""

import ast
import re
import sys
from pathlib import Path

import pytest

from slm_net.extras import MODULES, MissingExtra, require

ROOT = Path(__file__).parents[1]
#: What is taken if it is there, the sum of others, and those of people who work on slm_net.
OTHERS = {"fast", "all", "test", "bench", "docs", "examples"}


#: What is there with the dependencies of slm_net: they are imported by these names, and bring the others.
DEPENDENCIES = {"torch", "jsonschema", "pydash", "rich", "safetensors", "numpy", "referencing"}
#: What is taken if it is there, and nothing asks for: extra `fast`, the reader of TOML before Python 3.11, games; and
#: what comes with the package of an extra.
IF_THERE = {"jsonschema_rs", "tomli", "ale_py", "lsprotocol"}


def section():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return text.split("[project.optional-dependencies]")[1].split("\n[")[0]


def extras_of_the_project():
    return set(re.findall(r"(?m)^(\w+) = \[", section()))


def imports_of_ours():
    for path in (ROOT / "slm_net").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module.partition(".")[0]


def test_every_extra_is_known_and_every_known_one_is_an_extra():
    assert extras_of_the_project() == set(MODULES) | OTHERS


def test_what_is_imported_comes_with_a_dependency_or_with_an_extra():
    of_extras = {module for modules in MODULES.values() for module in modules}
    found = set(imports_of_ours()) - sys.stdlib_module_names - {"slm_net"}
    assert found - DEPENDENCIES - IF_THERE - of_extras == set() and found >= DEPENDENCIES | IF_THERE


def test_all_has_every_extra():
    named = re.search(r"(?m)^all = \[\"slm_net\[(.*)\]\"\]", section())[1].split(",")
    assert sorted(named) == sorted(["fast", *MODULES])


@pytest.mark.parametrize("extra", MODULES)
def test_every_extra_is_asked_for_by_some_code(extra):
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "slm_net").rglob("*.py"))
    assert any(re.search(rf'(require|install)\("{extra}"', text) for text in texts)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr("slm_net.extras.find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as caught:
        require("onnx", "the file")
    assert str(caught.value) == 'the file needs onnx and onnxscript: pip install "slm_net[onnx]"'
