"""`install()`: an installed SLM Lab builds its nets with ours, until `uninstall()`."""

from __future__ import annotations

import importlib
import sys

from slm_net.slm_lab.lab_version import PACKAGE, installed_version, major_of
from slm_net.slm_lab.replacement import Replacement
from slm_net.slm_lab.swap import swap


def install(version: str | int | None = None) -> None:
    """Make an installed SLM Lab build its nets with ours, whether it is imported already or not.

    `slm_lab.agent.net` and its submodules are replaced, and what other modules of SLM Lab have imported from them.
    Instances and subclasses that exist already stay what they are. Calling it again changes nothing.

    Args:
        version: for example 4 or "5.3.0", in place of the version that SLM Lab itself gives.

    Raises:
        ImportError: SLM Lab is not installed.
        ValueError: its version is not known, or neither 4 nor 5.
        RuntimeError: the drop-in of another version is installed.
    """
    major = major_of(version if version is not None else installed_version())
    if (other := _installed()) is not None:
        if other.version != major:
            raise RuntimeError(f"the drop-in for SLM Lab {other.version} is installed; call uninstall() first")
        return
    replacement = Replacement(major)
    sys.meta_path.insert(0, replacement)
    originals = {name: sys.modules.pop(name) for name in replacement.names if name in sys.modules}
    replacement.originals = originals
    if originals:
        ours = {name: importlib.import_module(name) for name in originals}
        swap(PACKAGE, originals, ours)


def uninstall() -> None:
    """Give SLM Lab its own nets back; without an `install()` before, nothing happens."""
    replacement = _installed()
    if replacement is None:
        return
    sys.meta_path.remove(replacement)
    ours = {name: sys.modules.pop(name) for name in replacement.names if name in sys.modules}
    sys.modules.update(replacement.originals)
    if ours:  # what was imported meanwhile has never had an original
        originals = {name: importlib.import_module(name) for name in ours}
        swap(PACKAGE, ours, originals)


def _installed() -> Replacement | None:
    return next((finder for finder in sys.meta_path if isinstance(finder, Replacement)), None)
