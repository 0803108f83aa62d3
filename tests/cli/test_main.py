import os
import signal
import subprocess
import sys
import time

import pytest
from cli_helpers import environment, spec_of

from slm_net.cli.main import COMMANDS
from slm_net.words import listing

HEAVY = ["torch", "numpy", "pydash", "yaml", "rich"]
WATCH = """
import sys
from slm_net.cli.main import main
code = main(sys.argv[1:])
print("loaded", *(name for name in {names} if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("arguments", "also"),
    [
        ([], ["jsonschema"]),
        (["--help"], ["jsonschema"]),
        (["--version"], ["jsonschema"]),
        (["validate", "a.json"], []),
        (["--version", "--verbose"], ["jsonschema"]),
    ],
)
def test_nothing_heavy_is_imported(arguments, also, spec_file, tmp_path):
    spec_file({"demo": spec_of()}, "a.json")
    code = WATCH.format(names=HEAVY + also)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment(),
    )
    assert done.stderr.splitlines()[-1] == "loaded"


def test_version(cli):
    done = cli("--version")
    assert (done.code, done.out) == (0, "slm_net 0.1.0\n")


def test_no_command_prints_the_help_and_exits_2(cli):
    done = cli()
    assert done.code == 2
    assert "validate" in done.out
    assert "examples:" in done.out


@pytest.mark.parametrize("command", list(COMMANDS))
def test_help_of_each_command_has_examples(cli, command):
    done = cli(command, "--help")
    assert done.code == 0
    assert f"slm-net {command} " in done.out
    assert "exit codes" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["valdate", "a.json"], "slm-net: error: unknown command 'valdate', did you mean 'validate'?"),
        (["frobnicate"], "slm-net: error: unknown command 'frobnicate', expected {commands} {help}"),
        (["v\x1b[31m"], r"slm-net: error: unknown command 'v\x1b[31m', expected {commands} {help}"),
        (["--verbose", "schema"], "slm-net: error: --verbose goes with --version {help}"),
        (["--verison"], "slm-net: error: unknown option '--verison', did you mean '--version'?"),
        (["validate", "--strct", "a"], "slm-net validate: error: unknown option '--strct', did you mean '--strict'?"),
        (["validate", "--stric", "a"], "slm-net validate: error: unknown option '--stric', did you mean '--strict'?"),
        (["validate"], "slm-net validate: error: the following arguments are required: FILE {help}"),
        (["validate", "a", "-o", "jsn"], "slm-net validate: error: argument -o/--output: 'jsn' is no format: {json}"),
        (["validate", "a", "--max-params", "1.5"], "slm-net validate: error: argument --max-params: '1.5' is {count}"),
        (["build", "a.json", "b.json"], "slm-net build: error: unexpected argument 'b.json' {help}"),
        (["build", "a", "--set", "env"], "slm-net build: error: argument --set: 'env' is not NAME=VALUE {help}"),
        (["build", "a", "--seed", "-1"], "slm-net build: error: argument --seed: {seed} {help}"),
    ],
)
def test_wrong_usage_is_one_line_and_exits_2(capfd, arguments, line):
    from slm_net.cli.main import main

    assert main(arguments) == 2
    printed = capfd.readouterr()
    line = line.replace("{count}", "no count: expected a whole number above 0, for example 5e6 {help}")
    line = line.replace("{help}", f"(see {line.split(':')[0]} --help)").replace("{json}", "did you mean 'json'?")
    line = line.replace("{commands}", listing(list(COMMANDS)))
    line = line.replace("{seed}", f"'-1' is no seed: expected a whole number from 0 to {2**63 - 1}")
    assert (printed.out, printed.err) == ("", line + "\n")


@pytest.fixture
def crash(monkeypatch):
    def check(file, arguments):
        raise AssertionError("something\x1b[31m\nbroke")

    monkeypatch.setattr("slm_net.cli.check.check", check)


def test_a_bug_is_one_line_and_exits_70(capfd, crash, monkeypatch):
    from slm_net.cli.main import main

    monkeypatch.delenv("SLM_NET_DEBUG", raising=False)
    assert main(["validate", "a.json"]) == 70
    line = capfd.readouterr().err
    assert line.startswith("slm-net: internal error: AssertionError: something\\x1b[31m broke; please report it")
    assert line.count("\n") == 1


def test_a_bug_is_a_traceback_when_asked_for(crash, monkeypatch):
    from slm_net.cli.main import main

    monkeypatch.setenv("SLM_NET_DEBUG", "1")
    with pytest.raises(AssertionError):
        main(["validate", "a.json"])


def test_a_reader_that_goes_away_is_no_error(spec_file, tmp_path):
    spec_file({f"s{i}": spec_of(clip_grad=1) for i in range(300)}, "a.json")  # more than a pipe holds
    command = f"{sys.executable} -m slm_net validate a.json | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, check=False,
        env=environment(),
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines()[1] == "141"


def test_ctrl_c_ends_quietly_with_130(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "slm_net", "validate", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
        # what a shell starts in the background ignores the signal, and so would the command
        env=environment(), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    time.sleep(1)  # it waits for its standard input
    process.send_signal(signal.SIGINT)
    printed = process.communicate(timeout=30)
    assert (process.returncode, printed) == (130, (b"", b""))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux")
def test_a_full_disk_is_one_line_and_exits_2(spec_file, tmp_path):
    spec_file({"demo": spec_of()}, "a.json")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "slm_net", "validate", "a.json"], stdout=full, stderr=subprocess.PIPE, text=True,
            cwd=tmp_path, check=False, env=environment(),
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "slm-net: error: [Errno 28] No space left on device\n"
