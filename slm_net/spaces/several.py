"""Several inputs for one net: several environments, or the parts of Dict and Tuple observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.spaces.environments import known_environments, made_spaces, spaces_of
from slm_net.spaces.fit import check_one_input
from slm_net.spaces.given import name_of, space_pair
from slm_net.spaces.inputs import Shape, input_dim
from slm_net.spaces.task import Task
from slm_net.spaces.values import BY_HAND, Action, Spaces, read_action, read_observation, refuse


def several_spaces(task: Task, env: object) -> list[Spaces]:
    """The spaces of each input; all have the action of the whole.

    The inputs are those of the environments of the argument (a list of ids or made environments), else of the spec. A
    Dict or Tuple observation counts as its parts, in their order.

    Raises:
        SpecError: there is one input only, an environment is not known, or the actions fit into no one action space.
    """
    tasks = _tasks(task)
    entries = _entries(env, len(tasks))
    own = [*tasks, *[tasks[0]] * len(entries)]
    found = [_of_environment(one, entry) for one, entry in zip(own, entries, strict=False)]
    inputs = [part for parts, _ in found for part in parts]
    if len(inputs) < 2:
        check_one_input(task)
    action = _together([action for _, actions in found for action in actions])
    return [part._replace(action=action) for part in inputs]


def several_inputs(task: Task, parts: list[Spaces]) -> tuple[list[int | Shape], list[str]]:
    """The in_dim of each input, and the sentences that say why.

    Raises:
        SpecError: an input is no vector, or the env block's frame settings are wrong.
    """
    tasks = _tasks(task)
    own = tasks if len(tasks) == len(parts) else [task] * len(parts)
    found = [input_dim(one, part) for one, part in zip(own, parts, strict=True)]
    in_dim = [size for size, _ in found]
    names = ", ".join(dict.fromkeys(part.name for part in parts))
    rest = dict.fromkeys(note for _, notes in found for note in notes[1:])
    return in_dim, [f"in_dim {in_dim}: {len(parts)} observations of {names}", *rest]


def _tasks(task: Task) -> list[Task]:
    """The task in each of its environments."""
    if len(task.envs) < 2:
        return [task]
    return [task._replace(env=block, env_path=("env", index)) for index, block in enumerate(task.envs)]


def _entries(env: object, count: int) -> list[object]:
    """The environments of the argument; None stands for each of the spec's own."""
    if env is None:
        return [None] * count
    listed = isinstance(env, tuple | list) and all(isinstance(e, str) or hasattr(e, "observation_space") for e in env)
    return list(env) if listed and isinstance(env, tuple | list) else [env]


def _of_environment(task: Task, env: object) -> tuple[list[Spaces], list[Action]]:
    """The inputs and the actions of one environment: the argument, or the one of the task."""
    pointer = task.env_pointer("name") if env is None else ""
    if env is None and "name" not in task.env:
        cure = f'add "env": {{"name": "CartPole-v1"}}, pass env="CartPole-v1", {BY_HAND}'
        raise refuse("the spec has no environment", cure, pointer=task.env_pointer())
    name: Any = task.env["name"] if env is None else env
    if isinstance(name, str) and name in known_environments():
        spaces = spaces_of(name, task.env, pointer)
        return [spaces], [spaces.action]
    by_id = env is None or isinstance(env, str)
    observation, action = made_spaces(name, pointer) if by_id else space_pair(env)
    actions = [read_action(part) for part in _parts(action)]
    shown = name if by_id else name_of(env)
    return [Spaces(read_observation(p), actions[0], shown, preprocess=by_id) for p in _parts(observation)], actions


def _parts(space: object) -> Iterator[object]:
    """A space, or all that a Dict or Tuple space is made of."""
    inner = getattr(space, "spaces", None)
    if inner is None:
        yield space
        return
    for part in inner.values() if isinstance(inner, Mapping) else inner:
        yield from _parts(part)


def _together(actions: list[Action]) -> Action:
    """Several actions as one; discrete ones together are multi-discrete."""
    if len(actions) == 1:
        return actions[0]
    if not all(action.kind in ("discrete", "multi-discrete") for action in actions):
        kinds = ", ".join(dict.fromkeys(action.kind for action in actions))
        raise refuse(f"{len(actions)} actions ({kinds}) that are not all discrete", "pass in_dim= and out_dim=")
    return Action("multi-discrete", tuple(size for action in actions for size in action.sizes))
