"""`arc_file`: the file with the arc of a net, in the folder of the spec or below, read in the place of `arc`."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net.problems import Path, Problem, Rule
from slm_net.text.files import FILE_NOT_READABLE, real_path
from slm_net.text.paths import value_at, with_value
from slm_net.text.source import NAMELESS, Source, read_source
from slm_net.words import visible

ARC_FILE = Rule(
    "SN333",
    "arc-file-not-readable",
    what=(
        "The file that `arc_file` names is not there, is no file with an arc, is larger than 1 MB, or is not in the "
        "folder of the spec or below it (of a spec that is no file: the working directory)."
    ),
    why="a spec from elsewhere must not be able to have any file read.",
    no_example="it would be about another file.",
)
#: The keys that name such a file, and those that it stands for.
KEYS = {"arc_file": "arc", "actor_arc_file": "actor_arc", "critic_arc_file": "critic_arc"}
MAX_BYTES, MAX_FILES = 10**6, 100


class Included(NamedTuple):
    """The data of a spec file with the arcs of other files in it, where each was put, and what is wrong with these."""

    data: Any
    sources: Mapping[Path, Source] = {}
    problems: tuple[Problem, ...] = ()


def with_arc_files(data: Any, nets: Iterable[Path], file: str) -> Included:
    """The data with the content of each `arc_file` in the place of `arc`; one beside an arc is left alone."""
    sources: dict[Path, Source] = {}
    problems: list[Problem] = []
    for path in nets:
        block = value_at(data, path)
        for key, arc in KEYS.items():
            if key not in block or arc in block or not isinstance(block[key], str) or len(sources) == MAX_FILES:
                continue
            found = _read(block[key], file)
            if isinstance(found, tuple):
                problems.append(ARC_FILE.at((*path, key), *found))
                continue
            place = (*path, arc)
            problems += [replace(p.at((*place, *p.path)), fix=()) for p in found.problems]
            if not found.readable:
                continue
            block = {**{name: value for name, value in block.items() if name != key}, arc: found.data}
            data = with_value(data, path, block)
            sources[place] = found
    return Included(data, sources, tuple(problems))


def _read(name: str, file: str) -> Source | tuple[str, str]:
    """The file of this name beside a spec file; else what is wrong with it, and what to do."""
    folder = os.path.realpath(os.path.dirname(file) if file and file not in NAMELESS else "")
    shown = visible(name, 200)
    if not (path := real_path(folder, name, folder)):
        return f"{shown} is not in the folder of the spec", "put it there, and name it from there"
    try:
        size = os.path.getsize(path)
    except OSError:
        return f"there is no file {shown}", "it is looked for in the folder of the spec"
    if size > MAX_BYTES:
        return f"{shown} is larger than 1 MB", "an arc has a few kilobytes"
    source = read_source(pathlib.Path(path), name if file in NAMELESS else os.path.join(os.path.dirname(file), name))
    if any(problem.rule == FILE_NOT_READABLE.id for problem in source.problems):
        return f"{shown} cannot be read", source.problems[0].message
    return source
