"""`install()`: an installed SLM Lab builds its nets with ours, until `uninstall()`.

SLM Lab's modules and classes stay its own; calling one of its net classes gives a net of ours.
Importing this file imports no torch, and finding out which SLM Lab is installed does not import it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import sys
import warnings
from abc import ABCMeta
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from slm_net.slm_lab.processes import in_children, not_in_children

PACKAGE, NET, SEARCH = "slm_lab", "slm_lab.agent.net", "slm_lab.experiment.search"
NET_UTIL, BASE, FILES = f"{NET}.net_util", f"{NET}.base", ("conv", "mlp", "recurrent", "q_net", "torcharc_net")
SUPPORTED = (4, 5)
_DISTRIBUTIONS = ("slm_lab", "slm-lab")
_WRITTEN = re.compile(r"""^\s*(?:__version__|version)\s*=\s*["']([^"']+)["']""", re.MULTILINE)
#: The functions of `net_util` that ours take the place of; all others, which compute the same, stay SLM Lab's.
FUNCTIONS = ("get_lr_scheduler", "get_optim", "load", "save")
#: What SLM Lab's nets call, and ours do not.
HELPERS = (
    *("build_fc_model", "build_tails", "copy", "forward_tails", "get_activation_fn", "get_loss_fn", "get_nn_name"),
    *("init_layers", "init_params", "init_tails", "push_global_grads", "to_check_train_step"),
)


class InstallWarning(UserWarning):
    """SLM Lab builds a net of its own, although `install()` was called."""


def install(version: str | int | None = None) -> None:
    """Make an installed SLM Lab build its nets with ours, whether it is imported already or not.

    What its net classes are called with then becomes a net of ours, and the functions of its `net_util` for optimizers,
    schedulers and files are ours too. All else stays SLM Lab's own, and does what it did: net types of forks, users'
    classes that are derived from SLM Lab's, helper functions. Processes that are started with `multiprocessing`, and
    the trials of SLM Lab 5's search, do the same. Calling it again changes nothing.

    Args:
        version: for example 4 or "5.3.0", in place of the version that SLM Lab itself gives.

    Raises:
        ImportError: SLM Lab is not installed.
        ValueError: its version is not known, or neither 4 nor 5.
        RuntimeError: the drop-in of another version is installed.

    Warns:
        InstallWarning: when a net is to be built and somebody has replaced a function of `net_util` that SLM Lab's nets
            call, or a method of their classes: it is then SLM Lab's own, as ours do not call it. Also when SLM Lab is
            no folder of source files, but an archive.
    """
    major = major_of(version if version is not None else installed_version())
    if (other := _installed()) is not None:
        if other.version != major:
            raise RuntimeError(f"the drop-in for SLM Lab {other.version} is installed; call uninstall() first")
        return
    replacement = Replacement(major)
    sys.meta_path.insert(0, replacement)
    in_children(PACKAGE, install, major)
    for name in replacement.names:
        if (module := sys.modules.get(name)) is not None:
            replacement.take(module)


def uninstall() -> None:
    """Let SLM Lab build its own nets again; without an `install()` before, nothing happens."""
    if (replacement := _installed()) is not None:
        sys.meta_path.remove(replacement)
        not_in_children(PACKAGE)
        replacement.give_back()


def _installed() -> Replacement | None:
    return next((finder for finder in sys.meta_path if isinstance(finder, Replacement)), None)


class Replacement(MetaPathFinder):
    """Puts ours into SLM Lab's modules as they are loaded; `functions` holds, by the id of ours, it and SLM Lab's."""

    def __init__(self, version: int):
        self.version = version
        self.names = (NET, NET_UTIL, BASE, *(f"{NET}.{file}" for file in FILES), SEARCH)
        self.functions: dict[int, tuple[Any, Any]] = {}
        self._said: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where the module lies, with a loader that puts ours in."""
        spec = PathFinder.find_spec(fullname, path) if fullname in self.names else None
        if spec is None:
            return None
        if not isinstance(spec.loader, SourceFileLoader):
            message = f"{fullname} comes from no source file: what it builds is SLM Lab's own"
            warnings.warn(InstallWarning(message), stacklevel=2)
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec

    def take(self, module: ModuleType) -> None:
        """Put ours into a module of SLM Lab's that has been loaded: in the place of what it defines itself."""
        own = {name: value for name, value in vars(module).items() if _home(value) == module.__name__}
        if module.__name__ == NET:
            vars(module).setdefault("__getattr__", self.registered_type)
        elif module.__name__ == NET_UTIL:
            ours = vars(self.ours("net_util"))
            self._swap({own[name]: ours[name] for name in FUNCTIONS if name in own})
        elif module.__name__ == SEARCH:
            if self.version >= 5 and "build_run_trial" in own:
                self._swap({own["build_run_trial"]: installing(own["build_run_trial"], self.version)})
        else:
            for name in ("Net", *self.ours("net").__all__):
                if isinstance(own.get(name), type):
                    stand_in(own[name], getattr(self.ours("net"), name))

    def _swap(self, functions: Mapping[Any, Any]) -> None:
        self.functions |= {id(ours): (ours, own) for own, ours in functions.items()}
        swap({id(own): (own, ours) for own, ours in functions.items()})

    def give_back(self) -> None:
        """Let SLM Lab's modules hold what they held."""
        swap(self.functions)
        package = vars(sys.modules[NET]) if NET in sys.modules else {}
        if package.get("__getattr__") == self.registered_type:
            del package["__getattr__"]

    def builds(self, own: type) -> bool:
        """Whether a net of ours is built; not if somebody has replaced what a net of SLM Lab's class `own` would call.

        Then there is a warning, once for each thing that was replaced.
        """
        if (name := next(_replaced(own), None)) is None:
            return True
        if name not in self._said:
            self._said.add(name)
            message = f"{name} was replaced, which only SLM Lab's own nets call: they are built, not those of slm_net"
            warnings.warn(InstallWarning(message), stacklevel=3)
        return False

    def registered_type(self, name: str) -> Any:
        """A net type that is registered with us, and none of SLM Lab's."""
        return getattr(self.ours("net"), name)

    def ours(self, part: str) -> ModuleType:
        """Our module `net` or `net_util` of this version."""
        return importlib.import_module(f"slm_net.slm_lab.v{self.version}.{part}")


