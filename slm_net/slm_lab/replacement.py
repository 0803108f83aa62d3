"""The modules that stand in for `slm_lab.agent.net`, put in place by Python's own import system."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

NET = "slm_lab.agent.net"
SUBMODULES = {
    4: ("base", "conv", "mlp", "net_util", "q_net", "recurrent"),
    5: ("base", "conv", "mlp", "net_util", "recurrent"),
}
#: Classes that stay SLM Lab's own, and the submodule that they are in.
LEFT_TO_SLM_LAB = {"TorchArcNet": "torcharc_net"}


class Replacement(MetaPathFinder, Loader):
    """Finds and makes the modules of one version; `originals` are the modules that they took the place of."""

    def __init__(self, version: int):
        self.version = version
        self.names = (NET, *(f"{NET}.{name}" for name in SUBMODULES[version]))
        self.originals: dict[str, ModuleType] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of one of our modules; the package keeps its folder, so that its other submodules are found."""
        if fullname not in self.names:
            return None
        spec = ModuleSpec(fullname, self, is_package=fullname == NET)
        if fullname == NET:
            original = PathFinder.find_spec(fullname, path)
            spec.submodule_search_locations = list((original and original.submodule_search_locations) or ())
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module under SLM Lab's name with what ours has."""
        ours = importlib.import_module(_home(self.version, spec.name))
        module = ModuleType(spec.name, ours.__doc__)
        module.__dict__.update({key: value for key, value in vars(ours).items() if not key.startswith("__")})
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Import the submodules of the package, so that they are its attributes as in SLM Lab."""
        if module.__name__ != NET:
            return
        for name in self.names[1:]:
            setattr(module, name.rpartition(".")[2], importlib.import_module(name))
        module.__dict__["__getattr__"] = self.other_class

    def other_class(self, name: str) -> Any:
        """A class that is left to SLM Lab, or a net type that is registered."""
        if name in LEFT_TO_SLM_LAB:
            return getattr(importlib.import_module(f"{NET}.{LEFT_TO_SLM_LAB[name]}"), name)
        return getattr(importlib.import_module(_home(self.version, NET)), name)


def _home(version: int, name: str) -> str:
    """Our module for one of SLM Lab's."""
    package, last = f"slm_net.slm_lab.v{version}", name.removeprefix(NET)
    return f"{package}.net_util" if last == ".net_util" else f"{package}.net{last}"
