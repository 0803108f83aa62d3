"""`extends`: a spec, or a whole file, that takes over another file's values and says only what is different."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from slm_net.document.arc_files import KEYS as ARC_FILE_KEYS
from slm_net.problems import Path, Problem, Rule, spec_example
from slm_net.schema.catalogue import EXTENDS, KIND_OF_KEY, NAMED_SPEC_KEYS, net_keys, net_types
from slm_net.schema.compose import without_role
from slm_net.text.files import FILE_NOT_READABLE, real_path
from slm_net.text.limits import FILE_TOO_LARGE, MAX_VALUES, TOO_MANY
from slm_net.text.paths import walk
from slm_net.text.source import NAMELESS, Source, read_source
from slm_net.words import did_you_mean, visible

if TYPE_CHECKING:
    from slm_net.document.specs import Document

CANNOT_EXTEND = Rule(
    "SN334",
    "cannot-extend",
    what=(
        "The file that `extends` names cannot be built on: it is not there or no spec, it is outside of the project "
        "(the folder with a pyproject.toml or .git above the spec, else the spec's own), it extends this file itself, "
        'or it holds several specs and none is named, as in `"base.json#ppo"`. Nothing else is checked in a spec '
        "whose base is missing."
    ),
    why="half a spec is another spec; and a spec from elsewhere must not be able to have any file read.",
    wrong=spec_example().replace('"agent"', '"extends": "missing.json", "agent"', 1),
    right=spec_example(),
)
#: What may hold a project together, and how many files may extend each other in a row.
PROJECT, MAX_CHAIN = ("pyproject.toml", ".git"), 10
#: The lists of a spec whose objects are merged one by one, where both have as many.
MERGED_LISTS = ("agent", "env")
#: What the names of specs end with, and keys that only specs have.
SUFFIXES, OURS = (".json", ".jsonc", ".yaml", ".yml"), ("agent", "search", "spec_params")


class Base(NamedTuple):
    """Where a value comes from: another document, the path there, and the key in this one that names that file."""

    document: Document
    path: Path
    by: Path


@dataclass
class Extended:
    """The data of a file with all that it extends; where that was taken `over`, and where it was `replaced`.

    `failed` is what has no base after all, by its path.
    """

    data: Any
    over: dict[Path, Base] = field(default_factory=dict)
    replaced: dict[Path, Base] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    failed: dict[Path, Any] = field(default_factory=dict)


class Chain(NamedTuple):
    """The files that extend each other down to one, and the documents of all that were read on the way, each once."""

    files: tuple[str, ...]
    known: dict[str, Document]


#: Reads the document of a source, which is below the files of a chain.
Reader = Callable[[Source, Chain], "Document"]


def extended(source: Source, chain: Chain, read: Reader) -> Extended:
    """The data of a source, which the files of a `chain` extend, with the values of the files that it extends itself.

    Objects are merged key by key, as are the agents and environments in lists of the same length; of anything else,
    and of an optimizer and its like with another name, the extending file's value stands for the whole.
    """
    work = _Extending(source, chain, read, Extended(source.data))
    data = source.data
    if not isinstance(data, Mapping):
        return work.result
    is_spec = not data.keys().isdisjoint(NAMED_SPEC_KEYS)
    if not (is_spec and _extends(data)):  # of a file with specs, each may extend one of its own
        named = (name for name, value in data.items() if _extends(value) and name not in net_keys())
        kept = {**data, **{name: work.one((name,), data[name], name) for name in named}}
        work.result.data = {name: value for name, value in kept.items() if (name,) not in work.result.failed}
    if _extends(data):
        work.result.data = work.one((), work.result.data, "" if is_spec else None)
    if work.result.over and _is_too_large(work.result.data):
        work.fail((), data, FILE_TOO_LARGE.at((), *TOO_MANY))
    return work.result


def _extends(own: Any) -> bool:
    """Whether an object extends a file, as files of other programs do that have such a key, but no specs in them."""
    if not isinstance(own, Mapping) or EXTENDS not in own:
        return False
    names_a_file = str(own[EXTENDS]).partition("#")[0].lower().endswith(SUFFIXES)
    is_ours = own.get("type") in net_types() or not own.keys().isdisjoint(OURS)
    return names_a_file or is_ours or own.keys() <= {EXTENDS, "$schema"}


class _Extending:
    def __init__(self, source: Source, chain: Chain, read: Reader, result: Extended):
        self.source, self.chain, self.read, self.result = source, chain, read, result

    def one(self, path: Path, own: Mapping[str, Any], spec: str | None) -> Any:
        """An object with its base below it; `spec` is the name that it has there if it is one spec."""
        by = (*path, EXTENDS)
        found = self._base(own[EXTENDS], by, spec)
        if isinstance(found, Problem):
            self.fail(path, own, found)
            return own
        if any(found.path[: len(place)] == place for place in found.document.broken):  # which has been told there
            self.result.failed[path] = own
            return own
        rest = {key: value for key, value in own.items() if key != EXTENDS}
        return self._merged(rest, walk(found.document.source.data, found.path)[1], path, found)

    def fail(self, path: Path, own: Any, problem: Problem) -> None:
        """Note that what is at a path has no base."""
        self.result.problems.append(problem)
        self.result.failed[path] = own

    def _base(self, written: Any, by: Path, spec: str | None) -> Base | Problem:
        name, _, fragment = written.partition("#") if isinstance(written, str) else ("", "", "")
        if not name:
            return CANNOT_EXTEND.at(by, "extends names no file", 'write one, for example "base.json"')
        document = self._document(name, by)
        if isinstance(document, Problem):
            return document
        if () in document.broken:
            return Base(document, (), by)
        names = [
            *(one.name for one in document.specs if document.kind == "file"),
            *(str(at[0]) for at in document.broken),
        ]
        fragment = fragment.strip("/")
        if fragment and fragment not in names:
            hint = did_you_mean(fragment, names) if names else f'leave out "#{visible(fragment, 40)}"'
            return CANNOT_EXTEND.at(by, f"{visible(name, 200)} holds no spec {visible(fragment, 40)!r}", hint)
        if fragment or spec is None or not names:
            return Base(document, (fragment,) if fragment else (), by)
        if spec in names or len(names) == 1:
            return Base(document, (spec if spec in names else names[0],), by)
        hint = f'name one: "{visible(name, 100)}#{visible(names[0], 40)}"'
        return CANNOT_EXTEND.at(by, f"{visible(name, 200)} holds {len(names)} specs", hint)

    def _document(self, name: str, by: Path) -> Document | Problem:
        file = self.source.file
        folder = os.path.dirname(file) if file not in NAMELESS else ""
        project, shown = project_of(os.path.realpath(folder)), visible(name, 200)
        real = "" if os.path.isabs(name) else real_path(folder, name, project)
        if not real:
            hint = "put it there, and name it by its path from this file"
            return CANNOT_EXTEND.at(by, f"{shown} is not inside of the project", hint)
        files, known = (*self.chain.files, os.path.realpath(file) if file not in NAMELESS else ""), self.chain.known
        if real in files:
            message = f"{shown} extends {'itself' if real == files[-1] else 'this file'}"
            return CANNOT_EXTEND.at(by, message, "a file cannot be its own base")
        if len(files) > MAX_CHAIN:
            return CANNOT_EXTEND.at(by, f"more than {MAX_CHAIN} files extend each other", "merge some of them")
        if real not in known:
            if not os.path.isfile(real):
                return CANNOT_EXTEND.at(
                    by, f"there is no file {shown}", "it is looked for from the folder of this file"
                )
            source = read_source(pathlib.Path(real), os.path.normpath(os.path.join(folder, name)))
            known[real] = self.read(source, Chain(files, known))
        document = known[real]
        if any(problem.rule == FILE_NOT_READABLE.id for problem in document.source.problems):
            return CANNOT_EXTEND.at(by, f"{shown} cannot be read", document.source.problems[0].message)
        told = (replace(p, spec=str(by[0])) if len(by) > 1 else p for p in document.told())
        self.result.problems += (problem for problem in told if problem not in self.result.problems)
        if document.kind == "" and not document.broken:
            return CANNOT_EXTEND.at(by, f"{shown} holds no spec", "name a file with specs or a net")
        return document

    def _merged(self, own: Any, base: Any, path: Path, home: Base) -> Any:
        """The own value over that of the base, noting what is whose."""
        if isinstance(own, Mapping) and isinstance(base, Mapping) and not _is_another(own, base, path):
            other = {arc for file, arc in ARC_FILE_KEYS.items() if file in own and arc not in own}
            base = {key: value for key, value in base.items() if key not in other}
            result = dict(base)
            for key, value in base.items():
                inner, place = Base(home.document, (*home.path, key), home.by), (*path, key)
                if key in own:
                    result[key] = self._merged(own[key], value, place, inner)
                else:
                    self.result.over[place] = inner
            return {**result, **{key: value for key, value in own.items() if key not in base}}
        if _are_blocks(own, base, path):
            merged = []
            for index, (one, other) in enumerate(zip(own, base, strict=True)):
                inner = Base(home.document, (*home.path, index), home.by)
                merged.append(self._merged(one, other, (*path, index), inner))
            return merged
        self.result.replaced[path] = home
        return own


def _is_another(own: Mapping[str, Any], base: Mapping[str, Any], path: Path) -> bool:
    """Whether an optimizer and its like has another name than in the base, whose arguments are none of its own."""
    return (
        bool(path)
        and without_role(str(path[-1])) in KIND_OF_KEY
        and own.get("name", base.get("name")) != base.get("name")
    )


def _are_blocks(own: Any, base: Any, path: Path) -> bool:
    """Whether these are the agents or environments of a spec, as many as in its base."""
    if not (path and path[-1] in MERGED_LISTS and isinstance(own, list) and isinstance(base, list)):
        return False
    return len(own) == len(base) and all(isinstance(part, Mapping) for part in [*own, *base])


def project_of(folder: str) -> str:
    """The folder of the project that a folder belongs to, itself if nothing says that it is part of one."""
    for place in (pathlib.Path(folder), *pathlib.Path(folder).parents):
        if any((place / name).exists() for name in PROJECT):
            return str(place)
    return folder


def _is_too_large(data: Any) -> bool:
    """Whether data has more values than a file may have; what is shared counts wherever it stands."""
    waiting, seen = [data], 0
    while waiting and seen + len(waiting) <= MAX_VALUES:
        value, seen = waiting.pop(), seen + 1
        waiting += value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return bool(waiting)
