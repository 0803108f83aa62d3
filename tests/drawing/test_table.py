import re

from agents_shown import HOSTILE, hostile_facts, named

from slm_net.drawing.table import as_markdown, as_text, layer_rows, text_table
from slm_net.words import cells


def test_a_narrow_terminal_breaks_names_not_numbers():
    for width in (60, 80, 120):
        text = as_text(named("arc_residual_mlp"), width)
        assert max(map(cells, text.splitlines())) <= max(width, 70)
        assert "267,398" in text


def test_hostile_names_are_printed_and_do_nothing():
    text = as_text(hostile_facts(), 200)
    assert "\x1b" not in text
    assert "\\x1b[2J" in text
    assert all(f"body.{name}.0" in text for name in HOSTILE)


def test_the_rows_of_a_table():
    rows = layer_rows(named("dueling_conv").nets[0]).rows
    assert rows[0] == ("conv_model.0", "Conv2d", "ReLU", "4×84×84 → 32×20×20", "8,224", "3,276,800")
    assert rows[-1] == ("total", "", "", "", "1,686,693", "9,345,536")
    assert "activation" in text_table(layer_rows(named("dueling_conv").nets[0]))


def test_markdown_has_as_many_cells_in_each_row_whatever_the_names():
    tables = re.findall(r"(?:^\|.*\n?)+", as_markdown(hostile_facts()), re.MULTILINE)
    for table in tables:
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(counts) == 1
    assert len(tables) == 2
    assert "<" not in re.sub(r"\\.", "", as_markdown(hostile_facts()))


def test_an_agent_without_nets():
    assert as_text(named("random_pendulum")) == "random_pendulum, Random has no net"
