"""How an agent explores: `action_policy`, and the schedule of its epsilon or temperature, `explore_var_spec`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from slm_net.schema.catalogue import block_keys, names


class Exploration(NamedTuple):
    """SLM Lab's `action_policy`, without the "multi_" of several actions, and its schedule; `decay` is "" without one.

    >>> Exploration("epsilon_greedy", "linear_decay", 1.0, 0.1, 0, 100).at(50)
    0.55
    """

    policy: str = "default"
    decay: str = ""
    start_val: float = math.nan
    end_val: float = math.nan
    start_step: float = 0
    end_step: float = 0

    def at(self, frame: float) -> float:
        """The value at a frame: `start_val` up to `start_step`, `end_val` from `end_step` on, and in between it decays.

        "linear_decay" goes straight from one to the other; "rate_decay" takes off a tenth, 20 times, and ends early at
        `end_val`; "periodic_decay" swings between `end_val` and a line that goes down to it, nearly 10 times.
        """
        if self.decay == "no_decay" or frame <= self.start_step:
            return self.start_val
        if frame >= self.end_step:
            return self.end_val
        part, fall = (frame - self.start_step) / (self.end_step - self.start_step), self.start_val - self.end_val
        if self.decay == "rate_decay":
            return max(self.start_val * 0.9 ** (20 * part), self.end_val)
        if self.decay == "periodic_decay":
            return self.end_val + fall * (1 + math.cos(60 * part)) / 2 * (1 - part)
        return self.start_val - fall * part


def exploration_of(algorithm: Mapping[str, Any]) -> Exploration:
    """The exploration of an algorithm block.

    >>> exploration_of({"name": "DQN", "explore_var_spec": {"name": "no_decay", "start_val": 0.1}})[:4]
    ('epsilon_greedy', 'no_decay', 0.1, 0.1)
    """
    name, schedule = algorithm.get("name"), algorithm.get("explore_var_spec") or {}
    known = block_keys("algorithm", name) if isinstance(name, str) and name in names("algorithm") else {}
    policy = algorithm.get("action_policy", known.get("action_policy", {}).get("default", "default"))
    start = schedule.get("start_val", math.nan)
    values = {key: schedule[key] for key in ("start_step", "end_step") if key in schedule}
    return Exploration(
        str(policy).removeprefix("multi_"), schedule.get("name", ""), start, schedule.get("end_val", start), **values
    )
