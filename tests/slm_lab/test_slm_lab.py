"""The package itself: its lazy names, and both versions' modules."""

import importlib
import subprocess
import sys

import pytest

from slm_net import slm_lab


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
