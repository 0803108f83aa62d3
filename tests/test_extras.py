"""The extras: each is known by the code that needs it, under the name that pyproject.toml has for it."""

import re
from pathlib import Path

import pytest

from slm_net.extras import MODULES, MissingExtra, require

ROOT = Path(__file__).parents[1]
#: What is taken if it is there, the sum of others, and those of people who work on slm_net.
OTHERS = {"fast", "all", "test", "bench", "docs", "examples"}


def extras_of_the_project():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text.split("[project.optional-dependencies]")[1].split("\n[")[0]
    return set(re.findall(r"(?m)^(\w+) = \[", section))


def test_every_extra_is_known_and_every_known_one_is_an_extra():
    assert extras_of_the_project() == set(MODULES) | OTHERS


@pytest.mark.parametrize("extra", MODULES)
def test_every_extra_is_asked_for_by_some_code(extra):
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "slm_net").rglob("*.py"))
    assert any(re.search(rf'(require|install)\("{extra}"', text) for text in texts)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr("slm_net.extras.find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as caught:
        require("onnx", "the file")
    assert str(caught.value) == 'the file needs onnx and onnxscript: pip install "slm_net[onnx]"'
