"""Nets as a picture: one SVG that scales, has its own background, and follows the reader's light or dark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from slm_net.drawing.layout import Point, laid_out
from slm_net.drawing.record import (
    INPUT,
    OPERATION,
    OUTPUT,
    PARAMETER,
    STACK,
    AgentFacts,
    Block,
    NetFacts,
    count_text,
    numbers,
    size_text,
)
from slm_net.drawing.stacks import Line, line_text, lines_of
from slm_net.drawing.table import dims_text, no_nets, whole_title
from slm_net.net_types.parts import in_part
from slm_net.words import visible

FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'
#: light and dark: background, panels, their edges, text, quiet text, arrows
INKS = {
    "bg": ("#ffffff", "#0d1117"),
    "panel": ("#f8fafc", "#151b23"),
    "edge": ("#d5dce4", "#303946"),
    "ink": ("#17202b", "#e8edf3"),
    "quiet": ("#5b6775", "#9aa7b6"),
    "arrow": ("#8593a3", "#6f7d8d"),
    "card": ("#ffffff", "#1c2430"),
    "conv": ("#2563eb", "#6ba4ff"),
    "dense": ("#0b7a70", "#43c9bb"),
    "recurrent": ("#b45309", "#f5a155"),
    "attention": ("#c0266d", "#f47fb5"),
    "other": ("#64748b", "#94a3b8"),
    "tail": ("#7c3aed", "#b79bff"),
}
#: Which colour a layer has, by what its name begins with.
COLOURS = {
    "conv": ("Conv", "MaxPool", "AvgPool", "Adaptive", "Unfold", "Fold"),
    "dense": ("Linear", "WeightNormLinear", "Bilinear"),
    "recurrent": ("RNN", "GRU", "LSTM", "Embedding"),
    "attention": ("MultiheadAttention", "Transformer"),
}
_CLASS = "slm-net-picture"


def inks(dark: bool) -> str:
    """The colours as variables of CSS."""
    return ";".join(f"--{name}:{pair[dark]}" for name, pair in INKS.items())


def _style() -> str:
    colours = "".join(f".{_CLASS} .{name}{{--own:var(--{name})}}" for name in (*COLOURS, "other", "tail"))
    return (
        f".{_CLASS}{{{inks(dark=False)};font-family:{FONT};font-size:13px}}"
        f"@media(prefers-color-scheme:dark){{.{_CLASS}{{{inks(dark=True)}}}}}"
        f".{_CLASS} .bg{{fill:var(--bg)}}.{_CLASS} .panel{{fill:var(--panel);stroke:var(--edge)}}"
        f".{_CLASS} .copy{{stroke-dasharray:4 3}}"
        f".{_CLASS} .card{{fill:var(--card);stroke:var(--own);stroke-opacity:.55}}"
        f".{_CLASS} .bar{{fill:var(--own)}}.{_CLASS} .pill{{fill:var(--bg);stroke:var(--arrow)}}"
        f".{_CLASS} .op{{fill:var(--panel);stroke:var(--arrow)}}"
        f".{_CLASS} .way{{fill:none;stroke:var(--arrow);stroke-width:1.5}}.{_CLASS} .tip{{fill:var(--arrow)}}"
        f".{_CLASS} text{{fill:var(--ink)}}.{_CLASS} .quiet{{fill:var(--quiet);font-size:12px}}"
        f".{_CLASS} .size{{fill:var(--quiet);font-size:12px;stroke:var(--panel);stroke-width:4px;paint-order:stroke}}"
        f".{_CLASS} .name{{font-weight:600;fill:var(--own,var(--ink))}}"
        f".{_CLASS} .title{{font-weight:600;font-size:15px}}"
        f".{_CLASS} .loop{{fill:none;stroke:var(--own);stroke-width:1.25}}{colours}"
    )


#: Around everything, inside panels, a line of text, the height of pills.
MARGIN, INSIDE, LINE, PILL = 16.0, 20.0, 20.0, 30.0
#: Widths that are not passed: a row of panels, a text.
WIDEST, LONGEST = 1240.0, 44
#: More boxes than anybody looks at are drawn as one; then of its inputs and its outputs no more are beside each other.
MOST, FEW = 120, 8


class Drawn(NamedTuple):
    """A part of a picture, and its size."""

    text: str
    width: float
    height: float


def as_svg(facts: AgentFacts) -> str:
    """All nets side by side, or in rows where that would be too wide."""
    columns = [_with_copies(net, facts.nets) for net in facts.nets if not net.copies] or [_words(no_nets(facts))]
    rows, row = list[list[Drawn]](), list[Drawn]()
    for column in columns:
        if row and sum(part.width + MARGIN for part in (*row, column)) > WIDEST:
            rows.append(row)
            row = []
        row.append(column)
    body = _column([_row(row) for row in (*rows, row)])
    return whole(body, whole_title(facts), _said(facts.nets) or no_nets(facts))


def net_svg(net: NetFacts, nets: Sequence[NetFacts] = ()) -> str:
    """One net alone, with those that follow it."""
    return whole(_with_copies(net, nets), f"{net.name}: {net.type}", _said([net]))


def _with_copies(net: NetFacts, nets: Sequence[NetFacts]) -> Drawn:
    """A net, and below it those that follow it, all as wide as the widest."""
    copies = [copy for copy in nets if copy.copies == net.name]
    width = max([_panel(net).width, *(_copy(copy).width for copy in copies)])
    return _column([_panel(net, width), *(_copy(copy, width) for copy in copies)])


def whole(body: Drawn, title: str, description: str) -> str:
    """A picture as a file of its own, or as part of a page."""
    width, height = body.width + 2 * MARGIN, body.height + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{_CLASS}" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" style="max-width:100%;height:auto" role="img" '
        f"aria-label={quoteattr(_safe(title, 120))}>\n<title>{_text(title, 120)}</title>\n"
        f"<desc>{_text(description, 4000)}</desc>\n<style>{_style()}</style>\n"
        f'<rect class="bg" width="{_n(width)}" height="{_n(height)}" rx="10"/>\n'
        f"{_moved(body.text, MARGIN, MARGIN)}</svg>\n"
    )


def _said(nets: Sequence[NetFacts]) -> str:
    """The picture in words."""
    return " ".join(
        f"{net.name} follows {net.copies}."
        if net.copies
        else f"{net.name}, {net.type}, from {dims_text(net.in_dim)} to {dims_text(net.out_dim)}: "
        + ", ".join(block.name for block in net.blocks[:MOST])
        + f"; {net.parameters:,} parameters."
        for net in nets
    )


# --- panels


def _panel(net: NetFacts, least: float = 0.0) -> Drawn:
    """A net in a frame with its name, its type, and what it costs."""
    graph = _graph(net)
    costs = f"{count_text(net.parameters)} parameters · {count_text(net.multiply_adds)} multiply-adds"
    head = _wide(net.name, 15, True) + 10 + _wide(net.type, 13)
    width = max(max(graph.width, head, _wide(costs, 12)) + 2 * INSIDE, least)
    lines = (
        f'<text class="title" x="{_n(INSIDE)}" y="27">{_text(net.name)}'
        f'<tspan class="quiet" dx="8" style="font-weight:400;font-size:13px">{_text(net.type)}</tspan></text>\n'
        f'<text class="quiet" x="{_n(INSIDE)}" y="46">{_text(costs)}</text>\n'
    )
    inner = _moved(graph.text, (width - graph.width) / 2, 66)
    height = graph.height + 66 + INSIDE
    frame = f'<rect class="panel" width="{_n(width)}" height="{_n(height)}" rx="8"/>\n'
    return Drawn(frame + lines + inner, width, height)


def _copy(net: NetFacts, least: float = 0.0) -> Drawn:
    """A net that follows another, which has its layers."""
    return _words(net.name, f"follows {net.copies}: {net.follows}", least)


def _words(title: str, more: str = "", least: float = 0.0) -> Drawn:
    width = max(max(_wide(title, 13, True), _wide(more, 12)) + 2 * INSIDE, least)
    height = 56.0 if more else 38.0
    frame = f'<rect class="panel{" copy" if more else ""}" width="{_n(width)}" height="{_n(height)}" rx="8"/>\n'
    text = f'<text class="name" x="{_n(INSIDE)}" y="24">{_text(title)}</text>\n'
    below = f'<text class="quiet" x="{_n(INSIDE)}" y="43">{_text(more)}</text>\n' if more else ""
    return Drawn(frame + text + below, width, height)


def _row(parts: Sequence[Drawn]) -> Drawn:
    text, x = "", 0.0
    for part in parts:
        text += _moved(part.text, x, 0)
        x += part.width + MARGIN
    return Drawn(text, x - MARGIN, max(part.height for part in parts))


def _column(parts: Sequence[Drawn]) -> Drawn:
    text, y = "", 0.0
    for part in parts:
        text += _moved(part.text, 0, y)
        y += part.height + MARGIN
    return Drawn(text, max(part.width for part in parts), y - MARGIN)


# --- the graph of a net


def _graph(net: NetFacts) -> Drawn:
    blocks, arrows = _few(net)
    boxes = [_box(block) for block in blocks]
    ends = [place for place, block in enumerate(blocks) if block.kind == OUTPUT]
    late = [place for place, block in enumerate(blocks) if block.kind == PARAMETER]
    sources = dict.fromkeys(start for start, _ in arrows)
    beside = [2 * (10 + _wide(size_text(block.output), 12)) if i in sources else 0 for i, block in enumerate(blocks)]
    spaces = [(max(box.width, room), box.height) for box, room in zip(boxes, beside, strict=True)]
    laid = laid_out(spaces, arrows, ends, late)
    ways = "".join(map(_way, laid.ways.values()))
    corners = [
        (x + (space[0] - box.width) / 2, y) for (x, y), space, box in zip(laid.corners, spaces, boxes, strict=True)
    ]
    parts = "".join(_moved(box.text, *corner) for box, corner in zip(boxes, corners, strict=True))
    sizes = "".join(_size(blocks[place], boxes[place], corners[place]) for place in sources)
    return Drawn(ways + sizes + parts, laid.width, laid.height)


def _few(net: NetFacts) -> tuple[Sequence[Block], Sequence[tuple[int, int]]]:
    """The blocks and arrows; of very many the inputs, one block of all layers, the outputs."""
    if len(net.blocks) <= MOST and len(net.arrows) <= 2 * MOST:
        return net.blocks, net.arrows
    inputs, outputs = (_some([block for block in net.blocks if block.kind == kind]) for kind in (INPUT, OUTPUT))
    layers = tuple(net.layers)
    body = Block(net.type, STACK, layers, layers[-1].output if layers else None)
    place = len(inputs)
    arrows = [*((i, place) for i in range(place)), *((place, place + 1 + i) for i in range(len(outputs)))]
    return [*inputs, body, *outputs], arrows


def _some(blocks: list[Block]) -> list[Block]:
    """Inputs or outputs; of many the first, how many more there are, and the last."""
    if len(blocks) <= FEW:
        return blocks
    more = replace(blocks[-2], name=f"… {len(blocks) - FEW + 1:,} more")
    return [*blocks[: FEW - 2], more, blocks[-1]]


def _size(block: Block, box: Drawn, corner: Point) -> str:
    """The sizes of what leaves a block, beside the arrow."""
    x, y = corner[0] + box.width / 2 + 8, corner[1] + box.height + 16
    return f'<text class="size" x="{_n(x)}" y="{_n(y)}">{_text(size_text(block.output))}</text>\n'


#: How far an arrow goes straight down, past the sizes that stand beside it.
STEM = 20.0


def _way(points: Sequence[Point]) -> str:
    """An arrow as a line that begins and ends straight down."""
    (x, y), *rest = points
    path = [f"M{_n(x)} {_n(y)}", f"V{_n(y + STEM)}"]
    y += STEM
    for index, (to_x, to_y) in enumerate(rest):
        last = index == len(rest) - 1
        end = to_y - 8 if last else to_y
        half = (y + end) / 2
        curve = f"C{_n(x)} {_n(half)} {_n(to_x)} {_n(half)} {_n(to_x)} {_n(end)}"
        path.append(f"V{_n(end)}" if abs(to_x - x) < 0.5 else curve)
        x, y = to_x, end
    tip = f"M{_n(x - 4)} {_n(y)}h8l-4 8z"
    return f'<path class="way" d="{"".join(path)}"/><path class="tip" d="{tip}"/>\n'


# --- boxes


def _box(block: Block) -> Drawn:
    if block.kind in (INPUT, OUTPUT):
        return _pill(block.name, "pill", PILL / 2)
    if block.kind == OPERATION:
        layer = block.layers[0] if block.layers else None
        said = f"{layer.kind} {layer.detail}".strip() if layer else ""
        return _pill(block.name, "op", 6, said)
    return _card(block)


def _pill(name: str, kind: str, radius: float, more: str = "") -> Drawn:
    width = _wide(name, 13) + (8 + _wide(more, 12) if more else 0) + 28
    quiet = f'<tspan class="quiet" dx="8">{_text(more)}</tspan>' if more else ""
    text = f'<text x="{_n(width / 2)}" y="20" text-anchor="middle">{_text(name)}{quiet}</text>\n'
    return Drawn(f'<rect class="{kind}" width="{_n(width)}" height="{_n(PILL)}" rx="{_n(radius)}"/>{text}', width, PILL)


#: The columns of a card: where lines begin, what stands between a line and its size, and room for loops and brackets.
LEFT, GAP, LOOP, BRACKET = 16.0, 18.0, 16.0, 30.0


def _card(block: Block) -> Drawn:
    """Layers in a row, each with what leaves it; the name and the parameters above."""
    lines = [] if block.again else lines_of(block.layers)
    indent = LEFT + (LOOP if any(line.layer and line.layer.residual for line in lines) else 0)
    times = [line.times for line in lines if line.times > 1]
    bracket = max(BRACKET, 8 + _wide(f"×{max(times)}", 12)) if times else 0
    count = sum(layer.parameters for layer in block.layers)
    cost = f"the layers of {block.again}" if block.again else count_text(count) if count else ""
    words = [_words_of(line) for line in lines]
    sizes = ["" if line.layer is None else size_text(line.layer.output) for line in lines]
    text = max((_wide(kind, 13) + 5 + _wide(more, 12) for kind, more in words), default=0) + GAP
    widest = max((_wide(size, 12) for size in sizes), default=0)
    head = LEFT + _wide(block.name, 13, True) + (GAP + _wide(cost, 12) if cost else 0) + 12
    width = max(head, indent + text + widest + bracket + 12)
    height = 32 + (LINE * len(lines) + 2 if lines else 0)
    parts = [_head(block, cost, width, height)]
    for index, (said, size) in enumerate(zip(words, sizes, strict=True)):
        parts.append(_line(said, size, indent, width - 12 - bracket, 24 + LINE * (index + 1)))
    parts += [*_loops(lines, LEFT), *_brackets(lines, width - 12 - bracket + 6)]
    return Drawn(f'<g class="{_colour(block)}">{"".join(parts)}</g>\n', width, height)


def _head(block: Block, cost: str, width: float, height: float) -> str:
    frame = f'<rect class="card" width="{_n(width)}" height="{_n(height)}" rx="6"/>'
    bar = f'<path class="bar" d="M6 0A6 6 0 0 0 0 6V{_n(height - 6)}A6 6 0 0 0 6 {_n(height)}Z"/>'
    name = f'<text class="name" x="{_n(LEFT)}" y="21">{_text(block.name)}</text>'
    right = f'<text class="quiet" x="{_n(width - 12)}" y="21" text-anchor="end">{_text(cost)}</text>' if cost else ""
    return f"{frame}{bar}{name}{right}\n"


def _words_of(line: Line) -> tuple[str, str]:
    """A line in two parts: what it is, and what is beside that."""
    if line.layer is None:
        return "", line_text(line)
    layer = line.layer
    return _safe(layer.kind), _safe(" · ".join(filter(None, (layer.detail, layer.activation))))


def _line(said: tuple[str, str], size: str, x: float, right: float, y: float) -> str:
    kind, more = said
    quiet = f'<tspan class="quiet" dx="{5 if kind else 0}">{_text(more)}</tspan>' if more else ""
    out = f'<text class="quiet" x="{_n(right)}" y="{_n(y)}" text-anchor="end">{_text(size)}</text>' if size else ""
    return f'<text x="{_n(x)}" y="{_n(y)}">{_text(kind)}{quiet}</text>{out}\n'


def _loops(lines: Sequence[Line], x: float) -> Iterator[str]:
    """A line past the layers that are added to what went in."""
    for first, last in _runs([line.layer.residual if line.layer else 0 for line in lines]):
        top, end = 32 + LINE * first, 20 + LINE * (last + 1)
        line = f"M{_n(x + 10)} {_n(top)}H{_n(x + 4)}V{_n(end - 4)}"
        plus = f"M{_n(x)} {_n(end)}a4 4 0 1 0 8 0a4 4 0 1 0-8 0h8m-4-4v8"
        yield f'<path class="loop" d="{line}{plus}"><title>added to what went in</title></path>\n'


def _brackets(lines: Sequence[Line], x: float) -> Iterator[str]:
    """How often lines come one after another."""
    for first, last in _runs([line.group for line in lines]):
        top, end, times = 32 + LINE * first, 28 + LINE * (last + 1), lines[first].times
        yield f'<path class="loop" d="M{_n(x)} {_n(top)}h3V{_n(end)}h-3"/>'
        yield f'<text class="quiet" x="{_n(x + 7)}" y="{_n((top + end) / 2 + 4)}">×{times}</text>\n'


def _runs(marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last place of each run of one mark above 0."""
    start = 0
    for place in range(1, len(marks) + 1):
        if place == len(marks) or marks[place] != marks[start]:
            if marks[start]:
                yield start, place - 1
            start = place


