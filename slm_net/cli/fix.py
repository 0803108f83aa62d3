"""`--fix`: which problems are slips that can only mean one thing, their changes of the text, the file written anew."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache, lru_cache
from itertools import compress, groupby, zip_longest
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import NamedTuple

from slm_net.cli.ignores import MARK
from slm_net.document.specs import Document
from slm_net.problems import ERROR, Path, Problem
from slm_net.schema import catalogue
from slm_net.text.comments import NOT_STRICT_JSON, extras
from slm_net.text.mending import Change, applied
from slm_net.text.paths import value_at
from slm_net.text.places import DUPLICATE_KEY, SYNTAX, Lines
from slm_net.text.source import Source, is_yaml
from slm_net.wording.aliases import ELSEWHERE, KEYS, NAMES, PLACES
from slm_net.wording.names import PARTS, all_arguments
from slm_net.words import digits, folded, visible

#: A text, and whether a byte order mark stands before it → what it is, and its problems.
Find = Callable[[str, bool], tuple[Document, list[Problem]]]
#: How many levels of problems that hid each other.
DEPTH = 3
#: How often a changed text is checked, and how many characters all these texts may have.
TRIALS, CHARACTERS = 200, 5_000_000
#: Of more lines a patch shows all, if their number changes.
MANY_LINES = 5_000
#: Lines around a change in a patch.
CONTEXT = 3
#: How long a word is where one wrong letter is a slip, and where one too many or too few at its end is.
MIDDLING, LONG = 6, 8
#: What several names end with: the names themselves are what stands before it.
ENDINGS = ("loss", "net", "lr", "elu")


class Fixed(NamedTuple):
    """A document after its fixes, what is still wrong with it, and how many fixes there were."""

    document: Document
    problems: list[Problem]
    fixes: int = 0


def fix(document: Document, problems: list[Problem], find: Find, rules: Collection[str]) -> Fixed:
    """Fix what can be of `rules`, all at once or in smaller parts; a fix that makes anything worse is left out."""
    fixer, best = _Fixer(find, rules), Fixed(document, problems)
    if SYNTAX.id in rules:
        best = fixer.written(best)
    if NOT_STRICT_JSON.id in rules:
        best = fixer.strict(best)
    return fixer.fixed(best, DEPTH)


class _Fixer:
    def __init__(self, find: Find, rules: Collection[str]):
        self._find, self._rules = find, rules
        self._trials, self._characters = TRIALS, CHARACTERS

    def written(self, best: Fixed) -> Fixed:
        """The document with what was meant where its text is wrong; the data must be what it was taken for."""
        doubted = set[Path]()
        while self._trials > 0 and self._characters > 0:
            source = best.document.source
            wanted = [found for found in best.problems if written_for(found) and found.path not in doubted]
            if not wanted:
                break
            self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
            changes = [change for problem in wanted for change in written_for(problem)]
            document, problems = self._find(applied(source.text, changes), source.bom)
            after = Fixed(document, problems, best.fixes + len(wanted))
            # a word may be a name without quotes, or no name at all: it is one if nothing is wrong with it
            doubtful = {found.path for found in wanted if found.path in source.unread}
            if wrong := doubtful & _wrong_in(after) if document.source.readable else doubtful:
                doubted |= wrong
                continue
            if document.source.data != source.data or _mistakes(after) > max(_mistakes(best) - len(wanted), 0):
                break
            best = after
        return best

    def strict(self, best: Fixed) -> Fixed:
        """The document without the byte order mark and the commas before a bracket that are among its problems.

        A comment where the text begins has the place of the mark too, but is reported only if the mark is.
        """
        while self._trials > 0 and self._characters > 0:
            source = best.document.source
            places = {(found.line, found.column) for found in best.problems if found.rule == NOT_STRICT_JSON.id}
            bom = source.bom and (1, 1) not in places
            commas = _commas(source.text, places)
            if not commas and bom == source.bom:
                break
            self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
            document, problems = self._find(applied(source.text, commas), bom)
            if document.source.data != source.data:
                break
            best = Fixed(document, problems, best.fixes + len(commas) + (source.bom and not bom))
        return best

    def fixed(self, best: Fixed, depth: int) -> Fixed:
        """The document with every change that makes nothing worse: in ever smaller parts where one of many does."""
        refused: set[tuple[str, ...]] = set()
        size = len(best.problems)
        while self._trials > 0 and self._characters > 0:
            wanted = [problem for problem in best.problems if problem.rule in self._rules]
            changes = changes_for(
                best.document.source, (problem for problem in wanted if _what(problem) not in refused)
            )
            some = dict(list(changes.items())[:size])
            if not some:
                break
            if done := self._better(best, some.values(), depth):
                best, size = done, 2 * size
            elif len(some) == 1:
                refused.update(map(_what, some))
            else:
                size = len(some) // 2
        return best

    def _better(self, before: Fixed, changes: Collection[Change], depth: int) -> Fixed | None:
        """The document with these changes, or None if it is no better with them.

        Below a wrong key or name nothing was checked: what a change brings to light must be fixed as well.
        """
        source = before.document.source
        self._trials, self._characters = self._trials - 1, self._characters - len(source.text)
        document, problems = self._find(applied(source.text, changes), source.bom)
        after = Fixed(document, problems, before.fixes + len(set(changes)))
        if not _new(before, after):
            return None
        new_ones = _new(after, before)
        if (new_ones and not depth) or any(rule == DUPLICATE_KEY.id for rule, *_ in new_ones):
            return None
        if new_ones:
            after = self.fixed(after, depth - 1)
            new_ones = _new(after, before)
        return None if _worse(after, before) or (new_ones and len(changes) > 1) else after


def _commas(text: str, places: Collection[tuple[int, int]]) -> list[Change]:
    """What removes the commas before a bracket: all if one is listed, unless comments may stand for others."""
    lines = Lines(text)
    commas = [extra for extra in extras(text) if extra.kind == "comma"] if places else []
    listed = (comma for comma in commas if lines.position(comma.start) in places)
    chosen = listed if MARK in text else commas if any(listed) else ()
    return [Change(comma.start, comma.end, "") for comma in chosen]


def _new(after: Fixed, before: Fixed) -> Counter[tuple[str, ...]]:
    """The problems of one that the other does not have."""
    return Counter(map(_what, after.problems)) - Counter(map(_what, before.problems))


def _worse(after: Fixed, before: Fixed) -> bool:
    return len(after.problems) > len(before.problems) or _errors(after) > _errors(before)


def _mistakes(fixed: Fixed) -> int:
    return sum(problem.rule == SYNTAX.id for problem in fixed.problems)


def _wrong_in(fixed: Fixed) -> set[Path]:
    """Where the values are that have an error for which there is no fix."""
    curable = changes_for(fixed.document.source, fixed.problems)
    return {problem.path for problem in fixed.problems if problem.severity == ERROR and problem not in curable}


def _errors(fixed: Fixed) -> int:
    return sum(problem.severity == ERROR for problem in fixed.problems)


def _what(problem: Problem) -> tuple[str, ...]:
    return problem.rule, problem.pointer, problem.severity


def written_for(problem: Problem) -> list[Change]:
    """The changes that cure a mistake of the text itself."""
    return [edit.value for edit in problem.fix if edit.action == "write"]


def changes_for(source: Source, problems: Iterable[Problem]) -> dict[Problem, Change]:
    """The changes that cure problems, in the order of the text; of two that would write the same key, the first."""
    lines, written = Lines(source.text), set[Path]()
    found: dict[Problem, Change] = {}
    for problem in problems:
        if len(problem.fix) != 1 or not problem.line:
            continue
        path, action, new = problem.fix[0]
        if action == "rename":
            old, target, position = path[-1], (*path[:-1], new), source.key_position(path)
            if target in written or value_at(source.data, target, _ABSENT) is not _ABSENT:
                continue
            written.add(target)
        elif action == "replace":
            old, position = value_at(source.data, path), source.value_position(path)
        else:
            continue
        at = (lines.start(position.line) or 0) + position.column - 1
        if not (isinstance(old, str) and isinstance(new, str) and is_typo_of(old, new)):
            continue
        if change := _rewritten(source, at, old, new):
            found[problem] = change
    return found


_ABSENT = object()


def _rewritten(source: Source, at: int, old: str, new: str) -> Change | None:
    """The change that writes `new` for `old`, quoted as it is; None if something else stands there."""
    text = source.text
    if not is_yaml(source.file, text):
        if text[at : at + 1] != '"':
            return None
        found, end = scanstring(text, at + 1, True)
        return Change(at, end, json.dumps(new)) if found == old else None
    quote = text[at : at + 1] if text[at : at + 1] in ("'", '"') else ""
    end = at + len(old) + 2 * len(quote)
    if text[at:end] != quote + old + quote or re.match(r"[^\s,\]}:#]", text[end : end + 1] * (not quote)):
        return None
    return Change(at, end, quote + new + quote)


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


@cache
def _words() -> tuple[tuple[str, frozenset[str]], ...]:
    """Every known word, folded, and its letters."""
    arguments: Iterable[str] = (argument for kind in PARTS.values() for argument in all_arguments(kind))
    around = (key for kind in catalogue.BLOCKS for key in catalogue.all_block_keys(kind))
    names = (name for kind in catalogue.KINDS for name in catalogue.names(kind))
    words = {folded(word) for word in (*catalogue.net_keys(), *catalogue.net_types(), *arguments, *names, *around)}
    return tuple((word, frozenset(word)) for word in words)


def rewrite(before: Source, after: Source) -> str:
    """Write the text of `after` into the file that `before` was read from; what went wrong, or "".

    The new text goes into a file beside it, which then takes its place, with the same permissions; a link stays a link.
    """
    target = os.path.realpath(before.file)
    try:
        with open(target, "rb") as file:
            if file.read() != _bytes(before):
                return "the file has changed while it was checked; it is not fixed"
        _replace(target, _bytes(after))
    except OSError as error:
        return f"the file cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _bytes(source: Source) -> bytes:
    return ("\ufeff" * source.bom + source.text).encode()


def _replace(target: str, data: bytes) -> None:
    import tempfile

    status = os.stat(target)
    if not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected", target)
    descriptor, temporary = tempfile.mkstemp(prefix=".slm-net-", dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(OSError, AttributeError):  # only root may, and only root needs to
            os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def unified_diff(before: Source, after: Source) -> str:
    """The change as a patch."""
    texts = ["\ufeff" * source.bom + source.text for source in (before, after)]
    rows = _side_by_side(*(re.findall(r"[^\n]*\n|[^\n]+\Z", text) for text in texts))
    name = visible(before.file, 4096)
    parts = [f"--- {name}\n+++ {name}\n"]
    at, places = 0, [0, 0]  # the row, and the lines of either text before it
    for start, end in _hunks([old != new for old, new in rows]):
        places = [place + sum(row[side] is not None for row in rows[at:start]) for side, place in enumerate(places)]
        sizes = [sum(row[side] is not None for row in rows[start:end]) for side in (0, 1)]
        old, new = (_range(place, size) for place, size in zip(places, sizes, strict=True))
        parts.append(f"@@ -{old} +{new} @@\n")
        for same, group in groupby(rows[start:end], lambda row: row[0] == row[1]):
            lines = list(group)
            parts += [_signed(" " if same else "-", old) for old, _ in lines if old is not None]
            parts += [_signed("+", new) for _, new in lines if new is not None and not same]
        at, places = end, [place + size for place, size in zip(places, sizes, strict=True)]
    return "".join(parts)


#: One line of either text; None where the other has a line more.
Row = tuple[str | None, str | None]


def _side_by_side(old: list[str], new: list[str]) -> list[Row]:
    """The lines of two texts, those that are the same beside each other."""
    if len(old) == len(new):  # nearly all fixes leave the number of lines as it is
        return list(zip(old, new, strict=True))
    from difflib import SequenceMatcher

    rows: list[Row] = []
    quick = max(len(old), len(new)) > MANY_LINES
    steps = [("replace", 0, len(old), 0, len(new))] if quick else SequenceMatcher(None, old, new).get_opcodes()
    for _, start, end, other, other_end in steps:
        rows += zip_longest(old[start:end], new[other:other_end])
    return rows


def _range(before: int, size: int) -> str:
    """Which lines a hunk is about, as patches write it."""
    return str(before + 1) if size == 1 else f"{before + (size > 0)},{size}"


def _hunks(changed: list[bool]) -> Iterator[tuple[int, int]]:
    """From which line and up to which changes are shown together, with those around them."""
    start, last = -1, -1
    for at in compress(range(len(changed)), changed):
        if start >= 0 and at - last > 2 * CONTEXT + 1:
            yield max(0, start - CONTEXT), last + CONTEXT + 1
        if start < 0 or at - last > 2 * CONTEXT + 1:
            start = at
        last = at
    if start >= 0:
        yield max(0, start - CONTEXT), min(len(changed), last + CONTEXT + 1)


def _signed(sign: str, line: str) -> str:
    return sign + (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
