"""Files made to exhaust whoever reads them: a problem, a bounded report and bounded memory, never a crash."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
AGENT = {"algorithm": {"name": "DQN"}, "net": NET}
SPEC = {"agent": AGENT, "env": {"name": "CartPole-v1"}}
PEAK = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""
LAUGHS = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))])


WORDS = {f"batch_sz{n}e": 1 for n in range(100)}


def whole(**changes):
    return json.dumps({"a": {**SPEC, **changes}})


def net(**changes):
    return json.dumps({**NET, **changes})


FILES = {
    "brackets.json": "[" * 1_000_000,
    "objects.json": '{"a":' * 500_000,
    "open_comment.json": "/*" * 1_000_000,
    "comments.jsonc": "// slm-net: ignore SN101\n" * 100_000 + net(hid_layer=[1]),
    "laughs.yaml": LAUGHS,
    "flow.yaml": "[" * 100_000,
    "layers.json": net(hid_layers=[8] * 100_000),
    "rows.json": json.dumps({**NET, "type": "ConvNet", "conv_hid_layers": [[8, 3]] * 100_000}),
    "wide.json": net(hid_layers=[10**18, 10**18]),
    "digits.json": net().replace("8", "8" * 1_000_000),
    "unknown_keys.json": net(**{f"hid_layer{n}": 1 for n in range(20_000)}),
    "same_keys.json": "{" + '"type": "MLPNet", ' * 50_000 + '"x": 1}',
    "wrong_entries.json": net(hid_layers=["x"] * 400),
    "long_key.json": net(**{"k" * 1_000_000: 1}),
    "long_name.json": net(hid_layers_activation="relu" * 500_000),
    "escapes.json": '{"type": "' + "\\u0041" * 500_000 + '"}',
    "combinations.json": whole(
        agent={**AGENT, "net": {**NET, "hid_layers": [f"${{p{n}}}" for n in range(10)]}},
        spec_params={f"p{n}": list(range(100)) for n in range(10)},
    ),
    "choices.json": whole(search={"agent.net.optim_spec.lr__choice": [0.1] * 100_000}),
    "settings.json": whole(agent=[{**AGENT, "memory": {"name": "Replay", **WORDS}}] * 500, env=[{"name": "x"}]),
    "braces.json": whole(env={"name": "{" * 100_000 + "{a" * 100_000}, spec_params={"a": [1]}),
    "quotes.json": "[" + "'a'," * 300_000 + "]",
    "no_commas.json": "[" + "1 " * 900_000,
    "tuples.json": "(" * 2_000_000,
    "assignments.json": "a = " * 400_000,
    "escapes_wrong.json": '["' + "\\x" * 900_000 + '"]',
    "fences.json": "```\n" * 400_000,
    "tables.json": "[" + "a." * 900_000,
    "slips.yaml": "a:1\n" * 400_000,
    "commas.yaml": "a: [\n" + "b,\n" * 500_000,
    "specs.json": json.dumps({f"spec{n}": {**SPEC, "agent": {**AGENT, "memry": 1}} for n in range(3_000)}),
}
ODD_TEXTS = {
    "nul.json": net(hid_layers_activation="re\0lu"),
    "bidi.json": net(hid_layers_activation="\u202eulre\u202c"),
    "homoglyph.json": net(hid_layers_activation="r\u0435lu"),
    "zero_width.json": net(**{"hid\u200b_layers": [8]}),
    "terminal.json": net(hid_layers_activation="\x1b]0;title\x07\x1b[2Jrelu"),
    "surrogate.json": '{"type": "\\ud800"}',
}


def checked(path, *options):
    """Exit code, output and peak memory in MB of a cold `slm-net validate`."""
    command = [sys.executable, "-c", PEAK, sys.executable, "-m", "slm_net", "validate", str(path), *options]
    cwd, env = path if path.is_dir() else path.parent, {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=cwd, env=env)
    *errors, peak = done.stderr.splitlines()
    return done.returncode, done.stdout + "\n".join(errors), int(peak) / 1024


@pytest.mark.parametrize("name", FILES)
def test_a_bomb_is_a_problem(tmp_path, name):
    path = tmp_path / name
    path.write_text(FILES[name])
    code, output, peak = checked(path)
    warned = {"choices.json", "specs.json", "settings.json", "braces.json"}
    assert code == (0 if name in warned else 1)
    assert name in output and "SN" in output
    assert "Traceback" not in output and "internal error" not in output
    assert len(output) < 1_000_000
    assert peak < 200


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_odd_characters_are_shown_and_not_obeyed(tmp_path, name):
    path = tmp_path / name
    path.write_text(ODD_TEXTS[name], encoding="utf-8", errors="surrogatepass")
    code, output, _ = checked(path)
    assert code == 1 and "SN1" in output
    assert not set(output) & set("\x1b\x07\0\u202e\u200b")


@pytest.mark.parametrize(
    "options", [("-o", "json"), ("-o", "sarif"), ("-o", "github"), ("--fix",), ("--fix", "--diff")]
)
def test_every_report_of_a_bomb_is_bounded(tmp_path, options):
    path = tmp_path / "unknown_keys.json"
    path.write_text(FILES[path.name])
    code, output, peak = checked(path, *options)
    assert code == 1 and "internal error" not in output
    assert len(output) < 1_000_000 and peak < 200
    assert path.read_text() == FILES[path.name]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
def test_loops_pipes_and_files_that_are_gone(tmp_path):
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "deep").symlink_to(".")
    (tmp_path / "gone.json").symlink_to("nowhere.json")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "fine.json").write_text(net())
    code, output, _ = checked(tmp_path)
    assert code == 2
    assert all(name in output for name in ("loop.json", "gone.json", "pipe.json"))
    assert "fine.json:" not in output and "Traceback" not in output
