"""The drop-in for SLM Lab 4 and 5: `install()` for an installed SLM Lab, `v4` and `v5` without one, and checkpoints."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slm_net.slm_lab import v4, v5
    from slm_net.slm_lab.checkpoints import load_checkpoint
    from slm_net.slm_lab.installer import InstallWarning, install, uninstall
    from slm_net.slm_lab.layouts import export_state_dict, import_state_dict
    from slm_net.slm_lab.quirks import QUIRKS

#: Where each public name lives; a module is imported when its name is first used, so importing this needs no torch.
_HOME = {
    "InstallWarning": "installer",
    "QUIRKS": "quirks",
    "export_state_dict": "layouts",
    "import_state_dict": "layouts",
    "install": "installer",
    "load_checkpoint": "checkpoints",
    "uninstall": "installer",
}
__all__ = [
    "QUIRKS",
    "InstallWarning",
    "export_state_dict",
    "import_state_dict",
    "install",
    "load_checkpoint",
    "uninstall",
    "v4",
    "v5",
]


if not TYPE_CHECKING:  # a type checker is to see a name that is not there

    def __getattr__(name: str) -> Any:
        if name in ("v4", "v5"):
            return importlib.import_module(f"slm_net.slm_lab.{name}")
        if name not in _HOME:
            raise AttributeError(f"module 'slm_net.slm_lab' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"slm_net.slm_lab.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
