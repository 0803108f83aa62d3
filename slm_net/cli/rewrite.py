"""A file with a new text, whole or not at all; or the change as a patch."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from itertools import compress, groupby

from slm_net.text.source import Source
from slm_net.words import visible

#: Lines around a change in a patch.
CONTEXT = 3


def rewrite(path: str, before: Source, after: Source) -> str:
    """Write the text of `after` into the file that `before` was read from; what went wrong, or "".

    The new text goes into a file beside it, which then takes its place, with the same permissions; a link stays a link.
    """
    target = os.path.realpath(path)
    try:
        with open(target, "rb") as file:
            if file.read() != _bytes(before):
                return "the file has changed while it was checked; it is not fixed"
        _replace(target, _bytes(after))
    except OSError as error:
        return f"the file cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _bytes(source: Source) -> bytes:
    return ("\ufeff" * source.bom + source.text).encode()


def _replace(target: str, data: bytes) -> None:
    status = os.stat(target)
    if not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected", target)
    descriptor, temporary = tempfile.mkstemp(prefix=".slm-net-", dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(OSError, AttributeError):  # only root may, and only root needs to
            os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def unified_diff(before: Source, after: Source) -> str:
    """The change as a patch; fixes change lines, but leave their number as it is."""
    texts = ["\ufeff" * source.bom + source.text for source in (before, after)]
    old, new = (re.findall(r"[^\n]*\n|[^\n]+\Z", text) for text in texts)
    name = visible(before.file, 4096)
    parts = [f"--- {name}\n+++ {name}\n"]
    for start, end in _hunks([line != other for line, other in zip(old, new, strict=True)]):
        place = f"{start + 1},{end - start}" if end - start > 1 else str(start + 1)
        parts.append(f"@@ -{place} +{place} @@\n")
        for same, lines in groupby(range(start, end), lambda at: old[at] == new[at]):
            numbers = list(lines)
            parts += [_signed(" " if same else "-", old[at]) for at in numbers]
            parts += [_signed("+", new[at]) for at in numbers if not same]
    return "".join(parts)


def _hunks(changed: list[bool]) -> Iterator[tuple[int, int]]:
    """From which line and up to which changes are shown together, with those around them."""
    start, last = -1, -1
    for at in compress(range(len(changed)), changed):
        if start >= 0 and at - last > 2 * CONTEXT + 1:
            yield max(0, start - CONTEXT), last + CONTEXT + 1
        if start < 0 or at - last > 2 * CONTEXT + 1:
            start = at
        last = at
    if start >= 0:
        yield max(0, start - CONTEXT), min(len(changed), last + CONTEXT + 1)


def _signed(sign: str, line: str) -> str:
    return sign + (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
