"""JSON and JSON with comments, as fast as `json.loads` while nothing is odd."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from slm_net.spec.json_places import JsonPlaces
from slm_net.spec.jsonc import without_comments, without_trailing_commas
from slm_net.spec.limits import MAX_DEPTH, MAX_KEY, deeper_than_allowed, has_long_key
from slm_net.spec.places import Reading

_LONG_NUMBER = re.compile(r"[0-9](?:[0-9]{18}|[eE]\+?[0-9]{3})")
_LONG_STRING = re.compile(rf'"[^"]{{{MAX_KEY}}}')


class _Odd(ValueError):
    """The text needs the parser that explains."""


def read_json(text: str) -> Reading:
    """Data, findings and places of a JSON text; comments (`//`, `/* */`) and trailing commas are allowed.

    >>> read_json('{"hid_layers": [64, 64,]} // two layers').data
    {'hid_layers': [64, 64]}
    """
    bare = None
    try:
        if _LONG_NUMBER.search(text):
            raise _Odd
        if (reading := _read_strict(text)) is not None:
            return reading
        bare = without_comments(text)
        if (reading := _read_strict(without_trailing_commas(bare))) is not None:
            return reading
    except (_Odd, RecursionError):
        pass
    from slm_net.spec.json_parser import parse_json  # most texts do without

    return parse_json(text, bare)


def _read_strict(text: str) -> Reading | None:
    """The reading of a strict JSON text; None if it is none."""
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError:
        return None
    if (_may_be_deep(text) and deeper_than_allowed(data)) or (_may_have_long_key(text) and has_long_key(data)):
        raise _Odd
    return Reading(data, (), JsonPlaces(text))


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > MAX_DEPTH


def _may_have_long_key(text: str) -> bool:
    return len(text) > MAX_KEY and ('\\"' in text or _LONG_STRING.search(text) is not None)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _Odd
    return data


def _refuse(constant: str) -> NoReturn:
    raise _Odd(constant)
