"""The scalars of YAML 1.2's core schema: which value a plain word has, and the tags that a spec may have."""

from __future__ import annotations

import re
from typing import Any

from slm_net.text.limits import Fault, int_fault, number_fault
from slm_net.text.places import WRONG_TYPE
from slm_net.text.yaml_errors import TAG_NOT_ALLOWED
from slm_net.words import visible

_CORE = "tag:yaml.org,2002:"
MERGE_TAG = _CORE + "merge"
SEQUENCE_TAGS = None, "!", _CORE + "seq"
MAPPING_TAGS = None, "!", _CORE + "map"

_KINDS = {
    "null": re.compile(r"null|Null|NULL|~|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    "float": re.compile(
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
    "str": re.compile(r"[\s\S]*"),
}
_BASES = {"0o": 8, "0x": 16}
_MAX_INT_LENGTH = 24


def scalar(written: str, tag: str | None = None, plain: bool = True) -> tuple[Any, Fault | None]:
    """The value of a scalar with or without a tag, and what is wrong with it; `plain` is one without quotes or tag.

    >>> [scalar(written)[0] for written in ("1e-3", "on", "010", "1:30", "~")]
    [0.001, 'on', 10, '1:30', None]
    """
    if plain:
        kind = next(name for name, pattern in _KINDS.items() if pattern.fullmatch(written))
    elif tag is None or tag == "!":
        kind = "str"
    else:
        kind = tag.removeprefix(_CORE)
        if kind not in _KINDS or kind == tag:
            return None, tag_fault(tag)
        if not _KINDS[kind].fullmatch(written):
            return None, (WRONG_TYPE, f"{visible(written, 40)!r} is no {kind}", f"remove the tag !!{kind}")
    return _READERS[kind](written)


def tag_fault(tag: str) -> Fault:
    """What is wrong with a tag that is not one of the core schema's."""
    message = f"the tag {visible(tag.replace(_CORE, '!!'), 60)} is not allowed"
    return TAG_NOT_ALLOWED, message, "write a plain value; a spec constructs no objects"


def _int(written: str) -> tuple[int | None, Fault | None]:
    if len(written) > _MAX_INT_LENGTH:
        return None, int_fault(written)
    base = _BASES.get(written[:2])
    value = int(written[2:], base) if base else int(written)
    fault = number_fault(value, written)
    return (None if fault else value), fault


def _float(written: str) -> tuple[float | None, Fault | None]:
    value = float(written.replace(".", "", 1) if written.lstrip("-+.")[:1] in tuple("iInN") else written)
    fault = number_fault(value, written)
    return (None if fault else value), fault


_READERS = {
    "null": lambda written: (None, None),
    "bool": lambda written: (written[0] in "tT", None),
    "int": _int,
    "float": _float,
    "str": lambda written: (written, None),
}
