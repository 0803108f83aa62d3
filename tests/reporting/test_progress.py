"""How far a command is: on a terminal alone, when it takes long, and gone at the end."""

import sys
import threading

import pytest

from slm_net.reporting import progress
from slm_net.reporting.progress import following, waiting, with_progress

#: What wipes a line of a terminal away.
CLEARED = "\x1b[2K"


@pytest.fixture
def terminal(monkeypatch):
    """Whether standard error is a terminal."""

    def pretend(is_one):
        monkeypatch.setattr(progress, "is_terminal", lambda stream: is_one)

    return pretend


def test_nothing_is_said_to_a_pipe(capsys):
    assert list(with_progress("abc", 3, patience=0)) == ["a", "b", "c"]
    with (line := waiting("building", patience=0)):
        assert not line.timer.is_alive()
    assert capsys.readouterr() == ("", "")


def test_nothing_is_said_of_what_is_quick(capsys, terminal, monkeypatch):
    terminal(True)
    monkeypatch.setitem(sys.modules, "rich.live", None)
    assert list(with_progress("abc", 3, patience=99)) == ["a", "b", "c"]
    with (line := waiting("building", patience=99)):
        pass
    line.timer.join()
    assert capsys.readouterr() == ("", "")


def test_files_are_counted(capsys, terminal):
    terminal(True)
    before = threading.active_count()
    for _ in with_progress("abc", 1_003, patience=0):
        assert threading.active_count() == before
    said = capsys.readouterr()
    assert list(with_progress("a", 1, patience=0)) == ["a"] and capsys.readouterr().err == ""
    assert "1 of 1,003 files" in said.err and said.out == ""
    assert said.err.rindex(CLEARED) > said.err.rindex("of 1,003 files")


@pytest.mark.parametrize("error", [False, True])
def test_what_takes_long_is_said_and_cleared(capsys, terminal, error):
    terminal(True)
    text = "exporting [bold]a[/bold].onnx"
    try:
        with (line := waiting(text, patience=0)):
            line.timer.join()
            print("a result")
            if error:
                raise ValueError
    except ValueError:
        pass
    said = capsys.readouterr()
    assert f"{text} ..." in said.err and said.out == "a result\n"
    assert said.err.rindex(CLEARED) > said.err.rindex(text)


def test_what_becomes_of_something_is_a_line_each_in_a_pipe(capsys):
    with following() as line:
        line.update("1 of 2")
        line.note("trial 1 failed: ::error::x")
        line.update("2 of 2")
    assert capsys.readouterr() == ("", "1 of 2\ntrial 1 failed: ::error::x\n2 of 2\n")


def test_on_a_terminal_it_is_one_line_that_is_gone_at_the_end(capsys, terminal):
    terminal(True)
    with following() as line:
        line.note("there are some")
        line.update("1 of [2]")
        line.note("trial 1 failed: [bold]")
        line.update("2 of [2]")
    said = capsys.readouterr().err
    assert said.startswith("there are some\n") and "trial 1 failed: [bold]\n" in said and "1 of [2]" in said
    assert said.rindex(CLEARED) > said.rindex("2 of [2]")
