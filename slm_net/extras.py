"""The extras of slm_net: the packages that each brings, and the error that says which one to install."""

from __future__ import annotations

from importlib.util import find_spec

#: What is imported of the packages of each extra of pyproject.toml; `fast` is taken where it is there.
MODULES = {
    "yaml": ("yaml",),
    "env": ("gymnasium",),
    "onnx": ("onnx", "onnxscript"),
    "server": ("pygls",),
    "sb3": ("stable_baselines3",),
    "skrl": ("skrl",),
    "torchrl": ("torchrl", "tensordict"),
    "search": ("optuna", "matplotlib"),
    "ray": ("ray", "pyarrow"),
}


class MissingExtra(ImportError):
    """A package is missing that an extra brings."""


def install(extra: str) -> str:
    """What to type for an extra.

    >>> install("yaml")
    'pip install "slm_net[yaml]"'
    """
    return f'pip install "slm_net[{extra}]"'


def require(extra: str, purpose: str) -> None:
    """Go on if the packages of an extra are installed.

    Raises:
        MissingExtra: one is not; it says what to install for the `purpose`.
    """
    if missing := [name for name in MODULES[extra] if find_spec(name) is None]:
        raise MissingExtra(f"{purpose} needs {' and '.join(missing)}: {install(extra)}")
