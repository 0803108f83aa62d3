"""A file as text: only regular files of a sane size, only UTF-8; anything else is refused in words."""

from __future__ import annotations

import codecs
import os
import stat

from slm_net.problems import Rule
from slm_net.text.limits import FILE_TOO_LARGE, MAX_BYTES
from slm_net.text.places import NOWHERE, Lines, Position, Refused

FILE_NOT_READABLE = Rule(
    "SN001",
    "file-not-readable",
    what=(
        "A file, or a directory that is searched, cannot be read or written: it is missing, gone since it was found, "
        "a pipe or a device, a link that leads back to itself, or the permissions forbid it."
    ),
    why=(
        "a file that was not read is not fine. The other files are checked all the same, and the command ends with "
        "exit code 2."
    ),
    no_example="this is about the file and not about its text.",
)


NOT_UTF8_TEXT = Rule(
    "SN002",
    "not-utf8-text",
    what="A file is no UTF-8 text: it has another encoding, is compressed, or is a checkpoint.",
    why="text in another encoding would be read as other letters, and names would be compared wrongly.",
    no_example="text on this page is UTF-8.",
)


_NO_FILE_HINT = "give a file, or the text itself"
_UTF8_HINT = "save the file as UTF-8"
_TEXT_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a zip archive or a torch checkpoint",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"%PDF": "PDF",
    b"\x7fELF": "a program",
    b"\x80\x02": "a pickle",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
}
HEAD = 65_536
_TEXT_CONTROLS = b"\t\n\r\f\v\x1b"


def read_text(path: str | bytes) -> str:
    """The text of a file, with its byte order mark if it has one.

    Raises:
        Refused: the file is missing, unreadable, no regular file, too large, or no UTF-8 text.
    """
    return decode(read_bytes(path))


def read_bytes(path: str | bytes, limit: int = MAX_BYTES) -> bytes:
    """What a file of at most `limit` bytes holds.

    Raises:
        Refused: the file is missing, unreadable, no regular file, or too large.
    """
    try:
        return _read_bytes(path, limit)
    except FileNotFoundError:
        raise _unreadable("there is no such file", "check the path and the directory it is relative to") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise _unreadable(f"the file cannot be read: {(reason or str(error)).lower()}", "") from None


def real_path(folder: str, name: str, within: str = "") -> str:
    """The real path of a file that a text calls by its name from a folder; "" where no file is called so.

    `within` is a real path of a folder that it has to be inside of.

    >>> real_path("specs", "base\\0.json"), real_path("specs", "\\ud800.json"), real_path("/a", "../b.json", "/a")
    ('', '', '')
    """
    try:
        path = os.path.realpath(os.path.join(folder, name))
        return path if not within or os.path.commonpath([within, path]) == within else ""
    except ValueError:  # a null character, half of a letter, or another drive
        return ""


def head_of(path: str | bytes) -> str:
    """What can be made out of the first 64 kB of a file that is no spec text; "" if it cannot be read at all."""
    try:
        with open(path, "rb") as file:
            return file.read(HEAD).replace(b"\0", b"").decode(errors="replace")
    except (OSError, ValueError):
        return ""


def decode(data: bytes) -> str:
    """What a file holds as text.

    Raises:
        Refused: the bytes are too many, or no UTF-8, with the place of the first bad one.
    """
    check_size(len(data))
    marked = data.startswith(codecs.BOM_UTF8)
    if not marked and (encoding := _wide_encoding(data)):
        raise _not_text(f"the file is {encoding}, not UTF-8", _UTF8_HINT)
    for magic, kind in _MAGIC.items():
        if data.startswith(magic, len(codecs.BOM_UTF8) if marked else 0):
            raise _not_text(f"not a text file: it looks like {kind}", "give the spec file itself")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _bad_byte(data, error.start) from None


def check_size(size: int, limit: int = MAX_BYTES) -> None:
    """Refuse a text of more than `limit` bytes.

    Raises:
        Refused: it is larger.
    """
    if size > limit:
        hint = "a spec is a few kilobytes: is this the right file?"
        raise Refused(FILE_TOO_LARGE.at((), f"the file is larger than {limit // 10**6} MB", hint, place=NOWHERE))


def _read_bytes(path: str | bytes, limit: int) -> bytes:
    _check_regular(os.stat(path), limit)
    # Without blocking: between the check and here the file may have become a pipe.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        _check_regular(os.fstat(descriptor), limit)
        data: bytes | None = file.read(limit + 1)
    if data is None:  # some files of the kernel call themselves regular, and have nothing to read yet
        raise _unreadable("there is nothing to read in it", _NO_FILE_HINT)
    check_size(len(data), limit)
    return data


def _check_regular(status: os.stat_result, limit: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _unreadable("this is a directory", "give a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise _unreadable("this is no regular file but a pipe or a device", _NO_FILE_HINT)
    check_size(status.st_size, limit)


def _wide_encoding(data: bytes) -> str:
    """UTF-16 or UTF-32 if the bytes begin like it: a byte order mark, or zero bytes around the first character."""
    head = data[:4]
    for mark in _TEXT_BOMS:
        if head.startswith(mark):
            return "UTF-32" if len(mark) == 4 else "UTF-16"
    zeros = tuple(byte == 0 for byte in head)
    if zeros in ((True, True, True, False), (False, True, True, True)):
        return "UTF-32"
    return "UTF-16" if zeros in ((True, False, True, False), (False, True, False, True)) else ""


def _bad_byte(data: bytes, at: int) -> Refused:
    head = data[:1024]
    controls = sum(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in head)
    if controls * 20 > len(head):
        return _not_text("not a text file", "give the spec file itself")
    before = data[:at].decode().removeprefix("\ufeff")
    position = Lines(before).position(len(before))
    message = f"byte 0x{data[at]:02X} at {position} is no UTF-8"
    hint = f"{_UTF8_HINT}; in Latin-1 it would be {chr(data[at])!r}" if data[at] >= 0xA0 else _UTF8_HINT
    return _not_text(message, hint, position)


def _not_text(message: str, hint: str, position: Position = NOWHERE) -> Refused:
    return Refused(NOT_UTF8_TEXT.at((), message, hint, place=position))


def _unreadable(message: str, hint: str) -> Refused:
    return Refused(FILE_NOT_READABLE.at((), message, hint, place=NOWHERE))
