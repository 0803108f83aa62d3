"""Which files are checked: searches, patterns, excludes, and folders that cannot be read."""

import os

import pytest
from cli_helpers import as_nobody

from slm_net.project.excludes import Exclude
from slm_net.project.files import Input, files_matching, find_files


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


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("paths", "told", "matches"),
    [
        (["."], ["sub/deep", "vendor"], 4),
        (["sub", "./vendor/"], ["sub/deep", "vendor"], 2),
        (["**/*.json"], ["sub/deep", "vendor"], 2),
        (["s*/**/*.yaml"], ["sub/deep"], 1),
        (["*/*.json"], ["vendor"], 0),
        (["*/d.json"], ["vendor"], 0),
        (["vendor/*"], ["vendor"], 0),
        (["sub/**/c.*", "*.json"], ["sub/deep"], 2),
        (["*/deep/*.jsonc"], ["sub/deep", "vendor"], 0),
        (["sub/*.yaml"], [], 1),
        (["?.json"], [], 1),
    ],
)
def test_a_folder_that_cannot_be_read_is_a_problem_beside_the_others(tree, paths, told, matches):
    folders = tree / "sub" / "deep", tree / "vendor"
    tree.chmod(0o755)
    for folder in folders:
        folder.chmod(0)
    try:
        with as_nobody(tree):
            found = find_files(paths)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert [file.path for file in found if file.fault] == told
    assert len(found) == len(told) + matches


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_folder_that_is_left_out_need_not_be_readable(tree):
    (tree / "vendor").chmod(0)
    tree.chmod(0o755)
    try:
        with as_nobody(tree):
            files = find_files(["**/*.json", "*/*.yaml"], lambda folder: [Exclude("vendor", str(tree))])
    finally:
        (tree / "vendor").chmod(0o755)
    assert {file.path: file.fault for file in files} == dict.fromkeys(["a.json", "old_a.json", "sub/b.yaml"], "")


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_a_path_is_spelled_alike_in_every_report(cli, spec_file, tmp_path, form):
    (tmp_path / "sub").mkdir()
    for name in ("sub/a.json", "sub/b.json"):
        spec_file('{"type": "MLPNet"', name)
    printed = {cli("validate", *paths, "-o", form).out for paths in (["sub"], ["./sub/"], ["."], ["./*/*.json"])}
    named = {cli("validate", "./sub/a.json", "sub//a.json", "sub/b.json", "-o", form).out}
    assert len(printed | named) == 1
    assert "sub/a.json" in (text := printed.pop()) and "./sub" not in text
