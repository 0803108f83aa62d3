"""`install()`: an installed SLM Lab builds its nets with ours, until `uninstall()`.

Importing this file imports no torch, and finding out which SLM Lab is installed does not import it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE, NET = "slm_lab", "slm_lab.agent.net"
SUPPORTED = (4, 5)
_DISTRIBUTIONS = ("slm_lab", "slm-lab")
_WRITTEN = re.compile(r"""^\s*(?:__version__|version)\s*=\s*["']([^"']+)["']""", re.MULTILINE)
#: The classes in each file of SLM Lab's, all of which have `Net` too; version 5 has no `q_net`.
CLASSES: dict[str, tuple[str, ...]] = {
    "base": (),
    "conv": ("ConvNet", "DuelingConvNet"),
    "mlp": ("MLPNet", "DuelingMLPNet", "HydraMLPNet"),
    "recurrent": ("RecurrentNet",),
    "q_net": ("QMLPNet", "QConvNet", "FiLMQConvNet"),
}
#: Classes that stay SLM Lab's own, and the file that they are in.
LEFT_TO_SLM_LAB = {"TorchArcNet": "torcharc_net"}


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
    swap(originals, {name: importlib.import_module(name) for name in originals})


def uninstall() -> None:
    """Give SLM Lab its own nets back; without an `install()` before, nothing happens."""
    replacement = _installed()
    if replacement is None:
        return
    sys.meta_path.remove(replacement)
    ours = {name: sys.modules.pop(name) for name in replacement.names if name in sys.modules}
    sys.modules.update(replacement.originals)
    swap(ours, {name: importlib.import_module(name) for name in ours})  # imports what has never had an original


def _installed() -> Replacement | None:
    return next((finder for finder in sys.meta_path if isinstance(finder, Replacement)), None)


class Replacement(MetaPathFinder, Loader):
    """Finds and makes the modules that stand in for SLM Lab's; `originals` are those that they took the place of."""

    def __init__(self, version: int):
        self.version = version
        files = [file for file in CLASSES if version == 4 or file != "q_net"]
        self.names = (NET, f"{NET}.net_util", *(f"{NET}.{file}" for file in files))
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
        """A module under SLM Lab's name with what SLM Lab has there."""
        file = spec.name.removeprefix(NET).removeprefix(".")
        ours = self._ours("net_util" if file == "net_util" else "net")
        module, names = ModuleType(spec.name, ours.__doc__), ("Net", *CLASSES.get(file, ours.__all__))
        vars(module).update({name: vars(ours)[name] for name in names if name in vars(ours)})
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
        return getattr(self._ours("net"), name)

    def _ours(self, part: str) -> ModuleType:
        return importlib.import_module(f"slm_net.slm_lab.v{self.version}.{part}")


def swap(old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> None:
    """Let every loaded module of SLM Lab that holds one of the old modules, or something of theirs, hold the new one.

    Classes and functions are matched by their module and name; what the new modules do not have stays.
    """
    changed = _pairs(old, new)
    for name, module in list(sys.modules.items()):
        if not _belongs(name, PACKAGE) or not isinstance(module, ModuleType) or name in new:
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
    is_net = isinstance(home, str) and _belongs(home, NET, "slm_net.slm_lab")
    return is_net and (isinstance(value, type) or callable(value)) and hasattr(value, "__name__")


def _belongs(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


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
