"""How a command ends: its exit code."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from slm_net.problems import RULE_IDS, Problem, has_errors

OK, SPEC_ERROR, USAGE = 0, 1, 2
#: A mistake of ours (EX_SOFTWARE); and, as shells count, 128 plus the signal: Ctrl-C, and a reader that went away.
INTERNAL, INTERRUPTED, BROKEN_PIPE = 70, 130, 141

#: Problems of the command line rather than of a spec: a wrong file name, a wrong --name, a package that is missing.
USAGE_RULES = frozenset(RULE_IDS[name] for name in ("file-not-readable", "missing-package", "which-spec"))


class UsageError(Exception):
    """The command was called in a way that cannot work; the text is the line to print."""


def exit_code(problems: Iterable[Problem], usage_rules: Collection[str] = USAGE_RULES) -> int:
    """2 if one of the problems is one of usage, else 1 if one is an error, else 0."""
    problems = list(problems)
    if any(problem.rule in usage_rules for problem in problems):
        return USAGE
    return SPEC_ERROR if has_errors(problems) else OK
