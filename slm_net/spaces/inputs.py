"""What a net is fed: the observation after preprocessing and frame stacking, in the shape that its type takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.document.specs import normalised_by
from slm_net.net_types.arc import OBSERVATIONS
from slm_net.net_types.base import size
from slm_net.net_types.conv import channel_last, perhaps_channel_last
from slm_net.net_types.recurrent import SEQUENCE
from slm_net.spaces.environments import ATARI_FRAME, known_environments, made_spaces, spaces_of
from slm_net.spaces.task import Shape, Task
from slm_net.spaces.values import (
    DIMS_DO_NOT_FIT,
    Action,
    Place,
    Spaces,
    name_of,
    no_environment,
    read_action,
    read_observation,
    refuse,
    space_pair,
)
from slm_net.words import did_you_mean, listing, visible


def sequence_length(task: Task) -> int | None:
    """The seq_len of a net that reads sequences, None for all others.

    Raises:
        SpecError: a RecurrentNet without a seq_len.
    """
    takes = task.kind.takes
    if takes is not SEQUENCE and (takes not in (None, OBSERVATIONS) or "seq_len" not in task.net.data):
        return None
    if (length := size(task.net.data.get("seq_len"))) is None:
        raise refuse(
            f"{visible(task.net_type)} needs the length of its sequences",
            lambda to: f'write "seq_len": 4, or pass {to.given("in_dim", "(seq_len, dim)")}',
            path=task.net.path,
        )
    return length


def check_one_input(task: Task) -> None:
    """Dims are inferred for nets of one observation only.

    Raises:
        SpecError: the net type takes several inputs.
    """
    takes = task.kind.takes
    if takes is not None and takes.several and not task.part:
        what = "[state_dim, action_dim]" if takes.action else "a list of observation sizes"
        raise refuse(f"{task.net_type} takes {what}", lambda to: to.pass_dims(), path=task.type_path())


ATARI_FRAMES, IMAGE_SIZE = 4, (84, 84)  # Mnih et al. 2015, "Human-level control through deep reinforcement learning"


def input_dim(task: Task, spaces: Spaces) -> tuple[int | Shape, list[str]]:
    """The in_dim of the main net, and the sentences that say why.

    Raises:
        SpecError: the net type takes several inputs, or the env block's frame settings are wrong.
    """
    shape, notes = _observed(task, spaces)
    operation, frames = _frame_op(task, spaces)
    if len(shape) == 1 and (length := sequence_length(task)):
        operation, frames = "stack", length
    shape, words = _framed(shape, operation, frames)
    notes[0] += words
    check_one_input(task)
    in_dim = shape[0] if len(shape) == 1 else shape
    return in_dim, [*notes, *_unused(task, spaces)]


def _is_grey(task: Task, spaces: Spaces) -> bool:
    """True for images of which SLM Lab 4 itself makes grey ones of one size."""
    return spaces.preprocess and task.version == 4 and len(spaces.observation.shape) == 3


def _is_stacked(task: Task, spaces: Spaces) -> bool:
    """True for a game of which SLM Lab 5 itself makes stacks of grey frames; for a bare net block in any spelling."""
    return spaces.atari and task.version != 4 and (not task.version or spaces.name.startswith("ALE/"))


def bytes_of(task: Task, spaces: Spaces) -> str:
    """The environment of which the net sees images of bytes; "" if it shows something else, or SLM Lab scales it."""
    is_image = len(spaces.observation.shape) > 1 and spaces.observation.dtype == "uint8"
    is_scaled = spaces.preprocess and normalised_by({**task.env.data, "name": spaces.name}, task.version)
    return spaces.name if is_image and not is_scaled else ""


def _observed(task: Task, spaces: Spaces) -> tuple[Shape, list[str]]:
    """One observation, images channel-first, and what is to be known about it."""
    shape, name = spaces.observation.shape, spaces.name
    if spaces.observation.one_hot:
        return shape, [f"the integers that {name} shows, as a one-hot vector of {shape[0]} numbers"]
    if len(shape) < 2:
        length = shape[0] if shape else 1
        return (length,), [f"an observation of {name} is a vector of length {length}"]
    if _is_grey(task, spaces):
        height, width = _downsize(task) or IMAGE_SIZE
        return (1, height, width), [f"the images of {name}, grey and scaled to {height}x{width}"]
    if _is_stacked(task, spaces):
        height, width = IMAGE_SIZE
        grey = f"{name} is an Atari game, {ATARI_FRAMES} stacked {height}x{width} grey frames"
        return (ATARI_FRAMES, height, width), [grey]
    if len(shape) == 2 and spaces.observation.dtype == "uint8" and task.kind.takes is not SEQUENCE:
        return (1, *shape), [f"grey images of {name}", f"{name} shows no channels: feed obs[..., None, :, :]"]
    notes = [f"an observation of {name} has this shape"]
    if shows_channels_last(shape):
        shape = (shape[2], shape[0], shape[1])
        notes = [f"images of {name}, channel-first", f"{name} shows channel-last images: feed obs.transpose(2, 0, 1)"]
    if spaces.observation.shape == ATARI_FRAME.shape:
        wrap = "wrap the environment in AtariPreprocessing and FrameStackObservation"
        notes.append(f"for (4, 84, 84) {'name it ALE/...-v5, or ' if spaces.preprocess else ''}{wrap}")
    return shape, notes


def shows_channels_last(shape: Shape) -> bool:
    """True for the images of an environment that are fed with their channels first.

    >>> shows_channels_last((96, 96, 3)), shows_channels_last((4, 84, 84))
    (True, False)
    """
    return channel_last(shape) or (perhaps_channel_last(shape) and shape[2] <= 4)


def _framed(shape: Shape, operation: str, frames: int) -> tuple[Shape, str]:
    """The shape of several observations, one after the other or along a new first axis."""
    if operation == "stack":
        return (frames, *shape), f", {frames} of them in a row"
    if operation == "concat":
        return (frames * shape[0], *shape[1:]), f", {frames} of them end to end"
    return shape, ""


def _frame_op(task: Task, spaces: Spaces) -> tuple[str, int]:
    """The v4 frame operation and its length; ("", 1) where there is none.

    Of images of one environment SLM Lab 4 asks for the length alone, and puts so many end to end.
    """
    env = task.env.data
    operation, length = env.get("frame_op"), env.get("frame_op_len")
    if not spaces.preprocess or task.version != 4:
        return "", 1
    if operation not in (None, "concat", "stack"):
        message, hint = f"no frame_op {visible(str(operation))!r}", did_you_mean(str(operation), ["concat", "stack"])
        raise refuse(message, hint, path=(*task.env.path, "frame_op"))  # that the name is wrong, the schema says
    if _is_grey(task, spaces) and (size(env.get("num_envs")) or 1) == 1 and length is not None:
        operation = "concat"
    if operation is None:
        return "", 1
    if operation == "stack" and len(spaces.observation.shape) > 1:
        message, hint = f"frame_op 'stack' would put images of {spaces.name} in a new axis", 'write "concat"'
        raise refuse(message, hint, rule=DIMS_DO_NOT_FIT, path=(*task.env.path, "frame_op"))
    if (frames := size(length)) is None:
        message, hint = f"frame_op {operation!r} needs the number of frames", 'write "frame_op_len": 4'
        raise refuse(message, hint, path=task.env.path)
    return operation, frames


def _downsize(task: Task) -> Shape | None:
    """The v4 key image_downsize, as it is written."""
    value = task.env.data.get("image_downsize") if task.version == 4 else None
    if value is None:
        return None
    sizes = tuple(map(size, value)) if isinstance(value, list | tuple) else ()
    if len(sizes) != 2 or sizes[0] is None or sizes[1] is None:
        message = f"image_downsize {visible(str(value))} is not two positive integers"
        raise refuse(message, 'write "image_downsize": [84, 84]', path=(*task.env.path, "image_downsize"))
    return sizes[0], sizes[1]


def _unused(task: Task, spaces: Spaces) -> list[str]:
    """A sentence per frame setting that the spec writes and that is left to a given environment."""
    done = [] if spaces.preprocess else [key for key in ("frame_op", "image_downsize") if task.env.data.get(key)]
    return [f"{key} is taken as done by the given environment, in_dim leaves it out" for key in done]


def several_spaces(task: Task, env: object) -> list[Spaces]:
    """The spaces of each input; all have the action of the whole.

    The inputs are those of the environments of the argument (a list of ids or made environments), else of the spec. A
    Dict or Tuple observation counts as its parts, in their order.

    Raises:
        SpecError: there is one input for several heads, an environment is not known, or the actions fit into no one
            action space.
    """
    tasks = _tasks(task)
    entries = _entries(env, len(tasks))
    own = [*tasks, *[tasks[0]] * len(entries)]
    pairs = list(zip(own, entries, strict=False))
    places: list[Place] = [(index,) for index in range(len(pairs))] if len(pairs) > 1 else [()]
    found = [_of_environment(one, entry, place) for (one, entry), place in zip(pairs, places, strict=False)]
    inputs = [part for parts, _ in found for part in parts]
    if len(inputs) == 1 and (heads := _heads(task)) > 1:
        message = f"the net has {heads} heads, and {inputs[0].name} is one observation"
        cure = lambda to: f"list {heads} environments, or {to.pass_dims()}"  # noqa: E731
        raise refuse(message, cure, path=task.type_path())
    action = _together([action for _, actions in found for action in actions])
    return [part._replace(action=action) for part in inputs]


def named_spaces(task: Task, env: object) -> dict[str, Spaces]:
    """The spaces of each input of a graph, by the names of a Dict observation; none where one observation is shown.

    What no input of the graph is called after is left out.

    Raises:
        SpecError: the graph has an input that the environment does not show, or several where it shows one.
    """
    names = task.input_names
    observation, action, shown = _raw(task, env) if names else (None, None, "")
    inner = getattr(observation, "spaces", None)
    path = (*task.net.path, task.arc_key, "graph", "input")
    if not isinstance(inner, Mapping):
        if len(names) > 1:
            message = (
                f"the graph has the inputs {listing(names)}, and {shown or 'the environment'} shows one observation"
            )
            raise refuse(message, lambda to: f"name one input, or {to.pass_dims()}", DIMS_DO_NOT_FIT, path)
        return {}
    for name in names:
        if name not in inner:
            message = f"{shown} shows no {visible(name)!r}"
            raise refuse(message, did_you_mean(name, map(str, inner)), DIMS_DO_NOT_FIT, path)
    acts, by_id = read_action(action), env is None or isinstance(env, str)
    return {name: Spaces(read_observation(inner[name], (name,)), acts, shown, preprocess=by_id) for name in names}


def _raw(task: Task, env: object) -> tuple[object, object, str]:
    """The two spaces of the environment as they are, and its name; none for one in our own table, which shows one."""
    name: Any = task.env.data.get("name") if env is None else env
    if name is None or (isinstance(name, str) and name in known_environments()):
        return None, None, str(name or "")
    if not isinstance(name, str):
        return *space_pair(name), name_of(name)
    if len(task.input_names) == 1:
        return None, None, name  # asked for like those of any other net
    return *made_spaces(name, task.options, (*task.env.path, "name") if env is None else ()), name


def named_inputs(task: Task, parts: Mapping[str, Spaces]) -> tuple[dict[str, int | Shape], list[str]]:
    """The in_dim of each input by name, and the sentences that say why.

    Raises:
        SpecError: the env block's frame settings are wrong.
    """
    found = {name: input_dim(task, part) for name, part in parts.items()}
    in_dim = {name: one for name, (one, _) in found.items()}
    shown = next(iter(parts.values())).name
    rest = dict.fromkeys(note for _, notes in found.values() for note in notes[1:])
    return in_dim, [f"{len(parts)} parts of what {shown} shows", *rest]


def _heads(task: Task) -> int:
    """How many heads the lists of a HydraMLPNet have; 0 if there are no such lists."""
    lists = task.net.data.get("hid_layers")
    return len(lists[0]) if isinstance(lists, list) and lists and isinstance(lists[0], list) else 0


def several_inputs(task: Task, parts: list[Spaces]) -> tuple[list[int | Shape], list[str]]:
    """The in_dim of each input, and the sentences that say why.

    Raises:
        SpecError: an input is no vector, or the env block's frame settings are wrong.
    """
    tasks = _tasks(task)
    own = tasks if len(tasks) == len(parts) else [task] * len(parts)
    found = [input_dim(one, part) for one, part in zip(own, parts, strict=True)]
    in_dim = [one for one, _ in found]
    names = ", ".join(dict.fromkeys(part.name for part in parts))
    rest = dict.fromkeys(note for _, notes in found for note in notes[1:])
    return in_dim, [f"{len(parts)} observation{'s' * (len(parts) > 1)} of {names}", *rest]


def _tasks(task: Task) -> list[Task]:
    """The task in each of its environments."""
    return [task._replace(env=env) for env in task.spec.envs]


def _entries(env: object, count: int) -> list[object]:
    """The environments of the argument; None stands for each of the spec's own."""
    if env is None:
        return [None] * count
    listed = isinstance(env, tuple | list) and all(isinstance(e, str) or hasattr(e, "observation_space") for e in env)
    return list(env) if listed and isinstance(env, tuple | list) else [env]


