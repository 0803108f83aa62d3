"""What is installed, in the words of a bug report."""

import platform
from importlib.metadata import EntryPoint, version

import pytest

from slm_net.cli import versions


@pytest.mark.parametrize("options", [["--version", "--verbose"], ["--verbose", "--version"]])
def test_all_versions(cli, options):
    done = cli(*options)
    first, python, torch, *rest = done.out.splitlines()
    assert (done.code, done.err, first) == (0, "", "slm_net 0.1.0")
    assert python.startswith(f"Python {platform.python_version()} on ") and torch == f"torch {version('torch')}"
    assert rest[:1] == [f"jsonschema {version('jsonschema')}"] and rest[1].startswith("jsonschema-rs ")


def test_what_is_missing_and_plugins(cli, monkeypatch):
    monkeypatch.setattr(versions, "PACKAGES", ("slm-net-is-no-such-package",))
    points = (EntryPoint("My\x1bNet", "my.nets:MyNet", "slm_net.nets"),)
    monkeypatch.setattr(versions, "entry_points", lambda: points)
    *_, missing, plugin = cli("--version", "--verbose").out.splitlines()
    assert missing == "slm-net-is-no-such-package is not installed"
    assert plugin == r"plugin unknown (slm_net.nets: My\x1bNet)"
    monkeypatch.setattr(versions, "entry_points", lambda: ())
    assert cli("--version", "--verbose").out.splitlines()[-1] == "no plugins"
