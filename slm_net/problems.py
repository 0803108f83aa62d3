"""What can be wrong with a spec: `Problem`, the `Rule` that it breaks, the `Edit` that cures it, and `SpecError`."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from slm_net.words import visible

Path = tuple[str | int, ...]
ERROR, WARNING = "error", "warning"


class Edit(NamedTuple):
    """A change that cures a problem, at a path in the data.

    `action`: "rename" the key there to `value`, "replace" the value there by `value`, "split" the key and its value
    into the keys and values of `value`, "move" them to the path `value`, or "remove" them; "insert" `value`, which is
    not there yet; "unwrap" the one entry of the list there; "indent" the other keys of the object there under one,
    which makes `value` of it. Where the text itself is wrong: "write" the `Change` that is `value`. A `safe` one can
    only mean what the spec already says; another may give it a new meaning.
    """

    path: Path
    action: str
    value: Any = None
    safe: bool = False

    def elsewhere(self, old: Path, new: Path) -> Edit | None:
        """The same change for a problem that is at another path; None if what it changes is not there."""
        if self.action == "write":
            return self
        inside = self.path[len(old) :]
        is_there = self.path[: len(old)] == old and (inside or self.action == "replace" or old[-1:] == new[-1:])
        return self._replace(path=(*new, *inside)) if is_there and self.action != "move" else None


class Caller(NamedTuple):
    """Who asks, and so how a hint calls what can be given beside a spec: arguments of a function, or options.

    `member` is the place in a list of overrides.
    """

    is_command: bool = False
    takes_dims: bool = True
    member: int | None = None

    def given(self, name: str, value: str = "") -> str:
        """An argument such as `in_dim`, and a value for it.

        >>> BUILD_NET.given("in_dim", "(4, 8)"), COMMAND.given("in_dim", "(4, 8)"), COMMAND.given("out_dim")
        ('in_dim=(4, 8)', '--in-dim 4,8', '--out-dim')
        """
        if not self.is_command:
            return f"{name}={value}"
        return f"--{name.replace('_', '-')} {value.strip('()').replace(', ', ',')}".rstrip()

    def variable(self, name: str) -> str:
        """How a `${variable}` gets a value."""
        option = f"--set {name}=..."
        return option if self.is_command else f"variables={{'{name}': ...}}, or {option}"

    def override(self, path: str, value: Any) -> str:
        """How an override is called, which stands in the place of the file.

        >>> COMMAND.override("agent.net.gpu", True), BUILD_NET.override("agent.net.gpu", True)
        ('--override agent.net.gpu=true', "overrides['agent.net.gpu']")
        """
        if not self.is_command:
            member = "" if self.member is None else f"[{self.member}]"
            return f"overrides{member}[{visible(path)!r}]"
        written = value if isinstance(value, str) else json.dumps(value)
        return f"--override {visible(path)}={visible(written, 40)}"

    def pass_dims(self, name: str = "") -> str:
        """The last way out: to pass the dims, or one of them; spaces, where there is no argument for dims."""
        if not self.takes_dims:
            return "pass env=(observation_space, action_space)"
        return f"pass {self.given(name)}" if name else f"pass {self.given('in_dim')} and {self.given('out_dim')}"


#: `validate` and `build_net`, whose words a `hint` has; `build_nets`; the command line.
BUILD_NET, BUILD_NETS, COMMAND = Caller(), Caller(takes_dims=False), Caller(is_command=True)
Hint = str | Callable[[Caller], str]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, at one place, with what to write instead.

    `line` and `column` count from 1; 0 means that the place is not in a text (a dict, or a whole file).
    `pointer` is an RFC 6901 JSON pointer into the file; "" is the whole document. `path` is the same as keys and
    indices, `at_key` says that the key there is meant rather than its value, `fix` is what the hint says, as data.
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
    path: Path = field(default=(), compare=False, repr=False)
    at_key: bool = field(default=False, compare=False, repr=False)
    fix: tuple[Edit, ...] = field(default=(), compare=False, repr=False)
    #: The hint in the words of `BUILD_NETS` and of `COMMAND`, where these differ.
    hints: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def rule_name(self) -> str:
        """The readable name of the rule, for example "unknown-key" for SN101."""
        return NAMES.get(self.rule, self.rule)

    def at(self, path: Path, **changes: Any) -> Problem:
        """The same problem at another path, and so its fix, if that can be there."""
        moved = [edit.elsewhere(self.path, path) for edit in self.fix]
        fix = tuple(edit for edit in moved if edit) if all(moved) else ()
        return replace(self, path=path, pointer=pointer(path), fix=fix, **changes)

    def said_to(self, caller: Caller) -> Problem:
        """The same problem with its hint in the words of a caller."""
        if not self.hints or caller == BUILD_NET:
            return self
        return replace(self, hint=self.hints[caller.is_command])

    def as_dict(self) -> dict[str, str | int]:
        """The fields that reports print as a JSON-ready dict, with the rule's readable name."""
        hidden = ("path", "at_key", "fix", "hints")
        return {**{key: value for key, value in vars(self).items() if key not in hidden}, "rule_name": self.rule_name}

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (visible(self.file, 4096), self.line, self.column) if part)
        where = " ".join(part for part in (place, visible(self.pointer)) if part)
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {self.severity} {self.rule} [{self.rule_name}] {self.message}{hint}".removeprefix(": ")


