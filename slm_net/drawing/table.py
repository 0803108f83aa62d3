"""The layers and the memory of nets as tables: rows of texts, as plain text for a terminal, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from slm_net.drawing.record import AgentFacts, LayerFacts, Memory, NetFacts, bytes_text, size_text
from slm_net.words import cells, visible

#: The width of text that nobody has asked another one for.
WIDTH = 100
#: The narrowest that a column of words is made.
LEAST = 8


class Table(NamedTuple):
    """Texts below heads; those of the columns from `numbers` on are numbers. The last row is a total."""

    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: int

    @property
    def used(self) -> list[int]:
        """The places of the columns in which anything stands below the head."""
        return [place for place in range(len(self.heads)) if any(row[place] for row in self.rows)]


def layer_rows(net: NetFacts) -> Table:
    """A row a layer, and the total."""
    rows = [_layer(layer) for layer in net.layers]
    total = ("total", "", "", "", f"{net.parameters:,}", _count(net.multiply_adds))
    return Table(("layer", "type", "activation", "in → out", "parameters", "multiply-adds"), [*rows, total], 4)


def _layer(layer: LayerFacts) -> tuple[str, ...]:
    inputs = " + ".join(map(size_text, dict.fromkeys(layer.inputs)))
    shapes = f"{inputs} → {size_text(layer.output)}" if inputs else size_text(layer.output)
    cost = "-" if layer.multiply_adds == 0 else _count(layer.multiply_adds)
    own = f"{layer.parameters:,}" if layer.parameters else "-"
    return layer.name, layer.kind, layer.activation, shapes, own, cost


def _count(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


def memory_rows(facts: AgentFacts) -> Table:
    """A row a net, and the total."""
    rows = [_memory(net.name, net.memory) for net in facts.nets]
    heads = ("memory", "weights", "gradients", "optimizer", "activations", "total")
    return Table(heads, [*rows, _memory("total", facts.memory)] if len(rows) > 1 else rows, 1)


def _memory(name: str, memory: Memory) -> tuple[str, ...]:
    counts = (memory.weights, memory.gradients, memory.optimizer, memory.activations)
    more = " +" if memory.optimizer is None else ""
    return (name, *("-" if count == 0 else bytes_text(count) for count in counts), bytes_text(memory.total) + more)


def heading(net: NetFacts) -> str:
    """What stands above the layers of a net."""
    return f"{net.name}: {net.type}, {dims_text(net.in_dim)} → {dims_text(net.out_dim)}"


def dims_text(dim: Any) -> str:
    """A dim in words.

    >>> dims_text((4, 84, 84)), dims_text([2, 1]), dims_text({"image": (3, 8, 8), "speed": 4}), dims_text([(4, 8), 6])
    ('4×84×84', '[2, 1]', 'image 3×8×8, speed 4', '[4×8, 6]')
    """
    if isinstance(dim, dict):
        return ", ".join(f"{name} {dims_text(part)}" for name, part in dim.items())
    if isinstance(dim, list):
        return f"[{', '.join(map(dims_text, dim))}]"
    return size_text(dim if isinstance(dim, tuple) else (dim,)) if dim is not None else "?"


def copies_line(net: NetFacts) -> str:
    """What is said of a net that follows another, in place of its layers."""
    return f"{net.name}: the layers of {net.copies}, {net.follows}"


def memory_line(facts: AgentFacts) -> str:
    """What the memory is counted for."""
    batches = dict.fromkeys(net.batch for net in facts.nets)
    optimizers = dict.fromkeys(net.optimizer for net in facts.nets if net.optimizer)
    return f"Memory to train in 32 bits on batches of {' and '.join(map(str, batches))}, {' and '.join(optimizers)}"


def title_line(facts: AgentFacts) -> str:
    """The name and the algorithm."""
    return ", ".join(filter(None, (facts.name, facts.algorithm)))


def whole_title(facts: AgentFacts) -> str:
    """The title of all that is shown: the name and the algorithm, of a net without either its type."""
    return title_line(facts) or (facts.nets[0].type if facts.nets else "net")


def total_line(facts: AgentFacts) -> str:
    """All parameters, and how many of them are trained."""
    trained = "" if facts.trained == facts.parameters else f", {facts.trained:,} of them trained"
    return f"{facts.parameters:,} parameters in all{trained}"


def no_nets(facts: AgentFacts) -> str:
    """What is said of an agent without nets."""
    return f"{title_line(facts) or 'the agent'} has no net"


# --- plain text


def as_text(facts: AgentFacts, width: int = WIDTH, strong: Callable[[str], str] = str) -> str:
    """Everything as text of this width, heads and titles in what `strong` makes of them."""
    shown = [strong(visible(title_line(facts), 200))] if title_line(facts) else []
    for net in facts.nets:
        if net.copies:
            shown.append(strong(visible(copies_line(net), 200)))
        else:
            shown.append(f"{strong(visible(heading(net), 300))}\n{text_table(layer_rows(net), width, strong)}")
    shown += [f"{visible(name)}: {visible(text, 200)}" for name, text in facts.others]
    if not facts.nets:
        return visible(no_nets(facts), 200)
    shown.append(f"{visible(memory_line(facts), 200)}\n{text_table(memory_rows(facts), width, strong)}")
    if len(facts.nets) > 1:
        shown.append(total_line(facts))
    return "\n\n".join(shown)


def text_table(table: Table, width: int = WIDTH, strong: Callable[[str], str] = str) -> str:
    """A table as lines, indented by two; what is too wide for the widest column of words goes on below.

    >>> print(text_table(Table(("layer", "parameters"), [("model.0", "450"), ("total", "450")], 1)))
      layer    parameters
      model.0         450
      total           450
    """
    rows = [tuple(visible(cell, 400) for cell in row) for row in (table.heads, *table.rows)]
    used = table.used
    widths = {place: max(cells(row[place]) for row in rows) for place in used}
    while (over := 2 + sum(widths.values()) + 2 * (len(used) - 1) - width) > 0:
        widest = max((place for place in used if place < table.numbers), key=widths.__getitem__)
        if widths[widest] <= LEAST:
            break
        widths[widest] = max(LEAST, widths[widest] - over)
    lines = [line for row in rows for line in _lines(row, widths, table.numbers)]
    return "\n".join(strong(line) if line is lines[0] else line for line in lines)


def _lines(row: Sequence[str], widths: dict[int, int], numbers: int) -> list[str]:
    """The lines of a row."""
    parts = {place: _broken(row[place], width) for place, width in widths.items()}
    found = []
    for index in range(max(map(len, parts.values()))):
        line = [
            _padded(part[index] if index < len(part) else "", widths[place], place >= numbers)
            for place, part in parts.items()
        ]
        found.append(("  " + "  ".join(line)).rstrip())
    return found


def _broken(text: str, width: int) -> list[str]:
    """The text in parts that are not wider, behind a dot or a blank where there is one."""
    parts = []
    while cells(text) > width:
        end = next((end for end in range(len(text), 0, -1) if cells(text[:end]) <= width), 1)
        soft = max(text.rfind(sign, 0, end) for sign in ". ") + 1
        end = soft if soft > 1 else end
        parts.append(text[:end].rstrip(" "))
        text = text[end:]
    return [*parts, text]


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - cells(text))
    return space + text if right else text + space


# --- Markdown


def as_markdown(facts: AgentFacts) -> str:
    """Everything as Markdown, with tables as GitHub has them."""
    if not facts.nets:
        return escaped(no_nets(facts)) + "\n"
    parts = [f"## {escaped(title_line(facts))}"] if title_line(facts) else []
    for net in facts.nets:
        if net.copies:
            parts.append(f"**{escaped(copies_line(net))}**")
        else:
            parts += [f"### {escaped(heading(net))}", markdown_table(layer_rows(net))]
    parts += [f"{escaped(name)}: {escaped(text)}" for name, text in facts.others]
    parts += [f"### {escaped(memory_line(facts))}", markdown_table(memory_rows(facts))]
    return "\n\n".join([*parts, *([total_line(facts)] if len(facts.nets) > 1 else [])]) + "\n"


def markdown_table(table: Table) -> str:
    """A table whose last row is strong."""
    rule = ["---:" if place >= table.numbers else "---" for place in table.used]
    lines = [[table.heads[place] for place in table.used], rule]
    for row in table.rows:
        texts = [escaped(row[place]) for place in table.used]
        lines.append([f"**{text}**" if text and row[0] == "total" else text for text in texts])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


#: What means something to Markdown, or to HTML in it; between letters "_" does not.
_SIGN = re.compile(r"[\\`*{}\[\]<>#!|&~$@]|(?<![^\W_])_|_(?![^\W_])")


def escaped(text: str) -> str:
    r"""A text from a spec that stands in Markdown as what it is.

    >>> print(escaped("conv_model.0, 4 → 2"), escaped("<b>|`x`"))
    conv_model.0, 4 → 2 \<b\>\|\`x\`
    """
    return _SIGN.sub(r"\\\g<0>", visible(text, 400))
