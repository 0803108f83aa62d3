"""What a spec file has that JSON itself does not know: comments, commas before a bracket, a byte order mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from slm_net.problems import RULE_IDS
from slm_net.spec.limits import MAX_FINDINGS
from slm_net.spec.places import Finding, Lines, Position

STRING = r'"[^"\\]*(?:\\[\s\S][^"\\]*)*"?'
COMMENT = r"//[^\n\r]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)"
_tokens = re.compile(rf"{STRING}|(?P<comment>{COMMENT})|(?P<comma>,)|(?P<closer>[\]}}])|[^\s\",\]}}/]+|/")


class Extra(NamedTuple):
    """One thing that is not JSON: "comment" or "comma", where it is, and what closes after the comma."""

    kind: str
    start: int
    end: int
    closer: str = ""


def extras(text: str) -> Iterator[Extra]:
    """The comments and trailing commas of a JSON text, in order.

    >>> [(extra.kind, extra.start) for extra in extras('[1, "//", 2,] // end')]
    [('comma', 11), ('comment', 14)]
    """
    found: list[Extra] = []
    comma = None  # the last token, comments left out, if it is a comma
    for token in _tokens.finditer(text):
        if token.lastgroup == "comment":
            found.append(Extra("comment", token.start(), token.end()))
            continue
        if token.lastgroup == "closer" and comma:
            found.append(Extra("comma", comma.start(), comma.end(), token[0]))
        comma = token if token.lastgroup == "comma" else None
    return iter(sorted(found, key=lambda extra: extra.start))


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
