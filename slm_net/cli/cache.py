"""What was found in files that have not changed since: `.slm_net_cache/`, so that nothing need be found out again.

Nothing here imports a schema or a rule: a run that finds all reports in the cache is done in the time of a start.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from slm_net import __version__, plugins
from slm_net.problems import NAMES, Problem
from slm_net.project.files import Input
from slm_net.project.settings import Options
from slm_net.reporting.report import FileReport
from slm_net.text.files import HEAD, read_bytes
from slm_net.text.limits import FILE_TOO_LARGE, MAX_BYTES
from slm_net.text.places import Refused

try:  # what hashlib takes it from, without OpenSSL, which takes longer to load than all else here
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

FOLDER = ".slm_net_cache"
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: Reports and characters of one file of the cache, files of it, and characters of one report: more is not kept.
MAX_REPORTS, MAX_SIZE, MAX_FILES, MAX_REPORT = 10_000, 5_000_000, 4, 100_000
#: Files of plugins that are looked at; with more, nothing is kept.
MAX_SOURCES = 5_000
SOURCES = (".py", ".json")
_BOM = "\ufeff"


def content_of(path: str) -> bytes | None:
    """What the report of a file depends on: what is in it, or of one that is too large its head; None if unreadable."""
    try:
        return read_bytes(path)
    except Refused as refused:
        if refused.problem.rule != FILE_TOO_LARGE.id:
            return None
    try:
        with open(path, "rb") as file:
            return file.read(HEAD) + bytes(MAX_BYTES)
    except OSError:
        return None


def key_of(content: bytes, file: Input, options: Options) -> str:
    """What the report of a file is kept under."""
    asked = os.path.basename(file.path), file.searched, options._replace(stdin_name="")
    return _hashed((repr(asked).encode(errors="surrogatepass"), content))


class Cache:
    """The reports of earlier runs, all of the same code, plugins, packages and Python as this one.

    It is a JSON file that begins with the hash of its rest: what is damaged is as good as not there. Nothing that goes
    wrong with it is ever an error.
    """

    def __init__(self, folder: str):
        self._folder = folder
        try:
            identity = _identity()
        except (OSError, ImportError, ValueError):  # files that come and go, a plugin that cannot be found
            identity = ""
        self._path = os.path.join(folder, f"{identity}.json") if identity else ""
        self._kept: dict[str, Any] = {}
        if self._path:
            self._kept, names = _read(self._path)
            NAMES.update(names)
        self._new: dict[str, Any] = {}

    def report(self, file: Input, options: Options) -> FileReport | None:
        """The report of a file that is the same as when it was added, or None."""
        content = content_of(file.path) if self._kept and not file.fault else None
        if content is None:
            return None
        entry = self._kept.get(key_of(content, file, options))
        if not isinstance(entry, dict):
            return None
        try:
            problems = tuple(Problem(file.path, *values) for values in entry["problems"])
            text = content.decode().removeprefix(_BOM) if entry["has_text"] else ""
            ends = tuple((int(begin), int(end)) for begin, end in entry["ends"])
            return FileReport(file.path, problems, text, entry["skipped"], ends=ends)
        except (KeyError, TypeError, ValueError):  # somebody wrote it by hand
            return None

    def add(self, report: FileReport) -> None:
        """Keep a report, if it has a key and is about its file alone."""
        if report.key and all(problem.file == report.file for problem in report.problems):
            problems = [_values(problem) for problem in report.problems]
            entry = {"skipped": report.skipped, "has_text": bool(report.text), "ends": report.ends}
            self._new[report.key] = {**entry, "problems": problems}

    def write(self) -> None:
        """Write what was added, whole or not at all; the oldest reports go where there are too many."""
        if not self._new or not self._path or not plugins.all_load():
            return
        try:
            os.makedirs(self._folder, exist_ok=True)
            _write(os.path.join(self._folder, ".gitignore"), "*\n")
            _write(self._path, _document({**self._kept, **self._new}))
            _forget_old(self._folder)
        except OSError:
            pass  # a disk that is full, or not to be written to: the next run takes as long as this one


def _values(problem: Problem) -> list[Any]:
    """The fields that reports print, but for the file, which may have another name by then."""
    return [value for key, value in problem.as_dict().items() if key not in ("file", "rule_name")]


def _hashed(parts: Iterable[bytes]) -> str:
    found = blake2b(digest_size=20)
    for part in parts:
        found.update(b"%d " % len(part))
        found.update(part)
    return found.hexdigest()


# --- the file


def _document(reports: dict[str, Any]) -> str:
    """The text of the file: with the newest of the reports that there is room for."""
    kept: list[str] = []
    size = 0
    for key, report in reversed(reports.items()):
        entry = f"{json.dumps(key)}: {json.dumps(report)}"
        if len(entry) > MAX_REPORT:
            continue
        size += len(entry)
        if size > MAX_SIZE or len(kept) == MAX_REPORTS:
            break
        kept.append(entry)
    rest = f'"rules": {json.dumps(NAMES)}, "reports": {{{", ".join(reversed(kept))}}}}}\n'
    return f"{_head(rest)}{rest}"


def _head(rest: str) -> str:
    return f'{{"hash": "{_hashed([rest.encode()])}", '


def _read(path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The reports of a file, and the names of the rules that they are about."""
    try:
        text = read_bytes(path, MAX_SIZE + MAX_REPORT).decode("ascii")
        if text.startswith(_head(text[len(_head("")) :])):
            stored = json.loads(text)
            return dict(stored["reports"]), dict(stored["rules"])
    except (Refused, ValueError, TypeError, KeyError, RecursionError):
        pass
    return {}, {}


