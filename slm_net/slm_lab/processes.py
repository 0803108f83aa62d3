"""What a process that `multiprocessing` starts does before anything else, whichever way it is started."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import current_process
from typing import Any


class AtStart:
    """Calls a function with its arguments wherever it is unpickled."""

    def __init__(self, function: Callable[..., object], *arguments: Any):
        self.call = function, *arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return at_start, self.call


def at_start(function: Callable[..., object], *arguments: Any) -> AtStart:
    """Call the function, and be ready to do so in the next process."""
    function(*arguments)
    return AtStart(function, *arguments)


def in_children(key: str, function: Callable[..., object], *arguments: Any) -> None:
    """Call the function in every process that is started from here on.

    A process object takes the settings of the process that makes it along; a spawned child unpickles them before it
    looks for what to run. A forked child has everything already.
    """
    _settings()[key] = AtStart(function, *arguments)


def not_in_children(key: str) -> None:
    """Take `in_children` back."""
    _settings().pop(key, None)


def _settings() -> dict[str, Any]:
    return current_process()._config  # type: ignore[attr-defined]
