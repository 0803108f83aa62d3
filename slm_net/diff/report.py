"""What differs between two files as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from slm_net import __version__
from slm_net.diff.nets import LAYERS
from slm_net.diff.records import ABSENT, Change, FileDiff, NetDiff, SpecDiff
from slm_net.words import disarmed, visible

#: The most characters of one value, and of a name.
LONGEST, NAME = 100, 80


def text(found: FileDiff) -> str:
    """A line for each change below its net or block, and one for the parts that are as they were."""
    lines = [] if found.differs else ["the same: nets, and all around them"]
    for spec in found.changed if found.differs else ():
        state = "" if spec.state == "changed" else f" {spec.state}"
        lines.append(f"{visible(spec.name, NAME) or 'net'}{state}")
        for net in spec.nets:
            lines += [f"  {_net(net)}", *(f"    {line}" for line in _changes(net))]
        for name, changes in groupby(spec.around, lambda change: change.part):
            lines += _block(name, list(changes))
        if spec.unchanged and spec.state == "changed":
            lines.append(f"  {_listed(spec.unchanged)} unchanged")
        lines += [f"  sizes are not compared: {visible(note, 300)}" for note in spec.notes]
    same = [spec.name for spec in found.specs if spec.state == "unchanged"]
    if same and found.differs:
        lines.append(f"{_listed(same)} unchanged")
    return "\n".join(lines)


def _block(name: str, changes: list[Change]) -> list[str]:
    if changes[0].what == name and ABSENT in (changes[0].was, changes[0].now):
        return [f"  {visible(name, NAME)} {'added' if changes[0].was is ABSENT else 'removed'}"]
    return [f"  {visible(name, NAME)}", *(f"    {said(change)}" for change in changes)]


def _net(net: NetDiff) -> str:
    if net.state in ("added", "removed"):
        counts = [f"{count:,} parameters" for count in net.parameters if count is not None]
        return ", ".join([f"{visible(net.name, NAME)} {net.state}: {visible(net.now or net.was, NAME)}", *counts])
    size = sizes(net.parameters)
    said_of = f"{visible(net.name, NAME)}: {visible(net.now, NAME)}{f', {size}' if size else ''}"
    return said_of if net.changes else f"{said_of}, unchanged"


def _changes(net: NetDiff) -> Iterator[str]:
    for change in net.changes:
        is_plain = change.part in (LAYERS, "dims", "type") or change.what == change.part
        yield said(change) if is_plain else f"{change.part}: {said(change)}"
    if net.changes and net.unchanged:
        yield f"{_listed(net.unchanged)} unchanged"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(visible(name, NAME) or "net" for name in names)


def sizes(counts: tuple[int | None, int | None]) -> str:
    """The parameters of a net in both specs.

    >>> sizes((100, 1_200)), sizes((100, 100)), sizes((None, 100))
    ('100 → 1,200 parameters (+1,100)', '100 parameters', '')
    """
    was, now = counts
    if was is None or now is None:
        return ""
    return f"{now:,} parameters" if was == now else f"{was:,} → {now:,} parameters ({now - was:+,})"


def said(change: Change) -> str:
    """A change in words.

    >>> said(Change("layers", "conv row 2", {"kernel": 4}, {"kernel": 3}, (32_832, 18_496)))
    'conv row 2: kernel 4 → 3, -14,336 parameters'
    >>> said(Change("optimizer", "lr", 0.001, 0.0003, defaults=(True, False)))
    'lr 0.001 (default) → 0.0003'
    """
    if change.part == LAYERS and isinstance(change.now if change.was is ABSENT else change.was, Mapping):
        parts = [_layer(change)]
    else:
        parts = [f"{visible(change.what, NAME)} {side(change, 0)} → {side(change, 1)}"]
    if change.why:
        parts.append(visible(change.why, 200))
    if change.parameters and change.parameters[0] != change.parameters[1]:
        parts.append(f"{change.parameters[1] - change.parameters[0]:+,} parameters")
    head, *others = filter(None, parts)
    return ", ".join([head, *others]).replace(":,", ":")


def _layer(change: Change) -> str:
    what = visible(change.what, NAME)
    if ABSENT in (change.was, change.now):
        settings = change.now if change.was is ABSENT else change.was
        return f"{what} {'inserted' if change.was is ABSENT else 'removed'}: {settings_of(settings)}"
    moved = ", ".join(
        f"{visible(key, NAME)} {shown(change.was.get(key, ABSENT))} → {shown(change.now.get(key, ABSENT))}"
        for key in {**change.now, **change.was}
    )
    return f"{what}: {moved}" if moved else f"{what}:"


def settings_of(settings: Mapping[str, Any]) -> str:
    """What a layer is set to, without what is at the usual value.

    >>> settings_of({"channels": 32, "kernel": 3, "padding": 0, "bias": True})
    'channels 32, kernel 3'
    """
    usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, "padding_mode": "zeros"}
    usual |= {"both directions": False, "steps": None}
    kept = {key: value for key, value in settings.items() if value != usual.get(key, ABSENT)}
    own = ("edge", "layer")  # the name of the layer says that it is one
    return ", ".join(
        shown(value) if key in own else f"{visible(key, NAME)} {shown(value)}" for key, value in kept.items()
    )


def side(change: Change, index: int) -> str:
    """What was, or is, and that it is the default."""
    value = (change.was, change.now)[index]
    return shown(value) + (" (default)" if change.defaults[index] and value is not ABSENT else "")


def shown(value: Any) -> str:
    """A value as in a spec, without quotes where it is a word.

    >>> shown("relu"), shown({"name": "Adam", "lr": 0.1}), shown(ABSENT), shown(1e7)
    ('relu', 'Adam, lr 0.1', 'absent', '10,000,000')
    """
    if value is ABSENT:
        return "absent"
    if isinstance(value, str):
        return visible(value, LONGEST) if value else '""'
    if isinstance(value, Mapping) and isinstance(value.get("name"), str):
        rest = (f"{visible(str(key), NAME)} {shown(part)}" for key, part in value.items() if key != "name")
        return visible(", ".join([visible(value["name"], NAME), *rest]), LONGEST)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 1000 and value == int(value):
        return f"{int(value):,}" if abs(value) < 1e15 else repr(value)
    return visible(json.dumps(value, default=str, ensure_ascii=False), LONGEST)


# --- Markdown


def markdown(found: FileDiff) -> str:
    """A section that opens and closes for each spec that differs, with its changes as a table."""
    if not found.differs:
        return f"**slm-net diff**: {_code(found.now)} builds the same nets, and all around them is the same."
    lines = [f"**slm-net diff**: {_code(found.was)} → {_code(found.now)}", ""]
    for spec in found.changed:
        lines += [f"<details open><summary><b>{_escaped(spec.name or 'net')}</b>: {_summary(spec)}</summary>", ""]
        lines += ["| where | what | was | now | parameters |", "|---|---|---|---|---:|"]
        lines += [f"| {' | '.join(row)} |" for row in _rows(spec)]
        lines += ["", *_unchanged(spec), "</details>", ""]
    same = [spec.name for spec in found.specs if spec.state == "unchanged"]
    return "\n".join([*lines, f"Unchanged: {', '.join(map(_code, same))}"] if same else lines[:-1])


def _summary(spec: SpecDiff) -> str:
    if spec.state != "changed":
        return spec.state
    parts = [f"{_escaped(net.name)} {net.state}" for net in spec.nets if net.state in ("added", "removed")]
    for net in spec.nets:
        was, now = net.parameters
        if net.state == "changed" and was is not None and now is not None:
            parts.append(f"{_escaped(net.name)} {now - was:+,} parameters" if was != now else _escaped(net.name))
    around = dict.fromkeys(change.part for change in spec.around)
    return ", ".join([*parts, *map(_escaped, around)])


def _rows(spec: SpecDiff) -> Iterator[list[str]]:
    for net in spec.nets:
        name = _escaped(net.name)
        if net.state in ("added", "removed"):
            sides = [_escaped(title) or "-" for title in (net.was, net.now)]
            yield [name, f"net {net.state}", *sides, _difference(net.parameters)]
        elif net.changes:
            yield [f"**{name}**", "all", _escaped(net.was), _escaped(net.now), _difference(net.parameters)]
        yield from ([name, *_cells(change, change.part)] for change in net.changes)
    yield from ([_escaped(change.part), *_cells(change)] for change in spec.around)


def _difference(counts: tuple[int | None, int | None]) -> str:
    was, now = counts
    if was is None or now is None:
        known = now if was is None else was
        return "" if known is None else f"{known:,}"
    return f"{was:,} → {now:,} ({now - was:+,})" if was != now else f"{now:,}"


def _cells(change: Change, part: str = "") -> list[str]:
    values = [change.was, change.now]
    if change.part == LAYERS and all(value is ABSENT or isinstance(value, Mapping) for value in values):
        cells = ["-" if value is ABSENT else _code(settings_of(value)) if value else "" for value in values]
    else:
        cells = ["-" if value is ABSENT else _code(side(change, index)) for index, value in enumerate(values)]
    counts = change.parameters
    why = f" ({_escaped(change.why)})" if change.why else ""
    delta = f"{counts[1] - counts[0]:+,}" if counts and counts[0] != counts[1] else ""
    before = "" if part in ("", LAYERS, "dims", change.what) else f"{_escaped(part)}: "
    return [f"{before}{_escaped(change.what)}{why}", *cells, delta]


def _unchanged(spec: SpecDiff) -> Iterator[str]:
    for net in spec.nets:
        if net.state == "unchanged":
            yield f"{_escaped(net.name)} unchanged.<br>"
        elif net.unchanged:
            yield f"{_escaped(net.name)}: {_escaped(', '.join(net.unchanged))} unchanged.<br>"
    if spec.unchanged and spec.state == "changed":
        yield f"{_escaped(', '.join(spec.unchanged))} unchanged.<br>"
    yield from (f"Sizes are not compared: {_escaped(note)}.<br>" for note in spec.notes)
    yield ""


_MARKUP = re.compile(r"[^\w\s.,:;=()+/→-]|_")


def _escaped(words: str) -> str:
    r"""Text in which nothing is markup, of Markdown or HTML, and nobody is called by an @.

    >>> _escaped("a|b <img> *c*")
    'a&#124;b &#60;img&#62; &#42;c&#42;'
    """
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", visible(words, 300)).replace("://", ":&#47;&#47;")


def _code(words: str) -> str:
    """Text in a fixed font; GitHub makes no links of it."""
    return f"<code>{_escaped(words)}</code>"


# --- JSON


def as_json(found: FileDiff) -> str:
    """All of it as one object; values that are absent are left out."""
    data = {
        "version": __version__,
        "was": found.was,
        "now": found.now,
        "differs": found.differs,
        "specs": [
            {
                "name": spec.name,
                "state": spec.state,
                "nets": [_json_net(net) for net in spec.nets],
                "around": [_json_change(change) for change in spec.around],
                "unchanged": list(spec.unchanged),
                "notes": list(spec.notes),
            }
            for spec in found.specs
        ],
    }
    return disarmed(json.dumps(data, indent=2, default=str), number=r"\u0023")


def _json_net(net: NetDiff) -> dict[str, Any]:
    was, now = net.parameters
    return {
        "name": net.name,
        "state": net.state,
        "type": {"was": net.was, "now": net.now},
        "parameters": {"was": was, "now": now},
        "changes": [_json_change(change) for change in net.changes],
        "unchanged": list(net.unchanged),
    }


def _json_change(change: Change) -> dict[str, Any]:
    sides = {key: value for key, value in (("was", change.was), ("now", change.now)) if value is not ABSENT}
    counts = change.parameters
    return {
        "part": change.part,
        "what": change.what,
        **sides,
        "default": {"was": change.defaults[0], "now": change.defaults[1]},
        "parameters": counts and {"was": counts[0], "now": counts[1]},
        "why": change.why,
    }


#: The formats by their names.
FORMATS: dict[str, Callable[[FileDiff], str]] = {"text": text, "markdown": markdown, "json": as_json}