def _write(path: str, text: str) -> None:
    """A file anew, so that who reads it meanwhile finds the old one or the new one."""
    new = f"{path}.{os.getpid()}"
    with open(new, "x", encoding="ascii") as file:  # never through a link that lies there
        file.write(text)
    os.replace(new, path)


def _forget_old(folder: str) -> None:
    """Remove all but the newest files: those of other versions, and what a process that was killed has left."""
    with os.scandir(folder) as entries:
        files = [(entry.stat().st_mtime, entry.path) for entry in entries if ".json" in entry.name]
    for _, path in sorted(files)[:-MAX_FILES]:
        os.remove(path)


# --- whose reports they are


def _identity() -> str:
    """The hash of all but the file and the options that a report depends on; "" if that cannot be told."""
    folders = sorted(plugins.installed())
    sources = list(_own())
    for folder in folders:
        if plugins.mentions_us(folder):
            sources += (found := list(_sources_of_plugins()))
            if len(found) > MAX_SOURCES:
                return ""
            break
    parts = (__version__, sys.version, *map(os.path.basename, folders), *sources)
    return _hashed(part.encode(errors="surrogateescape") for part in parts)


def _own() -> Iterator[str]:
    """Our own files: by their sizes where they are installed, in a checkout also by when they were changed."""
    beside = os.path.dirname(PACKAGE)
    installed = os.path.isdir(os.path.join(beside, f"slm_net-{__version__}.dist-info"))
    for folder in (PACKAGE, *([] if installed else [os.path.join(beside, "schemas")])):
        yield from _stats(folder, with_time=not installed)


def _stats(folder: str, with_time: bool) -> Iterator[str]:
    """The files below a folder that say what is right, in a fixed order."""
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            if name.endswith(SOURCES):
                yield _stat(os.path.join(path, name), os.path.relpath(path, folder), with_time)


def _stat(path: str, place: str, with_time: bool) -> str:
    status = os.stat(path)
    return f"{place} {os.path.basename(path)} {status.st_size} {status.st_mtime_ns if with_time else ''}"


def _sources_of_plugins() -> Iterator[str]:
    """The files of the packages that have entry points for us, which may be changed where they lie."""
    from importlib.util import find_spec

    for package in sorted({point.module.partition(".")[0] for point in plugins.entry_points()}):
        spec = find_spec(package)  # of a package at the top: nothing is imported
        if spec is None:
            continue
        if spec.origin:
            yield _stat(spec.origin, package, with_time=True)
        for folder in spec.submodule_search_locations or ():
            yield from _stats(folder, with_time=True)
