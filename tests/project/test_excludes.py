"""What a search leaves out; git itself says what a `.gitignore` means."""

import os
import shutil
import subprocess

import pytest

from slm_net.project.excludes import gitignores_above, gitignores_in, is_ignored
from slm_net.project.files import files_matching, find_files

NET = '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}'
PATHS = (
    *("a.json", "b.json", "#a.json", "!a.json", "a b.json", "sub/a.json", "sub/deep/a.json", "sub/deep/c/a.json"),
    *("out/a.json", "out/keep/a.json", "sub/out/a.json", "x/y/z/a.json", "data1/a.json", "datax/a.json", "a*.json"),
)
LINES = (
    *(
        "a.json",
        "/a.json",
        "*.json",
        "sub/",
        "/out/",
        "out",
        "sub/*.json",
        "sub/**/a.json",
        "**/deep",
        "deep/**",
        "x/**/z",
    ),
    *(
        "!b.json",
        "!keep/",
        "*.json\n!sub/deep/a.json",
        "out/*\n!out/keep",
        r"\#a.json",
        r"\!a.json",
        "a b.json  ",
        "# a.json",
    ),
    *(
        "data[0-9]",
        "data[!0-9]",
        "data[^0-9]/",
        "?.json",
        r"a\*.json",
        "sub/deep/c/",
        "**",
        "*",
        "/*\n!/sub",
        "",
        "/",
        "//a.json",
    ),
)


def write(root, *names, text=NET):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    if shutil.which("git") is None:
        pytest.skip("needs git")
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    return tmp_path


def found(*paths):
    return {os.path.relpath(file.path).replace(os.sep, "/") for file in find_files(paths)}


@pytest.mark.parametrize("lines", LINES)
def test_a_gitignore_means_what_git_says(repository, lines):
    write(repository, *PATHS)
    (repository / ".gitignore").write_text(lines)
    said = subprocess.run(
        ["git", "check-ignore", "--stdin", "-z"], input="\0".join(PATHS), capture_output=True, text=True, check=False
    )
    left = set(PATHS) - set(said.stdout.split("\0"))
    assert {path for path in PATHS if not _is_left_out(path)} == left
    if left:
        assert found(".") == found(str(repository)) == left
    for folder in ("sub", "x"):
        below = {path for path in left if path.startswith(f"{folder}/")}
        assert not below or found(folder) == below
    assert {path for path in files_matching("**/*.json", []) if not path.startswith(".git/")} == left


def _is_left_out(path):
    """With the folders above it, as a search comes to it."""
    files = gitignores_in(os.getcwd())
    parts = path.split("/")
    return any(
        is_ignored(os.path.abspath("/".join(parts[:n])), n < len(parts), files) for n in range(1, len(parts) + 1)
    )


def test_deeper_files_decide_over_higher_ones(repository):
    write(repository, "a/x.json", "a/b/x.json", "a/b/y.json")
    (repository / ".gitignore").write_text("x.json\n")
    (repository / "a" / "b" / ".gitignore").write_text("!x.json\n/y.json\n")
    assert found(".") == {"a/b/x.json"} == found("a") == found("a/b")


def test_outside_of_a_repository_only_what_lies_in_the_folder_counts(tmp_path, monkeypatch):
    write(tmp_path, "a/x.json", "a/y.json")
    (tmp_path / ".gitignore").write_text("x.json\n")
    (tmp_path / "a" / ".gitignore").write_bytes(b"\xef\xbb\xbfy.json\r\n\xff\n")
    monkeypatch.chdir(tmp_path)
    assert gitignores_above(str(tmp_path / "a")) == ()
    assert found("a") == {"a/x.json"}


def test_folders_of_tools_are_left_out_unless_they_are_named(tmp_path, monkeypatch):
    write(
        tmp_path,
        "specs/a.json",
        "venv/a.json",
        "node_modules/x/a.json",
        "lib/build/a.json",
        "my env/lib/a.json",
        "builds/a.json",
    )
    write(tmp_path, "my env/pyvenv.cfg", text="")
    monkeypatch.chdir(tmp_path)
    assert found(".") == {"specs/a.json", "builds/a.json"}
    assert found("lib/build") == {"lib/build/a.json"} and found("venv/a.json") == {"venv/a.json"}
    assert files_matching("**/a.json", []) == ["builds/a.json", "specs/a.json"]


def test_a_hostile_gitignore_takes_no_time(repository):
    write(repository, f"{'a' * 200}.json", "/".join("a" * 40) + "/b.json")
    (repository / ".gitignore").write_text(f"{'*a' * 80}b\n{'**/' * 50}c\n{'a/**/' * 30}d\n" * 500 + "[\n[!\n\\\n")
    assert len(found(".")) == 2
