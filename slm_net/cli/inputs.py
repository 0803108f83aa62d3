"""The files of a command line: paths, directories, patterns and standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from slm_net.cli.exits import UsageError
from slm_net.problems import Problem, visible
from slm_net.spec.document import Document, read_document
from slm_net.spec.limits import MAX_BYTES
from slm_net.spec.places import Refused
from slm_net.spec.source import Source
from slm_net.spec.text_file import check_size, decode

STDIN = "-"
SUFFIXES = (".json", ".jsonc", ".yaml", ".yml")


def find_files(paths: Iterable[str]) -> list[str]:
    """The files that the paths name, each once and sorted; a directory is searched for spec files.

    Raises:
        UsageError: a directory or a pattern has none, or a directory cannot be read.
    """
    return sorted({file for path in paths for file in _expanded(path)})


def read_input(path: str, stdin_name: str = "<stdin>") -> Document:
    """The document of a file, or of standard input if the path is "-"; what is wrong with it is in its problems."""
    if path != STDIN:
        return read_document(path)
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        check_size(len(data))
        document = read_document(decode(data), "<text>" if stdin_name == "<stdin>" else stdin_name)
    except Refused as refused:
        found = refused.finding
        problem = Problem(stdin_name, *found.position, "", found.severity, found.rule, found.message, found.hint)
        return Document(Source(stdin_name, None, (problem,), ""), "")
    problems = tuple(replace(problem, file=stdin_name) for problem in document.source.problems)
    return replace(document, source=replace(document.source, file=stdin_name, problems=problems))


def _expanded(path: str) -> list[str]:
    if path == STDIN or os.path.isfile(path):
        return [path]
    if os.path.isdir(path):
        if not (found := list(_files_in(path))):
            raise UsageError(
                f"no spec files ({', '.join('*' + suffix for suffix in SUFFIXES)}) in {visible(path, 300)}"
            )
        return found
    if glob.has_magic(path) and not os.path.lexists(path):
        if not (found := glob.glob(path, recursive=True)):
            raise UsageError(f"no file matches {visible(path, 300)}")
        return [file for match in found for file in _expanded(match)]
    return [path]


def _files_in(directory: str) -> Iterator[str]:
    """The spec files below a directory; hidden directories are left out, links to directories not followed."""
    for folder, folders, files in os.walk(directory, onerror=_cannot_read):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(folder, name) for name in files if name.lower().endswith(SUFFIXES))


def _cannot_read(error: OSError) -> None:
    raise UsageError(f"{visible(str(error.filename), 300)} cannot be read: {error.strerror}")
