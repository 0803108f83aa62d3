"""Rules about activations that look at a dimension of what reaches them: softmax and its kin, and PReLU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from slm_net.document.nets import NetView, Part
from slm_net.net_types.hydra import VECTORS
from slm_net.net_types.recurrent import SEQUENCE
from slm_net.problems import WARNING, Problem
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.wording.schema_problems import VALUE_OUT_OF_RANGE

#: Activations over one dimension, which a spec can name.
OVER_DIM = ("Softmax", "LogSoftmax", "Softmin")


class Layer(NamedTuple):
    """What an activation is given: how many dimensions with the batch, and the size of the one behind the batch.

    None is what is not known.
    """

    name: str
    rank: int | None
    size: int | None


def activations_meet_dims(net: NetView) -> Iterator[Problem]:
    """Softmax sums over a dimension that is there, and PReLU has one slope, or one for each unit or channel."""
    for part in net.parts("hid_layers_activation", "out_layer_activation"):
        if part.name not in OVER_DIM and part.name != "PReLU":
            continue
        hidden = part.place[0] == "hid_layers_activation"
        layers = list(_hidden_layers(net) if hidden else _outputs(net))
        if len(part.place) > 1:
            index = int(part.place[1])
            layers = layers[index : index + 1]
        for layer in layers:
            if problem := _wrong_dim(net, part, layer) or _wrong_slopes(net, part, layer):
                yield problem
                break


def _wrong_dim(net: NetView, part: Part, layer: Layer) -> Problem | None:
    dim = part.arguments.get("dim")
    if part.name not in OVER_DIM or dim is None or layer.rank is None:
        return None
    if not -layer.rank <= dim < layer.rank:
        message = f"dim is {dim}, but {layer.name} has {layer.rank} dimensions, the batch among them"
        return VALUE_OUT_OF_RANGE.at(part.at(net, "dim"), message, "write -1, the last one, or leave it out")
    if dim in (0, -layer.rank):
        message = f"dim {dim} is the batch: each sample changes the outputs of the others"
        return VALUE_OUT_OF_RANGE.at(part.at(net, "dim"), message, "write -1, the last one", WARNING)
    return None


def _wrong_slopes(net: NetView, part: Part, layer: Layer) -> Problem | None:
    slopes = part.arguments.get("num_parameters")
    if part.name != "PReLU" or layer.size is None or slopes in (1, layer.size):
        return None
    message = f"PReLU has {slopes} slopes for {layer.name}"
    hint = f"write 1 for one slope, or {layer.size}" if layer.size > 1 else "write 1"
    return DIMS_DO_NOT_FIT.at(part.at(net, "num_parameters"), message, hint)


def _hidden_layers(net: NetView) -> Iterator[Layer]:
    """The hidden layers in forward order; those of a Hydra are its heads, body and tails."""
    if "conv_hid_layers" in net.own_keys and net.has("conv_hid_layers"):
        image = net.image
        rank = None if image is None else 1 + len(image)
        for index, row in enumerate(net.spec["conv_hid_layers"]):
            yield Layer(f"the {row[0]} channels behind row {index + 1}", rank, row[0])
    if lists := net.hydra_lists:
        heads, body, tails = lists
        rows = [*heads, body, *tails]
    else:
        key = next((key for key in ("fc_hid_layers", "hid_layers") if key in net.own_keys and net.has(key)), "")
        rows = [net.spec[key]] if key and net.kind.takes is not VECTORS else []
    for width in (width for row in rows for width in row):
        yield _step(net) if net.kind.takes is SEQUENCE else Layer(f"a layer of {width} units", 2, width)


def _step(net: NetView) -> Layer:
    """Dense layers in front of a recurrent one see whole sequences."""
    known = net.in_dim[0] if net.in_dim_fits else net.spec["seq_len"] if net.has("seq_len") else None
    return Layer(f"sequences of {known or 'several'} steps", 3, known)


def _outputs(net: NetView) -> Iterator[Layer]:
    """The outputs; with `log_std_init` those of a policy are a mean, and the rest of them no layer."""
    widths = net.outputs
    if widths and net.has("log_std_init") and net.spec.get("log_std_init") is not None:
        means = widths[:1] if widths[0] != 2 or (len(widths) > 1 and widths[1] == 2) else [1]
        widths = [*means, *widths[len(means) :]]
    for width in widths:
        yield Layer(f"an output of {width}", 2, width)