@dataclass(frozen=True)
class Rule:
    """A kind of problem: its id, which never changes its meaning, its name, and its page.

    The page says `what` the rule is about and `why` it is there, in Markdown, with an example that breaks it and one
    that keeps it, or the reason why there is `no_example`. The examples are JSON unless `format` says "yaml", and are
    checked with `options` of `slm-net validate` (the right one with `right_options` if it needs others).

    Raises:
        ValueError: the id is taken.
    """

    id: str
    name: str
    what: str = field(repr=False)
    why: str = field(repr=False)
    wrong: str = field(default="", repr=False)
    right: str = field(default="", repr=False)
    no_example: str = field(default="", repr=False)
    options: str = field(default="", repr=False)
    right_options: str = field(default="", repr=False)
    format: str = field(default="json", repr=False)

    def __post_init__(self) -> None:
        if self.id in RULES:
            raise ValueError(f"{self.id} is taken, by {RULES[self.id].name}")
        RULES[self.id], NAMES[self.id] = self, self.name

    def at(
        self,
        path: Sequence[str | int],
        message: str,
        hint: Hint = "",
        severity: str = ERROR,
        *,
        at_key: bool = False,
        place: tuple[int, int] = (0, 0),
        fix: tuple[Edit, ...] = (),
    ) -> Problem:
        """The problem that this rule is broken at a path.

        A `hint` about arguments is a function of the caller. `place` is line and column if they are known already.
        """
        path, hints = tuple(path), tuple[str, ...]()
        if callable(hint):
            hints = hint(BUILD_NETS), hint(COMMAND)
            hint = hint(BUILD_NET)
        found = severity, self.id, message, hint
        return Problem("", *place, pointer(path), *found, path=path, at_key=at_key, fix=fix, hints=hints)

    def superfluous(self, path: Path, message: str, severity: str = ERROR) -> Problem:
        """The problem that a key should not be there."""
        return self.at(path, message, "remove it", severity, at_key=True, fix=(Edit(path, "remove"),))


#: Every rule by its id; a rule is here once its module is imported.
RULES: dict[str, Rule] = {}
#: The name of every rule by its id, of those that reports from a cache are about as well.
NAMES: dict[str, str] = {}


#: A net and an environment, as the pages of rules show them.
NET, ENV = '{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}', '{"name": "CartPole-v1"}'


def net_example(keys: str) -> str:
    """The text of a net block with these keys beside the usual ones, for the page of a rule."""
    return f"{NET[:-1]}, {keys}}}\n"


def spec_example(net: str = NET, env: str = ENV, algorithm: str = "DQN") -> str:
    """The text of a whole spec with this net and environment, for the page of a rule."""
    agent = f'    "algorithm": {{"name": "{algorithm}"}},\n    "net": {net}'
    return f'{{"{algorithm.lower()}": {{\n  "agent": {{\n{agent}\n  }},\n  "env": {env}\n}}}}\n'


class SpecError(ValueError):
    """A spec that cannot be used; `problems` holds everything that is wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems: list[Problem] = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the problems, without the frames in which they were found."""
        return f"{type(self).__name__}: {self}".split("\n")


class UsageError(Exception):
    """What was asked for cannot be done, whatever is in a spec; the text is the line to print."""


class SpecWarning(UserWarning):
    """Something in a spec that works, but hardly as it was meant; `problem` is the finding."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(str(problem))


def warn_of(problems: Iterable[Problem], stacklevel: int = 2) -> None:
    """Warn of each problem, at the line that has called the function that calls this one."""
    for problem in problems:
        warnings.warn(SpecWarning(problem), stacklevel=stacklevel + 1)


def has_errors(problems: Iterable[Problem]) -> bool:
    """True if one of the problems is an error rather than a warning."""
    return any(problem.severity == ERROR for problem in problems)


def pointer(path: Iterable[str | int]) -> str:
    """The RFC 6901 pointer of a path of keys and indices.

    >>> pointer(["a/b", "net", 0])
    '/a~1b/net/0'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