def _of_environment(task: Task, env: object, place: Place) -> tuple[list[Spaces], list[Action]]:
    """The inputs and the actions of one environment, which is at `place`: the argument, or the one of the task."""
    path = (*task.env.path, "name") if env is None else ()
    if env is None and "name" not in task.env.data:
        raise no_environment(task.env.path)
    name: Any = task.env.data["name"] if env is None else env
    if isinstance(name, str) and name in known_environments():
        known = spaces_of(name, task.options, path)
        action = known.action._replace(path=place)
        return [known._replace(observation=known.observation._replace(path=place), action=action)], [action]
    by_id = env is None or isinstance(env, str)
    seen, done = made_spaces(name, task.options, path) if by_id else space_pair(env)
    actions = [read_action(part, at) for at, part in _parts(done, place)]
    observations = [read_observation(part, at) for at, part in _parts(seen, place)]
    shown = name if by_id else name_of(env)
    return [Spaces(observation, actions[0], shown, preprocess=by_id) for observation in observations], actions


def _parts(space: object, place: Place) -> Iterator[tuple[Place, object]]:
    """A space, or all that a Dict or Tuple space is made of, each with its place in it."""
    inner = getattr(space, "spaces", None)
    if inner is None:
        yield place, space
        return
    for key, part in inner.items() if isinstance(inner, Mapping) else enumerate(inner):
        yield from _parts(part, (*place, key))


def _together(actions: list[Action]) -> Action:
    """Several actions as one; discrete ones together are multi-discrete."""
    if len(actions) == 1:
        return actions[0]
    if not all(action.kind in ("discrete", "multi-discrete") for action in actions):
        kinds = ", ".join(dict.fromkeys(action.kind for action in actions))
        raise refuse(f"{len(actions)} actions ({kinds}) that are not all discrete", lambda to: to.pass_dims())
    sizes = tuple(number for action in actions for number in action.sizes)
    return Action("multi-discrete", sizes, parts=tuple(actions))
