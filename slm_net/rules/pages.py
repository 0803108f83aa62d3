"""The pages of all rules as Markdown: what `slm-net explain-rule` and docs/rules.md show."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import NamedTuple

from slm_net import rules as checks
from slm_net.document import variables
from slm_net.problems import RULES, Rule

#: The modules that have rules, or import what has: a rule is known once its module is imported.
IMPORTED = (checks, variables)
HEAD = """\
# Rules

Every problem that `slm-net validate` reports has the id of a rule, which never changes its meaning. `SN0xx` are about
the text, `SN1xx` about keys and values, `SN2xx` about sizes, `SN3xx` about values that do not go together, `SN4xx`
about the algorithm, `SN5xx` about an SLM Lab that has to run the spec. `slm-net explain-rule SN101` prints one of these
pages, `slm-net explain-rule --all` all of them.
Every example here runs as a test.
"""


class Example(NamedTuple):
    """A text that breaks a rule or keeps it, and the options of `slm-net validate` to check it with."""

    right: bool
    text: str
    format: str
    options: tuple[str, ...] = ()


def rules() -> dict[str, Rule]:
    """All rules by their id, in order."""
    return dict(sorted(RULES.items()))


def title(rule: Rule) -> str:
    """The heading of a page, for example "SN101 unknown-key"."""
    return f"{rule.id} {rule.name}"


def examples(rule: Rule) -> list[Example]:
    """The wrong and the right example, or none."""
    if rule.no_example:
        return []
    right = shlex.split(rule.right_options or rule.options)
    return [
        Example(False, rule.wrong, rule.format, tuple(shlex.split(rule.options))),
        Example(True, rule.right, rule.format, tuple(right)),
    ]


def page(rule: Rule) -> str:
    """The page without its heading."""
    return "\n\n".join(_parts(rule))


def _parts(rule: Rule) -> Iterator[str]:
    yield from (rule.what, f"Why: {rule.why}")
    if rule.no_example:
        yield f"No example: {rule.no_example}"
    for example in examples(rule):
        given = f", with `{shlex.join(example.options)}`" if example.options else ""
        yield f"{'Right' if example.right else 'Wrong'}{given}:"
        yield f"```{example.format}\n{example.text}```"


def all_pages() -> str:
    """Every page as one Markdown document, with a table of contents."""
    listed = rules().values()
    rows = "\n".join(
        f"| [{title(rule)}](#{title(rule).lower().replace(' ', '-')}) | {summary(rule)} |" for rule in listed
    )
    pages = "\n\n".join(f"## {title(rule)}\n\n{page(rule)}" for rule in listed)
    return f"{HEAD}\n| rule | about |\n|---|---|\n{rows}\n\n{pages}\n"


def summary(rule: Rule) -> str:
    """What the rule is about, in one paragraph."""
    return rule.what.partition("\n\n")[0]
