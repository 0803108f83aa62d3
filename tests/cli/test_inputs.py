"""Which files are checked: searches, patterns, excludes, files that are no specs, and those that cannot be read."""

import json
import os

import pytest
from cli_helpers import spec_of

from slm_net.cli import parallel
from slm_net.cli.check import Options, check
from slm_net.cli.excludes import Exclude
from slm_net.cli.inputs import Input, find_files
from slm_net.cli.patterns import files_matching
from slm_net.cli.progress import with_progress
from slm_net.cli.selection import selected
from slm_net.document.specs import looks_like_spec

OPTIONS = Options(selected((), ()))
FILES = ("a.json", "old_a.json", "sub/b.yaml", "sub/deep/c.jsonc", "vendor/d.json", "sub/vendor/e.yml", ".git/f.json")
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A directory with files in it, where the test runs."""
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}')
    return tmp_path


def names(paths, *patterns):
    excludes = [Exclude(pattern, os.getcwd()) for pattern in patterns]
    return [file.path.replace(os.sep, "/") for file in find_files(paths, excludes)]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ([], ["a.json", "old_a.json", "sub/b.yaml", "sub/deep/c.jsonc", "sub/vendor/e.yml", "vendor/d.json"]),
        (["vendor", "old_*"], ["a.json", "sub/b.yaml", "sub/deep/c.jsonc"]),
        (["./sub/", "*.json"], []),
        (["sub/*/c.jsonc", "/vendor/"], ["a.json", "old_a.json", "sub/b.yaml", "sub/vendor/e.yml"]),
    ],
)
def test_excludes(tree, patterns, left):
    paths = ["a.json"] if not left else ["."]
    found = names(paths, *patterns)
    assert found == (["a.json"] if not left else [f"./{name}" for name in left])


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("**/*.json", ["a.json", "old_a.json", "vendor/d.json"]),
        ("sub/**/*.yml", ["sub/vendor/e.yml"]),
        ("sub/**", ["sub/b.yaml", "sub/deep/c.jsonc", "sub/vendor/e.yml"]),
        ("*/[bd].*", ["sub/b.yaml", "vendor/d.json"]),
        ("**/x", []),
    ],
)
def test_patterns(tree, pattern, matches):
    found = [path.replace(os.sep, "/") for path in files_matching(pattern)]
    assert found == matches
    absolute = files_matching(os.path.join(tree, pattern))
    assert [os.path.relpath(path).replace(os.sep, "/") for path in absolute] == matches


def test_a_named_file_is_wanted_even_if_the_search_left_it_out(tree):
    found = find_files([".", "old_a.json", "old_?.json"], [Exclude("old_*", str(tree))])
    assert Input("old_a.json") in found
    assert sum("old_a" in file.path for file in found) == 1


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ('{"name": "app", "version": "1", "type": "module", "scripts": {"build": "tsc"}}', False),
        ('{"compilerOptions": {"strict": true}} // tsconfig', False),
        ("on: push\njobs:\n  build:\n    env: {A: 1}\n", False),
        ('{"ppo": {"agnt": {"net": {"type": "MLPNet", ', True),
        ("agent:\n", True),
        ("hid_layers: [64]", True),
        ("", True),
    ],
)
def test_what_looks_like_a_spec(text, like):
    assert looks_like_spec(text) == like


def test_files_without_a_spec_are_counted_in_a_search_and_refused_by_name(cli, spec_file):
    spec_file({"a": spec_of()}, "a.json")
    spec_file({"name": "app", "type": "module"}, "package.json")
    done = cli("validate", ".")
    assert (done.code, done.out) == (0, "1 file fine (1 file without a spec skipped)\n")
    report = json.loads(cli("validate", ".", "-o", "json").out)
    assert (report["files"], report["skipped"]) == (1, 1)
    assert cli("validate", "package.json").code == 1


@needs_links
def test_links_that_lead_in_circles(tree, cli):
    os.symlink("loop.json", tree / "loop.json")
    os.symlink("..", tree / "sub" / "up")
    done = cli("validate", ".")
    assert done.code == 2
    assert "loop.json: error SN001" in done.out
    assert done.out.splitlines()[-1] == "1 error in 1 of 7 files"
    assert cli("validate", "sub/**/*.json*").out == "1 file fine\n"


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_folder_that_cannot_be_read_is_a_problem_beside_the_others(tree):
    (tree / "sub").chmod(0)
    try:
        faults = [file for file in find_files(["."]) if file.fault]
    finally:
        (tree / "sub").chmod(0o755)
    assert [file.path for file in faults] == ["./sub"]


def test_a_file_that_is_gone_and_a_folder_that_could_not_be_read(tree):
    reports = [check(file, OPTIONS) for file in (Input("gone.json", True), Input("dir", True, "cannot be read"))]
    assert [(p.rule, p.file) for report in reports for p in report.problems] == [
        ("SN001", "gone.json"),
        ("SN001", "dir"),
    ]


def test_worker_processes_find_the_same_in_the_same_order(tree):
    (tree / "bad.json").write_text('{"type": "MLPNet", "hid_layers": 4}')
    files = [*find_files(["."]), Input("gone.json")]
    assert list(parallel.checked(files, OPTIONS, 2)) == [check(file, OPTIONS) for file in files]


@pytest.mark.parametrize(("files", "fewest", "most"), [(0, 1, 1), (100, 1, 1), (10**6, 1, parallel.MOST)])
def test_processes_are_used_only_for_many_files(files, fewest, most):
    assert fewest <= parallel.processes_for(files) <= most


def test_progress_only_on_a_terminal_and_only_when_it_takes_long(capsys, monkeypatch):
    assert list(with_progress("abc", 3, patience=0)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("slm_net.cli.progress.is_terminal", lambda stream: True)
    assert list(with_progress("abc", 3)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
    list(with_progress("abc", 3, patience=0))
    shown = capsys.readouterr().err
    assert "1 of 3 files" in shown and shown.endswith("\r")
