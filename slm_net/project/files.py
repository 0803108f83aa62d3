"""The files of a command line: paths, directories, patterns, standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from slm_net.problems import UsageError
from slm_net.project.excludes import (
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
from slm_net.words import visible

STDIN = "-"
SUFFIXES = (".json", ".jsonc", ".yaml", ".yml")
#: A folder that is none cannot be read either, which is no fault of it.
NOT_THERE = FileNotFoundError, NotADirectoryError


#: The excludes that hold for what lies in a folder.
Excludes = Callable[[str], Sequence[Exclude]]


class Input(NamedTuple):
    """One file to check: named by the user or come across in a search, and why it cannot be read if that is known."""

    path: str
    searched: bool = False
    fault: str = ""


def no_excludes(folder: str) -> Sequence[Exclude]:
    """Nothing is left out."""
    return ()


def find_files(paths: Iterable[str], excludes: Excludes = no_excludes) -> list[Input]:
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


def _expanded(path: str, excludes: Excludes) -> Iterable[Input]:
    if path == STDIN or os.path.isfile(path):
        return [Input(path)]
    if os.path.isdir(path):
        if not (found := list(_files_in(path, excludes))):
            suffixes = ", ".join("*" + suffix for suffix in SUFFIXES)
            raise UsageError(f"no spec files ({suffixes}) in {visible(path, 300)}")
        return found
    if glob.has_magic(path) and not os.path.lexists(path):
        faults: list[OSError] = []
        if not (matches := files_matching(path, faults)) and not faults:
            raise UsageError(f"no file matches {visible(path, 300)}")
        wanted = (path for path in matches if not _left_out(path, excludes(os.path.dirname(path))))
        found = [file for path in wanted for file in _matched(path, excludes)]
        unread = map(_unread, faults)
        return [*found, *(file for file in unread if not _left_out(file.path, excludes(os.path.dirname(file.path))))]
    return [Input(path)]


def _matched(path: str, excludes: Excludes) -> Iterable[Input]:
    return _files_in(path, excludes) if os.path.isdir(path) else [Input(path, searched=True)]


def _files_in(directory: str, excludes: Excludes) -> Iterator[Input]:
    """The files below a directory that may hold specs, and the folders that cannot be read."""
    faults: list[OSError] = []
    for path in _walk(directory, excludes, faults):
        if path.lower().endswith(SUFFIXES):
            yield Input(path, searched=True)
    yield from map(_unread, faults)


def _unread(error: OSError) -> Input:
    reason = (error.strerror or str(error)).lower()
    return Input(str(error.filename), True, f"the directory cannot be read: {reason}")


def _walk(directory: str, excludes: Excludes, faults: list[OSError]) -> Iterator[str]:
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


def _kept(folder: str, names: list[str], are_folders: bool, excludes: Excludes, here: Sequence[Gitignore]) -> list[str]:
    """The names in a folder that neither an exclude nor a `.gitignore` leaves out."""
    whole, patterns = os.path.abspath(folder) if here else "", excludes(folder)
    return [
        name
        for name in names
        if not _left_out(os.path.join(folder, name), patterns)
        and not (here and is_ignored(os.path.join(whole, name), are_folders, here))
    ]


def _left_out(path: str, excludes: Sequence[Exclude]) -> bool:
    return any(exclude.matches(path) for exclude in excludes)


def files_matching(pattern: str, faults: list[OSError]) -> list[str]:
    """The files and folders that match, sorted; what `**` stands for is searched as a directory is.

    `faults` gets what goes wrong in folders in which something may match.
    """
    parts = pattern.replace(os.sep, "/").split("/")
    first = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root = "/" if parts[:first] == [""] else "/".join(parts[:first])
    if "**" in parts:
        return sorted(_walked(root, parts[first:], faults))
    for end in range(first, len(parts)):
        folders = [root or "."] if end == first else glob.glob("/".join(parts[:end]))
        faults += filter(None, (_fault_in(folder, parts[end]) for folder in folders))
    return sorted(glob.glob(pattern))


def _walked(root: str, parts: Sequence[str], faults: list[OSError]) -> Iterator[str]:
    """What matches the parts of a pattern below a folder, which is the current one if it is ""."""
    start, unread = root or ".", list[OSError]()
    whole, ways = Glob(parts), [Glob(parts[:end]) for end in range(1, len(parts))]
    for path in _walk(start, no_excludes, unread):
        if whole.matches(os.path.relpath(path, start).split(os.sep)):
            yield path if root else os.path.relpath(path)
    for error in unread:
        way = os.path.relpath(error.filename, start).split(os.sep)
        if not isinstance(error, NOT_THERE) and (way == ["."] or any(pattern.matches(way) for pattern in ways)):
            faults.append(error)


def _fault_in(folder: str, part: str) -> OSError | None:
    """Why it cannot be told what in a folder matches a part of a pattern."""
    try:
        if glob.has_magic(part):
            os.scandir(folder).close()
        else:
            os.lstat(os.path.join(folder, part))
    except NOT_THERE:
        return None
    except OSError as error:
        error.filename = folder
        return error
    return None
