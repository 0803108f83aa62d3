"""What a spec file has that a strict JSON parser refuses: comments, commas before a bracket, a byte order mark."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice

from slm_net.problems import RULE_IDS
from slm_net.spec.jsonc import Extra, comments_in, trailing_commas, without_comments
from slm_net.spec.limits import MAX_FINDINGS
from slm_net.spec.lines import Lines
from slm_net.spec.places import Finding, Position


def extras(text: str) -> Iterator[Extra]:
    """The comments and trailing commas of a JSON text, in order.

    >>> [(extra.kind, extra.start) for extra in extras('[1, "//", 2,] // end')]
    [('comma', 11), ('comment', 14)]
    """
    commas = trailing_commas(without_comments(text))
    return merge(comments_in(text), commas, key=lambda extra: extra.start)


def strict_findings(text: str, bom: bool = False) -> list[Finding]:
    """Everything in `text` that a strict JSON parser refuses although we read it."""
    rule, lines = RULE_IDS["not-strict-json"], Lines(text)
    found = []
    if bom:
        found.append(Finding(Position(1, 1), (), rule, "the file begins with a byte order mark", "save it without one"))
    for kind, start, _, closer in islice(extras(text), MAX_FINDINGS):
        message, hint = "a comment is not JSON", "remove it, or name the file .jsonc"
        if kind == "comma":
            message, hint = f"a comma before {closer} is not JSON", "remove the comma"
        found.append(Finding(lines.position(start), (), rule, message, hint))
    return found
