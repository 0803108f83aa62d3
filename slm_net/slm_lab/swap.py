"""Replacing objects wherever the modules of a package hold them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any


def swap(package: str, old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> None:
    """Let every loaded module of `package` that holds one of the old modules, or something of theirs, hold the new one.

    Classes and functions are matched by their module and name; what the new modules do not have stays.
    """
    changed = _pairs(old, new)
    for name, module in list(sys.modules.items()):
        if not _belongs(name, package) or not isinstance(module, ModuleType) or name in new:
            continue
        for key, value in list(vars(module).items()):
            if id(value) in changed and not key.startswith("__"):
                setattr(module, key, changed[id(value)][1])


def _pairs(old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> dict[int, tuple[Any, Any]]:
    """By id: each old object (kept alive here, so that the id stays its own) and the one in its place."""
    pairs: dict[int, tuple[Any, Any]] = {}
    for name, module in old.items():
        pairs[id(module)] = (module, new[name])
        for key, value in vars(module).items():
            replaced = vars(new[name]).get(key)
            if _is_own(value) and replaced is not None and replaced is not value:
                pairs.setdefault(id(value), (value, replaced))
    return pairs


def _is_own(value: Any) -> bool:
    """True for a class or function of a net module, of SLM Lab's or of ours; not for what these import from torch."""
    home = getattr(value, "__module__", None)
    is_net = isinstance(home, str) and _belongs(home, "slm_lab.agent.net", "slm_net.slm_lab")
    return is_net and (isinstance(value, type) or callable(value)) and hasattr(value, "__name__")


def _belongs(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)
