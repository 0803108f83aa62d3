import json
import os
import struct
import subprocess
import sys

import pytest
from cli_helpers import Done, environment


@pytest.fixture
def spec_file(tmp_path):
    """Writes a file of specs (or any text) into the test's directory; returns its path."""

    def write(content, name="specs.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")
        return path

    return write


@pytest.fixture
def cli(tmp_path):
    """Runs `python -m slm_net` in the test's directory, as somebody at a shell would."""

    def run(*arguments, stdin="", **env):
        done = subprocess.run(
            [sys.executable, "-m", "slm_net", *map(os.fspath, arguments)],
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            check=False,
            cwd=tmp_path,
            timeout=120,
            env=environment(**env),
        )
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