class _Loader(SourceFileLoader):
    """Loads a module of SLM Lab's, then puts ours in."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then put ours in, if they still are to be."""
        super().exec_module(module)
        if (replacement := _installed()) is not None:
            replacement.take(module)


def stand_in(own: type[Any], ours: type) -> None:
    """Let a net class of SLM Lab's, and none that is derived from it, give nets of ours while they are installed."""
    if isinstance(own, ABCMeta):
        own.register(ours)  # ours are instances of SLM Lab's class

    def new(cls: type[Any], *arguments: Any, **keywords: Any) -> Any:
        replacement = _installed()
        is_call = bool(arguments or keywords)  # else it is being copied
        if cls is own and is_call and replacement is not None and replacement.builds(cls):
            return ours(*arguments, **keywords)
        return object.__new__(cls)

    if own.__name__ != "Net" and "__new__" not in vars(own):
        own.__new__ = staticmethod(new)  # type: ignore[assignment]


def installing(build_run_trial: Callable[[Any], Callable[[Any], Any]], version: int) -> Callable[[Any], Any]:
    """SLM Lab 5's maker of a trial of its search, for trials that first call `install()` in their own process."""

    @wraps(build_run_trial)
    def build(spec: Any) -> Callable[[Any], Any]:
        run_trial = build_run_trial(spec)

        def run_trial_with_ours(config: Any) -> Any:
            install(version)
            return run_trial(config)

        return run_trial_with_ours

    return build


def swap(pairs: Mapping[int, tuple[Any, Any]]) -> None:
    """Let every loaded module of SLM Lab that holds one hold the other; by id, the two of each pair."""
    for name, module in list(sys.modules.items()):
        if not (name == PACKAGE or name.startswith(f"{PACKAGE}.")) or not isinstance(module, ModuleType):
            continue
        for key, value in list(vars(module).items()):
            if id(value) in pairs and not key.startswith("__"):
                setattr(module, key, pairs[id(value)][1])


def _home(value: Any) -> str | None:
    """The module that defines a class or a function."""
    return getattr(value, "__module__", None) if callable(value) else None


def _replaced(own: type) -> Iterator[str]:
    """What was written elsewhere among the functions and methods that a net of SLM Lab's class `own` calls."""
    helpers = vars(sys.modules[NET_UTIL]) if NET_UTIL in sys.modules else {}
    yield from (f"{NET_UTIL}.{name}" for name in HELPERS if name in helpers and _is_foreign(helpers[name]))
    for cls in own.__mro__:
        if cls.__module__.startswith(NET):
            methods = {name: value for name, value in vars(cls).items() if callable(value) and name != "__new__"}
            yield from (f"{cls.__qualname__}.{name}" for name, value in methods.items() if _is_foreign(value))


def _is_foreign(function: Any) -> bool:
    """Whether a function was not written in SLM Lab's net modules; what wraps one was not, either."""
    return not str(getattr(function, "__globals__", {}).get("__name__", "")).startswith(NET)


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
