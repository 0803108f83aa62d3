"""How a command is called and how it ends: argparse with one-line messages, types of arguments, exit codes."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NoReturn

from slm_net.problems import Problem, UsageError, has_errors  # noqa: F401 (commands raise it)
from slm_net.reporting.terminal import columns
from slm_net.schema.lab_names import lab_called
from slm_net.words import did_you_mean, disarmed, nearest, visible

OK, SPEC_ERROR, USAGE = 0, 1, 2
#: A problem of ours (EX_SOFTWARE); and, as shells count, 128 plus the signal: Ctrl-C, and a reader that went away.
INTERNAL, INTERRUPTED, BROKEN_PIPE = 70, 130, 141

#: Problems of the command line rather than of a spec: a wrong file name (file-not-readable), a package that is missing
#: (missing-package), a wrong --name (which-spec). By their ids, as a command that finds all it needs in a cache imports
#: no rule.
USAGE_RULES = frozenset(("SN001", "SN009", "SN108"))


def exit_code(problems: Iterable[Problem], usage_rules: Collection[str] = USAGE_RULES) -> int:
    """2 if one of the problems is one of usage, else 1 if one is an error, else 0."""
    problems = list(problems)
    if any(problem.rule in usage_rules for problem in problems):
        return USAGE
    return SPEC_ERROR if has_errors(problems) else OK


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line on stderr and exit code 2; options are never abbreviated."""

    def __init__(self, **options: Any):
        super().__init__(**{"allow_abbrev": False, "formatter_class": _layout, **options})

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with 2."""
        more = "" if message.endswith("?") else f" (see {self.prog} --help)"
        self.exit(USAGE, disarmed(f"{self.prog}: error: {visible(message, 1000)}{more}\n"))

    def refuse_extras(self, extras: Sequence[str]) -> None:
        """End with the first argument that nothing takes, and the option that it was probably meant to be."""
        for extra in extras:
            word = extra.partition("=")[0]
            if not word.startswith("-") or word == "-":
                self.error(f"unexpected argument {extra!r}")
            meant = nearest(word, self._option_string_actions)
            self.error(f"unknown option {word!r}" + (f", did you mean {meant!r}?" if meant else ""))


def _layout(prog: str) -> argparse.HelpFormatter:
    # argparse makes one for every argument, and would import shutil for the width
    return argparse.RawDescriptionHelpFormatter(prog, width=columns() - 2)


def one_of(kind: str, *choices: str) -> Callable[[str], str]:
    """An argument type that takes one of the choices."""

    def choice(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"{text!r} is no {kind}: {did_you_mean(text, choices)}")
        return text

    return choice


def size(text: str) -> Any:
    """A size from the command line: an int, a list of sizes, or sizes by the names of inputs.

    >>> size("4"), size("4,84,84"), size("(4, 84, 84)"), size("[2, 1]"), size("2,")
    (4, [4, 84, 84], [4, 84, 84], [2, 1], [2])
    >>> size("image=3,32,32,speed=4")
    {'image': [3, 32, 32], 'speed': 4}
    """
    if "=" in text:
        before, *parts = re.split(r"(?:^|,)\s*([^,=]+)=", text)
        names, sizes = [name.strip() for name in parts[::2]], parts[1::2]
        if not before and len(names) == len(set(names)) > 0:
            return dict(zip(names, map(size, sizes), strict=True))
    for written in (text, f"[{text.strip(' ()').removesuffix(',')}]"):
        try:
            value = json.loads(written)
        except (ValueError, RecursionError):
            continue
        if _is_size(value):
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is no size: expected 4, 4,84,84, or image=4,84,84,speed=3")


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


_ASSIGNED: dict[str, Any] = {"type": assignment, "action": "append", "default": []}
#: The options that say which spec is meant and what it is for, the same for every command that has one.
CHOICES: dict[str, dict[str, Any]] = {
    "--name": {"metavar": "SPEC", "help": "which spec of a file with several"},
    "--set": {**_ASSIGNED, "metavar": "VAR=VALUE", "help": "a value for ${VAR}"},
    "--override": {
        **_ASSIGNED,
        "metavar": "PATH=VALUE",
        "help": "a new value in the spec, for example agent.0.net.gpu=false",
    },
    "--env": {"metavar": "ID", "help": "an environment in place of the spec's own"},
    "--in-dim": {"type": size, "metavar": "SIZE", "help": "what goes in: 4, 4,84,84, or image=4,84,84,speed=3"},
    "--out-dim": {"type": size, "metavar": "SIZE", "help": "what comes out: 2, or 2,1 for two outputs"},
}


def add_choices(parser: argparse.ArgumentParser, *options: str) -> None:
    """Add some of `CHOICES`, or all."""
    for option in options or CHOICES:
        parser.add_argument(option, **CHOICES[option])


#: Options that may stand without a value. argparse would take the next argument for it.
BARE = ("--add-ignore",)


def spelled_out(argv: Iterable[str]) -> list[str]:
    """The arguments with an empty value for options that may stand without one.

    >>> spelled_out(["--add-ignore", "specs/", "--add-ignore=of the lab"])
    ['--add-ignore=', 'specs/', '--add-ignore=of the lab']
    """
    return [f"{word}=" if word in BARE else word for word in argv]


def reason(text: str) -> str:
    """A text that can stand in a comment."""
    if not text.isprintable() or "*/" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no reason: expected one line of text")
    return text.strip()


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


def limit(text: str) -> int:
    """A whole number from 0.

    >>> limit("0"), limit("1_000")
    (0, 1000)
    """
    if re.fullmatch(r"[0-9]+(?:_[0-9]+)*", text[:30]):
        return int(text[:30])
    raise argparse.ArgumentTypeError(f"{text!r} is no limit: expected a whole number from 0")


def lab_version(text: str) -> int:
    """The version of an SLM Lab, by its name.

    >>> lab_version("slm-lab-5")
    5
    """
    try:
        return lab_called(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def seed(text: str) -> int:
    """A seed that torch takes."""
    if not text.isdecimal() or int(text[:30]) >= 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed: expected a whole number from 0 to {2**63 - 1}")
    return int(text)
