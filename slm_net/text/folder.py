"""A folder that holds a whole state at any moment: numbered steps with checksums, and a pointer to the last.

A folder cannot be replaced in one go, a file can: a step is written beside the others, and then the pointer is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from slm_net.problems import SpecError
from slm_net.text.files import FILE_NOT_READABLE, read_bytes
from slm_net.text.limits import MAX_BYTES
from slm_net.text.places import Refused
from slm_net.words import visible

POINTER, CHECKSUMS = "latest.json", "checksums.json"
CONFIG, MODEL, OPTIMIZER, TRAINING = "config.json", "model.safetensors", "optimizer.safetensors", "training_state.json"
FILES = frozenset({CHECKSUMS, CONFIG, MODEL, OPTIMIZER, TRAINING})
_step_number = re.compile(r"step-([1-9][0-9]{0,17})").fullmatch
_is_temporary = re.compile(rf"\.{re.escape(POINTER)}\.[0-9]+").fullmatch
_is_digest = re.compile(r"[0-9a-f]{64}").fullmatch


# --- writing: every call to the system may be the last one


def write_step(folder: str | os.PathLike[str], files: Mapping[str, bytes], keep: int = 3) -> str:
    """Write a new step with these files (of `FILES`), and point to it; returns its path.

    If it is broken off at any moment, by a kill, a full disk or a power cut, the folder holds the step before. The
    newest `keep` steps before it stay; what a save that was broken off has left is cleaned up. One process writes.

    Raises:
        OSError: it cannot be written; the step before is still the last one.
    """
    folder = os.fspath(folder)
    os.makedirs(folder, exist_ok=True)
    last = _last_number(folder)
    _clean(folder, last, keep=None)
    number = 1 + max([last or 0, *(each for each, _ in _steps(folder))])
    path, digests = os.path.join(folder, f"step-{number}"), {name: _digest(data) for name, data in files.items()}
    checksums = _json({"sha256": digests})
    try:
        os.mkdir(path)
        for name, data in {CHECKSUMS: checksums, **files}.items():
            _write(os.path.join(path, name), data)
        _sync(path)
        _sync(folder)
        temporary = os.path.join(folder, f".{POINTER}.{number}")
        _write(temporary, _json({"step": f"step-{number}", "checksums": _digest(checksums)}))
    except OSError:
        with suppress(OSError):
            _clean(folder, last, keep=None)
        raise
    os.replace(temporary, os.path.join(folder, POINTER))
    _sync(folder)
    _clean(folder, number, keep)
    return path


def _clean(folder: str, last: int | None, keep: int | None) -> None:
    """Remove what is left of steps after the last one, and of those before it all but `keep`; None keeps all."""
    if last is None:
        return  # nobody knows which is the last one
    steps = sorted(_steps(folder), reverse=True)
    old = [path for number, path in steps if number < last]
    for path in [*(path for number, path in steps if number > last), *([] if keep is None else old[keep:])]:
        names = os.listdir(path)
        if FILES.issuperset(names) and (CHECKSUMS in names or not names):  # else it is somebody else's
            for name in sorted(names, key=lambda name: name == CHECKSUMS):
                os.unlink(os.path.join(path, name))
            os.rmdir(path)
    for name in filter(_is_temporary, os.listdir(folder)):
        os.unlink(os.path.join(folder, name))


def _steps(folder: str) -> Iterator[tuple[int, str]]:
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if (found := _step_number(name)) and os.path.isdir(path) and not os.path.islink(path):
            yield int(found[1]), path


def _last_number(folder: str) -> int | None:
    """The number of the last step, 0 before the first, None if the pointer cannot be read."""
    if not os.path.lexists(os.path.join(folder, POINTER)):
        return None if any(True for _ in _steps(folder)) else 0
    try:
        return int(_pointer(folder)["step"].removeprefix("step-"))
    except SpecError:
        return None


def _write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: str) -> None:
    """Make what has been created or renamed in a folder outlast a power cut, where folders can be synced."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- reading: nothing is believed before its checksum is right


