"""Names in a spec to what they stand for: SLM Lab asks torch for an attribute, here only registered names count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slm_net.problems import Problem, SpecError, pointer
from slm_net.wording.aliases import NAMES
from slm_net.wording.schema_problems import UNKNOWN_NAME
from slm_net.wording.values import shown
from slm_net.words import did_you_mean


def known_name(name: Any, choices: Iterable[str], kind: str, key: str = "", any_case: bool = False) -> str:
    """`name` as it is spelled among the choices, in any case if `any_case`.

    Raises:
        SpecError: it is none of them; the hint names the nearest.

    >>> known_name("leakyrelu", ["ReLU", "LeakyReLU"], "activation", any_case=True)
    'LeakyReLU'
    """
    choices = list(choices)
    if isinstance(name, str):
        spelled = {choice.casefold() if any_case else choice: choice for choice in choices}
        if (found := spelled.get(name.casefold() if any_case else name)) is not None:
            return found
    raise unknown_name(name, choices, kind, key)


def unknown_name(name: Any, choices: list[str], kind: str, key: str = "") -> SpecError:
    """The error of a name that is not among the choices."""
    hint = did_you_mean(name, choices, NAMES) if isinstance(name, str) else did_you_mean("", choices)
    where = pointer(key.split("/")) if key else ""
    message = f"{shown(name)} is not a known {kind}"
    return SpecError([Problem(pointer=where, rule=UNKNOWN_NAME.id, message=message, hint=hint)])
