"""What is too much for a spec: bytes, values, levels, long keys, and numbers that no network can hold."""

from __future__ import annotations

import math
from typing import Any

from slm_net.problems import Rule, net_example
from slm_net.words import visible

NON_FINITE_NUMBER = Rule(
    "SN005",
    "non-finite-number",
    what="A number is NaN or infinite.",
    why="no size, rate or limit of a net can be that; one such number turns every weight into NaN.",
    wrong=net_example('"clip_grad_val": NaN'),
    right=net_example('"clip_grad_val": null'),
)


NUMBER_OUT_OF_RANGE = Rule(
    "SN006",
    "number-out-of-range",
    what="A number is larger than a 64-bit whole number or a floating point number can hold.",
    why="it would be rounded to infinity, or fail far from here.",
    wrong=net_example('"clip_grad_val": 1e999'),
    right=net_example('"clip_grad_val": 10.0'),
)


NESTED_TOO_DEEP = Rule(
    "SN007",
    "nested-too-deep",
    what="Objects and lists stand inside of each other more than 100 levels deep.",
    why="a spec needs fewer than 20; deeper ones are built to exhaust a program that reads them.",
    no_example="it would be a hundred brackets in a row.",
)


FILE_TOO_LARGE = Rule(
    "SN008",
    "file-too-large",
    what=(
        "A file is more than can be looked at: more than 2 MB or 350,000 values (in YAML 50,000, aliases counted as "
        "what they stand for), a key of more than 1,000 characters, or more than 500 mistakes, of which the first "
        "are listed. As a warning: more than 500 other warnings, more values in a `search` than are checked, about "
        "2,000 in a file, or more than 250 combinations of `spec_params`; the rest is not looked at."
    ),
    why="a spec has a few kilobytes; a larger file is another one, or is built to fill the memory.",
    no_example="it would be a large file.",
)


MAX_BYTES = 2_000_000
MAX_VALUES = 350_000
MAX_DEPTH = 100
#: Characters of a key: every problem below it has them in its pointer.
MAX_KEY = 1000
MAX_FINDINGS = 100
MAX_COMMENTS = 20_000
#: Errors that are looked for in one file, and warnings.
MAX_PROBLEMS = 500
#: Of one net: 40 GB as float32, and its optimizer twice that again.
MAX_PARAMETERS = 10**10
#: Numbers that leave the layers of one net: for one observation 4 GB as float32, for a batch 40 GB.
MAX_ACTIVATIONS, MAX_OF_BATCH = 10**9, 10**10
#: Inputs, and outputs, that are layers of their own, as long as the lists of layers in a spec.
MAX_OUTPUTS = 1000
MAX_INT, MIN_INT = 2**63 - 1, -(2**63)

Fault = tuple[Rule, str, str]  # rule, message, hint

TOO_DEEP = (
    f"nested deeper than {MAX_DEPTH} levels",
    "a spec needs fewer than 20 levels: is a bracket missing or doubled?",
)
KEY_TOO_LONG = f"a key of more than {MAX_KEY:,} characters", "is a quote missing?"
TOO_WRONG = (
    f"more than {MAX_PROBLEMS} mistakes: the rest is not looked at",
    "cure these first; until then --fix leaves the file alone",
)
TOO_MANY_WARNINGS = f"more than {MAX_PROBLEMS} warnings: the rest is not listed", "cure these first"
TOO_MANY_MISTAKES = (
    f"more than {MAX_FINDINGS} mistakes in the text",
    "cure these first, or is this another kind of file?",
)
TOO_MANY = f"more than {MAX_VALUES:,} values", "a spec holds a few hundred: is this the right file?"


def number_fault(value: float, written: str) -> Fault | None:
    """What is wrong with a number that stands as `written` in the file, or None.

    >>> number_fault(0.1, "0.1")
    >>> number_fault(2**63, str(2**63))[1]
    '9223372036854775808 does not fit into 64 bits'
    """
    shown = visible(written, 40)
    if isinstance(value, int):
        return None if MIN_INT <= value <= MAX_INT else int_fault(written)
    if math.isfinite(value):
        return None
    if any(char.isdigit() for char in written):
        return NUMBER_OUT_OF_RANGE, f"{shown} is larger than a float can hold", "the largest is about 1.8e308"
    return NON_FINITE_NUMBER, f"{shown} is not a finite number", "use a finite number"


def int_fault(written: str) -> Fault:
    """The fault of an int that is too long for 64 bits, whatever its digits are."""
    message = f"{visible(written, 40)} does not fit into 64 bits"
    return NUMBER_OUT_OF_RANGE, message, f"use a number from {MIN_INT} to {MAX_INT}"


def deeper_than_allowed(data: Any) -> bool:
    """True if lists and dicts nest in each other more than `MAX_DEPTH` levels deep."""
    level = [data] if isinstance(data, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            value
            for part in level
            for value in (part.values() if isinstance(part, dict) else part)
            if isinstance(value, (dict, list))
        ]
    return bool(level)


def has_long_key(data: Any) -> bool:
    """True if a dict somewhere in `data` has a key of more than `MAX_KEY` characters."""
    parts = [data]
    for part in parts:
        if isinstance(part, dict):
            if part and max(map(len, part)) > MAX_KEY:
                return True
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return False
