"""The drop-in for SLM Lab 4 and 5: `install()` for an installed SLM Lab, `v4` and `v5` without one, and checkpoints."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slm_net.slm_lab import v4, v5
    from slm_net.slm_lab.checkpoints import load_checkpoint
    from slm_net.slm_lab.installer import InstallWarning, install, uninstall
    from slm_net.slm_lab.quirks import QUIRKS
    from slm_net.weights.layouts import export_state_dict, import_state_dict

#: Where each public name lives below slm_net; a module is imported when its name is first used: importing this needs no
#: torch.
_HOME = {
    "InstallWarning": "slm_lab.installer",
    "QUIRKS": "slm_lab.quirks",
    "export_state_dict": "weights.layouts",
    "import_state_dict": "weights.layouts",
    "install": "slm_lab.installer",
    "load_checkpoint": "slm_lab.checkpoints",
    "uninstall": "slm_lab.installer",
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
        value = getattr(importlib.import_module(f"slm_net.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
