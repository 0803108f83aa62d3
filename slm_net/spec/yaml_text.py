"""YAML 1.2 text as data with places, built from the parser's events: nothing but plain values is ever constructed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from types import ModuleType
from typing import Any

from slm_net.spec.lines import Lines
from slm_net.spec.places import Reading, Refused
from slm_net.spec.yaml_build import Builder
from slm_net.spec.yaml_frames import MappingFrame, SequenceFrame
from slm_net.spec.yaml_mistakes import explain_yaml

MAX_DIRECTIVES = 100  # the parser compares each with all others
_directives = re.compile(r"[\n\r]%").finditer
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str) -> Reading:
    """Data, findings and places of a YAML text; one finding and no data if it cannot be read.

    Merge keys, anchors and aliases are resolved; the data of an alias is the same object as the anchor's.

    >>> read_yaml("lr: 1e-3").data
    {'lr': 0.001}
    """
    lines = Lines(text)
    try:
        yaml = _pyyaml(lines)
        if odd := _UNPRINTABLE.search(text):
            message, hint = f"the character U+{ord(odd[0]):04X} is not allowed in YAML", "remove it"
            raise Refused(lines.position(odd.start()), (), "syntax", message, hint)
        if (last := next(islice(_directives(text), MAX_DIRECTIVES, None), None)) is not None:
            message, hint = f"more than {MAX_DIRECTIVES} lines begin with %", "remove the directives; a spec needs none"
            raise Refused(lines.position(last.end() - 1), (), "syntax", message, hint)
        return _build(yaml, text, lines)
    except Refused as refused:
        return Reading(None, (refused.finding,))


def _pyyaml(lines: Lines) -> ModuleType:
    try:
        import yaml
    except ImportError:
        hint = "pip install 'slm_net[yaml]'"
        raise Refused(lines.position(0), (), "missing-package", "YAML needs the package PyYAML", hint) from None
    return yaml


def _build(yaml: ModuleType, text: str, lines: Lines) -> Reading:
    builder = Builder(text, lines)
    take = _takers(yaml, builder)
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)
    at = 0
    try:
        for event in events:
            at = event.end_mark.index
            if taker := take.get(type(event)):
                taker(event)
    except yaml.MarkedYAMLError as error:
        raise Refused(*explain_yaml(error, text, lines, builder.path())) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # the pure Python parser and escapes that are no character
        message, hint = "no valid YAML after this", "is there an escape such as \\UFFFFFFFF that is no character?"
        raise Refused(lines.position(at), builder.path(), "syntax", message, hint) from None
    return builder.reading()


def _takers(yaml: ModuleType, builder: Builder) -> dict[type, Callable[[Any], None]]:
    return {
        yaml.DocumentStartEvent: builder.document,
        yaml.ScalarEvent: builder.scalar,
        yaml.AliasEvent: builder.alias,
        yaml.SequenceStartEvent: partial(builder.open, kind=SequenceFrame),
        yaml.MappingStartEvent: partial(builder.open, kind=MappingFrame),
        yaml.SequenceEndEvent: builder.close,
        yaml.MappingEndEvent: builder.close,
    }
