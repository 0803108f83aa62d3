"""The layers and functions of arcs, held to torch's own; what an arc may say, and where a wrong one is refused."""

import inspect
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn

import slm_net
from slm_net.nets.graph_layers import FUNCTIONS
from slm_net.nets.layers import LAYERS, layer_class
from slm_net.registry import RegistryError
from slm_net.schema import catalogue
from slm_net.schema.files import own_file
from slm_net.schema.validator import errors, validator

ACTIVATIONS = catalogue.names("activation")
NAMES = [name for name in catalogue.names("layer") if name not in ACTIVATIONS]
FORMS = list(own_file("layer")["$defs"])
NUMBER = {"type": "number", "minimum": 0, "description": "How much.", "default": 0.5}
#: Arguments that an arc cannot or need not give, with the reason.
NOT_IN_JSON = {
    "self": "the object itself",
    "device": "the net's own",
    "dtype": "the net's own",
    "process_group": "an object",
    "custom_encoder": "a module",
    "custom_decoder": "a module",
    "_weight": "a tensor",
    "_freeze": "inner, as its name says",
    "_random_samples": "a tensor",
    "mode": "which of the recurrent layers it is",
}
of_the_pinned_torch = pytest.mark.skipif(
    not torch.__version__.startswith("2.13."), reason="the layers are compared with torch 2.13"
)


def torch_modules():
    return {name: cls for name, cls in vars(nn).items() if inspect.isclass(cls) and issubclass(cls, nn.Module)}


def signature(name):
    """The arguments that an arc may give a layer: name → default (`inspect.Parameter.empty` for a needed one)."""
    known = torch_modules()
    cls = known.get(name) or layer_class(name)
    parameters = dict(inspect.signature(cls).parameters)
    if cls in (nn.GRU, nn.LSTM, nn.RNN):  # torch writes only *args and **kwargs
        parameters = dict(inspect.signature(nn.RNNBase).parameters)
        if cls is not nn.LSTM:
            del parameters["proj_size"]
        if cls is nn.RNN:
            parameters["nonlinearity"] = inspect.signature(nn.RNNCell).parameters["nonlinearity"]
    learned = {"in_features", "num_features"} if name.startswith("Lazy") and name not in known else set()
    recurrent = {"mode"} if cls in (nn.GRU, nn.LSTM, nn.RNN) else set()
    left_out = ((NOT_IN_JSON.keys() - {"mode"}) | recurrent | learned) - {"self"}
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {key: part.default for key, part in parameters.items() if key not in left_out and part.kind not in kinds}


# --- the layers are torch's


@of_the_pinned_torch
def test_every_module_of_torch_is_a_layer_or_a_form_or_left_out_for_a_reason():
    left_out = catalogue.left_out("layer")
    ours = {name for name in LAYERS if name not in torch_modules()} | {"MergeDim"}
    assert torch_modules().keys() == {*NAMES, *ACTIVATIONS, *left_out, "Sequential"} - ours
    assert not {*NAMES, *ACTIVATIONS, *FORMS} & left_out.keys() and all(left_out.values())
    assert {name for name, cls in torch_modules().items() if issubclass(cls, nn.modules.loss._Loss)} <= left_out.keys()


def test_the_registry_has_the_names_of_the_schema():
    assert set(LAYERS) == set(NAMES)
    assert set(FUNCTIONS) == set(catalogue.names("function"))


