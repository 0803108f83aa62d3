"""A build on a terminal: the same cells as the plain text, with a table and colour."""

from __future__ import annotations

from typing import Literal, TextIO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from slm_net.cli.build_facts import Facts
from slm_net.cli.build_report import COLUMNS, layer_cells, part_cells, step_cells, title
from slm_net.cli.terminal import has_colour
from slm_net.words import visible


def print_rich(facts: Facts, out: TextIO) -> None:
    """Title, dims, layer table, parts and training step."""
    colours: Literal["auto"] | None = "auto" if has_colour(out) else None
    console = Console(file=out, color_system=colours, highlight=False, markup=False, emoji=False)
    name, kind, file = title(facts)
    console.print(Text.assemble((name, "bold"), "  ", (kind, "bold cyan"), "  ", (file, "dim")))
    for note in facts.notes:
        console.print(_indented(Text(visible(note, 500))))
    console.print("", _indented(_layers(facts)), "", sep="\n")
    console.print(_pairs(part_cells(facts)))
    if step := step_cells(facts):
        console.print(Text("\ntraining step", "bold"))
        console.print(_pairs(step))


def _indented(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, 2), expand=False)


def _layers(facts: Facts) -> Table:
    table = Table(
        box=box.SIMPLE, show_edge=False, show_footer=True, header_style="bold", footer_style="bold", pad_edge=False
    )
    footers = ("total", "", "", f"{facts.parameters:,}")
    for (label, numeric), footer in zip(COLUMNS, footers, strict=True):
        table.add_column(label, footer, justify="right" if numeric else "left", overflow="fold")
    for name, kind, shape, parameters in layer_cells(facts):
        style = "" if parameters != "-" else "dim"
        table.add_row(Text(name), Text(kind, "cyan"), Text(shape), Text(parameters), style=style)
    return table


def _pairs(rows: list[tuple[str, str]]) -> Padding:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", min_width=14)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(Text(label), Text(text))
    return _indented(grid)
