"""The package itself, and the page that lists what it does."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from slm_net import slm_lab

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"


def test_importing_it_imports_no_torch():
    code = "import sys, slm_net.slm_lab; from slm_net.slm_lab import install; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_its_names():
    for name in slm_lab.__all__:
        assert getattr(slm_lab, name) is not None and name in dir(slm_lab)
    with pytest.raises(AttributeError, match="v6"):
        slm_lab.v6  # noqa: B018


@pytest.mark.parametrize("version", [4, 5])
def test_both_versions_have_their_modules(version):
    lab = importlib.import_module(f"slm_net.slm_lab.v{version}")
    for module in (lab.net, lab.net_util):
        assert all(hasattr(module, name) for name in module.__all__)
    assert lab.net.net_util is lab.net_util
    assert lab.net.ConvNet.version == version


def test_every_quirk_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in slm_lab.QUIRKS if f"`{name}`" not in text] == []


def test_every_quirk_names_code_that_is_there():
    for quirk in slm_lab.QUIRKS.values():
        *module, name = quirk.where.split(".") if "." in quirk.where else (quirk.where, "__name__")
        for depth in (len(module), len(module) - 1):
            try:
                home = importlib.import_module(".".join(["slm_net.slm_lab", *module[:depth]]))
            except ModuleNotFoundError:
                continue
            for part in [*module[depth:], name]:
                home = getattr(home, part)
            break
        else:
            raise AssertionError(quirk.where)
