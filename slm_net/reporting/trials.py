"""The trials of a search for people: a table on the terminal, and a picture."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from slm_net.reporting.terminal import has_colour, say, width
from slm_net.words import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.text import Text

#: Trials that a table has at most, the best ones; and what a picture has of varied keys.
MOST_ROWS, MOST_KEYS = 20, 8
COLOURS = {"complete": "tab:blue", "pruned": "tab:gray"}
STYLES = {"complete": "", "pruned": "dim", "failed": "red"}


@dataclass(frozen=True)
class Tried:
    """One trial that is over: "complete", "pruned" (ended early, with its last value) or "failed" (with its error)."""

    number: int
    state: str
    value: float | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""


def ranked(trials: Iterable[Tried], maximize: bool) -> list[Tried]:
    """The trials from the best to the worst: complete ones, those that were ended early, failed ones."""
    order, sign = list(STYLES), -1 if maximize else 1

    def rank(trial: Tried) -> tuple[Any, ...]:
        return order.index(trial.state), trial.value is None, sign * (trial.value or 0), trial.number

    return sorted(trials, key=rank)


def best_of(trials: Iterable[Tried], maximize: bool) -> Tried | None:
    """The best of the complete trials, the first of equal ones."""
    return next((trial for trial in ranked(trials, maximize) if trial.state == "complete"), None)


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """The shortest end of each path that no other path has, and that begins with a name, not with an index.

    >>> short_names(["agent.net.optim_spec.lr", "agent.net.gpu", "agent.critic_net.optim_spec.lr"])
    {'agent.net.optim_spec.lr': 'net.optim_spec.lr', 'agent.net.gpu': 'gpu',
     'agent.critic_net.optim_spec.lr': 'critic_net.optim_spec.lr'}
    """
    paths = list(paths)
    ends = {path: [".".join(path.split(".")[-n:]) for n in range(1, path.count(".") + 2)] for path in paths}
    counts: dict[str, int] = {}
    for end in (end for own in ends.values() for end in own):
        counts[end] = counts.get(end, 0) + 1
    fit = {path: [end for end in own if counts[end] == 1 and not end[0].isdigit()] for path, own in ends.items()}
    return {path: next(iter(own), path) for path, own in fit.items()}


def written(value: Any) -> str:
    """A drawn value or a result, short and safe to print.

    >>> written(0.000123456), written(187.25), written([64, 32]), written(None), written("re\\x1blu")
    ('0.0001235', '187.2', '[64, 32]', 'null', 're\\\\x1blu')
    """
    import json

    if isinstance(value, float):
        return f"{value:.4g}" if not 1e4 <= abs(value) < 1e15 else f"{value:,.0f}"
    return visible(value if isinstance(value, str) else json.dumps(value), 60)


def write_table(trials: Sequence[Tried], maximize: bool, out: TextIO) -> None:
    """The best trials as a table, with what was drawn for each, as wide as the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    for name, side in (("trial", "right"), ("value", "right"), ("state", "left"), ("time", "right")):
        table.add_column(name, justify=side, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("drawn", overflow="fold")
    rows, names = ranked(trials, maximize), short_names(_paths(trials))
    for trial in rows[:MOST_ROWS]:
        value = "-" if trial.value is None else written(trial.value)
        first = str(trial.number), value, trial.state, _time(trial.seconds)
        table.add_row(*map(Text, first), _drawn(trial, names), style=STYLES[trial.state])
    printed, colour = io.StringIO(), has_colour(out)
    console = Console(
        file=printed,
        width=width(out),
        color_system="standard" if colour else None,
        force_terminal=colour,
        highlight=False,
    )
    console.print(table)
    say("\n".join(line.rstrip() for line in printed.getvalue().splitlines()), out)
    if len(rows) > MOST_ROWS:
        say(f"and {len(rows) - MOST_ROWS} more", out)


def _paths(trials: Iterable[Tried]) -> list[str]:
    """All that was varied."""
    return list(dict.fromkeys(path for trial in trials for path in trial.config))


def _drawn(trial: Tried, names: Mapping[str, str]) -> Text:
    from rich.text import Text

    text = Text(" ").join(
        Text.assemble((f"{visible(names[path], 40)}=", "cyan"), written(value)) for path, value in trial.config.items()
    )
    if trial.error:
        text.append(("\n" if trial.config else "") + visible(trial.error, 200))
    return text


def _time(seconds: float) -> str:
    """A duration in at most 7 columns.

    >>> _time(0.43), _time(65), _time(7300)
    ('0.4 s', '1:05', '2:01:40')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def picture(trials: Sequence[Tried], title: str, maximize: bool, logarithms: Iterable[str] = ()) -> bytes:
    """A PNG of the value of every trial with the best so far, and of the values over each varied key.

    `logarithms` are the paths whose axis is one.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, NullFormatter

    by_number = sorted(trials, key=lambda trial: trial.number)
    paths = _paths(by_number)[:MOST_KEYS]
    names, rows = short_names(paths), math.ceil(len(paths) / 2)
    figure = Figure(figsize=(8, 3.2 + 2.4 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(1 + rows, 2)
    first = figure.add_subplot(grid[0, :])
    _over_trials(first, by_number, maximize)
    first.set(title=_plain(title), xlabel="trial", ylabel="value")
    first.xaxis.set_major_locator(MaxNLocator(integer=True))
    for index, path in enumerate(paths):
        axes = figure.add_subplot(grid[1 + index // 2, index % 2])
        _over_values(axes, by_number, path)
        axes.set(xlabel=_plain(names[path]), ylabel="value")
        if path in set(logarithms):
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110)
    return file.getvalue()


def _over_trials(axes: Axes, trials: Sequence[Tried], maximize: bool) -> None:
    """Each trial at its number, the best of the complete ones so far, and a line where one failed."""
    for state, colour in COLOURS.items():
        numbers, values = _points((trial.number, trial.value) for trial in trials if trial.state == state)
        if numbers:
            axes.plot(numbers, values, "o", color=colour, markersize=4, alpha=0.7, label=state)
        if numbers and state == "complete":
            best = [(max if maximize else min)(values[: end + 1]) for end in range(len(values))]
            axes.step(numbers, best, where="post", color="tab:green", label="best so far")
    failed = [trial.number for trial in trials if trial.state == "failed"]
    for number in failed:
        axes.axvline(number, color="tab:red", linewidth=0.8, alpha=0.4, label="failed" if number == failed[0] else None)
    axes.legend(fontsize="small")


def _over_values(axes: Axes, trials: Sequence[Tried], path: str) -> None:
    """The value of each trial over what was drawn at a path, numbers as numbers and others as names."""
    drawn = [trial for trial in trials if path in trial.config]
    is_number = all(type(trial.config[path]) in (int, float) for trial in drawn)
    for state, colour in COLOURS.items():
        places, values = _points((trial.config[path], trial.value) for trial in drawn if trial.state == state)
        places = places if is_number else [_plain(written(place)[:16]) for place in places]
        axes.plot(places, values, "o", color=colour, markersize=4, alpha=0.7)


def _points(pairs: Iterable[tuple[Any, float | None]]) -> tuple[list[Any], list[float]]:
    """The places and the values of what has a value."""
    points = [(place, value) for place, value in pairs if value is not None]
    return [place for place, _ in points], [value for _, value in points]


def _plain(text: str) -> str:
    """Text that matplotlib takes for no formula."""
    return visible(text).replace("$", r"\$")
