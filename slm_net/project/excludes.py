"""What a search leaves out: folders that hold nothing of a project's own, what `.gitignore` names, and patterns."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import lru_cache
from itertools import accumulate, islice
from typing import NamedTuple

from slm_net.problems import UsageError
from slm_net.text.files import read_bytes
from slm_net.text.places import Refused
from slm_net.words import visible

#: Folders of tools, as ruff leaves them out; those with a dot before their name are never searched.
FOLDERS = frozenset(("__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv"))
#: What every virtual environment has in it, whatever it is called.
VENV = "pyvenv.cfg"
GITIGNORE = ".gitignore"
#: Characters and lines of one `.gitignore` that are read, and parts of a line: more than anybody writes.
MAX_CHARACTERS, MAX_LINES, MAX_PARTS = 100_000, 1_000, 16


class Exclude(NamedTuple):
    """One pattern and the folder that it counts from.

    Without a slash it matches the name of a file or folder at any depth; with one, a path from that folder on.

    >>> Exclude("vendor/*.json", "/repo").matches("/repo/vendor/a.json")
    True
    >>> Exclude("vendor", "/repo").matches("/repo/lib/vendor")
    True
    >>> Exclude("a.json", "/repo/a.json/b").matches("/repo/a.json/b/c.json")
    False
    """

    pattern: str
    folder: str

    def matches(self, path: str) -> bool:
        """Whether the path of a file or folder is left out; a folder takes what is in it along."""
        pattern = self.pattern.removeprefix("./").removesuffix("/")
        names, paths = _on_the_way(path, self.folder)
        return any(map(_compiled(pattern.removeprefix("/")).match, paths if "/" in pattern else names))


@lru_cache(maxsize=100)  # a path is compared with one pattern after the other
def _on_the_way(path: str, folder: str) -> tuple[list[str], list[str]]:
    """The names of the folders from one folder to a path, with its own, and their paths."""
    names = [name for name in os.path.relpath(path, folder).split(os.sep) if name != ".."]
    return names, list(accumulate(names, "{}/{}".format))


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


class Glob:
    """A pattern over the parts of a path; `**` stands for any number of folders, at the end for all that is below.

    >>> Glob(["**", "*.json"]).matches(["a", "b", "c.json"]), Glob(["*", "c"]).matches(["a", "b", "c"])
    (True, False)
    """

    def __init__(self, parts: Sequence[str]):
        self._parts = [None if part == "**" else re.compile(translate(part)) for part in parts]
        #: a pattern for the last part of what it stands for
        self.end = translate("*" if parts[-1] == "**" else parts[-1])

    def matches(self, path: list[str]) -> bool:
        """Whether the pattern stands for the whole path."""
        ends, last = {0}, len(self._parts) - 1  # how many parts of the path may have been used up
        for index, part in enumerate(self._parts):
            if part is None:
                ends = set(range(min(ends) + (index == last), len(path) + 1))
            else:
                ends = {end + 1 for end in ends if end < len(path) and part.match(path[end])}
            if not ends:
                return False
        return len(path) in ends


class Line(NamedTuple):
    """One line of a `.gitignore`: what it is about, and whether that is kept after all."""

    glob: Glob
    is_kept: bool = False
    folders_only: bool = False


class Gitignore:
    """The lines of one `.gitignore`; paths of its folder begin with `start`."""

    def __init__(self, folder: str, lines: Sequence[Line]):
        self._start = os.path.join(folder, "")
        self._lines = tuple(reversed(lines))
        self._may_end = re.compile("|".join(sorted({line.glob.end for line in lines})))

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Whether an absolute path is left out; None if no line is about it. The last line that is decides."""
        parts = path.removeprefix(self._start).split(os.sep)
        if not self._may_end.match(parts[-1]):
            return None
        about = (line for line in self._lines if is_folder or not line.folders_only)
        return next((not line.is_kept for line in about if line.glob.matches(parts)), None)


def is_ignored(path: str, is_folder: bool, files: Sequence[Gitignore]) -> bool:
    """Whether git would leave out an absolute path, whose folder it does not; the deepest of the files comes first."""
    verdicts = (file.verdict(path, is_folder) for file in files)
    return next((verdict for verdict in verdicts if verdict is not None), False)


def gitignores_above(folder: str) -> tuple[Gitignore, ...]:
    """What holds in an absolute folder because of those above it, up to the root of its repository."""
    found: list[Gitignore] = []
    while not os.path.lexists(os.path.join(folder, ".git")):
        outer = os.path.dirname(folder)
        if outer == folder:
            return ()  # in no repository
        folder = outer
        found += gitignores_in(folder)
    return tuple(found)


def gitignores_in(folder: str) -> tuple[Gitignore, ...]:
    """What lies in an absolute folder: one or none.

    Raises:
        UsageError: one lies there and cannot be read.
    """
    path = os.path.join(folder, GITIGNORE)
    if not os.path.exists(path):
        return ()
    try:
        text = read_bytes(path).decode("utf-8-sig", errors="surrogateescape")
    except Refused as refused:
        raise UsageError(f"what {visible(path, 300)} leaves out is not known: {refused.problem.message}") from None
    lines = list(islice(_lines(text[:MAX_CHARACTERS]), MAX_LINES))
    return (Gitignore(folder, lines),) if lines else ()


def _lines(text: str) -> Iterator[Line]:
    for line in text.splitlines():
        pattern = re.sub(r"(?<!\\) +$", "", line)
        is_kept, pattern = pattern.startswith("!"), pattern.removeprefix("!")
        folders_only, pattern = pattern.endswith("/"), pattern.rstrip("/")
        parts = pattern.removeprefix("/").split("/")
        if pattern and not line.startswith("#") and len(parts) <= MAX_PARTS:
            anywhere = [] if "/" in pattern else ["**"]
            yield Line(Glob([*anywhere, *map(_as_fnmatch, parts)]), is_kept, folders_only)


def _as_fnmatch(part: str) -> str:
    r"""A part of git's pattern in the words of `fnmatch`, which has no backslash and no `[^a]`.

    >>> _as_fnmatch(r"\#a\*[^b]")
    '#a[*][!b]'
    """
    part = part.replace("[^", "[!")
    return re.sub(r"\\(.)", lambda match: f"[{match[1]}]" if match[1] in "*?[" else match[1], part)
