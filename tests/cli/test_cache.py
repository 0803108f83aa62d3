"""Reports of earlier runs: the same output in less time, and never an old one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import ROOT, environment, spec_of

from slm_net.cli import cache
from slm_net.cli.cache import FOLDER, Cache, content_of, key_of
from slm_net.cli.check import check
from slm_net.project.files import Input
from slm_net.project.settings import Options

#: What a run that finds all in the cache must not import.
SPARED = (
    "slm_net.schema.files",
    "slm_net.rules",
    "slm_net.validation",
    "slm_net.document",
    "jsonschema",
    "jsonschema_rs",
    "yaml",
)
WATCH = """
import sys
from slm_net.cli.main import main
code = main(sys.argv[1:])
print("loaded", *(name for name in {names} if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""
FILES = {
    "good.json": json.dumps({"a": spec_of()}),
    "bad.json": '\ufeff{\r\n  "type": "MLPNet", "hid_layers": 4,\n\t"gpu": "reluu", "\\ud800": "\u6f22\x7f"}',
    "warned.jsonc": json.dumps({"a": spec_of(rnn_hidden_size=3)}, indent=1) + "// fine",
    "broken.json": '{"agent": [',
    "net.yaml": "type: MLPNet\nhid_layers: 4\n",
    "package.json": '{"name": "x"}',
    "empty.json": "",
    "odd.json": b'{"type": "MLPNet \xff"}',
    "large.json": '{"type": "MLPNet", "x": "' + "x" * 2_000_000 + '"}',
    "large_other.json": "[" + "1," * 1_000_000 + "1]",
    "sub/pyproject.toml": "[tool.slm-net]\nstrict = true\n",
    "sub/warned.json": json.dumps({"a": spec_of(rnn_hidden_size=3)}),
}


@pytest.fixture
def files(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


@pytest.fixture
def checks(monkeypatch):
    """The files that were really checked."""
    seen = []
    monkeypatch.setattr("slm_net.cli.check.check", lambda file, options: seen.append(file.path) or check(file, options))
    return seen


def stored(folder):
    return sorted(path for path in (folder / FOLDER).iterdir() if path.name != ".gitignore")


@pytest.mark.parametrize("output", ["text", "json", "github", "sarif", "junit"])
def test_the_output_is_the_same_to_the_byte_and_nothing_is_checked_again(files, cli, checks, output):
    arguments = ("validate", ".", "bad.json", "missing.json", "-o", output, "--statistics")
    without = cli(*arguments, "--no-cache")
    assert not (files / FOLDER).exists()
    first = cli(*arguments)
    del checks[:]
    assert cli(*arguments) == first == without and without.code == 2
    assert checks == ["missing.json"]


def test_with_everything_in_the_cache_only_a_start_is_paid_for(files, tmp_path):
    command = [sys.executable, "-c", WATCH.format(names=SPARED), "validate", "."]
    runs = [
        subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment())
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout and runs[0].returncode == runs[1].returncode == 1
    assert "slm_net.rules" in runs[0].stderr
    assert runs[1].stderr.splitlines()[-1] == "loaded"


def test_what_changes_is_checked_again(files, cli, checks):
    def again(*arguments):
        del checks[:]
        cli("validate", *arguments)
        return checks

    assert again("good.json", "bad.json") == ["bad.json", "good.json"]
    assert again("good.json", "bad.json") == []
    os.utime(files / "good.json", (1, 1))
    assert again("good.json") == []
    (files / "good.json").write_text(FILES["good.json"] + " ")
    assert again("good.json", "bad.json") == ["good.json"]
    for options in (["--strict"], ["--ignore", "SN1"], ["--select", "SN1"], ["--name", "a"], ["--in-dim", "4"]):
        assert again("good.json", *options) == ["good.json"] and again("good.json", *options) == []
    (files / "pyproject.toml").write_text("[tool.slm-net]\nstrict-json = true\n")
    assert again("good.json") == ["good.json"]
    shutil.copy(files / "bad.json", files / "bad.yaml")
    assert again("bad.yaml") == ["bad.yaml"]
    assert again(".") == sorted(name for name in (*FILES, "bad.yaml") if not name.endswith("toml"))
    assert again(".") == [] and again("package.json") == ["package.json"]  # named: judged


def test_fixes_and_standard_input_are_always_done(files, cli, checks):
    for _ in range(2):
        assert "2 errors" in cli("validate", "-", stdin='{"type": "MLPNet", "hid_layers": 4}').out
        assert "-" in checks.pop()
    text = (files / "bad.json").read_text(encoding="utf-8")
    for _ in range(2):
        assert "1 problem can be fixed" in cli("validate", "bad.json", "--diff").err
    assert (files / "bad.json").read_text(encoding="utf-8") == text and checks == ["bad.json"] * 2
    assert not (files / FOLDER).exists()


def test_wrong_rules_are_wrong_usage_as_before(files, cli):
    for _ in range(2):
        assert cli("validate", "good.json", "--select", "SN9").code == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("MLPNet", "MLPNot"),
        lambda text: "[]",
        lambda text: "[" * 100_000,
        lambda text: "\udcff" + text,
        lambda text: text.replace('"hash"', '"mash"'),
    ],
)
def test_a_damaged_cache_is_ignored_and_mended(files, cli, checks, damage):
    first = cli("validate", ".")
    (path,) = stored(files)
    good = path.read_text()
    path.write_text(damage(good), errors="surrogateescape")
    del checks[:]
    assert cli("validate", ".") == first and len(checks) == len(FILES) - 1
    assert path.read_text() == good
    path.unlink()
    path.mkdir()
    assert cli("validate", ".") == first


@pytest.mark.parametrize(
    "entry", [None, {}, {"problems": 3}, {"problems": [[1]], "has_text": 0}, {"problems": [[0] * 99]}]
)
def test_what_somebody_wrote_by_hand_is_no_traceback(files, cli, entry):
    first = cli("validate", "good.json", "bad.json")
    (path,) = stored(files)
    reports = {**json.loads(path.read_text()), "reports": dict.fromkeys(json.loads(path.read_text())["reports"], entry)}
    for rest in (json.dumps(reports).partition(", ")[2], '"reports": 1, "rules": {}}', '"reports": {"a": 1}}'):
        path.write_text(cache._head(rest) + rest)
        assert cli("validate", "good.json", "bad.json") == first


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_folder_that_cannot_be_written_is_no_problem(files, cli, tmp_path):
    first = cli("validate", "good.json", "--cache-dir", "deep/down")
    assert len(list((tmp_path / "deep" / "down").glob("*.json"))) == 1
    (tmp_path / "file").write_text("")
    assert cli("validate", "good.json", "--cache-dir", "file") == first
    assert cli("validate", "good.json", "--cache-dir", "/dev/null/x") == first


def test_the_cache_is_json_ignored_by_git_and_no_spec(files, cli):
    cli("validate", ".")
    (path,) = stored(files)
    assert json.loads(path.read_text())["rules"]["SN101"] == "unknown-key"
    assert (files / FOLDER / ".gitignore").read_text() == "*\n"
    assert cli("validate", ".", "--cache-dir", "visible") == cli("validate", ".", "--cache-dir", "visible")


def test_the_cache_is_bounded(tmp_path, monkeypatch):
    def report(name, message="x"):
        (tmp_path / name).write_text(name)
        file = Input(str(tmp_path / name))
        return check(file, Options())._replace(key=key_of(content_of(file.path), file, Options())), file

    monkeypatch.setattr(cache, "MAX_REPORTS", 5)
    for turn in range(4):
        kept = Cache(str(tmp_path / FOLDER))
        for index in range(3):
            kept.add(report(f"{turn}{index}.json")[0])
        kept.write()
    left = [name for name in sorted(os.listdir(tmp_path)) if (tmp_path / name).is_file()]
    again = Cache(str(tmp_path / FOLDER))
    found = [name for name in left if again.report(Input(str(tmp_path / name)), Options())]
    assert found == ["21.json", "22.json", "30.json", "31.json", "32.json"]
    for index in range(6):
        (tmp_path / FOLDER / f"{index}.json").write_text("{}")
    again.add(report("new.json")[0])
    again.write()
    assert len(stored(tmp_path)) == cache.MAX_FILES


def test_reports_of_other_code_other_packages_and_another_python_are_not_ours(tmp_path, monkeypatch):
    package = tmp_path / "slm_net"
    shutil.copytree(ROOT / "slm_net", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    monkeypatch.setattr(cache, "PACKAGE", str(package))
    before = cache._identity()
    assert before == cache._identity()
    os.utime(package / "words.py", (1, 1))
    assert (edited := cache._identity()) != before
    os.utime(tmp_path / "schemas" / "nets.json", (1, 1))
    assert cache._identity() not in (before, edited)
    monkeypatch.setattr(sys, "version", "4.0")
    assert (other := cache._identity()) not in (before, edited)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "jsonschema-99.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert cache._identity() != other


def test_an_installed_package_is_known_by_its_version_and_sizes(tmp_path, monkeypatch):
    package = tmp_path / "slm_net"
    package.mkdir()
    (package / "words.py").write_text("1")
    (tmp_path / "slm_net-0.1.0.dist-info").mkdir()
    monkeypatch.setattr(cache, "PACKAGE", str(package))
    before = cache._identity()
    os.utime(package / "words.py", (1, 1))
    assert cache._identity() == before
    (package / "words.py").write_text("12")
    assert cache._identity() != before


def test_a_plugin_that_is_edited_where_it_lies(tmp_path, shell, spec_file):
    info = tmp_path / "site" / "my_nets-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: my_nets\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[slm_net.schemas]\nall = my_nets:SCHEMAS\n")
    module = tmp_path / "site" / "my_nets.py"
    entry = {"properties": {"width": {"type": "integer", "minimum": 1, "description": "w", "default": 8}}}
    spec_file({"type": "MyNet", "width": 0}, "a.json")

    def run():
        return shell("validate", "a.json", PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path / 'site'}")

    module.write_text(f"SCHEMAS = {{'nets': {{'MyNet': {entry}}}}}\n")
    first = run()
    assert first.code == 1 and "width" in first.out and run() == first
    module.write_text(f"SCHEMAS = {{'nets': {{'MyNet': {entry}}}}}\n".replace("'minimum': 1", "'minimum': 0"))
    assert run().out == "1 file fine\n"
    module.write_text("raise ImportError('gone')\n")
    failed = run()
    assert failed.code == 1 and run() == failed  # warned of each time
    assert Path(tmp_path / FOLDER).is_dir()


def test_a_base_that_adds_nothing_yet_is_looked_at_again(tmp_path, cli):
    base, own = tmp_path / "base.json", tmp_path / "own.json"
    base.write_text('{"dqn": {}}')
    own.write_text(json.dumps({"dqn": {"extends": "base.json", **spec_of()}}))
    assert cli("validate", "own.json").code == 0
    base.write_text('{"dqn": {"agent": [{"net": {"clip_grad_vall": 1}}]}}')
    assert "clip_grad_vall" in cli("validate", "own.json").out
