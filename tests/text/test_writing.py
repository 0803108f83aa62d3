"""Files written as a whole or not at all, and as somebody else's."""

import os

import pytest
from cli_helpers import NOBODY, as_nobody

from slm_net.text.writing import check_target, write_whole

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.mark.skipif(not IS_ROOT, reason="only root can give files away")
def test_the_owner_stays(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("1")
    path.chmod(0o2640)
    os.chown(path, 1234, 4321)
    path.chmod(0o2640)
    write_whole(str(path), b"2")
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (1234, 4321, 0o2640)
    assert path.read_text() == "2"


@pytest.mark.skipif(not IS_ROOT, reason="only root can give files away")
def test_who_cannot_keep_the_owner_leaves_the_file_alone(tmp_path, monkeypatch):
    tmp_path.chmod(0o777)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs.json").write_text("1")
    (tmp_path / "own.json").write_text("1")
    (tmp_path / "theirs.json").chmod(0o666)
    os.chown("own.json", NOBODY, os.getegid())
    with as_nobody(tmp_path):
        write_whole("own.json", b"2")
        with pytest.raises(PermissionError, match="it would no longer belong to user 0 and group 0; run slm-net as"):
            write_whole("theirs.json", b"2")
    assert [(tmp_path / name).read_text() for name in ("own.json", "theirs.json")] == ["2", "1"]
    assert (tmp_path / "theirs.json").stat().st_uid == 0
    assert sorted(os.listdir()) == ["own.json", "theirs.json"]


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_only_a_regular_file_is_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        write_whole(str(tmp_path / "pipe"), b"1")
    assert os.listdir(tmp_path) == ["pipe"]


def test_where_nothing_can_be_written_is_said_before(tmp_path):
    assert check_target(str(tmp_path / "new")) is None
    (tmp_path / "a").write_text("1")
    assert check_target(str(tmp_path / "a")).st_size == 1
    for target, why in ((tmp_path / "gone" / "a", "there is no such folder"), (tmp_path, "it is no regular file")):
        with pytest.raises(OSError, match=why) as caught:
            check_target(str(target))
        assert ".slm-net" not in str(caught.value)
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.skipif(not IS_ROOT, reason="another user is needed")
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with as_nobody(tmp_path), pytest.raises(PermissionError, match="the folder is write-protected"):
        write_whole(str(tmp_path / "a"), b"1")
    assert os.listdir(tmp_path) == []
