"""A file as it was at a revision of git."""

from __future__ import annotations

import os
import shutil
import subprocess

from slm_net.words import visible

#: Seconds that git may take.
PATIENCE = 60


class NoRevision(Exception):
    """Git is not there, or does not know the revision or the file; the text says which."""


def file_at(revision: str, path: str) -> bytes:
    """What a file held at a revision.

    Raises:
        NoRevision: with one line that says why not.
    """
    git = shutil.which("git")
    if git is None:
        raise NoRevision("--git needs git, which is not installed")
    if revision.startswith("-") or not revision.isprintable() or ":" in revision:
        raise NoRevision(f"{visible(revision)!r} is no revision")
    folder, name = os.path.split(os.path.abspath(path))
    # ./ is relative to the folder that git runs in; nothing here is read by a shell
    command = [git, "-C", folder, "show", "--no-textconv", f"{revision}:./{name}"]
    try:
        done = subprocess.run(  # noqa: S603 - a list, of which only what git reads as a revision and a file is given
            command, capture_output=True, check=False, timeout=PATIENCE, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoRevision(f"git does not answer: {visible(str(error), 200)}") from error
    if done.returncode:
        raise NoRevision(_reason(done.stderr.decode(errors="replace"), revision, path))
    return done.stdout


def _reason(said: str, revision: str, path: str) -> str:
    first = next((line for line in said.splitlines() if line.startswith(("fatal", "error"))), said.strip())
    if "not a git repository" in said:
        return f"{visible(path, 300)} is in no git repository"
    if "invalid object name" in said or "unknown revision" in said or "bad revision" in said:
        return f"git knows no revision {visible(revision)!r}"
    if "exists on disk, but not in" in said or "does not exist" in said:
        return f"there is no {visible(path, 300)} at {visible(revision)!r}"
    return f"git cannot show {visible(path, 300)} at {visible(revision)!r}: {visible(first, 200)}"
