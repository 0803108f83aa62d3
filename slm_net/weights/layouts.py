"""The parameters of a state dict: their names in SLM Lab 3, 4 and 5, and what differs from the net of a spec.

The versions call the tails of a net differently; native nets call them as version 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from slm_net.problems import Problem, SpecError
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.words import did_you_mean, visible

State = dict[str, Tensor]
#: The shapes of a layer's tensors, by parameter.
Shapes = dict[str, tuple[int, ...]]

#: Nets whose tails are called the same in all versions: Hydra's and dueling ones.
_SAME_IN_ALL = ("model_heads.", "adv.")
_SEVERAL_OF_5 = re.compile(r"tails\.\d+\.\d+\.")
_BARE_TAIL = re.compile(r"(model_tail|model_tails\.\d+)\.(weight|bias)")
_ONE_OF_4, _SEVERAL_OF_4 = re.compile(r"model_tail\.(\d+\.)"), re.compile(r"model_tails\.(\d+\.)")


def layout_of(state: Mapping[str, Any]) -> str:
    """Which layout a state dict has: "slm-lab-3" (tails without an index), "slm-lab-4" (also native) or "slm-lab-5".

    >>> layout_of({"model.0.weight": 0, "tails.0.weight": 0})
    'slm-lab-5'
    """
    if any(key.startswith("tails.") for key in state):
        return "slm-lab-5"
    bare = not any(key.startswith(_SAME_IN_ALL) for key in state) and any(map(_BARE_TAIL.fullmatch, state))
    return "slm-lab-3" if bare else "slm-lab-4"


def to_native(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state under the names of native nets, which are version 4's."""
    layout = layout_of(state)
    if layout == "slm-lab-5":
        several = any(map(_SEVERAL_OF_5.match, state))
        prefix = "model_tails." if several else "model_tail."
        return {prefix + key[6:] if key.startswith("tails.") else key: value for key, value in state.items()}
    if layout == "slm-lab-3":
        return {_BARE_TAIL.sub(r"\1.0.\2", key): value for key, value in state.items()}
    return dict(state)


def _to_4(state: State) -> State:
    if "log_std" in state:
        raise ValueError("SLM Lab 4 has no log_std: a net with log_std_init can be exported as 'slm-lab-5' alone")
    return state


def _to_5(state: State) -> State:
    if any(key.startswith(_SAME_IN_ALL) for key in state):
        return state
    return {_SEVERAL_OF_4.sub(r"tails.\1", _ONE_OF_4.sub(r"tails.\1", key, 1), 1): part for key, part in state.items()}


#: The layouts that can be written.
LAYOUTS: dict[str, Callable[[State], State]] = {"slm-lab-4": _to_4, "slm-lab-5": _to_5}


def export_state_dict(model: nn.Module, layout: str) -> State:
    """The model's state under the names of SLM Lab 4 ("slm-lab-4") or 5 ("slm-lab-5"); the tensors are the model's.

    Raises:
        ValueError: the layout is unknown, or has no place for a `log_std`.

    >>> from slm_net import build_net
    >>> net = build_net({"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}, 4, 2).model
    >>> list(export_state_dict(net, "slm-lab-5"))
    ['model.0.weight', 'model.0.bias', 'tails.0.weight', 'tails.0.bias']
    """
    if layout not in LAYOUTS:
        raise ValueError(f"no layout {layout!r}: {did_you_mean(str(layout), LAYOUTS)}")
    return LAYOUTS[layout](to_native(model.state_dict()))


def adapt_state(state: Mapping[str, Any], model: nn.Module) -> dict[str, Any]:
    """The state under the names that this model has, which may be any layout's.

    Raises:
        SpecError: the tensors are not those of the model; one problem for each layer that differs.
    """
    own = model.state_dict()
    ours, theirs = to_native(own), to_native(state)
    if problems := list(mismatch(ours, theirs)):
        raise SpecError(problems)
    return dict(zip(own, (theirs[key] for key in ours), strict=True))


def import_state_dict(model: nn.Module, state: Mapping[str, Any]) -> None:
    """Load a state dict of any layout into a model.

    Raises:
        SpecError: the tensors are not those of the model; one problem for each layer that differs.
    """
    model.load_state_dict(adapt_state(state, model))


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
_NORM = {"running_mean", "running_var", "num_batches_tracked"}


def mismatch(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Problem]:
    """One problem for each layer in which a checkpoint (`found`) is not the net of the spec (`wanted`)."""
    ours, theirs = _layers(wanted), _layers(found)
    for name in dict.fromkeys([*ours, *theirs]):
        want, got = ours.get(name, {}), theirs.get(name, {})
        if want != got:
            yield _problem(name, want, got)


def _layers(state: Mapping[str, Any]) -> dict[str, Shapes]:
    layers: dict[str, Shapes] = {}
    for key, value in state.items():
        name, _, parameter = key.rpartition(".")
        layers.setdefault(name or key, {})[parameter] = tuple(getattr(value, "shape", ()))
    return layers


def _problem(name: str, want: Shapes, got: Shapes) -> Problem:
    """What differs in a layer, which either side may lack, at the key of the net block that makes it."""
    layer, key, hint = _layer(name, want or got)
    if not want:
        message = f"the checkpoint has {layer} {_weight(got)}, and the net of the spec has none"
    elif not got:
        message = f"the checkpoint has no {layer}, which the spec makes {_weight(want)}"
    else:
        message = f"{layer} is {_weight(want)} in the net of the spec, and {_weight(got)} in the checkpoint"
        hint = _side(want, got) or hint
    return DIMS_DO_NOT_FIT.at((key,) if key not in ("", "out_dim") else (), message, hint)


def _layer(name: str, shapes: Shapes) -> tuple[str, str, str]:
    """A layer in words, its key in the spec, and where to look."""
    part, *rest = name.split(".")
    if not _NORM.isdisjoint(shapes):
        return f"a batch norm ({visible(name)})", "batch_norm", "look at batch_norm and at the number of layers"
    if part not in PARTS:
        return visible(name), "", "is it the checkpoint of another net type?"
    what, key = PARTS[part]
    return f"{what} ({visible(name)})" if rest else what, key, f"look at {key}"


def _side(want: Shapes, got: Shapes) -> str:
    """Which side of the weight differs: what comes in is the layer before, what goes out the layer itself."""
    ours, theirs = want.get("weight", ()), got.get("weight", ())
    if len(ours) < 2 or len(ours) != len(theirs):
        return ""
    if ours[0] == theirs[0] and ours[1] != theirs[1]:
        return f"{theirs[1]} features reached it: look at the layer before it, or at in_dim"
    return f"it has {theirs[0]} units" if ours[0] != theirs[0] else "look at the kernel size"


def _weight(shapes: Shapes) -> str:
    """The shape of the weight, or of the first tensor of a layer that has none."""
    return str(list(shapes.get("weight", next(iter(shapes.values())))))
