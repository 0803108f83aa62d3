"""Topics as text for a terminal, as Markdown for an editor, and as data."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from slm_net.reference.topics import Argument, Topic

#: A line that an object of an example may have before it is broken up.
WIDTH = 76


def as_text(topic: Topic, width: int = 80) -> str:
    """A topic for a terminal of so many columns."""
    parts = [f"{topic.name} - {topic.kind}", *([textwrap.fill(topic.about, width)] if topic.about else [])]
    if topic.facts:
        parts.append("\n".join(_row(name, value, 13, width) for name, value in topic.facts))
    if topic.arguments:
        parts.append(in_columns([(_called(part), _described(part)) for part in topic.arguments], width, "  "))
    if topic.example is not None:
        parts.append(textwrap.indent(pretty(topic.example, width - 2), "  "))
    return "\n\n".join([*parts, *_paragraphs(topic.page, width)])


def _paragraphs(page: str, width: int) -> Iterator[str]:
    """Markdown for a terminal: prose in lines of its width, texts of examples as they are."""
    for index, part in enumerate(page.split("```")):
        if index % 2:
            yield textwrap.indent(part.partition("\n")[2].rstrip(), "  ")
        else:
            yield from (textwrap.fill(paragraph, width) for paragraph in part.split("\n\n") if paragraph.strip())


def as_markdown(topic: Topic) -> str:
    """A topic as Markdown."""
    parts = [f"**{escaped(topic.name)}** - {escaped(topic.kind)}", *([escaped(topic.about)] if topic.about else [])]
    if topic.facts:
        parts.append("\n".join(f"- {name}: {escaped(value)}" for name, value in topic.facts))
    if topic.arguments:
        parts.append("\n".join(f"- `{_called(part)}` {escaped(_described(part))}" for part in topic.arguments))
    if topic.example is not None:
        parts.append(f"```json\n{pretty(topic.example)}\n```")
    return "\n\n".join([*parts, *([topic.page] if topic.page else [])])


def as_data(topic: Topic) -> dict[str, Any]:
    """A topic as an object of JSON, without what it does not have."""
    data = {**topic._asdict(), "facts": dict(topic.facts), "arguments": [part._asdict() for part in topic.arguments]}
    return {key: value for key, value in data.items() if value not in ("", None, {}, [])}


def escaped(text: str) -> str:
    r"""Text as Markdown shows it, whatever is in it.

    >>> escaped("a <b> [link](x) *c*")
    'a &lt;b> \\[link\\](x) \\*c\\*'
    """
    return re.sub(r"([\\`*_\[\]#|~])", r"\\\1", text).replace("&", "&amp;").replace("<", "&lt;")


def pretty(value: Any, width: int = WIDTH, used: int = 0) -> str:
    """A value as JSON that people write: what fits into the rest of a line, of which something is used, stands in one.

    >>> print(pretty({"a": [1, 2], "b": {"c": "x" * 8}}, 20))
    {
      "a": [1, 2],
      "b": {
        "c": "xxxxxxxx"
      }
    }
    """
    flat = json.dumps(value)
    if used + len(flat) <= width or not isinstance(value, dict | list) or not value:
        return flat
    if isinstance(value, list):
        rows, ends = [pretty(part, width - 2, 1) for part in value], "[]"
    else:
        rows, ends = (
            [f"{json.dumps(key)}: {pretty(part, width - 2, len(key) + 5)}" for key, part in value.items()],
            "{}",
        )
    return ends[0] + ("\n" + ",\n".join(rows)).replace("\n", "\n  ") + "\n" + ends[1]


def in_columns(rows: list[tuple[str, str]], width: int = 80, indent: str = "") -> str:
    """Names and what they are, in two columns."""
    longest = min(max((len(name) for name, _ in rows), default=0), 36) + 2
    return "\n".join(_row(name, about, longest, width, indent) for name, about in rows)


def _row(name: str, text: str, column: int, width: int, indent: str = "  ") -> str:
    """A name, and beside it a text that goes on below itself."""
    lines = textwrap.wrap(text, max(width - column - len(indent), 20)) or [""]
    first = f"{indent}{name:<{column}}{lines[0]}".rstrip()
    if len(name) + 1 >= column and text:
        first, lines = f"{indent}{name}", ["", *lines]
    return "\n".join([first, *(f"{indent}{'':<{column}}{line}" for line in lines[1:])])


def _called(argument: Argument) -> str:
    return argument.name + (f" = {argument.default}" if argument.default and len(argument.default) < 24 else "")


def _described(argument: Argument) -> str:
    return " ".join(_parts(argument))


def _parts(argument: Argument) -> Iterator[str]:
    yield argument.about
    yield f"({argument.takes}{'; needed' if argument.needed else ''})"
