"""What a team has agreed on: the table `[tool.slm-net]` of the pyproject.toml that is nearest to a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from slm_net.problems import UsageError
from slm_net.schema.lab_names import LABS, lab_called
from slm_net.text.files import read_text
from slm_net.text.limits import MAX_DEPTH, MAX_KEY, MAX_PARAMETERS, TOO_DEEP
from slm_net.text.places import Refused
from slm_net.words import did_you_mean, one_less, visible

#: Texts in one list of the table: each is compared with every file.
MAX_TEXTS = 1_000
FILE, NAME = "pyproject.toml", "slm-net"
_TABLE = r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*[\"']?slm-net[\"']?[ \t]*\]"
#: The name of a tool in the head of a table.
_TOOL = r"^[ \t]*\[\[?[ \t]*tool[ \t]*\.[ \t]*[\"']?([\w-]+)"
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
#: A dotted key of more parts than a spec has levels: the time that TOML's parser takes grows with their square.
_DEEP_KEY = rf"(?<![\w.-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{{MAX_DEPTH}}}"


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


def agreed(settings: Settings) -> Options:
    """How a project checks its files."""
    return Options(
        select=settings.select,
        ignore=settings.ignore,
        strict=settings.strict,
        strict_json=settings.strict_json,
        max_params=settings.max_params,
        lab=lab_called(settings.for_ or None),
    )


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
        if os.path.lexists(file) and not os.path.isdir(file):
            name = visible(file, 300)
            try:
                return _settings(folder, name, read_text(file).removeprefix("\ufeff"))
            except Refused as refused:
                raise UsageError(f"the settings in {name} cannot be used: {refused.problem.message}") from None
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
    except (ValueError, AttributeError, RecursionError) as error:
        if _has_table(text):
            reason = TOO_DEEP[0] if isinstance(error, RecursionError) else str(error)
            raise UsageError(f"{name}: {visible(reason, 300)}") from None
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
    if re.search(_DEEP_KEY, text):
        raise RecursionError
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
    if kind is list and len(value) > MAX_TEXTS:
        raise UsageError(f"{where} {key} has {len(value):,} texts, expected at most {MAX_TEXTS:,}")
    if kind is list and any(len(entry) > MAX_KEY for entry in value):
        raise UsageError(f"{where} {key} has a text of more than {MAX_KEY:,} characters, expected a rule or a pattern")


def listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The parts of comma-separated texts.

    >>> listed(["SN101,SN2", "syntax"])
    ('SN101', 'SN2', 'syntax')
    """
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
