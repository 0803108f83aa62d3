"""Whether a word is a slip of the keyboard for one known word, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from slm_net.spec import schema
from slm_net.spec.aliases import KEYS, NAMES
from slm_net.spec.hints import all_arguments
from slm_net.words import folded

#: Kinds of names whose arguments stand in a spec beside a name.
PARTS = ("loss", "optimizer", "lr_scheduler")


def is_typo_of(written: str, meant: str) -> bool:
    """True if `written` is `meant` in another case, or one or two slips from it and further from any other word.

    Words of other libraries are no typos: `tau` may not mean what `polyak_coef` does.

    >>> is_typo_of("adam", "Adam"), is_typo_of("Adma", "Adam"), is_typo_of("jelu", "gelu"), is_typo_of("tau", "lr")
    (True, True, False, False)
    """
    word, goal = folded(written), folded(meant)
    if word == goal:
        return True
    if written in KEYS or written in NAMES or len(word) > 100 or _digits(word) != _digits(goal):
        return False
    near = distance(word, goal)
    if near > (1 if len(goal) < 6 else 2):
        return False
    others = (known for known in map(folded, _words()) if known != goal and _digits(known) == _digits(word))
    return all(distance(word, other) > near for other in others if abs(len(other) - len(word)) <= near)


def distance(a: str, b: str) -> int:
    """How many letters to insert, remove, replace or swap with their neighbour (optimal string alignment).

    >>> distance("adma", "adam"), distance("reluu", "relu")
    (1, 1)
    """
    rows = [list(range(len(b) + 1))]
    for i, char in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (char != other))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _digits(word: str) -> list[str]:
    return re.findall(r"[0-9]", word)


@cache
def _words() -> frozenset[str]:
    arguments: Iterable[str] = (argument for kind in PARTS for argument in all_arguments(kind))
    names = (name for kind in schema.KINDS for name in schema.names(kind))
    return frozenset((*schema.net_keys(), *schema.net_types(), *arguments, *names))
