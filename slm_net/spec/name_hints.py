"""Unknown names in words: which one was meant."""

from __future__ import annotations

import re

from slm_net.plugins import GROUPS, failure_of
from slm_net.problems import listing, nearest
from slm_net.spec import schema as schemas
from slm_net.spec.aliases import ELSEWHERE, NAMES
from slm_net.spec.schema import Schema
from slm_net.spec.value_hints import NULL_WORDS, example, other_form
from slm_net.spec.wording import choices_of
from slm_net.words import folded


def name_hint(value: str, schema: Schema, kind: str) -> str:
    """What to write instead of a name that is not allowed."""
    if broken := failure_of(GROUPS.get(kind.removesuffix("_type"), ""), value):
        return broken
    if hint := other_form(value, schema):
        return hint
    name, choices = re.split(r"[.\s]", value.strip())[-1], choices_of(schema)
    if kind in schemas.KINDS and (hint := _not_so_written(name, choices, kind)):
        return hint
    if folded(value) in NULL_WORDS and kind in ("lr_scheduler", "activation", "init"):
        return "write null in place of the object"
    unlike = kind and folded(name) in ELSEWHERE
    if not unlike and (guess := nearest(name, choices, NAMES)):
        return f"did you mean {guess!r}?"
    # of a short list the message itself has all names
    if kind:
        return "expected " + listing(choices)
    return f'for example "{choices[0]}"' if "pattern" in schema else example(schema)


def _not_so_written(name: str, choices: list[str], kind: str) -> str:
    """The hint for a name of torch that a spec cannot use, or not without arguments."""
    reasons = schemas.left_out(kind)
    if known := next((known for known in reasons if known.casefold() == name.casefold()), ""):
        return f"{known} {reasons[known]}"
    whole = nearest(name, schemas.names(kind), NAMES) if folded(name) not in ELSEWHERE else None
    if whole and whole.casefold() not in map(str.casefold, choices) and (needed := _required(kind, whole)):
        return f'write {{"name": "{whole}", ' + ", ".join(f'"{key}": ...' for key in needed) + "}"
    return ""


def _required(kind: str, name: str) -> list[str]:
    return list(schemas.document(kind)["$defs"][name].get("required", ()))
