"""How a command ends: its exit code."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from slm_net.document.specs import WHICH_SPEC
from slm_net.problems import Problem, has_errors
from slm_net.text.files import FILE_NOT_READABLE
from slm_net.text.yaml12 import MISSING_PACKAGE

OK, SPEC_ERROR, USAGE = 0, 1, 2
#: A problem of ours (EX_SOFTWARE); and, as shells count, 128 plus the signal: Ctrl-C, and a reader that went away.
INTERNAL, INTERRUPTED, BROKEN_PIPE = 70, 130, 141

#: Problems of the command line rather than of a spec: a wrong file name, a wrong --name, a package that is missing.
USAGE_RULES = frozenset((FILE_NOT_READABLE.id, MISSING_PACKAGE.id, WHICH_SPEC.id))


class UsageError(Exception):
    """The command was called in a way that cannot work; the text is the line to print."""


def exit_code(problems: Iterable[Problem], usage_rules: Collection[str] = USAGE_RULES) -> int:
    """2 if one of the problems is one of usage, else 1 if one is an error, else 0."""
    problems = list(problems)
    if any(problem.rule in usage_rules for problem in problems):
        return USAGE
    return SPEC_ERROR if has_errors(problems) else OK
