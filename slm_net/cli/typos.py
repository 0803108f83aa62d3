"""Whether a word is a slip of the keyboard for one known word, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from slm_net.schema import catalogue
from slm_net.wording.aliases import ELSEWHERE, KEYS, NAMES, PLACES
from slm_net.wording.names import all_arguments
from slm_net.words import folded

#: Kinds of names whose arguments stand in a spec beside a name.
PARTS = ("loss", "optimizer", "lr_scheduler")
#: How long a word is where one wrong letter is a slip, and where one too many or too few at its end is.
MIDDLING, LONG = 6, 8
#: What several names end with: the names themselves are what stands before it.
ENDINGS = ("loss", "net", "lr", "elu")


@lru_cache(maxsize=1000)
def is_typo_of(written: str, meant: str) -> bool:
    """True if `written` is `meant` in another case, or one slip from it and further from any other word.

    In a short word only swapped and doubled letters are slips: `MAE` and `MSE`, `Adan` and `Adam` are two things. Words
    of other libraries are no slips at all: `tau` may not mean what `polyak_coef` does.

    >>> is_typo_of("adam", "Adam"), is_typo_of("Adma", "Adam"), is_typo_of("hid_layer", "hid_layers")
    (True, True, True)
    >>> is_typo_of("MAELoss", "MSELoss"), is_typo_of("SGDW", "SGD"), is_typo_of("tau", "lr")
    (False, False, False)
    """
    word, goal = folded(written), folded(meant)
    if word == goal:
        return True
    if word in _words_of_others() or len(word) > 100:
        return False
    if _digits(word) != _digits(goal) or not is_slip(*_stems(word, goal)) or distance(word, goal) > 1:
        return False
    others = (known for known in _near_words(word, 1) if known != goal and _digits(known) == _digits(word))
    return all(distance(word, other) > 1 for other in others)


def is_slip(word: str, goal: str) -> bool:
    """True if one letter too many, too few, wrong or swapped with the next is more likely than another word.

    >>> is_slip("reluu", "relu"), is_slip("geglu", "gelu"), is_slip("celoss", "bceloss")
    (True, False, False)
    """
    shorter, longer = sorted((word, goal), key=len)
    start = next((i for i, char in enumerate(shorter) if char != longer[i]), len(shorter))
    same_length = len(shorter) == len(longer)
    if same_length and len(goal) > 2 and sorted(word[start : start + 2]) == sorted(goal[start : start + 2]):
        return True
    if not same_length and start > 1 and longer[start] == longer[start - 1]:
        return True
    at_the_end = start >= len(shorter) - same_length
    return start > 0 and len(goal) >= (LONG if at_the_end else MIDDLING)


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


def _stems(word: str, goal: str) -> tuple[str, str]:
    """Both words without an ending that they share."""
    ending = next((ending for ending in ENDINGS if word.endswith(ending) and goal.endswith(ending)), "")
    stems = word.removesuffix(ending), goal.removesuffix(ending)
    return stems if all(stems) else (word, goal)


def _digits(word: str) -> list[str]:
    return re.findall(r"[0-9]", word)


def _near_words(word: str, steps: int) -> Iterator[str]:
    """The known words, folded, that are not further than some steps from `word` for their letters alone."""
    letters = set(word)
    for known, others in _words():
        # one step changes the length by one at most, and puts one letter for another
        if abs(len(known) - len(word)) <= steps and len(letters ^ others) <= 2 * steps:
            yield known


@cache
def _words_of_others() -> frozenset[str]:
    """What means something of its own elsewhere, folded."""
    return frozenset(map(folded, (*KEYS, *NAMES, *PLACES, *ELSEWHERE)))


@cache
def _words() -> tuple[tuple[str, frozenset[str]], ...]:
    """Every known word, folded, and its letters."""
    arguments: Iterable[str] = (argument for kind in PARTS for argument in all_arguments(kind))
    names = (name for kind in catalogue.KINDS for name in catalogue.names(kind))
    words = {folded(word) for word in (*catalogue.net_keys(), *catalogue.net_types(), *arguments, *names)}
    return tuple((word, frozenset(word)) for word in words)
