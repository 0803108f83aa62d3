"""Each net type as an arc, in the order in which its parts are built and called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from slm_net.as_arc.layers import Draft, Layer, Spec, activations_of, convolutions, dense, in_a_row, layer
from slm_net.net_types.base import widths_of
from slm_net.net_types.conv import features_of
from slm_net.net_types.hydra import hydra_widths

#: A resolved spec, in_dim, out_dim → the arc.
Family = Callable[[Spec, Any, Any], Draft]


def mlp(spec: Spec, in_dim: int, out_dim: Any, *, part: str = "model") -> Draft:
    """MLPNet: dense layers."""
    draft = Draft("x")
    _stack(draft, part, spec, spec["hid_layers"], "x")
    return draft


def conv(spec: Spec, in_dim: Sequence[int], out_dim: Any) -> Draft:
    """ConvNet: convolutions, dense layers on their features."""
    draft = Draft("x")
    _fully_connected(draft, "fc_model", spec, _seen(draft, spec, in_dim, "x"))
    return draft


def recurrent(spec: Spec, in_dim: Sequence[int], out_dim: Any) -> Draft:
    """RecurrentNet: dense layers on every step, recurrent ones, what each direction knows at its end.

    The recurrent layers say their sizes, so the dense ones do, too: weights are drawn in the order of the net.
    """
    draft, widths, seen = Draft("x"), spec["fc_hid_layers"], "x"
    if widths:
        layers = dense(spec, widths, activations_of(spec, len(widths)), in_features=in_dim[1])
        seen = draft.add("fc_model", in_a_row(*layers), "x")
    cells = draft.add("rnn_model", _cells(spec, [in_dim[1], *widths][-1]), seen)
    steps = draft.add("steps", layer("Get", key=0), cells)
    at_last, at_first = (layer("Narrow", dim=1, start=place, length=1) for place in (-1, 0))
    if not spec["bidirectional"]:
        draft.add("last", in_a_row(at_last, "Flatten"), steps)
        return draft
    size = spec["rnn_hidden_size"]
    forward, backward = (layer("Narrow", dim=2, start=place, length=size) for place in (0, size))
    ends = (
        draft.add("last", in_a_row(at_last, forward, "Flatten"), steps),
        draft.add("first", in_a_row(at_first, backward, "Flatten"), steps),
    )
    draft.add("both", "MergeConcat", ends)
    return draft


def _cells(spec: Spec, width: int) -> Layer:
    """The recurrent layers; there is dropout between them only."""
    options: dict[str, Any] = {"input_size": width, "hidden_size": spec["rnn_hidden_size"], "batch_first": True}
    if spec["rnn_num_layers"] > 1:
        options["num_layers"] = spec["rnn_num_layers"]
        options |= {"dropout": spec["dropout"]} if spec["dropout"] else {}
    if spec["bidirectional"]:
        options["bidirectional"] = True
    return layer(spec["cell_type"], **options)


def dueling(body: Family) -> Family:
    """The dueling type with the body of another: the value plus the advantages, less the mean of the advantages.

    What is the same for all actions comes first, and is then put beside each of them.
    """

    def family(spec: Spec, in_dim: Any, out_dim: int) -> Draft:
        draft = body(spec, in_dim, out_dim)
        features, draft.tails = str(draft.output), False
        value = draft.add("v", layer("LazyLinear", out_features=1), features)
        advantages = draft.add("adv", layer("LazyLinear", out_features=out_dim), features)
        mean = layer("Reduce", name="mean", dim=1, keepdim=True)
        minus_mean = draft.add("minus_mean", in_a_row(mean, layer("TorchFn", name="neg")), advantages)
        offset = draft.add("offset", "MergeSum", [value, minus_mean])
        offsets = draft.add("offsets", layer("IndexSelect", dim=1, index=[0] * out_dim), offset)
        draft.add("q", "MergeSum", [offsets, advantages])
        return draft

    return family


def hydra(spec: Spec, in_dim: Sequence[int], out_dim: Any) -> Draft:
    """HydraMLPNet: a head for each input, a common body, hidden layers in front of each output."""
    heads, body, tails = hydra_widths(spec["hid_layers"], len(in_dim), len(widths_of(out_dim)))
    inputs = [f"x{index}" for index in range(len(in_dim))]
    draft = Draft(*inputs)

    def part(name: str, widths: Sequence[int], source: str) -> str:
        return _stack(draft, name, spec, widths, source) if widths else source

    seen = [part(f"model_heads.{index}", head, inputs[index]) for index, head in enumerate(heads)]
    features = part("model_body", body, draft.add("joined", "MergeConcat", seen))
    if any(tails):
        name = "model_tail" if isinstance(out_dim, int) else "model_tails.{}"
        ends = [part(name.format(index), tail, features) for index, tail in enumerate(tails)]
        draft.output = {f"out{index}": end for index, end in enumerate(ends)} if len(ends) > 1 else ends[0]
    return draft


def q_mlp(spec: Spec, in_dim: Any, out_dim: Any) -> Draft:
    """QMLPNet: dense layers on the state and the action side by side."""
    draft = Draft("state", "action")
    _stack(draft, "model", spec, spec["hid_layers"], draft.add("both", "MergeConcat", ["state", "action"]))
    return draft


def q_conv(spec: Spec, in_dim: Any, out_dim: Any) -> Draft:
    """QConvNet: convolutions on the state, dense layers on their features and the action side by side."""
    draft = Draft("state", "action")
    features = _seen(draft, spec, in_dim[0], "state")
    _fully_connected(draft, "fc_model", spec, draft.add("both", "MergeConcat", [features, "action"]))
    return draft


def film_q_conv(spec: Spec, in_dim: Any, out_dim: Any) -> Draft:
    """FiLMQConvNet: convolutions and dense layers on the state, whose features the action scales and shifts."""
    draft, image = Draft("state", "action"), in_dim[0]
    features = _seen(draft, spec, image, "state")
    features = _fully_connected(draft, "state_fc_model", spec, features)
    width = [features_of(image, spec["conv_hid_layers"]), *spec["fc_hid_layers"]][-1]
    scale = draft.add("action_fc_scale", layer("LazyLinear", out_features=width), "action")
    shift = draft.add("action_fc_shift", layer("LazyLinear", out_features=width), "action")
    draft.add("film", "MergeSum", [draft.add("scaled", "MergeProd", [features, scale]), shift])
    return draft


# --- parts of several types


def _stack(draft: Draft, part: str, spec: Spec, widths: Sequence[int], source: str) -> str:
    """A part with dense layers of these widths, which have batch norm where that is theirs."""
    activations = activations_of(spec, len(widths))
    return draft.add(part, in_a_row(*dense(spec, widths, activations, batch_norm=spec["batch_norm"])), source)


def _seen(draft: Draft, spec: Spec, image: Sequence[int], source: str) -> str:
    """The flat features that the convolutions find."""
    count = len(spec["conv_hid_layers"])
    layers = convolutions(spec, len(image) - 1, activations_of(spec, count)[:count])
    return draft.add("conv_model", in_a_row(*layers), source)


def _fully_connected(draft: Draft, part: str, spec: Spec, source: str) -> str:
    """The dense layers behind convolutions, if there are any, in a part of this name."""
    widths = spec["fc_hid_layers"]
    if not widths:
        return source
    activations = activations_of(spec, len(widths))[-len(widths) :]
    return draft.add(part, in_a_row(*dense(spec, widths, activations)), source)


#: The arc of every type that there is.
FAMILIES: dict[str, Family] = {
    "MLPNet": mlp,
    "ConvNet": conv,
    "RecurrentNet": recurrent,
    "DuelingMLPNet": dueling(partial(mlp, part="model_body")),
    "DuelingConvNet": dueling(conv),
    "DuelingRecurrentNet": dueling(recurrent),
    "HydraMLPNet": hydra,
    "QMLPNet": q_mlp,
    "QConvNet": q_conv,
    "FiLMQConvNet": film_q_conv,
}
