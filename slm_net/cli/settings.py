"""What a team has agreed on: the table `[tool.slm-net]` of the pyproject.toml that is nearest to a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from slm_net.cli.parser import UsageError
from slm_net.schema.lab_names import LABS
from slm_net.text.limits import MAX_PARAMETERS
from slm_net.words import did_you_mean, one_less, visible

FILE, NAME = "pyproject.toml", "slm-net"
_TABLE = r"^\s*\[\s*tool\s*\.\s*[\"']?slm-net[\"']?\s*\]"
#: The name of a tool in the head of a table.
_TOOL = r"^\s*\[\[?\s*tool\s*\.\s*[\"']?([\w-]+)"


class Settings(NamedTuple):
    """The settings of a table; `folder` is where its excludes count from, `notice` why the table was not read."""

    folder: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    strict: bool = False
    strict_json: bool = False
    max_params: int = MAX_PARAMETERS
    for_: str = ""
    notice: str = ""


class Options(NamedTuple):
    """How to check a file; `select` and `ignore` are rules as they are written, `fix` is "", "write" or "diff"."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    name: str | None = None
    in_dim: Any = None
    out_dim: Any = None
    strict: bool = False
    strict_json: bool = False
    max_params: int = MAX_PARAMETERS
    stdin_name: str = "<stdin>"
    fix: str = ""
    lab: int = 0
    unsafe_fixes: bool = False
    #: the reason to give in comments that hide what is wrong; None: no comments are written
    add_ignore: str | None = None


#: The keys of the table, and what each holds: a list of texts, a switch, a number.
KEYS = {
    **dict.fromkeys(("select", "ignore", "exclude"), list),
    **dict.fromkeys(("strict", "strict-json"), bool),
    "max-params": int,
    "for": str,
}
EXPECTED = {list: "a list of texts", bool: "true or false", int: "a whole number above 0", str: " or ".join(LABS)}


class Projects:
    """The settings of folders; each pyproject.toml is read once."""

    def __init__(self) -> None:
        self._known: dict[str, Settings] = {}

    def settings(self, folder: str) -> Settings:
        """The settings of the nearest pyproject.toml in a folder or above.

        Raises:
            UsageError: the table cannot be read, or has a key or value that means nothing.
        """
        if folder not in self._known:
            whole = os.path.abspath(folder)
            self._known[folder] = self._read(whole) if whole == folder else self.settings(whole)
        return self._known[folder]

    def notices(self) -> list[str]:
        """Why tables have not been read, each once."""
        return list(dict.fromkeys(settings.notice for settings in self._known.values() if settings.notice))

    def _read(self, folder: str) -> Settings:
        file = os.path.join(folder, FILE)
        name = visible(file, 300)
        try:
            with open(file, encoding="utf-8") as stream:
                return _settings(folder, name, stream.read())
        except (OSError, UnicodeDecodeError):
            if os.path.isfile(file):
                return Settings(notice=f"{name} cannot be read; its settings are not used")
        outer = os.path.dirname(folder)
        return Settings() if outer == folder else self.settings(outer)


def _settings(folder: str, name: str, text: str) -> Settings:
    for tool in re.findall(_TOOL, text, re.MULTILINE):
        if tool != NAME and one_less(tool) & one_less(NAME):
            raise UsageError(f"{name}: [tool.{visible(tool)}] is not read, did you mean [tool.{NAME}]?")
    if NAME not in text:  # most files: the parser of TOML is not even imported
        return Settings()
    try:
        table = _parsed(text).get("tool", {}).get(NAME)
    except ImportError:
        notice = f"{name} is not read: TOML needs Python 3.11, or the package tomli"
        return Settings(notice=notice) if _has_table(text) else Settings()
    except (ValueError, AttributeError) as error:
        if _has_table(text):
            raise UsageError(f"{name}: {visible(str(error), 300)}") from None
        return Settings()
    if table is None:
        return Settings()
    if not isinstance(table, Mapping):
        raise UsageError(f"{name}: tool.slm-net is no table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        _check(f"{name}: [tool.slm-net]", key, value)
        field = "for_" if key == "for" else key.replace("-", "_")
        values[field] = tuple(value) if isinstance(value, list) else value
    return Settings(folder=folder, **values)


def _has_table(text: str) -> bool:
    return re.search(_TABLE, text, re.MULTILINE) is not None


def _parsed(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _check(where: str, key: str, value: Any) -> None:
    if key not in KEYS:
        raise UsageError(f"{where} has no key {visible(key)!r}, {did_you_mean(key, KEYS)}")
    kind = KEYS[key]
    fits = type(value) is kind and (not isinstance(value, list) or all(isinstance(entry, str) for entry in value))
    if not fits or (kind is int and value < 1) or (kind is str and value not in LABS):
        raise UsageError(f"{where} {key} is {visible(str(value))}, expected {EXPECTED[kind]}")


def listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The parts of comma-separated texts.

    >>> listed(["SN101,SN2", "syntax"])
    ('SN101', 'SN2', 'syntax')
    """
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
