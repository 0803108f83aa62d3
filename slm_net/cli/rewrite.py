"""A file with a new text, whole or not at all; or the change as a patch."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import stat
import tempfile

from slm_net.problems import visible
from slm_net.spec.source import Source


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
    mode = stat.S_IMODE(os.stat(target).st_mode)
    if not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected", target)
    descriptor, temporary = tempfile.mkstemp(prefix=".slm-net-", dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def unified_diff(before: Source, after: Source) -> str:
    """The change as a patch."""
    texts = ["\ufeff" * source.bom + source.text for source in (before, after)]
    lines = [re.findall(r"[^\n]*\n|[^\n]+\Z", text) for text in texts]
    name = visible(before.file, 4096)
    diff = difflib.unified_diff(lines[0], lines[1], name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in diff)
