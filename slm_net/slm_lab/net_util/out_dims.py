"""`net_util`: the `out_dim` of an algorithm's nets, from its actions."""

from __future__ import annotations

from typing import Any

from slm_net.nets.parts import size_of
from slm_net.text.mapping import plain


def get_policy_out_dim(body: Any) -> int | list[int]:
    """The policy's `out_dim`: n or [n, m, ...] for discrete actions, 2 for one continuous one, [d, d] for d of them.

    `body` has `action_dim`, `is_discrete` and `action_type`.

    Raises:
        ValueError: `action_dim` does not fit the kind of actions.
    """
    action_dim = plain(body.action_dim)
    if body.is_discrete and body.action_type == "multi_discrete":
        if not isinstance(action_dim, list):
            raise ValueError(f"the action_dim of multi-discrete actions is a list, not {action_dim!r}")
        return [size_of(size, "action_dim") for size in action_dim]
    size = size_of(action_dim, "action_dim")
    if body.is_discrete:
        return size
    return 2 if size == 1 else [size, size]


def get_out_dim(body: Any, add_critic: bool = False) -> int | list[int]:
    """The policy's `out_dim`, with one value more if actor and critic share the net."""
    policy = get_policy_out_dim(body)
    if not add_critic:
        return policy
    return [*policy, 1] if isinstance(policy, list) else [policy, 1]
