"""What commands give out beside reports: files that are asked for, and patches."""

from __future__ import annotations

import os
import sys

from slm_net.cli.parser import UsageError
from slm_net.reporting.terminal import is_terminal, shown
from slm_net.text.writing import write_whole
from slm_net.words import disarmed, visible


def write_output(path: str, text: str, what: str = "") -> None:
    """Write a file that is asked for as a whole or not at all; a link stays a link. `what` it is stands in the error.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        write_whole(os.path.realpath(path), text.encode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{what}{visible(path, 300)} cannot be written: {reason}") from None


def show_patch(diff: str) -> None:
    """A patch as it is; on a terminal without control characters, and where GitHub reads along without its commands."""
    if is_terminal(sys.stdout):
        diff = "".join(f"{shown(line)}\n" for line in diff.split("\n")[:-1])
    if os.environ.get("GITHUB_ACTIONS") and disarmed(diff) != diff:
        word = os.urandom(16).hex()
        diff = f"::stop-commands::{word}\n{diff}::{word}::\n"
    print(diff, end="")
