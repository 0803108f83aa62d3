"""All names of a kind, each with a line."""

from __future__ import annotations

import re
from collections.abc import Callable

from slm_net.reference.owners import owners, schema_of
from slm_net.reference.topics import facts_of
from slm_net.rules.pages import rules, summary, title
from slm_net.spaces.environments import known_environments

Rows = list[tuple[str, str]]
#: What can be listed, and the kind that it is in `schemas/`.
KINDS = {
    "nets": "net",
    "layers": "layer",
    "optimizers": "optimizer",
    "losses": "loss",
    "schedulers": "lr_scheduler",
    "activations": "activation",
    "inits": "init",
    "functions": "function",
    "algorithms": "algorithm",
    "memories": "memory",
}


def _environments() -> Rows:
    return [(name, "; ".join(fact for _, fact in facts_of(spaces))) for name, spaces in known_environments().items()]


def _rules() -> Rows:
    return [(title(rule), re.split(r"(?<=[.])\s", " ".join(summary(rule).split()))[0]) for rule in rules().values()]


OTHERS: dict[str, Callable[[], Rows]] = {"environments": _environments, "rules": _rules}
LISTS = (*KINDS, *OTHERS)


def rows(what: str) -> Rows:
    """The names of one of `LISTS`, each with a line about it.

    >>> rows("losses")[0]
    ('MSELoss', 'Mean squared error.')
    """
    if what in OTHERS:
        return OTHERS[what]()
    kind = KINDS[what]
    return [(name, str(schema_of(kind, name).get("description", ""))) for name in owners(kind)]
