"""Dims from environment and algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slm_net.spaces.environments import spaces_of
from slm_net.spaces.inputs import (
    Task,
    given_in_dim,
    given_out_dim,
    input_dim,
    read_task,
    several_inputs,
    several_spaces,
)
from slm_net.spaces.outputs import ALGORITHMS, output_dim
from slm_net.spaces.values import BY_HAND, Action, Spaces, given_spaces, refuse
from slm_net.words import visible


@dataclass(frozen=True)
class Dims:
    """What goes into a net and what comes out.

    `in_dim`: int (vector), (c, h, w) (image), (seq_len, dim) (recurrent); a list of these for nets of several inputs.
    `out_dim`: int (one tensor) or a list of ints (a list of tensors). `notes` say how each was found.
    """

    in_dim: int | tuple[int, ...] | list[int | tuple[int, ...]]
    out_dim: int | list[int]
    notes: tuple[str, ...] = ()
    #: The actions that out_dim comes from; None if it was given.
    action: Action | None = field(default=None, compare=False)


def infer_dims(spec: Mapping[str, Any], env: object = None, in_dim: object = None, out_dim: object = None) -> Dims:
    """The dims of the main net of one concrete spec, or of a bare net block; given ones win (rules as in SLM Lab).

    `env` is an id, a made environment (its single spaces if it is a vector one), or a pair of spaces, and stands in
    for the spec's own.

    Raises:
        SpecError: "dims-unknown" where an argument is missing, "dims-do-not-fit" where net and environment disagree.

    >>> spec = {"agent": {"algorithm": {"name": "DQN"}, "net": {"type": "ConvNet"}}, "env": {"name": "ALE/Pong-v5"}}
    >>> dims = infer_dims(spec)
    >>> dims.in_dim, dims.out_dim
    ((4, 84, 84), 6)
    >>> print(*dims.notes, sep="\\n")
    in_dim (4, 84, 84): ALE/Pong-v5 is an Atari game, 4 stacked 84x84 grey frames
    out_dim 6: one Q-value per action of ALE/Pong-v5 (DQN)
    """
    task, action = read_task(spec), None
    into = None if in_dim is None else given_in_dim(task, in_dim)
    out = None if out_dim is None else given_out_dim(out_dim)
    notes_in, why_out = [f"in_dim {into}: given"], "given"
    if into is None or out is None:
        _check_agent(task)
        parts = several_spaces(task, env) if task.net_type == "HydraMLPNet" else None
        spaces = parts[0] if parts else _spaces(task, env)
        task = task._replace(part=parts is not None)
        if into is None:
            into, notes_in = several_inputs(task, parts) if parts else input_dim(task, spaces)
        if out is None:
            action = spaces.action
            out, why_out = output_dim(task, spaces)
    return Dims(into, out, (*notes_in, f"out_dim {out}: {why_out}"), action)


def _check_agent(task: Task) -> None:
    if task.version is not None and (not task.net or ALGORITHMS.get(task.algorithm_name) == "none"):
        who = task.algorithm_name or "agent"
        raise refuse(f"the {visible(who)} agent has no net", f'add a "net" block, {BY_HAND}', path=task.net_path())
    if task.agents > 1:
        raise refuse(f"the spec has {task.agents} agents", f"give a spec of one agent, {BY_HAND}", path=("agent",))


def _spaces(task: Task, env: object) -> Spaces:
    """The spaces of the argument, else of the spec's own environment."""
    if isinstance(env, str):
        return spaces_of(env, task.env)
    return _own_spaces(task) if env is None else given_spaces(env)


def _own_spaces(task: Task) -> Spaces:
    cure = f'add "env": {{"name": "CartPole-v1"}}, pass env="CartPole-v1", {BY_HAND}'
    if task.version is None:
        raise refuse("a bare net block has no environment", f'pass env="CartPole-v1", {BY_HAND}')
    if len(task.envs) > 1:
        message = f"the spec has {len(task.envs)} environments"
        raise refuse(message, f"pass env= with the one that is meant, {BY_HAND} (lists for a Hydra)", path=("env",))
    if "name" not in task.env:
        raise refuse("the spec has no environment", cure, path=task.env_path_of())
    return spaces_of(task.env["name"], task.env, task.env_path_of("name"))
