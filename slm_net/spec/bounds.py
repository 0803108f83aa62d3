"""How much is looked for in one document: of very many mistakes the first ones, and one that says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from slm_net.problems import ERROR, RULE_IDS, WARNING, Problem
from slm_net.spec.document import Spec
from slm_net.spec.limits import MAX_PROBLEMS, TOO_WRONG
from slm_net.spec.mistakes import Mistake
from slm_net.spec.variables import MAX_COMBINATIONS, MAX_FILLED, is_too_large

CUT = RULE_IDS["file-too-large"]


def first_problems(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first `MAX_PROBLEMS` errors, and as many warnings; after one error more, nothing is looked for."""
    counts: Counter[str] = Counter()
    for problem in problems:
        counts[problem.severity] += 1
        if counts[problem.severity] <= MAX_PROBLEMS or problem.rule == CUT:
            yield problem
        elif counts[problem.severity] == MAX_PROBLEMS + 1:
            message, hint = TOO_WRONG
            yield replace(problem, rule=CUT, message=message, hint=hint)
        if counts[ERROR] > MAX_PROBLEMS:
            return


def is_cut(mistakes: Iterable[Mistake]) -> bool:
    """True if there are more mistakes than these."""
    return any(RULE_IDS[mistake.rule] == CUT for mistake in mistakes)


class Tries:
    """How many combinations of `spec_params` are still looked at in a document."""

    def __init__(self) -> None:
        self._left = MAX_COMBINATIONS

    def take(self) -> bool:
        """Take one; False if there is none left."""
        self._left -= 1
        return self._left >= 0


def too_large(spec: Spec) -> Iterator[Mistake]:
    """That a spec with its variables filled in is not looked at; nothing if it is."""
    if is_too_large(spec.data):
        message = f"filled in, the spec has more than {MAX_FILLED:,} values"
        yield Mistake((*spec.path, "spec_params"), "file-too-large", message, "list smaller values", at_key=True)


def too_many_combinations(spec: Spec) -> Mistake:
    """That the rest of the combinations is not looked at."""
    message = f"more than {MAX_COMBINATIONS} combinations: the rest is not checked"
    place = (*spec.path, "spec_params")
    return Mistake(place, "file-too-large", message, "list fewer values", WARNING, at_key=True)
