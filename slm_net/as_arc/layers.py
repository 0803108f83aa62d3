"""Layers as an arc writes them, stacks of those that the keys of a spec stand for, and the draft of an arc."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slm_net.rules.activations import OVER_DIM
from slm_net.schema.catalogue import lookup

#: A layer of an arc: its name alone, or with its arguments.
Layer = str | dict[str, Any]
#: A resolved spec: every key of its type is there.
Spec = Mapping[str, Any]


class Draft:
    """An arc while it is written: what was added last is its output, unless another one is set.

    Without `tails` its output is that of the net.
    """

    def __init__(self, *inputs: str):
        self.inputs, self.tails = inputs, True
        self.output: str | dict[str, str] = ""
        self._modules, self._calls = dict[str, Layer](), dict[str, list[Any]]()

    def add(self, name: str, module: Layer, *sources: str | Sequence[str]) -> str:
        """A module and what it is called with, names or a list of them; its name."""
        self._modules[name] = module
        self._calls[name] = [source if isinstance(source, str) else list(source) for source in sources]
        self.output = name
        return name

    @property
    def arc(self) -> dict[str, Any]:
        """The value of the key `arc`."""
        inputs = list(self.inputs) if len(self.inputs) > 1 else self.inputs[0]
        return {"modules": self._modules, "graph": {"input": inputs, "modules": self._calls, "output": self.output}}


def layer(name: str, /, **arguments: Any) -> Layer:
    """A layer with its arguments, its name alone without any.

    >>> layer("ReLU"), layer("Dropout", p=0.1)
    ('ReLU', {'Dropout': {'p': 0.1}})
    """
    return {name: arguments} if arguments else name


def in_a_row(*layers: Layer) -> Layer:
    """Layers one after the other, none as the identity.

    >>> in_a_row("ReLU", "Flatten"), in_a_row()
    ({'Sequential': ['ReLU', 'Flatten']}, 'Identity')
    """
    return {"Sequential": list(layers)} if layers else "Identity"


def activations_of(spec: Spec, count: int) -> list[Any]:
    """The activation after each of so many hidden layers."""
    activation = spec["hid_layers_activation"]
    return activation if isinstance(activation, list) else [activation] * count


def dense(
    spec: Spec, widths: Sequence[int], activations: Sequence[Any], *, batch_norm: bool = False, in_features: int = 0
) -> Iterator[Layer]:
    """Dense layers of these widths with the options of a spec; they are lazy if `in_features` is not given."""
    name = "WeightNormLinear" if spec["weight_norm"] else "Linear"
    for width, activation in zip(widths, activations, strict=True):
        if in_features:
            yield layer(name, in_features=in_features, out_features=width)
            in_features = width
        else:
            yield layer(f"Lazy{name}", out_features=width)
        if spec["layer_norm"]:
            yield layer("LayerNorm", normalized_shape=width)
        if batch_norm:
            yield "LazyBatchNorm1d"
        yield from _activation(activation)
        if spec["dropout"]:
            yield layer("Dropout", p=spec["dropout"])


def convolutions(spec: Spec, rank: int, activations: Sequence[Any]) -> Iterator[Layer]:
    """The convolutions of a spec in so many dimensions, and what makes one vector of their channels.

    As in a ConvNet there is no batch norm after the first one.
    """
    columns = lookup("net.schema.json#/$defs/conv_layer")["prefixItems"]
    for index, (row, activation) in enumerate(zip(spec["conv_hid_layers"], activations, strict=True)):
        entries = [(column["title"], value, column.get("default")) for column, value in zip(columns, row, strict=False)]
        yield layer(f"LazyConv{rank}d", **{argument: value for argument, value, default in entries if value != default})
        yield from _activation(activation)
        if spec["batch_norm"] and index:
            yield f"LazyBatchNorm{rank}d"
    yield "Flatten"


def _activation(activation: Mapping[str, Any] | None) -> Iterator[Layer]:
    """An activation, nothing for None; those over one dimension are told which, as a net takes the last."""
    if activation is not None:
        arguments = {key: value for key, value in activation.items() if key != "name"}
        if activation["name"] in OVER_DIM and arguments.get("dim") is None:
            arguments["dim"] = -1
        yield layer(activation["name"], **arguments)