def _colour(block: Block) -> str:
    """By what most parameters are of; output layers have their own."""
    if in_part(block.layers[0].name if block.layers else block.name, ["tails"]):
        return "tail"
    kinds: dict[str, int] = {}
    for layer in block.layers:
        kinds[layer.kind] = kinds.get(layer.kind, 0) + layer.parameters + min(1, numbers(layer.output))
    most = max(kinds, key=kinds.__getitem__, default="")
    return next((colour for colour, begins in COLOURS.items() if most.startswith(begins)), "other")


# --- texts


def _moved(text: str, x: float, y: float) -> str:
    return f'<g transform="translate({_n(x)} {_n(y)})">{text}</g>\n' if x or y else text


def _n(number: float) -> str:
    """A number with one digit behind the point at most."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


#: What no XML may have, and what turns texts round.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _safe(text: str, limit: int = LONGEST) -> str:
    return _REFUSED.sub("?", visible(text, limit))


def _text(text: str, limit: int = 120) -> str:
    """A text that stands in SVG and HTML as what it is."""
    return escape(_safe(text, limit))


#: The widths of letters in parts of the height, as the fonts of systems have them at most.
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]{} ·-"), frozenset("mwMW@%→…")


def _wide(text: str, size: float, strong: bool = False) -> float:
    """How wide a text is, rather too wide."""
    return sum(map(_width, _safe(text))) * size * (1.06 if strong else 1.0)


def _width(char: str) -> float:
    if char in _NARROW or char in _WIDE:
        return 0.36 if char in _NARROW else 0.95
    if not char.isascii() and unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.72 if char.isupper() else 0.62
