"""The trials of a search as a table and as a picture."""

import io

import pytest

from slm_net.reporting.trials import Tried, best_of, picture, ranked, short_names, write_table

TRIALS = [
    Tried(0, "complete", 3.0, {"agent.net.lr": 0.1, "agent.net.hid_layers": [64]}, seconds=3725),
    Tried(1, "failed", None, {"agent.net.lr": 0.2, "agent.net.hid_layers": [8]}, error="ValueError: no room"),
    Tried(2, "pruned", 99.0, {"agent.net.lr": 0.3, "agent.net.hid_layers": [8]}, seconds=0.5),
    Tried(3, "complete", 7.0, {"agent.net.lr": 0.4, "agent.net.hid_layers": [64]}, seconds=65),
    Tried(4, "complete", 7.0, {"agent.net.lr": 0.5, "agent.net.hid_layers": [64]}, seconds=65),
]


def table(trials, maximize=True):
    out = io.StringIO()
    write_table(trials, maximize, out)
    return out.getvalue()


@pytest.mark.parametrize(("maximize", "order"), [(True, [3, 4, 0, 2, 1]), (False, [0, 3, 4, 2, 1])])
def test_complete_trials_come_first_and_failed_ones_last(maximize, order):
    assert [trial.number for trial in ranked(TRIALS, maximize)] == order
    assert best_of(TRIALS, maximize).number == order[0]
    assert best_of(TRIALS[1:3], maximize) is None


def test_a_table_has_what_was_drawn_and_why_it_failed():
    lines = table(TRIALS).splitlines()
    assert lines[0].split() == ["trial", "value", "state", "time", "drawn"]
    assert lines[2].split() == ["3", "7", "complete", "1:05", "lr=0.4", "hid_layers=[64]"]
    assert "1:02:05" in lines[4] and lines[-2].split()[:4] == ["1", "-", "failed", "0.0"]
    assert lines[-1].strip() == "ValueError: no room"


def test_a_table_of_many_has_the_best():
    many = [Tried(number, "complete", float(number), {"a.lr": 0.1}) for number in range(100)]
    lines = table(many).splitlines()
    assert len(lines) == 2 + 20 + 1 and lines[2].split()[0] == "99" and lines[-1] == "and 80 more"


def test_a_table_fits_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    odd = Tried(5, "failed", None, {f"agent.net.{'k' * 60}{n}": "v" * 100 for n in range(3)}, error="e" * 500)
    write_table([*TRIALS, odd], True, out)
    assert max(map(len, out.getvalue().splitlines())) <= 80


def test_what_a_spec_says_is_safe_to_print():
    printed = table([Tried(0, "failed", None, {"net.a\x1b[2J": "\x1b[31m::error::"}, error="\x1b[0m::error::x")])
    assert "\x1b" not in printed and "\n::error" not in printed


def test_names_are_as_short_as_they_can_be():
    paths = ["agent.net.lr", "agent.critic_net.lr", "env.max_t", "lr"]
    assert list(short_names(paths).values()) == ["net.lr", "critic_net.lr", "max_t", "lr"]
    assert list(short_names(["agent.net.hid_layers.0", "agent.0.net.gpu"]).values()) == ["hid_layers.0", "gpu"]


@pytest.mark.parametrize("trials", [TRIALS, TRIALS[1:2], TRIALS[2:3], [Tried(0, "failed")]])
def test_a_picture_is_drawn_of_any_trials(trials):
    pytest.importorskip("matplotlib")
    assert picture(trials, "$x$ \x1b", True, ["agent.net.lr"]).startswith(b"\x89PNG")
