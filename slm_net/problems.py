"""What can be wrong with a spec: `Problem`, `SpecError`, and the guess at what was meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from slm_net.words import did_you_mean, listing, nearest, visible

__all__ = [
    "ERROR",
    "RULES",
    "RULE_IDS",
    "WARNING",
    "Problem",
    "SpecError",
    "SpecWarning",
    "did_you_mean",
    "has_errors",
    "listing",
    "nearest",
    "pointer",
    "visible",
]

#: Every rule has one id that never changes meaning; the name says what the rule is about.
RULES = {
    "SN001": "file-not-readable",
    "SN002": "not-utf8-text",
    "SN003": "syntax",
    "SN004": "duplicate-key",
    "SN005": "non-finite-number",
    "SN006": "number-out-of-range",
    "SN007": "nested-too-deep",
    "SN008": "file-too-large",
    "SN009": "missing-package",
    "SN010": "tag-not-allowed",
    "SN011": "not-strict-json",
    "SN012": "unused-ignore",
    "SN100": "not-a-spec",
    "SN101": "unknown-key",
    "SN102": "unused-key",
    "SN103": "missing-key",
    "SN104": "wrong-type",
    "SN105": "unknown-name",
    "SN106": "value-out-of-range",
    "SN107": "wrong-length",
    "SN108": "which-spec",
    "SN109": "unset-variable",
    "SN110": "bad-override",
    "SN111": "mixed-layouts",
    "SN201": "convolution-does-not-fit",
    "SN202": "dims-do-not-fit",
    "SN203": "model-too-large",
    "SN204": "dims-unknown",
    "SN205": "list-does-not-fit",
    "SN206": "pixels-left-out",
    "SN207": "batch-norm-of-one-value",
    "SN301": "argument-conflict",
    "SN302": "init-without-gain",
    "SN303": "unusual-learning-rate",
    "SN304": "schedule-ends-early",
    "SN401": "net-does-not-fit-algorithm",
    "SN402": "missing-for-algorithm",
}
RULE_IDS = {name: rule for rule, name in RULES.items()}

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, at one place, with what to write instead.

    `line` and `column` count from 1; 0 means that the place is not in a text (a dict, or a whole file).
    `pointer` is an RFC 6901 JSON pointer into the file; "" is the whole document.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    pointer: str = ""
    severity: str = ERROR
    rule: str = ""
    message: str = ""
    hint: str = ""
    spec: str = ""

    @property
    def rule_name(self) -> str:
        """The readable name of the rule, for example "unknown-key" for SN101."""
        return RULES.get(self.rule, self.rule)

    def as_dict(self) -> dict[str, str | int]:
        """The fields as a JSON-ready dict, with the rule's readable name."""
        return {**asdict(self), "rule_name": self.rule_name}

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (visible(self.file, 4096), self.line, self.column) if part)
        where = " ".join(part for part in (place, visible(self.pointer)) if part)
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {self.severity} {self.rule} [{self.rule_name}] {self.message}{hint}".removeprefix(": ")


class SpecError(ValueError):
    """A spec that cannot be used; `problems` holds everything that is wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems: list[Problem] = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SpecWarning(UserWarning):
    """Something in a spec that works, but hardly as it was meant; `problem` is the finding."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(str(problem))


def has_errors(problems: Iterable[Problem]) -> bool:
    """True if one of the problems is an error rather than a warning."""
    return any(problem.severity == ERROR for problem in problems)


def pointer(path: Iterable[str | int]) -> str:
    """The RFC 6901 pointer of a path of keys and indices.

    >>> pointer(["a/b", "net", 0])
    '/a~1b/net/0'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
