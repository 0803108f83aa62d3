"""Files written as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat

PROTECTED = "the folder is write-protected"


def check_target(target: str) -> os.stat_result | None:
    """What is there already where a file is to be written, None for nothing.

    Raises:
        OSError: it cannot be written there.
    """
    folder = os.path.dirname(target) or "."
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, PROTECTED, folder)
    if not os.path.exists(target):
        return None
    status = os.stat(target)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is no regular file", target)
    if not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected", target)
    return status


def write_whole(target: str, data: bytes) -> None:
    """Write a file as a whole or not at all: into one beside it, which then takes its place, owner and permissions.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    import tempfile

    status = check_target(target)
    folder = os.path.dirname(target) or "."
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".slm-net-", dir=folder)
    except PermissionError as error:
        raise PermissionError(error.errno, PROTECTED, folder) from None
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
