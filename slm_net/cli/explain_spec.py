"""`slm-net explain SPEC`: the resolved spec, and where each of its values comes from."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from slm_net.cli.build import planned, refused
from slm_net.cli.check import read_input
from slm_net.cli.parser import OK, UsageError
from slm_net.explained import Explained, Section, explained
from slm_net.problems import SpecError
from slm_net.reporting.report import as_json
from slm_net.reporting.terminal import columns, say
from slm_net.schema.catalogue import KIND_OF_KEY, arguments, net_properties
from slm_net.text.history import HOW, Origin
from slm_net.words import did_you_mean, visible

#: The name of a value as it is printed, itself as it is printed, and all that is known of it.
Row = tuple[str, str, Explained]
#: Characters of a value that are shown.
SHOWN = 60


def run(arguments: argparse.Namespace) -> int:
    """Print where the values of a spec come from; the exit code."""
    document = read_input(arguments.what)
    try:
        plan = planned(document, arguments)
    except SpecError as error:
        return refused(document, error, as_json=arguments.json)
    sections = explained(plan)
    if arguments.path:
        sections = _chosen(sections, arguments.path)
    if arguments.json:
        print(as_json([row for section in sections for row in _as_data(section)]))
    else:
        lines = (line for names, section in _grouped(sections) for line in _lines(names, section, bool(arguments.path)))
        say("\n".join(lines).strip("\n"), sys.stdout)
    return OK


def _chosen(sections: Sequence[Section], path: str) -> list[Section]:
    """The values whose path has these steps in a row: `agent.0.net`, `/agent/0/net`, `critic_net.hid_layers`, `lr`.

    What is inside of one is explained with it: `hid_layers.0`, `conv_hid_layers.0.1`.

    Raises:
        UsageError: there are none.
    """
    wanted = tuple(step for step in path.replace("/", ".").split(".") if step)
    kept = []
    for section in sections:
        values = tuple(value for value in section.values if _is_inside(wanted, _steps(section, value), value.value))
        kept += [section._replace(values=values)] if values else []
    if kept:
        return kept
    known = dict.fromkeys(
        step for s in sections for value in s.values for step in _steps(s, value) if step.isidentifier()
    )
    hint = did_you_mean(wanted[-1], known) if wanted else "give a key"
    raise UsageError(f"the spec has no value at {visible(path, 100)!r}, {hint}")


def _steps(section: Section, value: Explained) -> tuple[str, ...]:
    return tuple(map(str, (section.name, *section.path, *value.path)))


def _is_inside(wanted: tuple[str, ...], steps: tuple[str, ...], value: Any) -> bool:
    for at in range(len(steps)):
        rest = wanted[len(steps) - at :]
        if steps[at : at + len(wanted)] == wanted[: len(steps) - at] and _goes_on(value, rest):
            return True
    return False


def _goes_on(value: Any, steps: tuple[str, ...]) -> bool:
    """Whether a value has these keys and indices in it, one inside of the other."""
    for step in steps:
        inner = value if isinstance(value, Mapping) else dict(enumerate(value)) if isinstance(value, list) else {}
        key = int(step) if isinstance(value, list) and step.isdecimal() else step
        if key not in inner:
            return False
        value = inner[key]
    return True


def _grouped(sections: Iterable[Section]) -> list[tuple[str, Section]]:
    """The sections that differ, each with the names of the nets that it is for."""
    found: dict[str, tuple[list[str], Section]] = {}
    for section in sections:
        names, _ = found.setdefault(repr(section[1:]), ([], section))
        names.append(visible(section.name))
    return [(", ".join(names), section) for names, section in found.values()]


def _lines(names: str, section: Section, in_detail: bool) -> Iterator[str]:
    place = ".".join(map(str, section.path))
    yield ""
    yield (
        f"{names}: {section.type} of {visible(place) or 'the block'}" if section.type else f"around the nets of {names}"
    )
    rows = [(visible(".".join(map(str, value.path)), 60), _shown(value.value), value) for value in section.values]
    if in_detail:
        for name, shown, value in rows:
            yield f"\n  {name} = {shown}"
            yield from (f"    {line}" for line in _in_detail(section, value))
        return
    yield from _written([row for row in rows if row[2].history[0].how != "default"])
    yield from _usual([row for row in rows if row[2].history[0].how == "default"])


def _written(rows: list[Row]) -> Iterator[str]:
    """A line for each value: its name, itself, where it is from; as wide as the terminal, if file names allow that."""
    width = min(max((len(name) for name, *_ in rows), default=0), 36)
    room = min(max((len(shown) for _, shown, _ in rows), default=0), max(14, columns() - width - 36))
    for name, shown, value in rows:
        cut = shown if len(shown) <= room else shown[: room - 3] + "..."
        first = f"  {name:{width}}  {cut:{room}}  "
        most = max(columns(), len(first) + 24)
        yield from wrap(
            first + _in_short(value.history),
            most,
            subsequent_indent=" " * len(first),
            drop_whitespace=True,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _usual(rows: list[Row]) -> Iterator[str]:
    """The values that are defaults, together by whose they are."""
    usual: dict[str, list[str]] = {}
    for name, shown, value in rows:
        usual.setdefault(said_of(value.history[0]), []).append(f"{name} {shown}")
    for owner, values in usual.items():
        text, most = f"{owner}: {', '.join(values)}", max(40, columns())
        yield from wrap(text, most, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


def _in_short(history: Iterable[Origin]) -> str:
    """Where a value is written, or else how it came to be, and how many it replaced."""
    own = [origin for origin in history if not origin.replaced]
    steps = [origin for origin in history if origin.replaced and origin.how in ("written", "variable", "override")]
    first = own[0]
    said = visible(first.place, 200) or said_of(first)
    how = ", ".join(origin.how for origin in (own if first.how != "written" else own[1:]) if first.place)
    return said + (f" ({how})" if how else "") + (f", replaces {_shown(steps[0].value, 24)}" if steps else "")


def _in_detail(section: Section, value: Explained) -> Iterator[str]:
    """What the value is for, and every step of its history."""
    if section.type and (text := _described(section, value)):
        yield text
    for index, origin in enumerate(value.history):
        begins = origin.replaced and origin.how in ("written", "variable", "override")
        label = f"replaces {_shown(origin.value)}: " if begins else "" if index == 0 else "  "
        place = f"{visible(origin.place, 200)}: " if origin.place else ""
        yield f"{label}{place}{said_of(origin)}"


def _described(section: Section, value: Explained) -> str:
    """What the schema says of a key of a net, or of an argument of the name that it holds."""
    key, *rest = map(str, value.path)
    schema = net_properties(section.type).get(key, {})
    if rest and rest != ["name"] and (kind := KIND_OF_KEY.get(key)):
        names = (other.value for other in section.values if other.path == (key, "name"))
        schema = next((arguments(kind, name).get(rest[0], {}) for name in names), {})
    return str(schema.get("description", ""))


def said_of(origin: Origin) -> str:
    """One step of a history in words."""
    return HOW[origin.how].replace("{name}", visible(origin.name, 200))


def _shown(value: Any, most: int = SHOWN) -> str:
    return visible(json.dumps(value, ensure_ascii=False), most)


def _as_data(section: Section) -> Iterator[dict[str, Any]]:
    for value in section.values:
        yield {
            "net": section.name if section.type else None,
            "path": list(value.path),
            "value": value.value,
            "history": [origin._asdict() for origin in value.history],
        }
