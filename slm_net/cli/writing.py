"""Files written as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat

from slm_net.text.files import read_bytes
from slm_net.text.places import Refused
from slm_net.text.source import Source


def rewrite(before: Source, after: Source) -> str:
    """Write the text of `after` into the file that `before` was read from; what went wrong, or "".

    The new text goes into a file beside it, which then takes its place, owner and permissions; a link stays a link.
    """
    target = os.path.realpath(before.file)
    try:
        if read_bytes(target) != _bytes(before):
            return "the file has changed while it was checked; it is not fixed"
        write_whole(target, _bytes(after))
    except Refused as refused:
        return refused.problem.message
    except OSError as error:
        return f"the file cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _bytes(source: Source) -> bytes:
    return ("\ufeff" * source.bom + source.text).encode()


def write_whole(target: str, data: bytes) -> None:
    """Write a file as a whole or not at all: into one beside it, which then takes its place, owner and permissions.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    import tempfile

    status = os.stat(target) if os.path.exists(target) else None
    if status and not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is no regular file", target)
    if status and not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected", target)
    descriptor, temporary = tempfile.mkstemp(prefix=".slm-net-", dir=os.path.dirname(target) or ".")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        if status:
            _keep_owner(temporary, status)
        os.chmod(temporary, stat.S_IMODE(status.st_mode) if status else 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_owner(path: str, before: os.stat_result) -> None:
    now = os.stat(path)
    if (now.st_uid, now.st_gid) == (before.st_uid, before.st_gid):
        return
    try:
        os.chown(path, before.st_uid, before.st_gid)
    except OSError:
        owner = f"user {before.st_uid} and group {before.st_gid}"
        said = f"it would no longer belong to {owner}; run slm-net as that user"
        raise PermissionError(0, said, path) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
