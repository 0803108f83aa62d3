"""The objective of a search: a function in a Python file of the user, which the command line names."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from slm_net.cli.parser import UsageError
from slm_net.searching import Objective, fault
from slm_net.words import did_you_mean, visible


def objective_at(text: str) -> Objective:
    """The function that `train.py:run` names; the file is run as an import of it would.

    The folder of the file is where its own imports look first, as when it is run itself.

    Raises:
        UsageError: there is no such file or function, or the file fails.
    """
    path, colon, name = text.rpartition(":")
    if not colon or not name.isidentifier():
        path, name = text, "run"
    shown = visible(path, 300)
    if not path.endswith(".py"):
        raise UsageError(f"--objective {visible(text, 300)!r} is no Python file and function: write train.py:run")
    if not os.path.isfile(path):
        raise UsageError(f"--objective: there is no file {shown}")
    found = vars(_imported(os.path.abspath(path), shown))
    if not callable(function := found.get(name)):
        own = [key for key, value in found.items() if callable(value) and not key.startswith("_")]
        hint = did_you_mean(name, own) or "there is none"
        raise UsageError(f"--objective: {shown} has no function {visible(name)!r}, {hint}")
    return function


def _imported(path: str, shown: str) -> Any:
    folder, file = os.path.split(path)
    module_name = file.removesuffix(".py")
    spec = spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None or module_name in sys.modules:
        raise UsageError(f"--objective: {shown} has the name of another module: call it otherwise")
    module = module_from_spec(spec)
    sys.path.insert(0, folder)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except SystemExit:
        why = 'it ended while it was imported: put what it does itself under if __name__ == "__main__"'
        raise UsageError(f"--objective: {shown}: {why}") from None
    except Exception as error:
        raise UsageError(f"--objective: {shown} cannot be imported: {fault(error)}") from None
    return module
