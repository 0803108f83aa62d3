"""`slm-net --version`: what is installed, for whoever reports a bug; nothing of it is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from slm_net import __version__
from slm_net.plugins import entry_points, plugin_of

#: What specs are checked and built with: torch, and the engines of JSON Schema.
PACKAGES = ("torch", "jsonschema", "jsonschema-rs")


def versions(verbose: bool) -> str:
    """The version of slm_net; if `verbose`, also those of Python and `PACKAGES`, and all plugins, one a line."""
    return "\n".join([f"slm_net {__version__}", *(_others() if verbose else ())])


def _others() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, version

    yield f"Python {'.'.join(map(str, sys.version_info[:3]))} on {sys.platform}"
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"{package} is not installed"
    plugins = [f"plugin {plugin_of(point)}" for point in entry_points()]
    yield from plugins or ["no plugins"]
