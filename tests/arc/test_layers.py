"""The rules of all layers: against torch, layer by layer, and what holds for every one of them."""

import inspect
import os

import pytest
from against_torch import compare, mixed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layer_strategies import FUNCTION_NAMES, NAMES, functions, layers
from small_layers import made, misfit, of
from torch import nn

from slm_net.arc.functions import FUNCTIONS
from slm_net.arc.layers import EAGER, LAYERS, layer_made
from slm_net.arc.reductions import REDUCTIONS
from slm_net.arc.shapes import Made, Misfit
from slm_net.nets.layers import layer_class
from slm_net.schema import catalogue
from slm_net.schema.catalogue import canonical_arguments

EXAMPLES = int(os.environ.get("SLM_NET_FUZZ", "12"))
#: The same examples each time, unless more are asked for.
STEADY = "SLM_NET_FUZZ" not in os.environ
quick = settings(max_examples=EXAMPLES, deadline=None, derandomize=STEADY, suppress_health_check=list(HealthCheck))
each_layer = pytest.mark.parametrize("name", NAMES)
each_function = pytest.mark.parametrize("name", FUNCTION_NAMES)
#: What mixes samples because it is meant to, or because it takes the batch for time.
OVER_SAMPLES = tuple(name for name in NAMES if "BatchNorm" in name)
OVER_TIME = ("RNN", "GRU", "LSTM", "MultiheadAttention", "Transformer", "TransformerEncoderLayer")
IN_TIME = (*OVER_TIME, "TransformerDecoderLayer")
#: Layers that take a tuple or a list.
TAKE_SEVERAL = ("Identity", "Get", *(name for name in LAYERS if LAYERS[name].listed))
HUGE = 10**12


@each_layer
@quick
@given(data=st.data())
def test_a_layer_does_what_torch_does(name, data):
    arguments, inputs = data.draw(layers(name))
    said = compare(name, arguments, inputs)
    if isinstance(said, Made) and not takes_batch_for_time(name, arguments, inputs) and name not in OVER_SAMPLES:
        assert mixed(name, arguments, inputs, said) == []


@each_function
@quick
@given(data=st.data())
def test_a_function_does_what_torch_does(name, data):
    arguments, inputs = data.draw(functions(name))
    said = compare("TorchFn", arguments, inputs)
    assert isinstance(said, Misfit) or mixed("TorchFn", arguments, inputs, said) == []


def takes_batch_for_time(name, arguments, inputs):
    return name in IN_TIME and any(shape.batch != (0 if arguments.get("batch_first") else 1) for shape in inputs)


@each_layer
@quick
@given(data=st.data())
def test_what_is_said_to_fit_does(name, data):
    follow(name, *data.draw(layers(name)))


@each_function
@quick
@given(data=st.data())
def test_what_is_said_to_fit_a_function_does(name, data):
    follow("TorchFn", *data.draw(functions(name)))


def follow(name, arguments, inputs):
    """Write what is said to fit, until nothing is: nothing is said twice, and each step is about an argument."""
    said = set()
    for _ in range(10):
        try:
            layer_made(name, canonical_arguments("layer", name, arguments), inputs)
        except Misfit as why:
            assert why.fits is None or (why.argument, why.entry, str(why.fits)) not in said, f"{name}: {why}"
            if why.fits is None:
                return
            said.add((why.argument, why.entry, str(why.fits)))
            arguments = {**arguments, why.argument: replaced(arguments.get(why.argument), why)}
        else:
            return
    raise AssertionError(f"{name}: no end to {said}")


def replaced(written, why):
    if why.entry is None:
        return why.fits
    return [*written[: why.entry], why.fits, *written[why.entry + 1 :]]


def test_all_layers_of_the_schema_have_a_rule():
    assert sorted(LAYERS) == sorted({*catalogue.names("layer"), *catalogue.names("activation")})


def test_all_functions_of_the_schema_have_a_rule():
    assert sorted(FUNCTIONS) == sorted(catalogue.names("function"))
    assert set(REDUCTIONS) < set(FUNCTIONS)


@pytest.mark.parametrize("name", LAYERS)
def test_inputs_are_those_of_forward(name):
    layer, owner = LAYERS[name], getattr(nn, name, layer_class(name))
    if not inspect.isclass(owner):
        owner = layer_class(layer.becomes)
    taken = dict(list(inspect.signature(owner.forward).parameters.items())[1:])
    required = [key for key, each in taken.items() if each.default is inspect.Parameter.empty]
    assert [key for key in taken if key in layer.inputs] == list(layer.inputs)
    assert required == list(layer.inputs[: len(layer.inputs) - layer.optional])


