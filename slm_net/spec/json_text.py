"""JSON and JSON with comments, as fast as `json.loads` while nothing is odd."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from slm_net.spec.json_parser import parse_json
from slm_net.spec.limits import deeper_than_allowed
from slm_net.spec.places import Reading

_LONG_NUMBER = re.compile(r"[0-9](?:[0-9]{18}|[eE]\+?[0-9]{3})")
_STRING = r'"[^"\\]*(?:\\[\s\S]?[^"\\]*)*"?'
_COMMENTS = re.compile(rf"{_STRING}|//[^\n\r]*|/\*(?:[\s\S]*?\*/|[\s\S]*)")
_COMMAS = re.compile(rf"{_STRING}|[\[{{][ \t\n\r]*,|,(?=[ \t\n\r]*[\]}}])")
_DOUBTFUL_COMMAS = re.compile(r",[ \t]*[\]}]|[\[{][ \t\n\r]*,")
_COMMAS_AT_LINE_END = re.compile(r",(?=[ \t\n\r]*[\]}])")
_MANY_ESCAPES = 10_000  # a regular expression needs memory for each


class _Odd(ValueError):
    """The text needs the parser that knows places."""


def read_json(text: str) -> Reading:
    """Data and findings of `text`, and its places if they had to be found; without a root, `parse_json` has them.

    Comments (`//`, `/* */`) and trailing commas are allowed.

    >>> read_json('{"hid_layers": [64, 64,]} // two layers').data
    {'hid_layers': [64, 64]}
    """
    try:
        return Reading(_load(text))
    except (ValueError, RecursionError):
        return parse_json(text)


def _load(text: str) -> Any:
    if _LONG_NUMBER.search(text):
        raise _Odd
    try:
        data = _strict(text)
    except json.JSONDecodeError:
        if text.count("\\") > _MANY_ESCAPES:
            raise _Odd from None
        data = _strict(_without_trailing_commas(_without_comments(text)))
    if deeper_than_allowed(data):
        raise _Odd
    return data


def _strict(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _Odd
    return data


def _refuse(constant: str) -> NoReturn:
    raise _Odd(constant)


def _without_comments(text: str) -> str:
    return _COMMENTS.sub(_blank_comment, text) if "//" in text or "/*" in text else text


def _without_trailing_commas(text: str) -> str:
    """Trailing commas as spaces; a comma before a line break is in no string, so only others need a look at strings."""
    if _DOUBTFUL_COMMAS.search(text):
        return _COMMAS.sub(_blank_comma, text)
    return _COMMAS_AT_LINE_END.sub(" ", text)


def _blank_comment(match: re.Match[str]) -> str:
    found = match[0]
    if found.startswith("/*") and (len(found) < 4 or not found.endswith("*/")):
        raise _Odd  # never closed
    return found if found[0] == '"' else " "


def _blank_comma(match: re.Match[str]) -> str:
    return " " if match[0] == "," else match[0]
