"""argparse with one-line messages that say what was probably meant."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from slm_net.cli.exits import USAGE
from slm_net.words import did_you_mean, nearest, visible


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line on stderr and exit code 2; options are never abbreviated."""

    def __init__(self, **options: Any):
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(**{"allow_abbrev": False, "formatter_class": layout, **options})

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with 2."""
        more = "" if message.endswith("?") else f" (see {self.prog} --help)"
        self.exit(USAGE, f"{self.prog}: error: {visible(message, 1000)}{more}\n")

    def refuse_extras(self, extras: Sequence[str]) -> None:
        """End with the first argument that nothing takes, and the option that it was probably meant to be."""
        for extra in extras:
            word = extra.partition("=")[0]
            if not word.startswith("-") or word == "-":
                self.error(f"unexpected argument {extra!r}")
            meant = nearest(word, self._option_string_actions)
            self.error(f"unknown option {word!r}" + (f", did you mean {meant!r}?" if meant else ""))


def one_of(kind: str, *choices: str) -> Callable[[str], str]:
    """An argument type that takes one of the choices."""

    def choice(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"{text!r} is no {kind}: {did_you_mean(text, choices)}")
        return text

    return choice


def size(text: str) -> Any:
    """A size from the command line: an int, or a list of sizes.

    >>> size("4"), size("4,84,84"), size("(4, 84, 84)"), size("[2, 1]"), size("2,")
    (4, [4, 84, 84], [4, 84, 84], [2, 1], [2])
    """
    for written in (text, f"[{text.strip(' ()').removesuffix(',')}]"):
        try:
            value = json.loads(written)
        except (ValueError, RecursionError):
            continue
        if _is_size(value):
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is no size: expected 4 or 4,84,84")


def _is_size(value: Any, levels: int = 2) -> bool:
    if isinstance(value, list) and levels:
        return bool(value) and all(_is_size(part, levels - 1) for part in value)
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def assignment(text: str) -> tuple[str, Any]:
    """NAME=VALUE; the value is JSON if it can be, else the text.

    >>> assignment("agent.0.net.gpu=false"), assignment("env=CartPole-v1")
    (('agent.0.net.gpu', False), ('env', 'CartPole-v1'))
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name.strip(), json.loads(value)
    except (ValueError, RecursionError):
        return name.strip(), value


def count(text: str) -> int:
    """A whole number above 0, which may be written with an exponent.

    >>> count("5000000"), count("5e6"), count("5_000_000")
    (5000000, 5000000, 5000000)
    """
    match = re.fullmatch(r"([0-9]+(?:_[0-9]+)*)(?:[eE]\+?([0-9]{1,2}))?", text[:30])
    value = int(match[1]) * 10 ** int(match[2] or 0) if match else 0
    if not value:
        raise argparse.ArgumentTypeError(f"{text!r} is no count: expected a whole number above 0, for example 5e6")
    return value


def seed(text: str) -> int:
    """A seed that torch takes."""
    if not text.isdecimal() or int(text[:30]) >= 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed: expected a whole number from 0 to {2**63 - 1}")
    return int(text)
