"""Dims from environment and algorithm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import Spec
from slm_net.net_types.base import size, widths_of
from slm_net.spaces.environments import spaces_of
from slm_net.spaces.inputs import bytes_of, input_dim, named_inputs, named_spaces, several_inputs, several_spaces
from slm_net.spaces.outputs import output_dim
from slm_net.spaces.task import Dims, Observations, Shape, Task, task_of
from slm_net.spaces.values import DIMS_DO_NOT_FIT, Spaces, given_spaces, no_environment, refuse
from slm_net.words import visible


def infer_dims(spec: Spec, env: object = None, in_dim: object = None, out_dim: object = None) -> Dims:
    """The dims of the main net of one concrete spec, or of a bare net block; given ones win (rules as in SLM Lab).

    `env` is an id, a made environment (its single spaces if it is a vector one), or a pair of spaces, and stands in
    for the spec's own. Whether the dims fit the net type is said by the rules.

    Raises:
        SpecError: "dims-unknown" where an argument is missing, "dims-do-not-fit" where net and environment disagree.

    >>> from slm_net.spaces import spec_of
    >>> spec = {"agent": {"algorithm": {"name": "DQN"}, "net": {"type": "ConvNet"}}, "env": {"name": "ALE/Pong-v5"}}
    >>> dims = infer_dims(spec_of(spec))
    >>> dims.in_dim, dims.out_dim
    ((4, 84, 84), 6)
    >>> print(*dims.notes, sep="\\n")
    in_dim (4, 84, 84): ALE/Pong-v5 is an Atari game, 4 stacked 84x84 grey frames
    out_dim 6: one Q-value per action of ALE/Pong-v5 (DQN)
    """
    task, action, shown = task_of(spec), None, ""
    seen: Observations | None = None
    into = None if in_dim is None else given_in_dim(task, in_dim)
    out = None if out_dim is None else given_out_dim(task, out_dim)
    notes, why_out = ["given"], "given"
    if into is None or out is None:
        _check_agent(task)
        takes = task.kind.takes
        parts = several_spaces(task, env) if takes and takes.several and not takes.action else None
        named = named_spaces(task, env)
        spaces = next(iter(named.values())) if named else parts[0] if parts else _spaces(task, env)
        task = task._replace(part=parts is not None)
        if into is None and named:
            (into, notes), seen = named_inputs(task, named), {name: part.observation for name, part in named.items()}
        elif into is None and parts:
            (into, notes), seen = several_inputs(task, parts), [part.observation for part in parts]
        elif into is None:
            (into, notes), seen = input_dim(task, spaces), spaces.observation
            shown = bytes_of(task, spaces)
        if out is None:
            action = spaces.action
            out, why_out = output_dim(task, spaces)
    return Dims(into, out, notes[0], why_out, tuple(notes[1:]), action, seen, shown)


def given_in_dim(task: Task, value: Any) -> Any:
    """A caller's in_dim in our form: int, tuple, or for nets of several inputs a list of these.

    What the net type does not take is left as it is: a rule says so.

    Raises:
        SpecError: it is no shape, and nothing is known of what the net type takes.
    """
    takes, value = task.kind.takes, task.kind.as_taken(value)
    if takes is not None and not takes.fits(value):
        return value
    if names := task.input_names:
        return _by_name(names, value)
    if takes is not None and takes.several:
        return [_shape(part, "in_dim") for part in value]
    return _shape(value, "in_dim")


def _by_name(names: tuple[str, ...], value: Any) -> Any:
    """The sizes of the inputs of a graph by name, of one input alone; other ones stay, for a rule to say so."""
    if isinstance(value, Mapping):
        return {name: _shape(part, "in_dim") for name, part in value.items()}
    if len(names) == 1:
        return _shape(value, "in_dim")
    listed = isinstance(value, Iterable) and len(parts := list(value)) == len(names)
    return {name: _shape(part, "in_dim") for name, part in zip(names, parts, strict=True)} if listed else value


def given_out_dim(task: Task, value: Any) -> Any:
    """A caller's out_dim in our form: an int (one tensor) or a list of ints (a list of tensors).

    Raises:
        SpecError: it is neither, and nothing is known of the net type.
    """
    if task.kind.takes is not None and not widths_of(value):
        return value
    shape = _shape(value, "out_dim")
    return list(shape) if isinstance(shape, tuple) else shape


def _shape(value: Any, key: str) -> int | Shape:
    values = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    sizes = [number for number in map(size, values) if number is not None]
    if not sizes or len(sizes) != len(values):
        cure = "give an int or (channels, height, width)" if key == "in_dim" else "give an int or a list of ints"
        raise refuse(f"{key} {visible(str(value))} is not positive integers", cure, rule=DIMS_DO_NOT_FIT)
    return tuple(sizes) if isinstance(value, Iterable) else sizes[0]


def _check_agent(task: Task) -> None:
    name = task.algorithm_name
    if task.version and (not task.net.data or (name in RECIPES and not RECIPES[name].parts)):
        message = f"the {visible(name or 'agent')} agent has no net"
        raise refuse(message, lambda to: f'add a "net" block, or {to.pass_dims()}', path=task.net.path)
    if len(task.spec.agents) > 1:
        message = f"the spec has {len(task.spec.agents)} agents"
        raise refuse(
            message, lambda to: f"give a spec of one agent, or {to.pass_dims()}", path=(*task.spec.path, "agent")
        )


def _spaces(task: Task, env: object) -> Spaces:
    """The spaces of the argument, else of the spec's own environment."""
    if isinstance(env, str):
        return spaces_of(env, task.options)
    return _own_spaces(task) if env is None else given_spaces(env)


def _own_spaces(task: Task) -> Spaces:
    spec, env = task.spec, task.env
    if spec.bare:
        message, example = "a bare net block has no environment", '"CartPole-v1"'
        raise refuse(message, lambda to: f"pass {to.given('env', example)}, or {to.pass_dims()}")
    if len(spec.envs) > 1:
        message, which = f"the spec has {len(spec.envs)} environments", "with the one that is meant"
        cure = lambda to: f"pass {to.given('env')} {which}, or {to.pass_dims()} (lists for a Hydra)"  # noqa: E731
        raise refuse(message, cure, path=(*spec.path, "env"))
    if "name" not in env.data:
        raise no_environment(env.path)
    return spaces_of(env.data["name"], task.options, (*env.path, "name"))
