"""Which SLM Lab is installed, found out without importing it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from pathlib import Path

PACKAGE = "slm_lab"
SUPPORTED = (4, 5)
_DISTRIBUTIONS = ("slm_lab", "slm-lab")
_WRITTEN = re.compile(r"""^\s*(?:__version__|version)\s*=\s*["']([^"']+)["']""", re.MULTILINE)


def major_of(version: str | int) -> int:
    """The major version, 4 or 5.

    >>> major_of("5.3.0")
    5

    Raises:
        ValueError: it is neither.
    """
    found = re.match(r"v?(\d+)", str(version).strip())
    major = int(found[1]) if found else 0
    if major not in SUPPORTED:
        raise ValueError(f"the drop-in knows SLM Lab 4 and 5, not version {version!r}")
    return major


def installed_version() -> str:
    """The version of the installed SLM Lab: from its metadata, its `__version__`, or the project file beside it.

    Raises:
        ImportError: SLM Lab is not installed.
        ValueError: it does not say which version it is.
    """
    folder = _folder()
    if folder is None:
        raise ImportError(
            "SLM Lab is not installed: there is no package slm_lab; without it, use slm_net.slm_lab.v4 or v5"
        )
    if isinstance(written := getattr(sys.modules.get(PACKAGE), "__version__", None), str):
        return written
    for name in _DISTRIBUTIONS:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    for file in (folder / "__init__.py", folder.parent / "pyproject.toml", folder.parent / "setup.py"):
        if file.is_file() and (found := _WRITTEN.search(file.read_text(encoding="utf-8", errors="replace"))):
            return found[1]
    raise ValueError(
        f"{folder} does not say which version of SLM Lab it is: call install(version=4) or install(version=5)"
    )


def _folder() -> Path | None:
    """Where the package lies; finding a top-level package does not import it. A folder of that name alone is none."""
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec and spec.origin else []
    return Path(places[0]) if places else None
