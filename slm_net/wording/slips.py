"""Which wrong words are surely slips of the right one: what can be corrected without a second thought."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

from slm_net.schema import catalogue
from slm_net.schema.entries import schema_cached
from slm_net.wording.aliases import ELSEWHERE, KEYS, NAMES, PLACES
from slm_net.words import digits, folded

#: How long a word is where one wrong letter is a slip, and where one too many or too few at its end is.
MIDDLING, LONG = 6, 8
#: What several names end with: the names themselves are what stands before it.
ENDINGS = ("loss", "net", "lr", "elu")


@partial(schema_cached, most=1000)
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
    if digits(word) != digits(goal) or not is_slip(*_stems(word, goal)) or distance(word, goal) > 1:
        return False
    others = (known for known in _near_words(word) if known != goal and digits(known) == digits(word))
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


def _near_words(word: str) -> Iterator[str]:
    """The known words, folded, that may be one step from `word` for their lengths and letters alone."""
    letters = set(word)
    return (known for known, others in _words() if abs(len(known) - len(word)) <= 1 and len(letters ^ others) <= 2)


@cache
def _words_of_others() -> frozenset[str]:
    """What means something of its own elsewhere, folded."""
    return frozenset(map(folded, (*KEYS, *NAMES, *PLACES, *ELSEWHERE)))


@schema_cached
def _words() -> tuple[tuple[str, frozenset[str]], ...]:
    """Every known word, folded, and its letters."""
    arguments = (
        argument for kind in ("loss", "optimizer", "lr_scheduler") for argument in catalogue.all_arguments(kind)
    )
    around = (key for kind in catalogue.BLOCKS for key in catalogue.all_block_keys(kind))
    names = (name for kind in catalogue.KINDS for name in catalogue.names(kind))
    words = {folded(word) for word in (*catalogue.net_keys(), *catalogue.net_types(), *arguments, *names, *around)}
    return tuple((word, frozenset(word)) for word in words)
