"""Which shapes a net type takes, and the dims that a caller gives."""

from __future__ import annotations

from collections.abc import Iterable

from slm_net.problems import SpecError, visible
from slm_net.spaces.task import Task
from slm_net.spaces.values import count, refuse

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
            pointer=task.net_pointer(),
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
        raise refuse(f"{task.net_type} takes {what}", "pass in_dim= and out_dim=", pointer=task.net_pointer("type"))


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
    return refuse(message, hint, rule="dims-do-not-fit", pointer=task.net_pointer("type"))


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
        raise refuse(f"{key} {visible(str(value))} is not positive integers", cure, rule="dims-do-not-fit")
    return tuple(sizes)