@of_the_pinned_torch
@pytest.mark.parametrize("name", NAMES)
def test_the_arguments_are_those_of_the_signature(name):
    arguments = catalogue.arguments("layer", name)
    assert set(arguments) == set(signature(name))
    for key, default in signature(name).items():
        if default is inspect.Parameter.empty:
            assert key in catalogue.needed("layer", name) and "default" not in arguments[key]
        else:
            assert key not in catalogue.needed("layer", name)
            word = getattr(default, "__name__", default)  # the function relu
            assert arguments[key]["default"] == json.loads(json.dumps(word))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_have_bounds_and_lists_lengths(name):
    free = {"dim", "start_dim", "end_dim", "start", "key", "alpha", "beta", "k", "value", "padding_idx"}
    for key, part in catalogue.arguments("layer", name).items():
        types = part.get("type", ())
        types = {types} if isinstance(types, str) else set(types)
        pads = name.endswith(("Pad1d", "Pad2d", "Pad3d"))
        if types & {"integer", "number"} and key not in free and not pads:
            assert part.keys() & {"minimum", "exclusiveMinimum"}, key
        if "array" in types:
            assert part["minItems"] >= 1 and "items" in part, key
            rank = next((int(digit) for digit in "123" if name.endswith(f"{digit}d")), 0)
            if rank:
                assert part["minItems"] == part["maxItems"] == (2 * rank if pads else rank), key


def test_an_activation_is_a_layer_in_the_same_words():
    for name in ACTIVATIONS:
        layer, activation = (catalogue.document(kind)["$defs"][name] for kind in ("layer", "activation"))
        assert layer["properties"] == activation["properties"] and layer["description"] == activation["description"]


@pytest.mark.slow
def test_torch_nn_is_as_it_was():
    code = "import torch; before = dir(torch.nn); import slm_net.registration; assert dir(torch.nn) == before"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(slm_net.__file__).parents[1])


# --- functions


@pytest.mark.parametrize("name", catalogue.names("function"))
def test_a_function_takes_its_arguments(name):
    shown = {"unflatten": {"dim": 2, "sizes": [2, 2]}, "clamp": {"min": 0.25}, "permute": {"dims": [1, 0, 2]}}
    arguments = {}
    for key, part in catalogue.arguments("function", name).items():
        arguments[key] = part["default"] if "default" in part else part["examples"][0]
    found = FUNCTIONS[name](torch.full((3, 2, 4), 0.5), **{**arguments, **shown.get(name, {})})
    found = found[0] if isinstance(found, tuple) else found
    assert isinstance(found, torch.Tensor) and found.shape[:1] in ((3,), (2,), (24,))
    assert found.dtype in (torch.float32, torch.int64)


def test_a_function_that_loses_the_batch_without_a_dim_needs_one():
    reduced = [name for name in FUNCTIONS if name in reductions()]
    for name in (*reduced, "softmax", "cumsum", "flip", "roll", "squeeze"):
        assert {"dim", "dims"} & set(catalogue.needed("function", name)), name


def reductions():
    return catalogue.arguments("layer", "Reduce")["name"]["enum"]


@pytest.mark.parametrize("name", reductions())
def test_a_reduction_takes_a_dimension_and_keeps_it_if_asked(name):
    x = torch.rand(3, 4)
    for keepdim, shape in ((False, (3,)), (True, (3, 1))):
        found = FUNCTIONS[name](x, dim=-1, keepdim=keepdim)
        assert (found[0] if isinstance(found, tuple) else found).shape == shape


# --- what an arc may say


def arc_of(*layers, **graph):
    """An arc of one Sequential with these layers."""
    whole = {"input": "x", "modules": {"body": ["x"]}, "output": "body", **graph}
    return {"modules": {"body": {"Sequential": list(layers)}}, "graph": whole}


def found(arc):
    """Pointer and keyword of everything that is wrong, in the layers of `arc_of` from there on."""
    wrong = [("/".join(map(str, ("", *error.absolute_path))), str(error.validator)) for error in errors(ARC, arc)]
    return sorted((path.removeprefix("/modules/body/Sequential/"), keyword) for path, keyword in wrong)


