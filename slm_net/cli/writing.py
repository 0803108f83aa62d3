"""Files written as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat

from slm_net.text.source import Source


def rewrite(before: Source, after: Source) -> str:
    """Write the text of `after` into the file that `before` was read from; what went wrong, or "".

    The new text goes into a file beside it, which then takes its place, with the same permissions; a link stays a link.
    """
    target = os.path.realpath(before.file)
    try:
        with open(target, "rb") as file:
            if file.read() != _bytes(before):
                return "the file has changed while it was checked; it is not fixed"
        write_whole(target, _bytes(after))
    except OSError as error:
        return f"the file cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _bytes(source: Source) -> bytes:
    return ("\ufeff" * source.bom + source.text).encode()


def write_whole(target: str, data: bytes) -> None:
    """Write a file as a whole or not at all: into one beside it, which then takes its place and its permissions.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    import tempfile

    status = os.stat(target) if os.path.exists(target) else None
    if status and not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected", target)
    descriptor, temporary = tempfile.mkstemp(prefix=".slm-net-", dir=os.path.dirname(target) or ".")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        if status:
            with contextlib.suppress(OSError, AttributeError):  # only root may, and only root needs to
                os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode) if status else 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
