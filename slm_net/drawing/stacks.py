"""The layers of a block as few lines: what comes again stands once, and a long list has no middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from slm_net.drawing.record import LayerFacts, size_text

#: Lines of one block, and layers that may come again together.
MOST, PERIOD = 9, 4


class Line(NamedTuple):
    """A line of a block: a layer, or without one what is left out; `times` counts itself and those that are like it.

    Lines of one `group`, a number from 1, come that often one after another.
    """

    layer: LayerFacts | None
    times: int = 1
    group: int = 0
    left_out: int = 0


def lines_of(layers: Sequence[LayerFacts]) -> list[Line]:
    """The lines.

    >>> linear = LayerFacts("0", "Linear", ((64,),), (64,), 4160)
    >>> [(line.layer.kind, line.times) for line in lines_of([linear] * 6)]
    [('Linear', 6)]
    """
    lines, place, group = list[Line](), 0, 0
    while place < len(layers):
        period, times = _repeated(layers, place)
        if times > 1:
            group += 1
            lines += (Line(layer, times, group) for layer in layers[place : place + period])
        else:
            lines.append(Line(layers[place]))
        place += period * times
    if len(lines) > MOST:
        head, tail = lines[: MOST - 3], lines[-2:]
        left = len(layers) - sum(line.times for line in (*head, *tail))
        lines = [*head, Line(None, left_out=left), *tail]
    return lines


def _repeated(layers: Sequence[LayerFacts], place: int) -> tuple[int, int]:
    """How many layers from here on come again together, and how often: three times at least, two layers twice."""
    alike = [_alike(layer) for layer in layers[place : place + 1000]]
    for period in range(1, PERIOD + 1):
        times = 1
        while alike[:period] == alike[times * period : (times + 1) * period]:
            times += 1
        if times > 2 or (times == 2 and period > 1):
            return period, times
    return 1, 1


def _alike(layer: LayerFacts) -> LayerFacts:
    """What makes two layers the same but for their names."""
    return replace(layer, name="", residual=int(bool(layer.residual)), activations=0)


def line_text(line: Line) -> str:
    """A line in words.

    >>> line_text(Line(LayerFacts("0", "Conv2d", ((4, 84, 84),), (32, 20, 20), 8224, activation="ReLU", detail="8")))
    'Conv2d 8 → 32×20×20, ReLU'
    """
    if line.layer is None:
        return f"… {line.left_out:,} more layers"
    layer = line.layer
    words = " ".join(filter(None, (layer.kind, layer.detail)))
    times = f"{line.times} × " if line.times > 1 else ""
    return f"{times}{words} → {size_text(layer.output)}" + (f", {layer.activation}" if layer.activation else "")