ARC = "arc.schema.json"
LINEAR, DENSE = {"LazyLinear": {"out_features": 8}}, {"Linear": {"in_features": 4, "out_features": 8}}
ROW = {"type": "LazyLinear", "keys": ["out_features"], "args": [[8], 4]}
GOOD_LAYERS = [
    *(LINEAR, DENSE, "ReLU", {"ReLU": None}, {"ReLU": {}}, {"ReLU": {"inplace": True}}, {"Flatten": None}),
    *({"LazyConv2d": {"out_channels": 8, "kernel_size": [3, 2], "padding": "same"}}, {"ZeroPad2d": {"padding": -1}}),
    *({"AdaptiveAvgPool2d": {"output_size": [None, 3]}}, {"MaxPool1d": {"kernel_size": 2, "stride": None}}),
    *({"Get": {"key": "state"}}, {"Get": None}, {"Narrow": {"dim": 1, "start": -1, "length": 1}}, "MergeSum"),
    *({"TorchFn": {"name": "square"}}, {"TorchFn": {"name": "clamp", "min": 0}}, {"Reduce": {"name": "max", "dim": 1}}),
    *({"LazyBatchRenorm1d": {"momentum": 0.01, "eps": 0.001}}, {"LazyWeightNormLinear": {"out_features": 3}}),
    *({"Sequential": []}, {"Sequential": [{"Sequential": ["Tanh", LINEAR]}]}, {"Residual": [LINEAR, "ReLU"]}),
    *({"Repeat": {"times": 3, "layers": [LINEAR]}}, {"compact": {"layer": ROW}}),
    {"compact": {"prelayer": ["Flatten"], "layer": ROW, "postlayer": [{"ReLU": None}]}},
    {"compact": {"prelayer": None, "layer": ROW, "postlayer": None}},
]
GOOD_GRAPHS = [
    {"input": ["x", "y"]},
    {"output": ["body", "x"]},
    {"output": {"policy": "body"}},
    {"modules": {"body": "x"}},
    {"modules": {"body": [["x", "y"], "x"]}},
    {"modules": {"body": {"feature": "x", "conditioner": ["y"]}}},
    {"modules": {}},
]


@pytest.mark.parametrize("layer", GOOD_LAYERS, ids=str)
def test_a_layer_is_right(layer):
    assert found(arc_of(layer)) == []


@pytest.mark.parametrize("graph", GOOD_GRAPHS, ids=str)
def test_a_graph_is_right(graph):
    assert found(arc_of("ReLU", **graph)) == []


UNKNOWN = "unevaluatedProperties"
WRONG_NAMES = [
    *("LazyLinaer", "relu", "MergeCat", "Dense", "functional", "ModuleList", "MSELoss", "LazyBatchRenorm", "os.system"),
    *("__loader__", "_reduction", "Conv", "L\u0456near", "RNNBase", "TransformerEncoder", "DataParallel", "MergeDim"),
    *("Parameter", "Module", "", "layer", "module", "name", "left_out", "activation"),
]


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_a_wrong_name_is_refused_at_its_key_and_what_is_known_is_told(name):
    [error] = errors(ARC, arc_of(LINEAR, {name: {"out_features": 8}}))
    assert list(error.absolute_path) == ["modules", "body", "Sequential", 1, name]
    assert error.validator == UNKNOWN and {"LazyLinear", "ReLU", "Sequential", "compact"} <= set(error.validator_value)


@pytest.mark.parametrize("name", [*WRONG_NAMES, "LazyLinear", "Sequential"])
def test_a_wrong_name_alone_is_refused(name):
    assert found(arc_of("ReLU", name)) == [("1", "pattern")]


