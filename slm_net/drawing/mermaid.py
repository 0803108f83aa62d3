"""Nets as mermaid, which GitHub, GitLab and many editors draw in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from slm_net.drawing.record import INPUT, OPERATION, OUTPUT, AgentFacts, Block, NetFacts, size_text
from slm_net.drawing.stacks import line_text, lines_of
from slm_net.drawing.table import copies_line, no_nets
from slm_net.words import visible

#: The signs around a text in a box of each kind; another kind is a box with corners.
SHAPES = {INPUT: ('(["', '"])'), OUTPUT: ('(["', '"])'), OPERATION: ('{{"', '"}}')}


def as_mermaid(facts: AgentFacts) -> str:
    """A flowchart with a subgraph for each net."""
    lines = ["flowchart TB"]
    for number, net in enumerate(facts.nets):
        if net.copies:
            lines.append(f'  n{number}[/"{escaped(copies_line(net))}"/]')
        else:
            lines += [f'  subgraph n{number}["{escaped(f"{net.name}: {net.type}")}"]', *_net(net, number), "  end"]
    if not facts.nets:
        lines.append(f'  none["{escaped(no_nets(facts))}"]')
    return "\n".join(lines) + "\n"


def _net(net: NetFacts, number: int) -> Iterator[str]:
    for place, block in enumerate(net.blocks):
        before, behind = SHAPES.get(block.kind, ('["', '"]'))
        yield f"    n{number}_{place}{before}{_text(block)}{behind}"
    for start, end in net.arrows:
        yield f'    n{number}_{start} -- "{size_text(net.blocks[start].output)}" --> n{number}_{end}'


def _text(block: Block) -> str:
    again = [f"the layers of {block.again}"] if block.again else [line_text(line) for line in lines_of(block.layers)]
    shown = [] if block.kind in (INPUT, OUTPUT, OPERATION) else again
    return "<br>".join(map(escaped, [block.name, *shown]))


def escaped(text: str) -> str:
    """A text from a spec that stands in quotes as what it is: what is no letter, digit or blank as its number.

    >>> escaped('a"b%%{'), escaped("Linear 64, ReLU")
    ('a#34;b#37;#37;#123;', 'Linear 64, ReLU')
    """
    safe = visible(text, 300)
    return "".join(char if char.isalnum() or char in " .,:_×→-−÷+·…()[]" else f"#{ord(char)};" for char in safe)
