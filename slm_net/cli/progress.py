"""How far a long run is, on standard error, for whoever waits at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from slm_net.cli.terminal import is_terminal

T = TypeVar("T")
#: Seconds before anything is shown, and between two updates.
PATIENCE, PERIOD = 2.0, 0.1


def with_progress(items: Iterable[T], total: int, patience: float = PATIENCE) -> Iterator[T]:
    """The items as they come; the line that counts them is wiped away at the end."""
    stream = sys.stderr
    if not is_terminal(stream):
        yield from items
        return
    due, shown = time.monotonic() + patience, ""
    try:
        for done, item in enumerate(items, 1):
            if (now := time.monotonic()) >= due:
                due, shown = now + PERIOD, f"{done:,} of {total:,} files"
                print(f"\r{shown}", end="", file=stream, flush=True)
            yield item
    finally:
        if shown:
            print(f"\r{' ' * len(shown)}\r", end="", file=stream, flush=True)
