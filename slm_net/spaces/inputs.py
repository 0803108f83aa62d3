"""What a net is fed: the observation after preprocessing, frame stacking and sequences."""

from __future__ import annotations

from slm_net.problems import did_you_mean, visible
from slm_net.spaces.environments import ATARI_FRAME
from slm_net.spaces.fit import fitted, sequence_length
from slm_net.spaces.task import Task
from slm_net.spaces.values import Spaces, count, refuse
from slm_net.spec.image_layout import channel_last, perhaps_channel_last

Shape = tuple[int, ...]
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
        raise refuse(message, hint, pointer=task.env_pointer("frame_op"))  # that the name is wrong, the schema says
    if operation == "stack" and len(spaces.observation.shape) > 1:
        message, hint = f"frame_op 'stack' would put images of {spaces.name} in a new axis", 'write "concat"'
        raise refuse(message, hint, rule="dims-do-not-fit", pointer=task.env_pointer("frame_op"))
    if (frames := count(task.env.get("frame_op_len"))) is None:
        message, hint = f"frame_op {operation!r} needs the number of frames", 'write "frame_op_len": 4'
        raise refuse(message, hint, pointer=task.env_pointer())
    return operation, frames


def _downsize(task: Task) -> Shape | None:
    """The v4 key image_downsize, as it is written."""
    value = task.env.get("image_downsize") if task.version == 4 else None
    if value is None:
        return None
    sizes = tuple(count(size) for size in value) if isinstance(value, list | tuple) else ()
    if len(sizes) != 2 or sizes[0] is None or sizes[1] is None:
        message = f"image_downsize {visible(str(value))} is not two positive integers"
        raise refuse(message, 'write "image_downsize": [84, 84]', pointer=task.env_pointer("image_downsize"))
    return sizes[0], sizes[1]


def _unused(task: Task, spaces: Spaces) -> list[str]:
    """A sentence per frame setting that the spec writes and that has no effect here."""
    if task.version == 4 and spaces.preprocess:
        return []
    why = "is a key of SLM Lab 4" if task.version == 5 else "is taken as done by the given environment"
    return [f"{key} {why}, in_dim leaves it out" for key in ("frame_op", "image_downsize") if task.env.get(key)]
