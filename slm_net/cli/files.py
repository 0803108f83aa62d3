"""The files of a command line: paths, directories, patterns, standard input, and what a search leaves out."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase, translate
from pathlib import Path, PurePath
from typing import NamedTuple

from slm_net.cli.parser import UsageError
from slm_net.document.specs import Document, document_of, read_document
from slm_net.text.limits import MAX_BYTES
from slm_net.text.source import read_source
from slm_net.words import visible

STDIN = "-"
SUFFIXES = (".json", ".jsonc", ".yaml", ".yml")


class Input(NamedTuple):
    """One file to check: named by the user or come across in a search, and why it cannot be read if that is known."""

    path: str
    searched: bool = False
    fault: str = ""


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
        path = os.path.relpath(path, self.folder).replace(os.sep, "/")
        pattern = self.pattern.removeprefix("./").removesuffix("/")
        parts = [part for part in path.split("/") if part != ".."]
        if "/" not in pattern:
            return any(fnmatchcase(part, pattern) for part in parts)
        pattern = pattern.removeprefix("/")
        return any(fnmatchcase("/".join(parts[:end]), pattern) for end in range(1, len(parts) + 1))


def find_files(paths: Iterable[str], excludes: Sequence[Exclude] = ()) -> list[Input]:
    """The files that the paths name, each once and sorted, spelled alike; a directory is searched for spec files.

    What is excluded is left out of directories and patterns; a file that is named is wanted.

    Raises:
        UsageError: a directory or a pattern has none.
    """
    found: dict[str, Input] = {}
    for file in (file for path in paths for file in _expanded(path, excludes)):
        path = spelled(file.path)
        if path not in found or not file.searched:
            found[path] = file._replace(path=path)
    return [found[path] for path in sorted(found)]


def spelled(path: str) -> str:
    """A path as every report has it: with slashes, and without what leads nowhere.

    >>> spelled("./specs//dqn.json"), spelled("../a.json"), spelled("-")
    ('specs/dqn.json', '../a.json', '-')
    """
    return PurePath(path).as_posix() if path else path


def read_input(path: str, stdin_name: str = "<stdin>") -> Document:
    """The document of a file, or of standard input if the path is "-"; what is wrong with it is in its problems."""
    if path != STDIN:
        # as a path for sure: a name may have a line break in it, or begin like JSON
        return read_document(Path(path), path) if path else read_document(path)
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    data = sys.stdin.buffer.read(MAX_BYTES + 1) or b""  # None: nothing there yet, and not willing to wait
    return document_of(read_source(data, stdin_name))


def _expanded(path: str, excludes: Sequence[Exclude]) -> Iterable[Input]:
    if path == STDIN or os.path.isfile(path):
        return [Input(path)]
    if os.path.isdir(path):
        if not (found := list(_files_in(path, excludes))):
            suffixes = ", ".join("*" + suffix for suffix in SUFFIXES)
            raise UsageError(f"no spec files ({suffixes}) in {visible(path, 300)}")
        return found
    if glob.has_magic(path) and not os.path.lexists(path):
        if not (matches := files_matching(path)):
            raise UsageError(f"no file matches {visible(path, 300)}")
        return [file for match in matches if not _left_out(match, excludes) for file in _matched(match, excludes)]
    return [Input(path)]


def _matched(path: str, excludes: Sequence[Exclude]) -> Iterable[Input]:
    return _files_in(path, excludes) if os.path.isdir(path) else [Input(path, searched=True)]


def _files_in(directory: str, excludes: Sequence[Exclude]) -> Iterator[Input]:
    """The spec files below a directory; hidden directories are left out, links to directories not followed."""
    faults: list[OSError] = []
    for folder, folders, files in os.walk(directory, onerror=faults.append):
        folders[:] = [
            name for name in folders if not name.startswith(".") and not _left_out(os.path.join(folder, name), excludes)
        ]
        for name in files:
            path = os.path.join(folder, name)
            if name.lower().endswith(SUFFIXES) and not _left_out(path, excludes):
                yield Input(path, searched=True)
    for error in faults:
        reason = (error.strerror or str(error)).lower()
        yield Input(str(error.filename), True, f"the directory cannot be read: {reason}")


def _left_out(path: str, excludes: Sequence[Exclude]) -> bool:
    return any(exclude.matches(path) for exclude in excludes)


def files_matching(pattern: str) -> list[str]:
    """The files and folders that match, sorted; `**` does not follow links, which may lead round in circles."""
    parts = pattern.replace(os.sep, "/").split("/")
    if "**" not in parts:
        return sorted(glob.glob(pattern))
    first = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root, matches = "/".join(parts[:first]), _matcher(parts[first:])
    if parts[:first] == [""]:
        root = "/"
    found = []
    for folder, folders, files in os.walk(root or "."):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = os.path.join(folder, name)
            if matches.fullmatch(os.path.relpath(path, root or ".").replace(os.sep, "/")):
                found.append(path if root else os.path.relpath(path))
    return sorted(found)


def _matcher(parts: list[str]) -> re.Pattern[str]:
    """A regular expression for the parts of a path.

    >>> bool(_matcher(["**", "*.json"]).fullmatch("a/b/c.json")), bool(_matcher(["*", "c"]).fullmatch("a/b/c"))
    (True, False)
    """
    words = []
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            words.append(".*" if last else "(?:[^/]+/)*")
        else:
            word = translate(part).replace("(?s:", "", 1).removesuffix(r")\Z").removesuffix(r")\z")
            words.append(word.replace(".*", "[^/]*") + ("" if last else "/"))
    return re.compile("".join(words), re.DOTALL)
