"""A folder holds a whole step at any moment: killed at any call or moment, on a full disk, with a bit flipped."""

import errno
import json
import os
import random
import signal
import time
from functools import partial

import pytest

from slm_net import SpecError
from slm_net.text import folder as folders
from slm_net.text.folder import CHECKSUMS, CONFIG, FILES, MODEL, POINTER, is_saved, last_step, spec_of, write_step

POSIX = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
#: What a save asks of the system.
CALLS = ("makedirs", "mkdir", "listdir", "open", "write", "fsync", "close", "replace", "unlink", "rmdir")


def files(number):
    """Files that say of each other whether they belong together."""
    text = {"number": number, "slm_net": {"spec": {"type": "MLPNet"}}}
    return {CONFIG: json.dumps(text).encode(), MODEL: str(number).encode() * 5000}


def number_in(folder):
    step = last_step(folder)
    config = json.loads(step.read(CONFIG))
    assert step.read(MODEL) == files(config["number"])[MODEL]
    return config["number"]


class Killed(BaseException):
    """Nothing of a process runs after this, so nothing catches it."""


class System:
    """`os`, in which the call of this number fails, half done if it writes: once, or as all that follow it."""

    def __init__(self, at, failure):
        self.left, self.failure = at, failure

    def __getattr__(self, name):
        real = getattr(os, name)
        return partial(self.call, name, real) if name in CALLS else real

    def call(self, name, real, *arguments, **keywords):
        self.left -= 1
        if self.left == 0 and name == "write":
            real(arguments[0], arguments[1][: len(arguments[1]) // 2])
        if self.left == 0 or (self.left < 0 and self.failure is Killed):
            raise Killed if self.failure is Killed else OSError(errno.ENOSPC, "No space left on device")
        return None if name == "fsync" else real(*arguments, **keywords)  # the disk is not what is tested


@pytest.mark.parametrize("failure", [Killed, OSError])
@pytest.mark.parametrize("before", [0, 1, 4])
def test_a_save_that_fails_at_any_call_leaves_the_old_or_the_new(before, failure, tmp_path, monkeypatch):
    for at in range(1, 200):
        folder, fails = tmp_path / str(at), False
        monkeypatch.setattr(folders, "os", System(-1, OSError))
        for number in range(before):
            write_step(folder, files(number), keep=2)
        monkeypatch.setattr(folders, "os", System(at, failure))
        try:
            write_step(folder, files(before), keep=2)
        except failure:
            fails = True
        monkeypatch.setattr(folders, "os", System(-1, OSError))
        if before or is_saved(folder):
            assert number_in(folder) in (before - 1, before)
        write_step(folder, files(before + 1), keep=2)
        assert number_in(folder) == before + 1
        rest = set(os.listdir(folder)) - {POINTER}
        assert all(name.startswith("step-") for name in rest)
        assert len(rest) <= 3
        assert not before or {number_in(folder / name) for name in rest} <= {*range(before + 2)}  # all are whole
        if not fails and at > 20:
            return
    raise AssertionError("a save has no end")


@POSIX
@pytest.mark.slow
def test_a_save_that_is_killed_at_any_moment_leaves_a_whole_step(tmp_path):
    write_step(tmp_path, files(0))
    for _ in range(100):
        if (pid := os.fork()) == 0:
            for number in range(1, 1000):
                write_step(tmp_path, files(number))
        time.sleep(random.uniform(0, 0.1))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert number_in(tmp_path) >= 0
    write_step(tmp_path, files(7))
    assert sorted(os.listdir(tmp_path))[0] == POINTER
    assert len(os.listdir(tmp_path)) <= 5  # the pointer, the last step, three old ones


def test_no_flipped_bit_is_read(tmp_path):
    write_step(tmp_path, files(1))
    path = write_step(tmp_path, files(2))
    chance = random.Random(0)
    for name in (tmp_path / POINTER, *(tmp_path.joinpath(path, name) for name in (CHECKSUMS, CONFIG, MODEL))):
        whole = name.read_bytes()
        for _ in range(150):
            place, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
            name.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            try:
                found = number_in(tmp_path)
            except SpecError as error:
                assert error.problems[0].file.startswith(str(tmp_path))
            else:  # a space between two words is another one
                assert found == 2
                assert name.name in (POINTER,)
                assert whole[place : place + 1].isspace()
        name.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(SpecError):
            number_in(tmp_path)
        name.unlink()
        with pytest.raises(SpecError):
            number_in(tmp_path)
        name.write_bytes(whole)
    assert number_in(tmp_path) == 2


def test_old_steps_stay_as_many_as_are_kept(tmp_path):
    for number in range(6):
        write_step(tmp_path, files(number), keep=2)
    assert sorted(os.listdir(tmp_path)) == [POINTER, "step-4", "step-5", "step-6"]
    assert json.loads(last_step(tmp_path / "step-4").read(CONFIG))["number"] == 3
    write_step(tmp_path, files(6), keep=0)
    assert sorted(os.listdir(tmp_path)) == [POINTER, "step-7"]


def test_what_is_somebody_elses_stays(tmp_path):
    for name in ("step-1", "step-9", "step-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")
    for number in range(3):
        write_step(tmp_path, files(number), keep=0)
    assert sorted(os.listdir(tmp_path)) == [POINTER, "notes.txt", "step-1", "step-12", "step-9", "step-x"]


def test_a_lost_pointer_costs_no_step(tmp_path):
    for number in range(3):
        write_step(tmp_path, files(number))
    (tmp_path / POINTER).write_text("{}")
    with pytest.raises(SpecError, match="names no step"):
        last_step(tmp_path)
    write_step(tmp_path, files(3))
    assert len(os.listdir(tmp_path)) == 5
    assert number_in(tmp_path) == 3


@pytest.mark.parametrize("step", ["../elsewhere", "step-0", "step-1/../../x", 1, None, "step-9"])
def test_a_pointer_leads_to_a_step_of_its_folder_only(step, tmp_path):
    write_step(tmp_path / "elsewhere", files(1))
    write_step(tmp_path / "saved", files(1))
    pointer = json.loads((tmp_path / "saved" / POINTER).read_text())
    (tmp_path / "saved" / POINTER).write_text(json.dumps({**pointer, "step": step}))
    with pytest.raises(SpecError):
        last_step(tmp_path / "saved")


@pytest.mark.parametrize("text", ["[]", "{", "[" * 100_000, '{"sha256": {"../../etc/passwd": ""}}', '{"sha256": 1}'])
def test_checksums_name_files_of_ours_only(text, tmp_path):
    path = write_step(tmp_path, files(1))
    tmp_path.joinpath(path, CHECKSUMS).write_text(text)
    with pytest.raises(SpecError):
        last_step(path)


@pytest.mark.parametrize("name", ["nothing", "file", "empty"])
def test_a_folder_of_something_else_is_told(name, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SpecError, match=r"bundle\.save\(folder\)"):
        last_step(tmp_path / name)
    assert not is_saved(tmp_path / name)


def test_a_pipe_is_not_waited_for(tmp_path):
    path = write_step(tmp_path, files(1))
    os.unlink(os.path.join(path, MODEL))
    os.mkfifo(os.path.join(path, MODEL))
    with pytest.raises(SpecError, match="pipe"):
        last_step(tmp_path).read(MODEL)


def test_a_spec_is_read_where_there_is_one(tmp_path):
    write_step(tmp_path, files(1))
    assert spec_of(tmp_path) == {"type": "MLPNet"}
    write_step(tmp_path, {CONFIG: b"{}"})
    with pytest.raises(SpecError, match="has no spec"):
        spec_of(tmp_path)
    assert last_step(tmp_path).path.endswith("step-2")
    assert MODEL not in last_step(tmp_path)
    assert CONFIG in FILES
