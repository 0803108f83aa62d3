"""Installed plugins: the entry points of other distributions, found without importing anything, each loaded once.

Only what is installed is ever loaded. A name in a spec picks among the entry points, it never becomes an import.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock, Timer, get_ident
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from slm_net.words import visible

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: The entry-point group for each kind of name; what an entry point is called is the name that specs write.
GROUPS = {
    "net": "slm_net.nets",
    "activation": "slm_net.activations",
    "loss": "slm_net.losses",
    "optimizer": "slm_net.optimizers",
    "lr_scheduler": "slm_net.lr_schedulers",
    "init": "slm_net.inits",
    "layer": "slm_net.layers",
    "algorithm": "slm_net.algorithms",
}
#: The group for schema fragments alone, in modules that import no torch.
SCHEMAS = "slm_net.schemas"


class PluginWarning(UserWarning):
    """An installed plugin that cannot be used; said once, everything else works on."""


class Failure(NamedTuple):
    """What a plugin was to bring, the entry point that did not, and why; it reads as one sentence."""

    group: str
    name: str
    point: EntryPoint
    reason: str

    def __str__(self) -> str:
        return f"the plugin {plugin_of(self.point)} failed to load: {self.reason}"


#: What has been loaded, None for what failed, by group, name and value of the entry point.
_LOADED: dict[tuple[str, str, str], Any] = {}
_FAILURES: list[Failure] = []
LOCK = RLock()
#: Seconds after which a plugin that is still loading is named.
PATIENCE = 10


@cache
def entry_points() -> tuple[EntryPoint, ...]:
    """The entry points of all installed plugins, sorted by distribution; the first of two on the path wins."""
    folders = [folder for folder in installed() if mentions_us(folder)]
    if not folders:
        return ()
    from importlib.metadata import Distribution  # 40 ms, spared where there are no plugins

    plugins = {dist.metadata["Name"]: dist for dist in map(Distribution.at, reversed(folders))}
    ours = (point for dist in plugins.values() for point in dist.entry_points if point.group.startswith("slm_net."))
    return tuple(sorted(ours, key=lambda point: (plugin_of(point), point.group, point.name)))


def installed() -> Iterator[str]:
    """The folders in which installers describe what they installed."""
    for folder in filter(None, sys.path):  # "" is the current folder, in which nothing is installed
        try:
            with os.scandir(folder) as entries:
                yield from [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue  # a zip file, or a folder that is not there


def mentions_us(folder: str) -> bool:
    """Whether what is described in a folder has entry points for slm_net."""
    try:
        with open(os.path.join(folder, "entry_points.txt"), "rb") as file:
            return b"[slm_net." in file.read()
    except OSError:
        return False


def plugin_of(point: EntryPoint) -> str:
    """The distribution of an entry point as messages name it.

    >>> from importlib.metadata import EntryPoint
    >>> plugin_of(EntryPoint("MyNet", "my.nets:MyNet", "slm_net.nets"))
    'unknown (slm_net.nets: MyNet)'
    """
    name = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown"
    return visible(f"{name} ({point.group}: {point.name})", 200)


def load(point: EntryPoint) -> Any:
    """The object of an entry point; None if it fails, which is kept for later errors and warned of once."""
    key = (point.group, point.name, point.value)
    with LOCK:
        if key not in _LOADED:
            _LOADED[key] = None
            try:
                with _watched(plugin_of(point)):
                    _LOADED[key] = point.load()
            except (Exception, SystemExit) as error:
                fail(point, reason_of(error))
        return _LOADED[key]


@contextmanager
def _watched(plugin: str) -> Iterator[None]:
    """Name a plugin that takes long to load, and let none end the process, which would say nothing."""
    said = f"slm-net: the plugin {plugin} has been loading for {PATIENCE} seconds\n"
    timer = Timer(PATIENCE, lambda: sys.stderr and sys.stderr.write(said))
    timer.daemon = True
    here, end = (os.getpid(), get_ident()), os._exit

    def refuse(status: int) -> NoReturn:
        if (os.getpid(), get_ident()) != here:  # a process or a thread that it has started
            end(status)
        raise SystemExit(f"os._exit({status})")

    timer.start()
    os._exit = refuse
    try:
        yield
    finally:
        os._exit = end
        timer.cancel()


def reason_of(error: BaseException) -> str:
    """An exception in one line."""
    return visible(" ".join(f"{type(error).__name__}: {error}".split()), 300)


def fail(point: EntryPoint, reason: str, group: str = "", name: str = "") -> None:
    """Note that an entry point, or one of the names that it was to bring, cannot be used."""
    failure = Failure(group or point.group, name or point.name, point, reason)
    _FAILURES.append(failure)
    warnings.warn(PluginWarning(str(failure)), stacklevel=2)


def load_named(group: str, name: str) -> Any:
    """The object of the entry point `name` of a group; None if there is none, or it fails."""
    point = next((point for point in entry_points() if (point.group, point.name) == (group, name)), None)
    return None if point is None else load(point)


def all_load() -> bool:
    """False if a plugin that was needed did not load."""
    return not _FAILURES


def failure_of(group: str, name: str) -> str:
    """Why the plugin that could provide a name does not, "" if there is no such plugin; case does not matter."""
    for failure in _FAILURES:
        if (failure.group, failure.name.casefold()) == (group, name.casefold()):
            return f"the plugin {plugin_of(failure.point)}, which could provide it, failed to load: {failure.reason}"
    return ""


def why_no_schemas(point: EntryPoint) -> str:
    """Why the schemas of an entry point's own distribution did not load, "" if they did."""
    own = (failure for failure in _FAILURES if failure.group == SCHEMAS and failure.point.dist == point.dist)
    return next((str(failure) for failure in own), "")
