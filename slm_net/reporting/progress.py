"""How far a command is: a line on the terminal of somebody who has waited for two seconds, cleared at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from threading import Lock, Timer
from typing import TYPE_CHECKING, TypeVar

from slm_net.reporting.terminal import is_terminal, say
from slm_net.words import disarmed

if TYPE_CHECKING:
    from rich.live import Live

T = TypeVar("T")

#: Seconds before anything is shown, and between two updates.
PATIENCE, PERIOD = 2.0, 0.1


def with_progress(items: Iterable[T], total: int, patience: float = PATIENCE) -> Iterator[T]:
    """The items as they come, with a line that counts them."""
    if not is_terminal(sys.stderr):
        yield from items
        return
    due, line = time.monotonic() + patience, None
    try:
        for done, item in enumerate(items, 1):
            if (now := time.monotonic()) >= due and done < total:
                due, line = now + PERIOD, line or _line("", alone=False)
                line.update(f"{done:,} of {total:,} files", refresh=True)
            yield item
    finally:
        if line:
            line.stop()


class waiting:
    """A line that says what takes so long, by a thread of its own, as torch does not say how far it is.

    >>> with waiting("building the nets"):
    ...     pass
    """

    line: Live | None = None

    def __init__(self, what: str, patience: float = PATIENCE):
        self.what, self.ended = what, False
        self.timer, self.lock = Timer(patience, self.show), Lock()
        self.timer.daemon = True

    def __enter__(self) -> waiting:
        if is_terminal(sys.stderr):
            self.timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.timer.cancel()
        with self.lock:
            self.ended = True
            if self.line:
                self.line.stop()

    def show(self) -> None:
        """Draw the line, unless there is nothing to wait for any more."""
        with self.lock:
            if not self.ended:
                self.line = _line(f"{self.what} ...", alone=True)


class following:
    """What becomes of something long: a line that changes, on a terminal; elsewhere a line for each change.

    >>> with following() as line:
    ...     line.update("1 of 2 trials")
    """

    line: Live | None = None

    def __enter__(self) -> following:
        self.on_terminal, self.lock = is_terminal(sys.stderr), Lock()
        return self

    def __exit__(self, *error: object) -> None:
        if self.line:
            self.line.stop()

    def update(self, text: str) -> None:
        """Show how far it is now."""
        with self.lock:
            if not self.on_terminal:
                say(text, sys.stderr)
                return
            from rich.spinner import Spinner
            from rich.text import Text

            self.line = self.line or _line("", alone=True)
            self.line.update(Spinner("dots", Text(text)), refresh=True)

    def note(self, text: str) -> None:
        """Print a line that stays."""
        with self.lock:
            if self.line:
                self.line.console.print(disarmed(text), markup=False, soft_wrap=True)
            else:
                say(text, sys.stderr)


def _line(text: str, alone: bool) -> Live:
    """A line on standard error that is there; `alone` a thread draws it, which a process that forks may not have."""
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    shown = Spinner("dots", Text(text)) if alone else text
    console = Console(stderr=True, force_terminal=True, highlight=False)
    line = Live(shown, console=console, transient=True, auto_refresh=alone, redirect_stdout=False)
    line.start(refresh=alone)
    return line
