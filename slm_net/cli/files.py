"""The files of a command line: paths, directories, patterns, standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from slm_net.cli.excludes import (
    FOLDERS,
    GITIGNORE,
    VENV,
    Exclude,
    Gitignore,
    Glob,
    gitignores_above,
    gitignores_in,
    is_ignored,
)
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


def find_files(paths: Iterable[str], excludes: Sequence[Exclude] = ()) -> list[Input]:
    """The files that the paths name, each once and sorted; a directory is searched for spec files.

    What is excluded is left out of directories and patterns; a file that is named is wanted.

    Raises:
        UsageError: a directory or a pattern has none.
    """
    found: dict[str, Input] = {}
    for file in (file for path in paths for file in _expanded(path, excludes)):
        if file.path not in found or not file.searched:
            found[file.path] = file
    return [found[path] for path in sorted(found)]


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
    """The files below a directory that may hold specs, and the folders that cannot be read."""
    faults: list[OSError] = []
    for path in _walk(directory, excludes, faults):
        if path.lower().endswith(SUFFIXES):
            yield Input(path, searched=True)
    for error in faults:
        reason = (error.strerror or str(error)).lower()
        yield Input(str(error.filename), True, f"the directory cannot be read: {reason}")


def _walk(directory: str, excludes: Sequence[Exclude], faults: list[OSError]) -> Iterator[str]:
    """The files below a directory, but for what is left out; links to directories, which may lead back, as well."""
    ignores = {directory: gitignores_above(os.path.abspath(directory))}  # of the folders that are still to come
    for folder, folders, files in os.walk(directory, onerror=faults.append):
        here = ignores.pop(folder)
        if VENV in files and folder != directory:
            folders.clear()
            continue
        if GITIGNORE in files:
            here = (*gitignores_in(os.path.abspath(folder)), *here)
        folders[:] = [name for name in folders if name[0] != "." and name not in FOLDERS]
        folders[:] = _kept(folder, folders, True, excludes, here)
        ignores.update((os.path.join(folder, name), here) for name in folders)
        yield from (os.path.join(folder, name) for name in _kept(folder, files, False, excludes, here))


def _kept(
    folder: str, names: list[str], are_folders: bool, excludes: Sequence[Exclude], here: Sequence[Gitignore]
) -> list[str]:
    """The names in a folder that neither an exclude nor a `.gitignore` leaves out."""
    whole = os.path.abspath(folder) if here else ""
    return [
        name
        for name in names
        if not _left_out(os.path.join(folder, name), excludes)
        and not (here and is_ignored(os.path.join(whole, name), are_folders, here))
    ]


def _left_out(path: str, excludes: Sequence[Exclude]) -> bool:
    return any(exclude.matches(path) for exclude in excludes)


def files_matching(pattern: str) -> list[str]:
    """The files and folders that match, sorted; what `**` stands for is searched as a directory is."""
    parts = pattern.replace(os.sep, "/").split("/")
    if "**" not in parts:
        return sorted(glob.glob(pattern))
    first = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root, rest = "/".join(parts[:first]), Glob(parts[first:])
    if parts[:first] == [""]:
        root = "/"
    found = []
    for path in _walk(root or ".", (), []):
        if rest.matches(os.path.relpath(path, root or ".").split(os.sep)):
            found.append(path if root else os.path.relpath(path))
    return sorted(found)
