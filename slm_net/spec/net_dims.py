"""Which `in_dim` and `out_dim` each net type takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import NetView
from slm_net.words import visible

#: Types with one output, the values of actions; they have no policy.
VALUE_TYPES = frozenset(
    {"DuelingMLPNet", "DuelingConvNet", "DuelingRecurrentNet", "QMLPNet", "QConvNet", "FiLMQConvNet"}
)
#: Types that begin with convolutions on an image, which is `in_dim` or its first part.
IMAGE_TYPES = ("ConvNet", "DuelingConvNet")
IMAGE_ACTION_TYPES = ("QConvNet", "FiLMQConvNet")
IMAGE_RANKS = (2, 3, 4)
#: Types that take a state and an action.
STATE_ACTION_TYPES = ("QMLPNet", *IMAGE_ACTION_TYPES)


def is_size(value: Any) -> bool:
    """True for a positive int.

    >>> is_size(4), is_size(0), is_size(True)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def are_sizes(value: Any, ranks: Sequence[int] = ()) -> bool:
    """True for a list of positive ints, of one of the lengths `ranks` (if none are given, of any but 0).

    >>> are_sizes((4, 84, 84), IMAGE_RANKS), are_sizes([]), are_sizes(4)
    (True, False, False)
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    return (not ranks or len(value) in ranks) and all(map(is_size, value))


def is_out_dim(value: Any) -> bool:
    """True for a positive int, or a list of them."""
    return is_size(value) or are_sizes(value)


def _image_and_action(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 2 and are_sizes(value[0], IMAGE_RANKS) and is_size(value[1])


class InDim(NamedTuple):
    """What a type takes: a test, and how to say it."""

    fits: Callable[[Any], bool]
    wanted: str


_VECTOR = InDim(is_size, "the length of the state, for example 4")
_IMAGE = InDim(lambda dim: are_sizes(dim, IMAGE_RANKS), "(channels, height, width), for example (4, 84, 84)")
_SEQUENCE = InDim(lambda dim: are_sizes(dim, (2,)), "(seq_len, dim), for example (4, 8)")
_IMAGE_ACTION = InDim(_image_and_action, "[(channels, height, width), action_dim], for example [(4, 84, 84), 2]")

IN_DIMS = {
    "MLPNet": _VECTOR,
    "ConvNet": _IMAGE,
    "RecurrentNet": _SEQUENCE,
    "DuelingMLPNet": _VECTOR,
    "DuelingConvNet": _IMAGE,
    "DuelingRecurrentNet": _SEQUENCE,
    "HydraMLPNet": InDim(are_sizes, "a list with the length of each input, for example [4, 6]"),
    "QMLPNet": InDim(lambda dim: are_sizes(dim, (2,)), "[state_dim, action_dim], for example [8, 2]"),
    "QConvNet": _IMAGE_ACTION,
    "FiLMQConvNet": _IMAGE_ACTION,
}


#: The types of one input; of two that take the same the first is named.
ONE_INPUT = ("MLPNet", "RecurrentNet", "ConvNet", "DuelingMLPNet", "DuelingRecurrentNet", "DuelingConvNet")


def in_dim_fits(net: NetView) -> bool:
    """True if `in_dim` is known and has the shape that the type takes."""
    return net.in_dim is not None and net.type in IN_DIMS and IN_DIMS[net.type].fits(net.in_dim)


def image_of(net: NetView) -> Sequence[int] | None:
    """The shape of the image that the convolutions see; None if the net has none, or it is not known."""
    if not in_dim_fits(net) or net.type not in (*IMAGE_TYPES, *IMAGE_ACTION_TYPES):
        return None
    shape: Sequence[int] = net.in_dim[0] if net.type in IMAGE_ACTION_TYPES else net.in_dim
    return shape


def hydra_lists(net: NetView) -> tuple[list[list[int]], list[int], list[list[int]]] | None:
    """The heads, the body and the tails of a HydraMLPNet; None for other types, and where they are no such lists.

    The schema sees an `actor_hid_layers` or `critic_hid_layers` as those of an MLPNet.
    """
    lists = net.spec.get("hid_layers") if net.type == "HydraMLPNet" and net.has("hid_layers") else None
    if not isinstance(lists, list) or len(lists) != 3 or not all(isinstance(part, list) for part in lists):
        return None
    heads, body, tails = lists
    return (heads, body, tails) if heads and all(isinstance(row, list) for row in (*heads, *tails)) else None


def wrong_dim(net: NetView, name: str) -> Mistake | None:
    """What is wrong with `in_dim` or `out_dim`, if it is known and its type takes another."""
    value = net.in_dim if name == "in_dim" else net.out_dim
    if value is None:
        return None
    if name == "out_dim" and net.type in VALUE_TYPES:
        fits, wanted = is_size(value), "one number"
    elif name == "out_dim":
        fits, wanted = is_out_dim(value), "a number, or a list of numbers"
    else:
        fits, wanted = in_dim_fits(net) or net.type not in IN_DIMS, IN_DIMS.get(net.type, _VECTOR).wanted
    message = f"{net.type} cannot take {name} {_as_written(value)}"
    hint = f"{name} is {wanted}" + (_other_type(net.type, value) if name == "in_dim" else "")
    return None if fits else Mistake(net.at("type"), "dims-do-not-fit", message, hint)


def _other_type(net_type: str, in_dim: Any) -> str:
    """The end of a hint: the type that takes an `in_dim` which this one does not, or the number in a list of one."""
    if net_type not in ONE_INPUT:
        return ""
    if are_sizes(in_dim, (1,)):
        return f"; write {in_dim[0]}, not a list" if IN_DIMS[net_type] is _VECTOR else ""
    family = "Dueling" if net_type.startswith("Dueling") else ""
    better = next((kind for kind in ONE_INPUT if kind.startswith(family) and IN_DIMS[kind].fits(in_dim)), "")
    return f"; {better} takes {_as_written(in_dim)}" if better else ""


def _as_written(value: Any) -> str:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return visible(str(tuple(value) if listed else value))
