"""Which files are checked: searches, patterns, excludes, and folders that cannot be read."""

import os

import pytest

from slm_net.cli.excludes import Exclude
from slm_net.cli.files import Input, files_matching, find_files


def names(paths, *patterns):
    excludes = [Exclude(pattern, os.getcwd()) for pattern in patterns]
    return [file.path.replace(os.sep, "/") for file in find_files(paths, lambda folder: excludes)]


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
    assert found == (left or ["a.json"])


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
    found = [path.replace(os.sep, "/") for path in files_matching(pattern, [])]
    assert found == matches
    absolute = files_matching(os.path.join(tree, pattern), [])
    assert [os.path.relpath(path).replace(os.sep, "/") for path in absolute] == matches


def test_a_named_file_is_wanted_even_if_the_search_left_it_out(tree):
    found = find_files([".", "old_a.json", "old_?.json"], lambda folder: [Exclude("old_*", str(tree))])
    assert Input("old_a.json") in found
    assert sum("old_a" in file.path for file in found) == 1


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_folder_that_cannot_be_read_is_a_problem_beside_the_others(tree):
    (tree / "sub").chmod(0)
    try:
        faults = [file for file in find_files(["."]) if file.fault]
    finally:
        (tree / "sub").chmod(0o755)
    assert [file.path for file in faults] == ["sub"]


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_a_path_is_spelled_alike_in_every_report(cli, spec_file, tmp_path, form):
    (tmp_path / "sub").mkdir()
    for name in ("sub/a.json", "sub/b.json"):
        spec_file('{"type": "MLPNet"', name)
    printed = {cli("validate", *paths, "-o", form).out for paths in (["sub"], ["./sub/"], ["."], ["./*/*.json"])}
    named = {cli("validate", "./sub/a.json", "sub//a.json", "sub/b.json", "-o", form).out}
    assert len(printed | named) == 1
    assert "sub/a.json" in (text := printed.pop()) and "./sub" not in text
