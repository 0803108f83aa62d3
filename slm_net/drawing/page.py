"""Nets as HTML: a part of a page, for notebooks, and a page of its own with the spec and help for its keys."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from slm_net.document.specs import Document
from slm_net.drawing.keys import helped
from slm_net.drawing.page_parts import PART_STYLE, SCRIPT, STYLE
from slm_net.drawing.record import AgentFacts
from slm_net.drawing.svg import net_svg
from slm_net.drawing.table import (
    Table,
    copies_line,
    heading,
    layer_rows,
    memory_line,
    memory_rows,
    no_nets,
    total_line,
    whole_title,
)
from slm_net.words import visible


def as_part(facts: AgentFacts) -> str:
    """Pictures and tables, as a notebook shows them."""
    return f'<div class="slm-net"><style>{PART_STYLE}</style>{_body(facts)}</div>'


def as_page(facts: AgentFacts, document: Document) -> str:
    """A page with the spec beside the pictures and tables: no script, font or image comes from elsewhere."""
    title = whole_title(facts)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    text, helps = _spec(document)
    shown = f'<section aria-label="Spec"><h2>Spec</h2>{text}</section>' if document.source.text else ""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>{_text(title)}</title>\n<style>{STYLE}{PART_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{_text(title)}</h1><p>{_text(total_line(facts))}</p></header>\n"
        f'<main class="{"two" if shown else "one"}">{shown}\n<section class="slm-net" aria-label="Nets">'
        f"<h2>Nets</h2>{_body(facts)}</section></main>\n"
        f"{helps}<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _body(facts: AgentFacts) -> str:
    """Pictures, and the tables beside them where there is room."""
    return f'<div class="body">{_pictures(facts)}{_tables(facts)}</div>'


def _pictures(facts: AgentFacts) -> str:
    pictures = "".join(f"<div>{net_svg(net, facts.nets)}</div>" for net in facts.nets if not net.copies)
    return f'<div class="pictures">{pictures}</div>\n' if pictures else f"<p>{_text(no_nets(facts))}</p>\n"


def _tables(facts: AgentFacts) -> str:
    """The layers of each net, what is beside the nets, and the memory."""
    if not facts.nets:
        return ""
    parts = []
    for net in facts.nets:
        if net.copies:
            parts.append(f"<h3>{_text(copies_line(net))}</h3>\n")
        else:
            parts.append(f"<h3>{_text(heading(net))}</h3>\n{_table(layer_rows(net), f'Layers of {net.name}')}")
    parts += (f"<p>{_text(name)}: {_text(words)}</p>\n" for name, words in facts.others)
    parts.append(f"<h3>{_text(memory_line(facts))}</h3>\n{_table(memory_rows(facts), 'Memory')}")
    return f'<div class="tables">{"".join(parts)}</div>'


def _table(table: Table, label: str) -> str:
    heads = "".join(_cell(table, table.heads, place, "th", ' scope="col"') for place in table.used)
    rows = []
    for row in table.rows:
        first, *others = table.used
        cells = [_cell(table, row, first, "th", ' scope="row"'), *(_cell(table, row, place, "td") for place in others)]
        total = ' class="total"' if row[0] == "total" else ""
        rows.append(f"<tr{total}>{''.join(cells)}</tr>\n")
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{_text(label)}"><table>'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table></div>\n"
    )


def _cell(table: Table, row: Sequence[str], place: int, tag: str, scope: str = "") -> str:
    number = ' class="number"' if place >= table.numbers else ""
    return f"<{tag}{scope}{number}>{_text(row[place])}</{tag}>"


# --- the text of the spec


def _spec(document: Document) -> tuple[str, str]:
    """The text with a button for each key that is known, and the help of all of them, each once."""
    numbers: dict[str, int] = {}
    pieces, end, text = list[str](), 0, document.source.text
    for begin, stop, words in helped(document):
        number = numbers.setdefault(words, len(numbers))
        pieces.append(_code(text[end:begin]))
        pieces.append(f'<button type="button" class="key" aria-describedby="help-{number}">')
        pieces.append(f"{_code(text[begin:stop])}</button>")
        end = stop
    pieces.append(_code(text[end:]))
    helps = "".join(
        f'<div role="tooltip" class="help" id="help-{place}" hidden>{_text(words, 600)}</div>\n'
        for words, place in numbers.items()
    )
    opened = '<pre class="spec" role="region" tabindex="0" aria-label="Text of the spec"><code>'
    return f"{opened}{''.join(pieces)}</code></pre>", helps


def _code(text: str) -> str:
    """Text as it stands, lines and tabs too; what cannot be shown is escaped."""
    lines = re.sub(r"\r\n?", "\n", text)
    return escape(re.sub(r"[^\n\t]+", lambda part: visible(part[0], len(part[0])), lines))


def _text(text: str, limit: int = 400) -> str:
    return escape(visible(text, limit), {'"': "&quot;"})