@pytest.mark.parametrize("name", [name for name in LAYERS if LAYERS[name].becomes and hasattr(nn, name)])
def test_lazy_layers_learn_what_torch_says(name):
    layer, eager = LAYERS[name], getattr(nn, name).cls_to_become
    assert eager.__name__ == layer.becomes
    hidden = set(inspect.signature(eager).parameters) - set(inspect.signature(getattr(nn, name)).parameters)
    assert hidden == {layer.learned[0]}


def test_every_lazy_layer_is_known_as_one():
    assert {name for name in LAYERS if name.startswith("Lazy")} == {name for name in LAYERS if LAYERS[name].becomes}
    assert {LAYERS[name].becomes for name in LAYERS if LAYERS[name].becomes} <= set(EAGER)


def test_of_a_layer_without_a_rule_nothing_is_known():
    assert layer_made("MyBlock", {"size": 8}, [of(8)]) == Made(None)


@each_layer
def test_of_unknown_inputs_the_output_is_unknown(name):
    arguments = REQUIRED.get(name, {})
    unknown = [None] * (len(LAYERS[name].inputs) - LAYERS[name].optional)
    assert made(name, arguments, *unknown).output is None


def test_weights_are_counted_without_the_input():
    assert made("Linear", {"in_features": 4, "out_features": 8}, None) == Made(None, 40)
    assert made("GRU", {"input_size": 4, "hidden_size": 8}, None) == Made(None, 336)
    assert made("LazyLinear", {"out_features": 8}, None) == Made(None)


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in TAKE_SEVERAL])
def test_a_tuple_is_no_tensor(name):
    arguments = {"name": "sum", "dim": 1} if name in ("TorchFn", "Reduce") else REQUIRED.get(name, {})
    inputs = [(of(4), of(4))] * (len(LAYERS[name].inputs) - LAYERS[name].optional)
    why = misfit(name, arguments, *inputs)
    assert (str(why), why.source, why.argument) == ("gets a tuple of 2, and needs one tensor", 0, "")
    assert why.hint == "put a Get: {key: 0} between"


@pytest.mark.parametrize(
    ("name", "arguments", "inputs"),
    [
        ("LazyLinear", {"out_features": HUGE}, [of(HUGE)]),
        ("LazyConv1d", {"out_channels": 1, "kernel_size": HUGE - 1}, [of(4, HUGE)]),
        ("MaxPool1d", {"kernel_size": 3, "ceil_mode": True}, [of(4, HUGE)]),
        ("GRU", {"input_size": HUGE, "hidden_size": HUGE, "num_layers": 1000}, [of(4, HUGE)]),
        ("TransformerEncoderLayer", {"d_model": HUGE, "nhead": 8, "dim_feedforward": HUGE}, [of(4, HUGE)]),
        ("Flatten", {}, [of(10**6, 10**6)]),
        ("ForkChunk", {}, [of(HUGE)]),
        ("MergeConcat", {}, [[of(HUGE)] * 1000]),
        ("Upsample", {"scale_factor": 2}, [of(1, HUGE)]),
    ],
)
def test_sizes_cost_nothing(name, arguments, inputs):
    assert made(name, arguments, *inputs).output is not None


@pytest.mark.parametrize("factor", [2, 10**400])
def test_no_tensor_has_more_numbers_than_torch_can_count(factor):
    assert made("LazyLinear", {"out_features": 2**63 - 1}, of(4)).output == of(2**63 - 1)
    assert str(misfit("LazyLinear", {"out_features": factor * 2**62}, of(4))) == (
        "gives more numbers than a tensor can have"
    )
    assert misfit("GRU", {"input_size": 4, "hidden_size": factor * 2**62}, of(3, 4))
    assert misfit("Upsample", {"scale_factor": float(min(factor, 10**300)) * 2**62}, of(3, 4))


def test_a_rule_does_not_change_what_it_gets():
    arguments = {"out_channels": 4, "kernel_size": [3, 3], **canonical_arguments("layer", "LazyConv2d", {})}
    before = {key: list(value) if isinstance(value, list) else value for key, value in arguments.items()}
    layer_made("LazyConv2d", arguments, [of(3, 8, 8)])
    assert arguments == before


#: The arguments that a layer cannot do without.
REQUIRED = {
    name: {
        key: "zeros" if key == "padding_mode" else [1] if key in ("unflattened_size", "index") else 1
        for key in catalogue.needed("layer" if name in catalogue.names("layer") else "activation", name)
    }
    for name in LAYERS
}