@dataclass(frozen=True)
class Step:
    """A step that was saved: its folder and the checksums of its files."""

    path: str
    digests: Mapping[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.digests

    def read(self, name: str) -> bytes:
        """What a file of the step holds; it may be of any size.

        Raises:
            SpecError: it is missing, or not what was saved.
        """
        path = os.path.join(self.path, name)
        if name not in self.digests:
            raise refused(path, "is not among what was saved here")
        data = _read(path, os.path.getsize(path) if os.path.isfile(path) else 0)
        if _digest(data) != self.digests[name]:
            raise refused(path, "is not what was saved: its checksum differs", DAMAGED)
        return data

    def read_json(self, name: str) -> dict[str, Any]:
        """The JSON object in a file of the step.

        Raises:
            SpecError: it is missing, not what was saved, or holds no object.
        """
        return _object(os.path.join(self.path, name), self.read(name))


DAMAGED = "take a copy that is whole, or an earlier step: slm_net.load of one of the folders step-..."


def is_saved(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a folder that something was saved in, or one of its steps."""
    return any(os.path.isfile(os.path.join(path, name)) for name in (POINTER, CHECKSUMS))


def last_step(folder: str | os.PathLike[str]) -> Step:
    """The last step that was saved in a folder, or the step that the folder itself is.

    Raises:
        SpecError: nothing was saved there, or it is damaged.
    """
    folder = os.fspath(folder)
    if os.path.lexists(os.path.join(folder, POINTER)):
        pointer = _pointer(folder)
        return _step(os.path.join(folder, pointer["step"]), pointer["checksums"])
    if os.path.lexists(os.path.join(folder, CHECKSUMS)):
        return _step(folder)
    what = f"holds no {POINTER}: nothing was saved here" if os.path.isdir(folder) else "does not exist, or is no folder"
    raise refused(folder, what, "give the folder that bundle.save(folder) or nets.save(folder) wrote")


def spec_of(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """The spec that the nets of a folder were built from: a whole one, or the resolved block of a net alone.

    Raises:
        SpecError: nothing was saved there, or it is damaged.
    """
    step = last_step(folder)
    spec: Any = step.read_json(CONFIG)
    for key in ("slm_net", "spec"):
        spec = spec.get(key) if isinstance(spec, dict) else None
    if not isinstance(spec, dict):
        raise refused(os.path.join(step.path, CONFIG), "has no spec", DAMAGED)
    return spec


def _pointer(folder: str) -> dict[str, Any]:
    path = os.path.join(folder, POINTER)
    found = _object(path, _read(path))
    step, digest = found.get("step"), found.get("checksums")
    if not (isinstance(step, str) and _step_number(step) and isinstance(digest, str) and _is_digest(digest)):
        raise refused(path, "names no step", DAMAGED)
    return found


def _step(path: str, digest: str | None = None) -> Step:
    name = os.path.join(path, CHECKSUMS)
    data = _read(name)
    if digest is not None and _digest(data) != digest:
        raise refused(name, "is not what was saved: its checksum differs", DAMAGED)
    digests = _object(name, data).get("sha256")
    if not isinstance(digests, dict) or not FILES.issuperset(digests):
        raise refused(name, "lists no files of ours", DAMAGED)
    return Step(path, digests)


def _read(path: str, limit: int = MAX_BYTES) -> bytes:
    try:
        return read_bytes(path, limit)
    except Refused as why:
        raise SpecError([replace(why.problem, file=path)]) from None


def _object(path: str, data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise refused(path, "is no JSON object", DAMAGED)
    return found


def refused(path: str, message: str, hint: str = "") -> SpecError:
    """The error of a file or folder that is not what was saved."""
    return SpecError([replace(FILE_NOT_READABLE.at((), f"the {_kind(path)} {message}", hint), file=visible(path, 300))])


def _kind(path: str) -> str:
    return "folder" if os.path.isdir(path) or "." not in os.path.basename(path) else "file"
