"""A baseline: the problems that a repository has already, which do not count until they are gone or others come."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from slm_net.cli.output import write_output
from slm_net.cli.parser import USAGE_RULES, UsageError
from slm_net.problems import Problem
from slm_net.project.settings import Options
from slm_net.reporting.report import FileReport
from slm_net.text.files import read_bytes
from slm_net.text.limits import MAX_BYTES
from slm_net.text.paths import walk
from slm_net.text.places import Refused
from slm_net.text.source import read_source
from slm_net.words import visible

VERSION = 1
#: Longer values than this stand in a baseline as their digest.
LONGEST = 100


class Entry(NamedTuple):
    """What tells a problem from others: its file, pointer and rule, and the JSON of the value there.

    Not its line, which changes with every edit above it. An object has no value, as it is not wrong as a whole.
    """

    file: str
    pointer: str
    rule: str
    value: str

    def __str__(self) -> str:
        return f"{self.file} {self.pointer} {self.rule}".replace("  ", " ")


class Applied(NamedTuple):
    """The reports without what is in a baseline, how many problems that is, and the entries that found none."""

    reports: list[FileReport]
    known: int
    left: Counter[Entry]


def apply(path: str, reports: Sequence[FileReport]) -> Applied:
    """Leave out of reports what is in a baseline.

    Raises:
        UsageError: the baseline cannot be read, or is none.
    """
    left, shorter, known = _read(path), list[FileReport](), 0
    for report in reports:
        new = []
        for problem, entry in zip(report.problems, _entries(report, _relative(report.file, path)), strict=True):
            if left[entry] and problem.rule not in USAGE_RULES:
                left[entry] -= 1
                known += 1
            else:
                new.append(problem)
        shorter.append(report._replace(problems=tuple(new)))
    return Applied(shorter, known, +left)


def gone(path: str, done: Applied, options: Sequence[Options], selection: Any) -> list[Entry]:
    """The entries whose problems are no more: of files that are gone, or were looked at, for their rule and spec.

    `options` are those of each report; `selection` says which rules they ask for. Of a file that could not be read
    nothing is known to be gone.
    """
    asked = {}
    for report, how in zip(done.reports, options, strict=True):
        if not any(problem.rule in selection.ALWAYS for problem in report.problems):
            asked[_relative(report.file, path)] = selection.selected(how.select, how.ignore), how.name
    folder, found = os.path.dirname(os.path.abspath(path)), []
    for entry in done.left.elements():
        rules, name = asked.get(entry.file, (frozenset(), None))
        is_asked = entry.rule in rules and (name is None or entry.pointer.split("/")[1:2] == [name])
        if is_asked or not os.path.exists(os.path.join(folder, entry.file)):
            found.append(entry)
    return sorted(found)


def write(path: str, reports: Sequence[FileReport]) -> int:
    """Write the problems of reports into a baseline; how many there are.

    Raises:
        UsageError: it cannot be written.
    """
    files: dict[str, list[dict[str, Any]]] = {}
    for report in reports:
        name = _relative(report.file, path)
        entries = zip(report.problems, _entries(report, name), strict=True)
        kept = sorted(entry for problem, entry in entries if problem.rule not in USAGE_RULES)
        if kept:
            files[name] = [{"pointer": e.pointer, "rule": e.rule, "value": json.loads(e.value)} for e in kept]
    text = json.dumps({"slm_net_baseline": VERSION, "files": dict(sorted(files.items()))}, indent=2)
    write_output(path, f"{text}\n", "the baseline ")
    return sum(map(len, files.values()))


def _read(path: str) -> Counter[Entry]:
    """The entries of a baseline; the same one may be there several times."""
    name = visible(path, 300)
    try:
        data = read_bytes(path, MAX_BYTES * 10)
    except Refused as refused:
        reason = refused.problem.message
        raise UsageError(f"the baseline {name} cannot be read: {reason}; --write-baseline makes one") from None
    try:
        found = json.loads(data)
        if not isinstance(found, Mapping) or found.get("slm_net_baseline") != VERSION:
            raise ValueError("it is none that this version of slm-net has written")
        return Counter(_entry(file, row) for file, rows in found["files"].items() for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = str(error) if isinstance(error, ValueError) else "an entry has not its four parts"
        raise UsageError(f"the baseline {name} is damaged: {visible(what, 200)}; write it anew") from None


def _entry(file: str, row: Mapping[str, Any]) -> Entry:
    pointer, rule = row["pointer"], row["rule"]
    if not (isinstance(pointer, str) and isinstance(rule, str)):
        raise TypeError
    return Entry(file, pointer, rule, _written(row["value"]))


def _relative(file: str, path: str) -> str:
    """A file as seen from the folder of the baseline, with forward slashes."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        return os.path.relpath(file, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return os.path.abspath(file).replace(os.sep, "/")


def _entries(report: FileReport, name: str) -> Iterator[Entry]:
    """What tells the problems of one file apart."""
    source = read_source(report.text, report.file) if report.problems and report.text else None
    lines = report.text.splitlines() if source and source.data is None else []
    for problem in report.problems:
        value = _value(source.data, problem) if source and source.data is not None else _line(lines, problem)
        yield Entry(name, problem.pointer, problem.rule, _written(value))


def _line(lines: list[str], problem: Problem) -> str | None:
    """The line of a text that could not be read as data."""
    return lines[problem.line - 1].strip() if 0 < problem.line <= len(lines) else None


def _value(data: Any, problem: Problem) -> Any:
    """What stands at a problem's pointer, but for objects."""
    for part in problem.pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        step = int(key) if isinstance(data, list) and key.isdecimal() else key
        depth, data = walk(data, (step,))
        if not depth:
            return None
    return None if isinstance(data, Mapping) else data


def _written(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    if len(text) <= LONGEST:
        return text
    import hashlib

    return json.dumps(f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}")
