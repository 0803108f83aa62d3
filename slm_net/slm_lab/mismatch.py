"""What differs between a checkpoint and the net of a spec, in terms of the spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.problems import Problem, pointer
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.words import visible

#: The module that a parameter belongs to, what to call its layers, and the key of the spec that makes them.
PARTS = {
    "conv_model": ("convolution", "conv_hid_layers"),
    "fc_model": ("dense layer", "fc_hid_layers"),
    "state_fc_model": ("dense layer", "fc_hid_layers"),
    "model": ("hidden layer", "hid_layers"),
    "model_body": ("hidden layer", "hid_layers"),
    "model_heads": ("head", "hid_layers"),
    "rnn_model": ("recurrent layer", "rnn_hidden_size"),
    "model_tail": ("output", "out_dim"),
    "model_tails": ("output", "out_dim"),
    "v": ("value output", "out_dim"),
    "adv": ("advantage output", "out_dim"),
    "log_std": ("log standard deviation", "log_std_init"),
    "action_fc_scale": ("scale of the action", "fc_hid_layers"),
    "action_fc_shift": ("shift of the action", "fc_hid_layers"),
}
_NORM = ("running_mean", "running_var", "num_batches_tracked")


class _Layer(NamedTuple):
    """A layer by the name of its module, with the shapes of its tensors."""

    name: str
    shapes: dict[str, tuple[int, ...]]

    @property
    def is_norm(self) -> bool:
        """True for a batch norm."""
        return any(key in self.shapes for key in _NORM)


def mismatch(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Problem]:
    """One problem for each layer in which a checkpoint (`found`) is not the net of the spec (`wanted`)."""
    ours, theirs = _layers(wanted), _layers(found)
    for name in dict.fromkeys([*ours, *theirs]):
        want, got = ours.get(name), theirs.get(name)
        if want is None or got is None or want.shapes != got.shapes:
            yield _problem(name, want, got)


def _layers(state: Mapping[str, Any]) -> dict[str, _Layer]:
    layers: dict[str, _Layer] = {}
    for key, value in state.items():
        name, _, parameter = key.rpartition(".")
        shape = tuple(getattr(value, "shape", ()))
        layers.setdefault(name or key, _Layer(name or key, {})).shapes[parameter] = shape
    return layers


def _problem(name: str, want: _Layer | None, got: _Layer | None) -> Problem:
    what, key, hint = _place(name, want or got)
    if want is None:
        message = f"the checkpoint has {what} {_shape(got)}, and the net of the spec has none"
    elif got is None:
        message = f"the checkpoint has no {what}, which the spec makes {_shape(want)}"
    else:
        message = f"{what} is {_shape(want)} in the net of the spec, and {_shape(got)} in the checkpoint"
        hint = _where(want, got) or hint
    where = pointer([key]) if key and key != "out_dim" else ""
    return Problem(pointer=where, rule=DIMS_DO_NOT_FIT.id, message=message, hint=hint)


def _place(name: str, layer: _Layer | None) -> tuple[str, str, str]:
    """The layer in words, its key in the spec, and where to look."""
    part, *rest = name.split(".")
    if layer and layer.is_norm:
        return f"a batch norm ({visible(name)})", "batch_norm", "look at batch_norm and at the number of layers"
    if part not in PARTS:
        return visible(name), "", "is it the checkpoint of another net type?"
    what, key = PARTS[part]
    index = f" {name}" if rest else ""
    return f"{what}{index and ' (' + visible(index.strip()) + ')'}", key, f"look at {key}"


def _where(want: _Layer, got: _Layer) -> str:
    """Which side of the weight differs: what comes in is the layer before, what goes out the layer itself."""
    ours, theirs = want.shapes.get("weight", ()), got.shapes.get("weight", ())
    if len(ours) < 2 or len(ours) != len(theirs):
        return ""
    if ours[0] == theirs[0] and ours[1] != theirs[1]:
        return f"{theirs[1]} features reached it: look at the layer before it, or at in_dim"
    return f"it has {theirs[0]} units" if ours[0] != theirs[0] else "look at the kernel size"


def _shape(layer: _Layer | None) -> str:
    shapes = layer.shapes if layer else {}
    weight = shapes.get("weight", next(iter(shapes.values()), ()))
    return str(list(weight))
