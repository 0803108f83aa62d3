import shutil
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm_net.reporting.terminal import Excerpts, cells, columns


def under(lines):
    """What stands above the carets, by terminal columns."""
    source, carets = lines
    start, width = carets.index("^"), carets.count("^")
    columns = [char for char in source for _ in range(cells(char))]
    return "".join(columns[start : start + width])


@pytest.mark.parametrize(
    ("text", "column", "culprit"),
    [
        ('{"lr": "high"}', 8, '"high"'),
        ('{"lr": "a\\"b, c"}', 8, '"a\\"b, c"'),
        ('{"lr": -1e-3}', 8, "-1e-3"),
        ("lr: high, x", 5, "high"),
        ('{"a": [1, 2]}', 7, "["),
        ('\t\t"lr": 3', 9, "3"),
        ('{"e\u0301": 3}', 8, "3"),
        ('{"lr": "open', 8, '"open'),
    ],
)
def test_carets_stand_under_the_culprit(text, column, culprit):
    assert under(Excerpts(text, 80).at(1, column, "error")) == culprit


def test_carets_count_wide_characters_twice():
    source, carets = Excerpts('{"漢字": 3}', 80).at(1, 8, "error")
    assert cells(source[: source.index("3")]) == carets.index("^")


def test_lines_end_as_editors_say():
    excerpts = Excerpts("a\r\nb\rc\nd", 80)
    assert [excerpts.at(line, 1, "error")[0].split("| ")[1] for line in (1, 2, 3, 4)] == ["a", "b", "c", "d"]


def test_the_end_of_a_text_has_a_caret_too():
    assert Excerpts("{", 80).at(1, 2, "error") == ["  1 | {", "    |  ^"]


@pytest.mark.parametrize(("line", "column"), [(0, 0), (0, 1), (9, 1), (1, 0)])
def test_no_place_no_excerpt(line, column):
    assert Excerpts('{"a": 1}', 80).at(line, column, "error") == []


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("where", [0, 5, 5000, 9_990, 9_995])
def test_a_minified_line_is_cut_around_the_culprit(width, where):
    text = ("{" + "1234," * 2000)[: where + 1] + '"culprit",' + "5678," * (2000 - where // 5)
    lines = Excerpts(text, width).at(1, where + 2, "error")
    assert under(lines) == '"culprit"'
    assert all(len(line) <= width for line in lines)


def test_a_culprit_longer_than_the_line_is_cut():
    lines = Excerpts('{"lr": "' + "x" * 1_000_000 + '"}', 80).at(1, 8, "error")
    assert under(lines).startswith('"xxx')
    assert under(lines).endswith("...")
    assert all(len(line) <= 80 for line in lines)


@given(st.text(max_size=300), st.integers(1, 10), st.integers(1, 300), st.sampled_from([40, 80]))
def test_any_text_gives_printable_lines_of_the_width(text, line, column, width):
    lines = Excerpts(text, width).at(line, column, "error")
    assert all(cells(part) <= width for part in lines)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for part in lines for char in part)


@pytest.mark.parametrize("said", ["", "0", "57"])
def test_columns_are_those_of_the_standard_library(monkeypatch, said):
    monkeypatch.setenv("COLUMNS", said)
    assert columns() == (57 if said == "57" else shutil.get_terminal_size().columns)
