"""Where a wrong value was written: a `${variable}` brings it from `spec_params`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.spec.document import NetBlock, Spec
from slm_net.spec.mistakes import Mistake
from slm_net.spec.variables import VARIABLE


def at_origin(mistake: Mistake, spec: Spec, block: NetBlock, values: Mapping[str, Any]) -> Mistake:
    """A mistake in the value of a variable, at that value in `spec_params`; any other as it is.

    `values` are those of the variables; a text that holds a variable among other things keeps its mistakes.
    """
    data: Any = block.data
    for step in mistake.path[len(block.path) :]:
        data = _entry(data, step)
        whole = VARIABLE.fullmatch(data) if isinstance(data, str) else None
        if whole and whole[1] in values:
            listed = spec.data["spec_params"][whole[1]]
            place = (*spec.path, "spec_params", whole[1], listed.index(values[whole[1]]))
            return mistake._replace(path=place, at_key=False)
    return mistake


def _entry(data: Any, step: str | int) -> Any:
    if isinstance(data, list):
        return data[step] if isinstance(step, int) and step < len(data) else None
    return data.get(step) if isinstance(data, Mapping) else None