WRONG_ARGUMENTS = [
    ({"LazyLinear": {"outfeatures": 8}}, ["LazyLinear:required", "LazyLinear/outfeatures:" + UNKNOWN]),
    ({"LazyLinear": {}}, ["LazyLinear:required"]),
    ({"LazyLinear": None}, ["LazyLinear:type"]),
    ({"LazyLinear": [8]}, ["LazyLinear:type"]),
    ({"LazyLinear": 8}, ["LazyLinear:type"]),
    ({"LazyLinear": {"out_features": 0}}, ["LazyLinear/out_features:minimum"]),
    ({"LazyLinear": {"out_features": -3}}, ["LazyLinear/out_features:minimum"]),
    ({"LazyLinear": {"out_features": 8.5}}, ["LazyLinear/out_features:type"]),
    ({"LazyLinear": {"out_features": "8"}}, ["LazyLinear/out_features:type"]),
    ({"LazyLinear": {"out_features": None}}, ["LazyLinear/out_features:type"]),
    ({"LazyLinear": {"out_features": True}}, ["LazyLinear/out_features:type"]),
    ({"LazyLinear": {"out_features": 8, "bias": "no"}}, ["LazyLinear/bias:type"]),
    ({"LazyLinear": {"out_features": 8, "device": "cuda"}}, ["LazyLinear/device:" + UNKNOWN]),
    ({"LazyLinear": {"out_features": 8, "in_features": 4}}, ["LazyLinear/in_features:" + UNKNOWN]),
    ({"ReLU": {"inplace": "False"}}, ["ReLU/inplace:type"]),
    ({"Dropout": {"p": 50}}, ["Dropout/p:maximum"]),
    ({"Dropout": {"p": -0.1}}, ["Dropout/p:minimum"]),
    ({"LazyConv2d": {"out_channels": 4}}, ["LazyConv2d:required"]),
    ({"LazyConv2d": {"out_channels": 4, "kernel_size": [3, 3, 3]}}, ["LazyConv2d/kernel_size:maxItems"]),
    ({"LazyConv2d": {"out_channels": 4, "kernel_size": [3]}}, ["LazyConv2d/kernel_size:minItems"]),
    ({"LazyConv2d": {"out_channels": 4, "kernel_size": [3, 0]}}, ["LazyConv2d/kernel_size/1:minimum"]),
    ({"LazyConv2d": {"out_channels": 4, "kernel_size": 3, "padding": "sam"}}, ["LazyConv2d/padding:pattern"]),
    ({"LazyConv2d": {"out_channels": 4, "kernel_size": 3, "stride": 0}}, ["LazyConv2d/stride:minimum"]),
    ({"LazyConv2d": {"out_channels": 4, "kernel_size": 3, "padding_mode": "zero"}}, ["LazyConv2d/padding_mode:enum"]),
    (
        {"LazyConvTranspose2d": {"out_channels": 4, "kernel_size": 3, "padding": "same"}},
        ["LazyConvTranspose2d/padding:type"],
    ),
    ({"ZeroPad2d": {"padding": [1, 2]}}, ["ZeroPad2d/padding:minItems"]),
    ({"LazyBatchNorm1d": {"momentum": 2}}, ["LazyBatchNorm1d/momentum:maximum"]),
    ({"LayerNorm": {"normalized_shape": [8], "eps": 0}}, ["LayerNorm/eps:exclusiveMinimum"]),
    ({"GRU": {"input_size": 3, "hidden_size": 4, "num_layers": 1e9}}, ["GRU/num_layers:maximum"]),
    ({"GRU": {"input_size": 3, "hidden_size": 4, "proj_size": 1}}, ["GRU/proj_size:" + UNKNOWN]),
    ({"Transformer": {"num_encoder_layers": 0}}, ["Transformer/num_encoder_layers:minimum"]),
    ({"Transformer": {"activation": "tanh"}}, ["Transformer/activation:enum"]),
    ({"Upsample": {"mode": "cubic"}}, ["Upsample/mode:enum"]),
    ({"LazyBatchRenorm1d": {"r_max": 0.5}}, ["LazyBatchRenorm1d/r_max:minimum"]),
    ({"Identity": {"size": 3}}, ["Identity/size:" + UNKNOWN]),
    ({"Get": {"key": 1.5}}, ["Get/key:type"]),
    ({"IndexSelect": {"dim": 1, "index": [0, -1]}}, ["IndexSelect/index/1:minimum"]),
    ({"Reduce": {"name": "meen", "dim": 1}}, ["Reduce/name:enum"]),
    ({"Reduce": {"name": "save", "dim": 1}}, ["Reduce/name:enum"]),
    ({"Reduce": {"name": "mean"}}, ["Reduce:required"]),
    ({"TorchFn": {"name": "save", "f": "a.pt"}}, ["TorchFn/name:enum"]),
    ({"TorchFn": {"name": "square", "min": 0}}, ["TorchFn/min:" + UNKNOWN]),
    ({"TorchFn": {"name": "clamp", "min": "0"}}, ["TorchFn/min:type"]),
    ({"TorchFn": {"name": "softmax"}}, ["TorchFn:required"]),
    ({"TorchFn": None}, ["TorchFn:type"]),
]
WRONG_MODULES = [
    ({}, [":minProperties"]),
    (None, [":type"]),
    ([LINEAR], [":type"]),
    ({**LINEAR, "out_features": 8}, [":maxProperties", "out_features:" + UNKNOWN]),
    ({**LINEAR, "ReLU": None}, [":maxProperties"]),
    ({"Sequential": {}}, ["Sequential:type"]),
    ({"Sequential": None}, ["Sequential:type"]),
    ({"Sequential": ["ReLU", {"Sequential": [{"Relu": None}]}]}, ["Sequential/1/Sequential/0/Relu:" + UNKNOWN]),
    ({"Repeat": {"times": 0, "layers": []}}, ["Repeat/times:minimum"]),
    ({"Repeat": {"times": 1001, "layers": []}}, ["Repeat/times:maximum"]),
    ({"Repeat": {"layers": []}}, ["Repeat:required"]),
    ({"Residual": LINEAR}, ["Residual:type"]),
    ({"compact": {}}, ["compact:required"]),
    ({"compact": {"layer": ROW, "post_layer": []}}, ["compact/post_layer:" + UNKNOWN]),
    ({"compact": {"layer": {**ROW, "type": "Linaer"}}}, ["compact/layer/type:enum"]),
    ({"compact": {"layer": {**ROW, "keys": ["a", "b", "a"]}}}, ["compact/layer/keys/2:uniqueItems"]),
    ({"compact": {"layer": {**ROW, "args": []}}}, ["compact/layer/args:minItems"]),
    ({"compact": {"layer": {**ROW, "arg": []}}}, ["compact/layer/arg:" + UNKNOWN]),
    ({"compact": {"layer": ROW, "postlayer": [{"Sequential": []}]}}, ["compact/postlayer/0/Sequential:" + UNKNOWN]),
    ({"compact": {"layer": ROW, "prelayer": ["Linear"]}}, ["compact/prelayer/0:pattern"]),
]


