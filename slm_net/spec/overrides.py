"""Overrides: one value of a spec replaced, at a path such as `agent.0.net.optim_spec.lr`."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from slm_net.problems import RULE_IDS, Problem, SpecError, did_you_mean, pointer, visible


def override(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a pydash path, in place; only the last key of the path may be new.

    >>> spec = {"agent": [{"net": {"gpu": True}}]}
    >>> override(spec, "agent.0.net.gpu", False)
    >>> spec
    {'agent': [{'net': {'gpu': False}}]}

    Raises:
        SpecError: the path leads through something that is not there, or into a plain value.
    """
    import pydash

    steps = [str(step) for step in pydash.to_path(path)] if path else []
    node: Any = data
    for depth, step in enumerate(steps[:-1]):
        if step not in _keys(node):
            raise _nowhere(path, steps[:depth], step, node)
        node = node[int(step)] if isinstance(node, list) else node[step]
    if not steps or (not isinstance(node, dict) and steps[-1] not in _keys(node)):
        raise _nowhere(path, steps[:-1], steps[-1] if steps else "", node)
    pydash.set_(data, path, deepcopy(value))


def _keys(node: Any) -> list[str]:
    if isinstance(node, dict):
        return list(node)
    return [str(index) for index in range(len(node))] if isinstance(node, list) else []


def _nowhere(path: str, parents: list[str], step: str, node: Any) -> SpecError:
    message = f"the override {visible(path)!r} leads nowhere: there is no {visible(step)!r}"
    hint = "a plain value is there"
    if isinstance(node, list):
        hint = f"a list is there, with entries 0 to {len(node) - 1}" if node else "an empty list is there"
    elif isinstance(node, dict):
        hint = did_you_mean(step, list(node)) or "an empty object is there"
    return SpecError([Problem(pointer=pointer(parents), rule=RULE_IDS["bad-override"], message=message, hint=hint)])
