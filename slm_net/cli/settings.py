"""The table `[tool.slm-net]` of the nearest pyproject.toml: what a team has agreed on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from slm_net.cli.exits import UsageError
from slm_net.text.limits import MAX_PARAMETERS
from slm_net.words import did_you_mean, visible

FILE = "pyproject.toml"
_TABLE = r"^\s*\[\s*tool\s*\.\s*[\"']?slm-net[\"']?\s*\]"


class Settings(NamedTuple):
    """The settings of a table; `folder` is where its excludes count from, `notice` why the table was not read."""

    folder: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    strict: bool = False
    strict_json: bool = False
    max_params: int = MAX_PARAMETERS
    notice: str = ""


#: The keys of the table, and what each holds: a list of texts, a switch, a number.
KEYS = {"select": list, "ignore": list, "exclude": list, "strict": bool, "strict-json": bool, "max-params": int}
EXPECTED = {list: "a list of texts", bool: "true or false", int: "a whole number above 0"}


def project_settings(start: str | os.PathLike[str] = ".") -> Settings:
    """The settings of the nearest pyproject.toml in `start` or above.

    Raises:
        UsageError: the table cannot be read, or has a key or value that means nothing.
    """
    start = Path(start).absolute()
    for folder in (start, *start.parents):
        file = folder / FILE
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            if file.is_file():
                return Settings(notice=f"{visible(str(file), 300)} cannot be read; its settings are not used")
            continue
        return _settings(file, text)
    return Settings()


def _settings(file: Path, text: str) -> Settings:
    if "slm-net" not in text:  # most files: the parser of TOML is not even imported
        return Settings()
    try:
        table = _parsed(text).get("tool", {}).get("slm-net")
    except ImportError:
        notice = f"{visible(str(file), 300)} is not read: TOML needs Python 3.11, or the package tomli"
        return Settings(notice=notice) if re.search(_TABLE, text, re.MULTILINE) else Settings()
    except (ValueError, AttributeError) as error:
        if re.search(_TABLE, text, re.MULTILINE):
            raise UsageError(f"{visible(str(file), 300)}: {visible(str(error), 300)}") from None
        return Settings()
    if table is None:
        return Settings()
    if not isinstance(table, Mapping):
        raise UsageError(f"{visible(str(file), 300)}: tool.slm-net is no table")
    for key, value in table.items():
        _check(file, key, value)
    values: dict[str, Any] = {
        key.replace("-", "_"): tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    return Settings(folder=str(file.parent), **values)


def _parsed(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _check(file: Path, key: str, value: Any) -> None:
    where = f"{visible(str(file), 300)}: [tool.slm-net]"
    if key not in KEYS:
        raise UsageError(f"{where} has no key {visible(key)!r}, {did_you_mean(key, KEYS)}")
    kind = KEYS[key]
    fits = type(value) is kind and (not isinstance(value, list) or all(isinstance(entry, str) for entry in value))
    if not fits or (kind is int and value < 1):
        raise UsageError(f"{where} {key} is {visible(str(value))}, expected {EXPECTED[kind]}")
