"""A file at a revision of git, and each reason why there is none."""

import shutil
import subprocess

import pytest

from slm_net.diff.revisions import NoRevision, file_at

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def repository(tmp_path):
    def git(*arguments):
        own = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(tmp_path), *own, *arguments], check=True, capture_output=True)

    git("init", "-q")
    folder = tmp_path / "specs"
    folder.mkdir()
    path = folder / "a b$(x).json"
    path.write_text("first", encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    path.write_text("second", encoding="utf-8")
    return path


def test_what_was_committed_comes_back(repository, monkeypatch):
    assert file_at("HEAD", str(repository)) == b"first"
    monkeypatch.chdir(repository.parent)
    assert file_at("HEAD", repository.name) == b"first"


@pytest.mark.parametrize(
    ("revision", "name", "reason"),
    [
        ("HEAD~7", "a b$(x).json", "no revision"),
        ("nope", "a b$(x).json", "no revision"),
        ("HEAD", "new.json", "there is no"),
        ("--output=x", "a b$(x).json", "is no revision"),
        ("HEAD:x", "a b$(x).json", "is no revision"),
    ],
)
def test_what_is_not_there(repository, revision, name, reason):
    with pytest.raises(NoRevision, match=reason):
        file_at(revision, str(repository.parent / name))


def test_no_repository_and_no_git(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NoRevision, match="in no git repository"):
        file_at("HEAD", str(tmp_path / "a.json"))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoRevision, match="not installed"):
        file_at("HEAD", str(tmp_path / "a.json"))
