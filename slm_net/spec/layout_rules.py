"""The rule about the layout of a whole spec, which is that of SLM Lab 4 or of SLM Lab 5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.problems import WARNING
from slm_net.spec.document import Spec
from slm_net.spec.mistakes import Mistake

FORMS = {4: "a list, as in SLM Lab 4", 5: "an object, as in SLM Lab 5"}
CURES = {4: "put it into a list: [{...}]", 5: "take it out of the list: {...}"}


def layout_mistakes(spec: Spec) -> Iterator[Mistake]:
    """SLM Lab 4 has lists of agents and of environments and a body, SLM Lab 5 one object each and no body."""
    agent, env = (_version(spec.data.get(key)) for key in ("agent", "env"))
    if {agent, env} == FORMS.keys():
        message = f"env is {FORMS[env]}, but agent is {FORMS[agent]}"
        yield Mistake((*spec.path, "env"), "mixed-layouts", message, CURES[agent])
    if agent == 5 and spec.data.get("body"):
        message = "body is of SLM Lab 4, but agent is an object, as in SLM Lab 5"
        yield Mistake((*spec.path, "body"), "mixed-layouts", message, "remove it", WARNING, at_key=True)


def _version(block: Any) -> int:
    return 4 if isinstance(block, list) else 5 if isinstance(block, Mapping) else 0
