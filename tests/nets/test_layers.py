"""Names to classes: every layer of the schema is built from what the schema allows, and is what it is called."""

import pytest
import torch
from torch import nn

from slm_net.nets.layers import LAYERS, layer_class
from slm_net.registry import RegistryError
from slm_net.schema import catalogue

NAMES = catalogue.names("layer")
#: What a layer needs beside what its schema calls needed, and examples that go together.
MORE = {
    "FractionalMaxPool2d": {"output_size": 2},
    "FractionalMaxPool3d": {"output_size": 2},
    "Fold": {"output_size": 4, "kernel_size": 2},
    "TorchFn": {"name": "square"},
}
#: What a lazy layer learns from its input.
LEARNED = {"Linear": "in_features", "WeightNormLinear": "in_features", "Conv": "in_channels", "Batch": "num_features"}


def needed(name):
    """The smallest arguments of a layer, with what a lazy one learns."""
    known = catalogue.arguments("layer", name)
    arguments = {key: known[key]["examples"][0] for key in catalogue.needed("layer", name)} | MORE.get(name, {})
    if name.startswith("Lazy"):
        learned = next((LEARNED[start] for start in LEARNED if name.startswith(f"Lazy{start}")), "num_features")
        arguments[learned] = 4
    return arguments


def make_layer(name, arguments):
    """A layer from arguments as an arc has them: torch asks for tuples at times."""
    return layer_class(name)(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_is_built_from_what_it_needs(name):
    layer = make_layer(name, needed(name))
    assert isinstance(layer, nn.Module) and type(layer) is getattr(layer_class(name), "func", layer_class(name))
    assert not any(isinstance(part, nn.UninitializedParameter) for part in layer.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_is_built_with_all_its_defaults_too(name):
    known = catalogue.arguments("layer", name)
    defaults = {key: part["default"] for key, part in known.items() if "default" in part}
    given = {key: value for key, value in defaults.items() if key not in {"output_size", "output_ratio"}}
    written, plain = make_layer(name, {**given, **needed(name)}), make_layer(name, needed(name))
    assert repr(written) == repr(plain)
    assert {key: part.shape for key, part in written.state_dict().items()} == {
        key: part.shape for key, part in plain.state_dict().items()
    }


@pytest.mark.parametrize("name", LAYERS)
def test_a_class_is_called_as_its_layer(name):
    cls = getattr(LAYERS[name], "func", LAYERS[name])
    assert cls.__name__ in (name, name.removeprefix("Lazy"))
    assert cls is getattr(nn, name.removeprefix("Lazy"), cls)


LISTS = [
    ("Conv2d", {"in_channels": 2, "out_channels": 3, "kernel_size": [3, 2], "padding": [1, 0]}, (2, 6, 7), (3, 6, 6)),
    ("ConvTranspose1d", {"in_channels": 2, "out_channels": 3, "kernel_size": [2], "stride": [2]}, (2, 5), (3, 10)),
    ("MaxPool2d", {"kernel_size": [2, 3], "stride": [1, 2]}, (2, 6, 7), (2, 5, 3)),
    ("AvgPool1d", {"kernel_size": [2]}, (2, 6), (2, 3)),
    ("LPPool1d", {"kernel_size": 2, "norm_type": 2}, (2, 6), (2, 3)),
    ("AdaptiveAvgPool1d", {"output_size": [3]}, (2, 6), (2, 3)),
    ("AdaptiveMaxPool1d", {"output_size": 3}, (2, 6), (2, 3)),
    ("AdaptiveAvgPool2d", {"output_size": [None, 3]}, (2, 6, 7), (2, 6, 3)),
    ("AdaptiveMaxPool2d", {"output_size": [4, None]}, (2, 6, 7), (2, 4, 7)),
    ("FractionalMaxPool2d", {"kernel_size": 2, "output_ratio": [0.5, 0.5]}, (2, 8, 8), (2, 4, 4)),
    ("Fold", {"output_size": [4, 6], "kernel_size": [2, 3], "stride": [2, 3]}, (12, 4), (2, 4, 6)),
    ("Unfold", {"kernel_size": [2, 3], "stride": [2, 3]}, (2, 4, 6), (12, 4)),
    ("ZeroPad2d", {"padding": [1, 2, 3, 4]}, (2, 6, 7), (2, 13, 10)),
    ("ReflectionPad1d", {"padding": [1, 2]}, (2, 6), (2, 9)),
    ("ConstantPad3d", {"padding": -1, "value": 0}, (2, 4, 4, 4), (2, 2, 2, 2)),
    ("LayerNorm", {"normalized_shape": [6, 7]}, (2, 6, 7), (2, 6, 7)),
    ("Unflatten", {"dim": 1, "unflattened_size": [2, -1]}, (6,), (2, 3)),
    ("Upsample", {"scale_factor": [2.0, 1.5]}, (2, 4, 4), (2, 8, 6)),
    ("UpsamplingBilinear2d", {"size": [3, 5]}, (2, 4, 4), (2, 3, 5)),
    ("Upsample", {"size": [3, 5], "mode": "area"}, (2, 4, 4), (2, 3, 5)),
    ("Upsample", {"size": 6, "mode": "nearest-exact"}, (2, 4, 4), (2, 6, 6)),
]


@pytest.mark.parametrize(("name", "arguments", "shape", "output"), LISTS)
def test_a_list_is_taken_as_it_is_written(name, arguments, shape, output):
    assert make_layer(name, arguments)(torch.rand(3, *shape)).shape == (3, *output)


def test_an_activation_is_found_and_an_unknown_name_is_told():
    assert layer_class("LeakyReLU") is nn.LeakyReLU
    for name in ("relu", "LazyLinaer", "Sequential", "functional"):
        with pytest.raises(RegistryError, match=f"no layer '{name}'"):
            layer_class(name)
