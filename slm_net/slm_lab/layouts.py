"""Names of parameters: SLM Lab 3, 4 and 5 call the tails of a net differently, and native nets as version 4."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from slm_net.problems import SpecError
from slm_net.slm_lab.mismatch import mismatch
from slm_net.words import did_you_mean

State = dict[str, Tensor]

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
