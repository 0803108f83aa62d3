"""Dims from environment and algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slm_net.problems import visible
from slm_net.spaces.environments import spaces_of
from slm_net.spaces.fit import given_in_dim, given_out_dim
from slm_net.spaces.inputs import input_dim
from slm_net.spaces.outputs import ALGORITHMS, output_dim
from slm_net.spaces.task import Task, read_task
from slm_net.spaces.values import BY_HAND, Spaces, read_action, read_observation, refuse


@dataclass(frozen=True)
class Dims:
    """What goes into a net and what comes out.

    `in_dim`: int (vector), (c, h, w) (image), (seq_len, dim) (recurrent); a list of these for nets of several inputs.
    `out_dim`: int (one tensor) or a list of ints (a list of tensors). `notes` say how each was found.
    """

    in_dim: int | tuple[int, ...] | list[int | tuple[int, ...]]
    out_dim: int | list[int]
    notes: tuple[str, ...] = ()


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
    task = read_task(spec)
    into = None if in_dim is None else given_in_dim(task, in_dim)
    out = None if out_dim is None else given_out_dim(out_dim)
    notes_in, why_out = [f"in_dim {into}: given"], "given"
    if into is None or out is None:
        spaces = _spaces(task, env)
        if into is None:
            into, notes_in = input_dim(task, spaces)
        if out is None:
            out, why_out = output_dim(task, spaces)
    return Dims(into, out, (*notes_in, f"out_dim {out}: {why_out}"))


def _spaces(task: Task, env: object) -> Spaces:
    """The spaces of the argument, else of the spec's own environment."""
    if task.version is not None and (not task.net or ALGORITHMS.get(task.algorithm_name) == "none"):
        who = task.algorithm_name or "agent"
        raise refuse(
            f"the {visible(who)} agent has no net", f'add a "net" block, {BY_HAND}', pointer=task.net_pointer()
        )
    if task.agents > 1:
        raise refuse(f"the spec has {task.agents} agents", f"give a spec of one agent, {BY_HAND}", pointer="/agent")
    if isinstance(env, str):
        return spaces_of(env, task.env)
    return _own_spaces(task) if env is None else given_spaces(env)


def _own_spaces(task: Task) -> Spaces:
    cure = f'add "env": {{"name": "CartPole-v1"}}, pass env="CartPole-v1", {BY_HAND}'
    if task.version is None:
        raise refuse("a bare net block has no environment", f'pass env="CartPole-v1", {BY_HAND}')
    if task.envs > 1:
        message = f"the spec has {task.envs} environments"
        raise refuse(message, f"pass env= with the one that is meant, {BY_HAND} (lists for a Hydra)", pointer="/env")
    if "name" not in task.env:
        raise refuse("the spec has no environment", cure, pointer=task.env_pointer())
    return spaces_of(task.env["name"], task.env, task.env_pointer("name"))


def given_spaces(env: object) -> Spaces:
    """The spaces of a made environment or of a pair (observation_space, action_space), just as they are.

    Raises:
        SpecError: it has no spaces, or ones that no single net takes.
    """
    if isinstance(env, tuple | list) and len(env) == 2:
        return Spaces(read_observation(env[0]), read_action(env[1]))
    observation, action = (_space(env, name) for name in ("observation_space", "action_space"))
    if observation is None or action is None:
        kind = visible(type(env).__name__)
        cure = f"an id, an environment, or the pair (observation_space, action_space); {BY_HAND}"
        raise refuse(f"env= is a {kind} without observation_space and action_space", f"give {cure}")
    name = getattr(getattr(env, "spec", None), "id", None)
    return Spaces(read_observation(observation), read_action(action), visible(name) if isinstance(name, str) else "env")


def _space(env: object, name: str) -> object:
    """The space of one environment, also of a vector environment."""
    single = getattr(env, f"single_{name}", None)
    return getattr(env, name, None) if single is None else single