@pytest.mark.parametrize(("layer", "wrong"), [*WRONG_ARGUMENTS, *WRONG_MODULES], ids=str)
def test_what_is_wrong_in_a_layer_is_refused_at_its_place(layer, wrong):
    expected = sorted(
        (f"1/{path}".rstrip("/"), keyword) for path, _, keyword in (text.partition(":") for text in wrong)
    )
    assert found(arc_of("ReLU", layer)) == expected
    in_residual = {"modules": {"body": {"Residual": [layer]}}, "graph": arc_of()["graph"]}
    assert len(found(in_residual)) == len(wrong)


WRONG_ARCS = [
    ([], [("", "type")]),
    ("arc.yaml", [("", "type")]),
    ({"modules": {"body": LINEAR}}, [("", "required")]),
    ({**arc_of(), "modules": {}}, [("/modules", "minProperties")]),
    ({**arc_of(), "graph": {"input": "x", "output": "x"}}, [("/graph", "required")]),
    ({**arc_of(), "module": {}}, [("/module", UNKNOWN)]),
    (arc_of(outputs="body"), [("/graph/outputs", UNKNOWN)]),
    (arc_of(input=[]), [("/graph/input", "minItems")]),
    (arc_of(input={"x": 3}), [("/graph/input", "type")]),
    (arc_of(output=["body", ["x"]]), [("/graph/output/1", "type")]),
    (arc_of(output={}), [("/graph/output", "minProperties")]),
    (arc_of(modules={"body": None}), [("/graph/modules/body", "type")]),
    (arc_of(modules={"body": [[["x"]]]}), [("/graph/modules/body/0/0", "type")]),
    (arc_of(modules={"body": {"input": {"x": "x"}}}), [("/graph/modules/body/input", "type")]),
    (arc_of(modules=["body"]), [("/graph/modules", "type")]),
]


