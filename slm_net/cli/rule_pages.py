"""The page of each rule: what it is about, why it is there, a wrong and a right example."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from slm_net.problems import RULES

HEAD = """\
# Rules

Every problem that `slm-net validate` reports has the id of a rule, which never changes its meaning. `SN0xx` are about
the text, `SN1xx` about keys and values, `SN2xx` about sizes, `SN3xx` about values that do not go together, `SN4xx`
about the algorithm. `slm-net explain-rule SN101` prints one of these pages, `slm-net explain-rule --all` all of them.
Every example here runs as a test.
"""
PAGES = Path(__file__).with_name("rules.md")
_heading = re.compile(r"^## (SN[0-9]{3}) .*\n+", re.MULTILINE)
_example = re.compile(r"^(Wrong|Right)(?:, with `([^`]*)`)?:\n\n```(\w+)\n(.*?)```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A text that breaks a rule or keeps it, its format ("json", "yaml"), and the options to check it with."""

    right: bool
    text: str
    format: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One rule in words, as Markdown: `text` is all of it, `what` its first paragraph."""

    rule: str
    text: str

    @property
    def what(self) -> str:
        """What the rule is about, in one paragraph."""
        return self.text.partition("\n\n")[0]

    @property
    def examples(self) -> list[Example]:
        """The wrong and the right example, or none."""
        found = _example.findall(self.text)
        return [Example(kind == "Right", text, form, tuple(shlex.split(given))) for kind, given, form, text in found]


@cache
def rule_pages() -> Mapping[str, Page]:
    """The pages by the id of their rule."""
    _, *parts = _heading.split(PAGES.read_text(encoding="utf-8"))
    return {rule: Page(rule, text.strip()) for rule, text in zip(parts[::2], parts[1::2], strict=True)}


def title(rule: str) -> str:
    """The heading of a page.

    >>> title("SN101")
    'SN101 unknown-key'
    """
    return f"{rule} {RULES[rule]}"


def all_pages() -> str:
    """Every page as one Markdown document, with a table of contents; the documentation has it as `docs/rules.md`."""
    entries = rule_pages().items()
    rows = "\n".join(
        f"| [{title(rule)}](#{title(rule).lower().replace(' ', '-')}) | {page.what} |" for rule, page in entries
    )
    pages = "\n\n".join(f"## {title(rule)}\n\n{page.text}" for rule, page in entries)
    return f"{HEAD}\n| rule | about |\n|---|---|\n{rows}\n\n{pages}\n"
