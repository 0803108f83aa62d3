"""The public names, and what importing and validating leave unimported."""

import subprocess
import sys

import pytest

import slm_net

HEAVY = ("torch", "numpy", "pydash", "yaml", "rich", "gymnasium")


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(
    "work",
    [
        "",
        """slm_net.validate({"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "reluu"}, in_dim=4)""",
        """slm_net.validate('{"a": {"agent": {"algorithm": {"name": "DQN"}, "net": {"type": "MLPNet", "hid_layers": [],'
            ' "hid_layers_activation": null}}, "env": {"name": "CartPole-v1"}}}')""",
        """slm_net.load_spec('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}')""",
        "slm_net.Problem, slm_net.SpecError, slm_net.SpecWarning, dir(slm_net), slm_net.__version__",
    ],
)
def test_no_heavy_import(work):
    assert run(f"import sys, slm_net\n{work}\nprint(*sorted(set({HEAVY}) & set(sys.modules)))") == []


def test_yaml_is_imported_for_yaml_only():
    work = "slm_net.validate('type: MLPNet\\nhid_layers: [64]\\nhid_layers_activation: relu\\n')"
    assert run(f"import sys, slm_net\n{work}\nprint(*sorted(set({HEAVY}) & set(sys.modules)))") == ["yaml"]


def test_every_public_name_is_there():
    assert {"NetBundle", "Problem", "SpecError", "SpecWarning", "build_net", "load_spec", "validate"} <= set(
        slm_net.__all__
    )
    assert set(slm_net.__all__) <= set(dir(slm_net))
    namespace = {}
    exec("from slm_net import *", namespace)
    assert set(slm_net.__all__) <= set(namespace)


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="module 'slm_net' has no attribute 'biuld_net'"):
        _ = slm_net.biuld_net
    assert not hasattr(slm_net, "__wrapped__")


@pytest.mark.slow
def test_a_type_checker_sees_what_is_there_and_what_is_not(tmp_path):
    """Names are imported when they are first used, which must not make every name right."""
    file = tmp_path / "user.py"
    file.write_text("import slm_net\nslm_net.build_net({}, 4, 2)\nslm_net.slm_lab.install()\nslm_net.biuld_net({})\n")
    command = [sys.executable, "-m", "mypy", "--config-file=", f"--cache-dir={tmp_path}", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1 and "user.py:4" in errors[0] and "biuld_net" in errors[0], done.stdout + done.stderr
