import contextlib
import io
import json
import os
import struct
import subprocess
import sys

import pytest
from cli_helpers import OWN, Done, environment
from hypothesis import HealthCheck, settings

from slm_net.cli.main import main

# pytest-xdist has a worker for each core: threads of torch beside them, here and in commands, would only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Without bytecode each worker, and each command that a test starts, would compile slm_net and the tests once more.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says what else the machine does, and what it is the first to import.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

TREE = ("a.json", "old_a.json", "sub/b.yaml", "sub/deep/c.jsonc", "vendor/d.json", "sub/vendor/e.yml", ".git/f.json")


def pytest_ignore_collect(collection_path):
    """Helpers have no doctests; looked through for some, they would be imported once more under another name."""
    return (collection_path.suffix == ".py" and not collection_path.name.startswith("test_")) or None


@pytest.fixture
def spec_file(tmp_path):
    """Writes a file of specs (or any text) into the test's directory; returns its path."""

    def write(content, name="specs.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")
        return path

    return write


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A directory with spec files in it, where the test runs."""
    monkeypatch.chdir(tmp_path)
    for name in TREE:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}')
    return tmp_path


@pytest.fixture
def cli(tmp_path, monkeypatch):
    """Runs the command in the test's directory, in this process, with these bytes or this text as standard input."""
    monkeypatch.chdir(tmp_path)
    for name in OWN:
        monkeypatch.delenv(name, raising=False)

    def run(*arguments, stdin=""):
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2)]
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
            code = main([os.fspath(argument) for argument in arguments])
        for stream in streams:
            stream.flush()
        return Done(code, *(stream.buffer.getvalue().decode() for stream in streams))

    return run


@pytest.fixture
def shell(tmp_path):
    """Runs `python -m slm_net` in the test's directory, as somebody at a shell would."""

    def run(*arguments, **env):
        command = [sys.executable, "-m", "slm_net", *map(os.fspath, arguments)]
        done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, env=environment(**env))
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def on_terminal(tmp_path):
    """Runs the command on a pseudo terminal of so many columns; what it printed there."""
    pty, fcntl, termios = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios"))

    def run(*arguments, columns=80, **env):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        command = [sys.executable, "-m", "slm_net", *map(os.fspath, arguments)]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            cwd=tmp_path,
            env=environment(**{"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **env}),
        ):
            os.close(theirs)
            printed = b""
            try:
                while more := os.read(ours, 65536):
                    printed += more
            except OSError:  # Linux says so at the end
                pass
        os.close(ours)
        return printed.decode()

    return run