@pytest.mark.parametrize(("arc", "wrong"), WRONG_ARCS, ids=str)
def test_what_is_wrong_in_an_arc_is_refused_at_its_place(arc, wrong):
    assert found(arc) == wrong


def test_an_arc_of_a_net_is_looked_into_with_the_prefixes_of_two_nets_too():
    for key in ("arc", "actor_arc", "critic_arc"):
        net = {"type": "TorchArcNet", key: arc_of({"Linaer": None}), "arc_file": "a.yaml", "normalize": True}
        [error] = errors("net.schema.json", net)
        assert list(error.absolute_path) == [key, "modules", "body", "Sequential", 0, "Linaer"]


def test_an_arc_of_sixty_nodes_is_checked_in_milliseconds():
    names = [f"m{number}" for number in range(60)]
    modules = {name: {"LazyLinear": {"out_features": number + 1}} for number, name in enumerate(names)}
    arc = {"modules": modules, "graph": {"input": "x", "modules": {name: ["x"] for name in names}, "output": "m59"}}
    check, times = validator(ARC), []
    for _ in range(5):
        start = time.perf_counter()
        assert check.is_valid(arc)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.02


# --- layers of one's own


@pytest.fixture
def scale():
    yield slm_net.register_layer("Scale", schema={"properties": {"much": NUMBER}})(nn.Identity)
    slm_net.unregister("layer", "Scale")


def test_a_registered_layer_is_one(scale):
    assert found(arc_of("Scale", {"Scale": {"much": 2}}, {"compact": {"layer": {**ROW, "type": "Scale"}}})) == []
    assert found(arc_of({"Scale": {"much": -1}})) == [("0/Scale/much", "minimum")]
    assert "Scale" in catalogue.names("layer") and layer_class("Scale") is nn.Identity
    assert "Scale" not in catalogue.names("activation")


def test_a_registered_activation_is_a_layer():
    slm_net.register_activation("Wavy", schema={"properties": {"much": NUMBER}})(nn.Identity)
    try:
        assert found(arc_of("Wavy", {"Wavy": {"much": 1}})) == [] and layer_class("Wavy") is nn.Identity
        assert found(arc_of({"wavy": None})) == [("0/wavy", UNKNOWN)]
        with pytest.raises(RegistryError, match="'Wavy' is taken, by"):
            slm_net.register_layer("Wavy", schema={"properties": {}})(nn.Identity)
    finally:
        slm_net.unregister("activation", "Wavy")
    assert found(arc_of("Wavy")) == [("0", "pattern")]


@pytest.mark.parametrize("name", ["Linear", "ReLU", "MSELoss", "Sequential", "compact", "Repeat", "layer", "module"])
def test_a_name_that_means_something_in_an_arc_is_taken(name):
    with pytest.raises(RegistryError, match="is taken, by slm_net"):
        slm_net.register_layer(name, schema={"properties": {}})(nn.Identity)


@pytest.mark.parametrize("name", ["Linear", "Repeat", "relu"])
def test_an_activation_takes_no_name_of_a_layer(name, scale):
    for taken in (name, "Scale"):
        with pytest.raises(RegistryError, match="is taken, by"):
            slm_net.register_activation(taken, schema={"properties": {}})(nn.Identity)
