"""What a net is fed: the observation after preprocessing and frame stacking, in the shape that its type takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.net_types.conv import channel_last, perhaps_channel_last
from slm_net.problems import Path, SpecError
from slm_net.spaces.environments import ATARI_FRAME, known_environments, made_spaces, spaces_of
from slm_net.spaces.values import (
    BY_HAND,
    DIMS_DO_NOT_FIT,
    Action,
    Spaces,
    count,
    name_of,
    read_action,
    read_observation,
    refuse,
    space_pair,
)
from slm_net.words import did_you_mean, visible


class Task(NamedTuple):
    """What a spec says about one agent in one environment; blocks that it lacks are empty.

    `version` is the SLM Lab version whose shape the spec has (4: lists, 5: objects), None for a bare net block. `part`
    is true while one of several inputs is looked at.
    """

    net: Mapping[str, Any]
    agent_path: tuple[str | int, ...] = ()
    algorithm: Mapping[str, Any] = {}
    env: Mapping[str, Any] = {}
    env_path: tuple[str | int, ...] = ()
    version: int | None = None
    agents: int = 1
    envs: tuple[Mapping[str, Any], ...] = ()
    part: bool = False

    @property
    def net_type(self) -> str:
        """The name of the net type, "" if the spec has none."""
        return str(self.net.get("type") or "")

    @property
    def algorithm_name(self) -> str:
        """The name of the algorithm, "" for a bare net block."""
        return str(self.algorithm.get("name") or "")

    def net_path(self, *keys: str) -> Path:
        """The path of a key of the net block, from the root of the spec."""
        return keys if self.version is None else (*self.agent_path, "net", *keys)

    def algorithm_path(self, *keys: str) -> Path:
        """The path of a key of the algorithm block, from the root of the spec."""
        return (*self.agent_path, "algorithm", *keys)

    def env_path_of(self, *keys: str) -> Path:
        """The path of a key of the env block, from the root of the spec."""
        return (*self.env_path, *keys)


def read_task(spec: Mapping[str, Any]) -> Task:
    """The deciding parts of a whole spec (v4 or v5) or of a bare net block.

    >>> task = read_task({"agent": [{"algorithm": {"name": "DQN"}, "net": {"type": "MLPNet"}}], "env": []})
    >>> task.algorithm_name, task.net_type, task.version, task.net_path("type")
    ('DQN', 'MLPNet', 4, ('agent', 0, 'net', 'type'))
    """
    if "agent" not in spec:
        return Task(net=spec)
    agent, agent_path = _first(spec, "agent")
    env, env_path = _first(spec, "env")
    return Task(
        net=_block(agent.get("net")),
        agent_path=agent_path,
        algorithm=_block(agent.get("algorithm")),
        env=env,
        env_path=env_path,
        version=4 if isinstance(spec["agent"], list) else 5,
        agents=len(spec["agent"]) if isinstance(spec["agent"], list) else 1,
        envs=tuple(map(_block, spec["env"])) if isinstance(spec.get("env"), list) else (env,),
    )


def _first(spec: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], tuple[str | int, ...]]:
    value = spec.get(key)
    if isinstance(value, list):
        return (_block(value[0]), (key, 0)) if value else ({}, (key,))
    return _block(value), (key,)


def _block(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


Shape = tuple[int, ...]
VECTOR_NETS = ("MLPNet", "DuelingMLPNet", "HydraMLPNet")
IMAGE_NETS = ("ConvNet", "DuelingConvNet")
SEQUENCE_NETS = ("RecurrentNet", "DuelingRecurrentNet")
SEVERAL_INPUTS = ("HydraMLPNet", "QMLPNet", "QConvNet", "FiLMQConvNet")


def sequence_length(task: Task) -> int | None:
    """The seq_len of a net that reads sequences, None for all others.

    Raises:
        SpecError: a RecurrentNet without a seq_len.
    """
    if task.net_type in (*VECTOR_NETS, *IMAGE_NETS) or (
        task.net_type not in SEQUENCE_NETS and "seq_len" not in task.net
    ):
        return None
    if (length := count(task.net.get("seq_len"))) is None:
        raise refuse(
            f"{visible(task.net_type)} needs the length of its sequences",
            'write "seq_len": 4, or pass in_dim=(seq_len, dim)',
            path=task.net_path(),
        )
    return length


def fitted(task: Task, shape: Shape) -> int | Shape:
    """The shape as the in_dim of this net type: an int for vectors.

    Raises:
        SpecError: the net type does not take such a shape, or takes several inputs.
    """
    check_one_input(task)
    rank = len(shape)
    if rank > 1 and task.net_type in VECTOR_NETS:
        kind = "RecurrentNet" if rank == 2 else "ConvNet"
        cure = f'write "type": "{kind}", or flatten the observations'
        raise _misfit(task, "vectors", shape, cure + (' ("frame_op": "concat")' if rank == 2 else ""))
    if rank not in (2, 3, 4) and task.net_type in IMAGE_NETS:
        raise _misfit(task, "images (channels, height, width)", shape, 'write "type": "MLPNet" with "hid_layers"')
    if task.net_type in SEQUENCE_NETS:
        _check_sequence(task, shape)
    return shape[0] if rank == 1 else shape


def check_one_input(task: Task) -> None:
    """Dims are inferred for nets of one observation only.

    Raises:
        SpecError: the net type takes several inputs.
    """
    if task.net_type in SEVERAL_INPUTS and not task.part:
        what = "a list of observation sizes" if task.net_type == "HydraMLPNet" else "[state_dim, action_dim]"
        raise refuse(f"{task.net_type} takes {what}", "pass in_dim= and out_dim=", path=task.net_path("type"))


def _check_sequence(task: Task, shape: Shape) -> None:
    length = task.net.get("seq_len")
    if len(shape) > 2:
        raise _misfit(task, "sequences (seq_len, dim)", shape, 'write "type": "ConvNet" for images')
    if len(shape) == 1:
        raise _misfit(task, "sequences (seq_len, dim)", shape, f"give in_dim=({length or 4}, {shape[0]})")
    if length is not None and shape[0] != length:
        raise _misfit(task, f"sequences of seq_len {visible(str(length))}", shape, f'write "seq_len": {shape[0]}')


def _misfit(task: Task, wanted: str, shape: Shape, hint: str) -> SpecError:
    got = shape[0] if len(shape) == 1 else shape
    message = f"{task.net_type} takes {wanted}, but in_dim is {got}"
    return refuse(message, hint, rule=DIMS_DO_NOT_FIT, path=task.net_path("type"))


def given_in_dim(task: Task, value: object) -> int | Shape | list[int | Shape]:
    """A caller's in_dim in our form: int, tuple, or for nets of several inputs a list of these.

    Raises:
        SpecError: it is none of these, or does not fit the net type.
    """
    if task.net_type in SEVERAL_INPUTS and isinstance(value, Iterable) and not isinstance(value, str):
        return [shape[0] if len(shape := _shape(part, "in_dim")) == 1 else shape for part in value]
    shape = _shape(value, "in_dim")
    return shape if task.net_type in SEVERAL_INPUTS else fitted(task, shape)


def given_out_dim(value: object) -> int | list[int]:
    """A caller's out_dim in our form: an int (one tensor) or a list of ints (a list of tensors).

    Raises:
        SpecError: it is neither.
    """
    shape = _shape(value, "out_dim")
    return list(shape) if isinstance(value, Iterable) else shape[0]


def _shape(value: object, key: str) -> Shape:
    values = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    sizes = [size for size in map(count, values) if size is not None]
    if not sizes or len(sizes) != len(values):
        cure = "give an int or (channels, height, width)" if key == "in_dim" else "give an int or a list of ints"
        raise refuse(f"{key} {visible(str(value))} is not positive integers", cure, rule=DIMS_DO_NOT_FIT)
    return tuple(sizes)


ATARI_FRAMES, ATARI_SIZE = 4, (84, 84)  # Mnih et al. 2015, "Human-level control through deep reinforcement learning"


def input_dim(task: Task, spaces: Spaces) -> tuple[int | Shape, list[str]]:
    """The in_dim of the main net, and the sentences that say why.

    Raises:
        SpecError: the net type does not take such observations, or the env block's frame settings are wrong.
    """
    operation, frames = _frame_op(task, spaces)
    if spaces.atari:
        size = _downsize(task) or ATARI_SIZE
        shape: Shape = (frames, *size)
        notes = [f"{spaces.name} is an Atari game, {frames} stacked {size[0]}x{size[1]} grey frames"]
        if task.version == 4 and "frame_op" not in task.env:
            notes.append(f'the spec has no frame_op: {frames} frames are assumed, as with "frame_op": "concat"')
    else:
        shape, notes = _observed(task, spaces)
        if len(shape) == 1 and (length := sequence_length(task)):
            operation, frames = "stack", length
        shape, words = _framed(shape, operation, frames)
        notes[0] += words
    in_dim = fitted(task, shape)
    return in_dim, [f"in_dim {in_dim}: {notes[0]}", *notes[1:], *_unused(task, spaces)]


def _observed(task: Task, spaces: Spaces) -> tuple[Shape, list[str]]:
    """One observation, images channel-first, and what is to be known about it."""
    shape, name = spaces.observation.shape, spaces.name
    if spaces.observation.one_hot:
        return shape, [f"the integers that {name} shows, as a one-hot vector of {shape[0]} numbers"]
    if len(shape) < 2:
        length = shape[0] if shape else 1
        return (length,), [f"an observation of {name} is a vector of length {length}"]
    notes = [f"an observation of {name} has this shape"]
    if channel_last(shape) or (perhaps_channel_last(shape) and shape[2] <= 4):
        shape = (shape[2], shape[0], shape[1])
        notes = [f"images of {name}, channel-first", f"{name} shows channel-last images: feed obs.transpose(2, 0, 1)"]
    if spaces.observation.shape == ATARI_FRAME.shape and not spaces.preprocess:
        notes.append("for (4, 84, 84) wrap the environment in AtariPreprocessing and FrameStackObservation")
    if len(shape) == 3 and spaces.preprocess and (size := _downsize(task)):
        shape = (shape[0], *size)
        notes[0] += f", scaled to {size[0]}x{size[1]}"
    return shape, notes


def _framed(shape: Shape, operation: str, frames: int) -> tuple[Shape, str]:
    """The shape of several observations, one after the other or along a new first axis."""
    if operation == "stack":
        return (frames, *shape), f", {frames} of them in a row"
    if operation == "concat":
        return (frames * shape[0], *shape[1:]), f", {frames} of them end to end"
    return shape, ""


def _frame_op(task: Task, spaces: Spaces) -> tuple[str, int]:
    """The v4 frame operation and its length; ("", 1) where there is none, 4 frames for Atari unless written."""
    operation = task.env.get("frame_op")
    if not spaces.preprocess or task.version != 4 or (spaces.atari and "frame_op" not in task.env):
        return "", ATARI_FRAMES if spaces.atari else 1
    if operation is None:
        return "", 1
    if operation not in ("concat", "stack"):
        message, hint = f"no frame_op {visible(str(operation))!r}", did_you_mean(str(operation), ["concat", "stack"])
        raise refuse(message, hint, path=task.env_path_of("frame_op"))  # that the name is wrong, the schema says
    if operation == "stack" and len(spaces.observation.shape) > 1:
        message, hint = f"frame_op 'stack' would put images of {spaces.name} in a new axis", 'write "concat"'
        raise refuse(message, hint, rule=DIMS_DO_NOT_FIT, path=task.env_path_of("frame_op"))
    if (frames := count(task.env.get("frame_op_len"))) is None:
        message, hint = f"frame_op {operation!r} needs the number of frames", 'write "frame_op_len": 4'
        raise refuse(message, hint, path=task.env_path_of())
    return operation, frames


def _downsize(task: Task) -> Shape | None:
    """The v4 key image_downsize, as it is written."""
    value = task.env.get("image_downsize") if task.version == 4 else None
    if value is None:
        return None
    sizes = tuple(count(size) for size in value) if isinstance(value, list | tuple) else ()
    if len(sizes) != 2 or sizes[0] is None or sizes[1] is None:
        message = f"image_downsize {visible(str(value))} is not two positive integers"
        raise refuse(message, 'write "image_downsize": [84, 84]', path=task.env_path_of("image_downsize"))
    return sizes[0], sizes[1]


def _unused(task: Task, spaces: Spaces) -> list[str]:
    """A sentence per frame setting that the spec writes and that has no effect here."""
    if task.version == 4 and spaces.preprocess:
        return []
    why = "is a key of SLM Lab 4" if task.version == 5 else "is taken as done by the given environment"
    return [f"{key} {why}, in_dim leaves it out" for key in ("frame_op", "image_downsize") if task.env.get(key)]


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
    path = task.env_path_of("name") if env is None else ()
    if env is None and "name" not in task.env:
        cure = f'add "env": {{"name": "CartPole-v1"}}, pass env="CartPole-v1", {BY_HAND}'
        raise refuse("the spec has no environment", cure, path=task.env_path_of())
    name: Any = task.env["name"] if env is None else env
    if isinstance(name, str) and name in known_environments():
        spaces = spaces_of(name, task.env, path)
        return [spaces], [spaces.action]
    by_id = env is None or isinstance(env, str)
    observation, action = made_spaces(name, path) if by_id else space_pair(env)
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
