"""Which rules count, and what else a team has agreed on: the table `[tool.slm-net]` of the nearest pyproject.toml."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from slm_net.cli.parser import UsageError
from slm_net.document.specs import WHICH_SPEC
from slm_net.rules.pages import rules
from slm_net.schema.labs import LABS
from slm_net.text.files import FILE_NOT_READABLE, NOT_UTF8_TEXT
from slm_net.text.limits import FILE_TOO_LARGE, MAX_PARAMETERS, NESTED_TOO_DEEP
from slm_net.text.places import SYNTAX
from slm_net.text.yaml12 import MISSING_PACKAGE
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
    for_: str = ""
    notice: str = ""


#: The keys of the table, and what each holds: a list of texts, a switch, a number.
KEYS = {
    **dict.fromkeys(("select", "ignore", "exclude"), list),
    **dict.fromkeys(("strict", "strict-json"), bool),
    "max-params": int,
    "for": str,
}
EXPECTED = {list: "a list of texts", bool: "true or false", int: "a whole number above 0", str: " or ".join(LABS)}
#: What makes a check impossible is always reported: a file that was not read is not fine.
ALWAYS = frozenset(
    rule.id
    for rule in (FILE_NOT_READABLE, NOT_UTF8_TEXT, SYNTAX, NESTED_TOO_DEEP, FILE_TOO_LARGE, MISSING_PACKAGE, WHICH_SPEC)
)


def project_settings(start: str | os.PathLike[str] = ".") -> Settings:
    """The settings of the nearest pyproject.toml in `start` or above.

    Raises:
        UsageError: the table cannot be read, or has a key or value that means nothing.
    """
    start = Path(start).absolute()
    for folder in (start, *start.parents):
        file = folder / FILE
        name = visible(str(file), 300)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            if file.is_file():
                return Settings(notice=f"{name} cannot be read; its settings are not used")
            continue
        return _settings(str(folder), name, text)
    return Settings()


def _settings(folder: str, name: str, text: str) -> Settings:
    if "slm-net" not in text:  # most files: the parser of TOML is not even imported
        return Settings()
    try:
        table = _parsed(text).get("tool", {}).get("slm-net")
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


def selected(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The ids that count: those of `select` (all if there are none) without those of `ignore`.

    Raises:
        UsageError: there is no such rule.
    """
    chosen = frozenset().union(*map(known_rules, select)) if select else frozenset(rules())
    return chosen.difference(*map(known_rules, ignore)) | ALWAYS


def known_rules(pattern: str) -> frozenset[str]:
    """The ids that a pattern stands for.

    Raises:
        UsageError: there is no such rule.
    """
    if found := rules_called(pattern):
        return found
    raise UsageError(f"{no_rule(pattern)}, {hint_for(pattern)}")


def rules_called(pattern: str) -> frozenset[str]:
    """The ids that an id, a name or the beginning of an id stands for; none if there is no such rule.

    >>> sorted(rules_called("unknown-key") | rules_called("SN30"))
    ['SN101', 'SN301', 'SN302', 'SN303', 'SN304']
    """
    written = pattern.strip()
    rule = _ids().get(written.lower(), written.upper())
    if rule in rules():
        return frozenset((rule,))
    beginning = re.fullmatch(r"SN[0-9]{0,2}", rule)
    return frozenset(known for known in rules() if known.startswith(rule)) if beginning else frozenset()


def no_rule(pattern: str) -> str:
    """What is said of a pattern that stands for no rule."""
    return f"there is no rule {visible(pattern)!r}"


def hint_for(pattern: str) -> str:
    """The rule that was probably meant."""
    return did_you_mean(pattern, [*rules(), *_ids()] if pattern[:2].upper() == "SN" else _ids())


def _ids() -> dict[str, str]:
    return {rule.name: rule.id for rule in rules().values()}


def listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The parts of comma-separated texts.

    >>> listed(["SN101,SN2", "syntax"])
    ('SN101', 'SN2', 'syntax')
    """
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
