"""The counts of each type, of parameters and of activations, against the built net."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from outputs_of_layers import numbers, outputs_of
from torch import nn

from slm_net.document.nets import defaults
from slm_net.net_types import NET_TYPES
from slm_net.net_types.base import InDim, NetType
from slm_net.nets import NETS
from slm_net.nets.weight_norm import WeightNorm
from slm_net.schema.catalogue import net_properties

RELU = {"name": "ReLU"}
VALUES = [kind.name for kind in NET_TYPES.values() if kind.values]
size = st.integers(1, 9)
widths = st.lists(size, max_size=3)


def per(count):
    """One list of widths for each of `count`, or one for all."""
    return st.sampled_from([1, count]).flatmap(lambda n: st.lists(widths, min_size=n, max_size=n))


@st.composite
def conv_rows(draw, rank):
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        kernel = draw(st.just(2) | st.lists(st.integers(1, 2), min_size=rank, max_size=rank))
        groups = draw(st.sampled_from([1, 2]))
        rows.append(
            [2 * draw(st.integers(1, 3)), kernel, 1, 1, 1, groups, draw(st.booleans())][: draw(st.integers(2, 7))]
        )
    return rows


def flags(kind):
    """What a type can have or not, but for what is drawn apart: a new one is counted too."""
    apart = ("layer_norm", "batch_norm", "normalize", "bidirectional", "tails")
    known = {key: part for key, part in net_properties(kind).items() if "default" in part and key not in apart}
    return [key for key, part in known.items() if part.get("type") == "boolean"]


@st.composite
def nets(draw, kind):
    """A resolved spec of a type with dims that it takes."""
    state, action = draw(size), draw(st.integers(1, 4))
    image = (2, *draw(st.lists(st.integers(4, 8), min_size=1, max_size=3)))
    out_dim = draw(size) if kind in VALUES else draw(size | st.lists(size, min_size=1, max_size=3))
    norm = draw(st.sampled_from([{"layer_norm": True}, {"batch_norm": True}, {}]))
    spec = {"type": kind, **defaults(kind), "hid_layers_activation": RELU, "batch_norm": False, **norm}
    spec |= {"dropout": draw(st.sampled_from([0.0, 0.2])), "normalize": draw(st.booleans())}
    spec |= {key: draw(st.booleans()) for key in flags(kind)}
    if "Conv" in kind:
        spec |= {"conv_hid_layers": draw(conv_rows(len(image) - 1)), "fc_hid_layers": draw(widths)}
        return spec, (image, action) if "Q" in kind else image, out_dim
    if "Recurrent" in kind:
        spec |= {
            "fc_hid_layers": draw(widths),
            "rnn_hidden_size": draw(size),
            "rnn_num_layers": draw(st.integers(1, 3)),
        }
        spec |= {"cell_type": draw(st.sampled_from(["GRU", "LSTM", "RNN"])), "bidirectional": draw(st.booleans())}
        return spec | {"seq_len": 4}, (4, state), out_dim
    if kind == "HydraMLPNet":
        in_dim = draw(st.lists(size, min_size=1, max_size=3))
        outputs = len(out_dim) if isinstance(out_dim, list) else 1
        tails = draw(st.just([]) | st.lists(widths, min_size=outputs, max_size=outputs))
        return spec | {"hid_layers": [draw(per(len(in_dim))), draw(widths), tails]}, in_dim, out_dim
    if kind == "TorchArcNet":
        layers = [{"LazyLinear": {"out_features": width}} for width in draw(widths)]
        graph = {"input": "x", "modules": {"body": ["x"]}, "output": "body"}
        return spec | {"arc": {"modules": {"body": {"Sequential": layers}}, "graph": graph}}, state, out_dim
    return spec | {"hid_layers": draw(widths)}, (state, action) if kind == "QMLPNet" else state, out_dim


def test_every_type_is_counted():
    counted = {kind.name for kind in NET_TYPES.values() if kind.count and kind.count_activations and kind.takes}
    assert counted == set(NETS.names())


@pytest.mark.parametrize("kind", NET_TYPES)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_counts_are_those_of_the_built_net(kind, data):
    spec, in_dim, out_dim = data.draw(nets(kind))
    counts = NET_TYPES[kind].parameters(spec, in_dim, out_dim)
    net = NETS[kind](spec, in_dim, out_dim)
    assert sum(counts.values()) == sum(parameter.numel() for parameter in net.parameters())
    assert all(path[0] in spec for path in counts if path != ("out_dim",))


@st.composite
def active_nets(draw, kind):
    """A net of `nets` with an activation, none, or one or none for each layer and output."""
    spec, in_dim, out_dim = draw(nets(kind))
    one = st.sampled_from([RELU, None])
    layers = sum(len(spec[key]) for key in ("hid_layers", "conv_hid_layers", "fc_hid_layers") if key in spec)
    several = st.lists(one, min_size=layers, max_size=layers) if kind != "HydraMLPNet" else one
    spec["hid_layers_activation"] = draw(one | several)
    outputs = len(out_dim) if isinstance(out_dim, list) else 0
    spec["out_layer_activation"] = draw(one | st.lists(one, min_size=outputs, max_size=outputs) if outputs else one)
    return spec, in_dim, out_dim


def observation(kind, in_dim):
    """What goes into a net for one observation."""
    several = kind in ("HydraMLPNet", "QMLPNet", "QConvNet", "FiLMQConvNet")
    xs = [torch.rand(1, *([dim] if isinstance(dim, int) else dim)) for dim in (in_dim if several else [in_dim])]
    return [xs] if kind == "HydraMLPNet" else xs


def is_layer(module):
    """A layer, and no place for some, nor what makes a weight."""
    parts = [name for name, _ in module.named_children()]
    return parts in ([], ["parametrizations"]) and not isinstance(module, (nn.Sequential, WeightNorm))


def within(module, output):
    """What torch does not show: the steps of all layers of cells but the last."""
    return (module.num_layers - 1) * output[0].numel() if isinstance(module, nn.RNNBase) else 0


@pytest.mark.parametrize("kind", NET_TYPES)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_activations_are_what_leaves_the_layers(kind, data):
    spec, in_dim, out_dim = data.draw(active_nets(kind))
    counts = NET_TYPES[kind].activations(spec, in_dim, out_dim)
    net = NETS[kind](spec, in_dim, out_dim).eval()
    seen = outputs_of(filter(is_layer, net.modules()), lambda: net(*observation(kind, in_dim)))
    assert sum(counts.values()) == sum(numbers(output) + within(module, output) for module, output in seen)
    assert all(path[0] in spec for path in counts if path != ("out_dim",))


def test_without_tails_an_output_has_its_activation_alone():
    arc = {"modules": {"body": "ReLU"}, "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"}}
    spec = defaults("TorchArcNet") | {"arc": arc, "out_layer_activation": RELU}
    count = NET_TYPES["TorchArcNet"].activations
    assert count(spec, 8, 8) == {("arc", "modules", "body"): 8, ("out_dim",): 16}
    assert count({**spec, "tails": False}, 8, 8) == {("arc", "modules", "body"): 8, ("out_dim",): 8}


def test_counts_by_part():
    spec = defaults("MLPNet") | {"hid_layers": [64]}
    assert NET_TYPES["MLPNet"].parameters(spec, 4, 2) == {("hid_layers",): 320, ("out_dim",): 130}


def test_a_type_of_ones_own_that_takes_a_shape_gets_it():
    anything = NetType("Mine", InDim(lambda dim: True, "anything", lambda spec: 1))
    assert anything.as_taken((4,)) == (4,)
    assert NetType("Unknown").as_taken((4,)) == (4,)
    assert NET_TYPES["MLPNet"].as_taken((4,)) == 4
