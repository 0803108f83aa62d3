"""The rows of every type have the parameters that the type counts."""

import pytest

from slm_net.diff.nets import planned_nets
from slm_net.diff.rows import parameters_of, rows_of
from slm_net.document.nets import resolve
from slm_net.net_types import NET_TYPES
from slm_net.plan import plan_net

DENSE = {"hid_layers": [16, 8], "hid_layers_activation": "relu"}
CONV = {"conv_hid_layers": [[8, 4, 2], [8, [3, 5], 1, 1]], "fc_hid_layers": [16], "hid_layers_activation": "relu"}
RNN = {"fc_hid_layers": [8], "hid_layers_activation": "relu", "rnn_hidden_size": 8, "seq_len": 4}
HYDRA = {"hid_layers": [[[8], [6]], [16], [[4], []]], "hid_layers_activation": "relu"}
ARC = {
    "arc": {
        "modules": {
            "a": {"LazyLinear": {"out_features": 8}},
            "b": {"Repeat": {"times": 2, "layers": [{"Linear": {"in_features": 8, "out_features": 8}}]}},
        },
        "graph": {"input": "x", "modules": {"a": ["x"], "b": ["a"]}, "output": "b"},
    }
}
CASES = {
    "MLPNet": ({**DENSE, "batch_norm": True}, 4, 2),
    "DuelingMLPNet": ({**DENSE, "layer_norm": True}, 4, 2),
    "QMLPNet": ({**DENSE, "weight_norm": True}, [4, 2], 1),
    "ConvNet": (CONV, (4, 20, 20), [3, 1]),
    "DuelingConvNet": (CONV, (4, 20, 20), 3),
    "QConvNet": (CONV, [(4, 20, 20), 2], 1),
    "FiLMQConvNet": (CONV, [(4, 20, 20), 2], 1),
    "RecurrentNet": ({**RNN, "cell_type": "LSTM", "bidirectional": True}, (4, 3), 2),
    "DuelingRecurrentNet": (RNN, (4, 3), 2),
    "HydraMLPNet": (HYDRA, [3, 2], [2, 2]),
}


def test_every_type_has_a_case():
    assert CASES.keys() == set(NET_TYPES) - {"TorchArcNet"}, "put a new type into CASES: what are its rows?"


@pytest.mark.parametrize("name", CASES)
def test_rows_have_all_parameters(name):
    keys, in_dim, out_dim = CASES[name]
    spec = resolve({"type": name, **keys})
    counts = parameters_of(spec, in_dim, out_dim)
    own = sum(row.parameters for rows in rows_of(spec, in_dim).values() for row in rows)
    beside = 2 * (2 * 16 + 16) if name == "FiLMQConvNet" else 0  # the scale and the shift of an action of 2
    assert own + counts[("out_dim",)] + beside == sum(counts.values())
    assert own > 0


@pytest.mark.parametrize("name", CASES)
def test_rows_without_dims_are_set_to_the_same(name):
    keys, in_dim, _ = CASES[name]
    spec = resolve({"type": name, **keys})
    known, unknown = rows_of(spec, in_dim), rows_of(spec, None)
    assert {name: [row.key for row in rows] for name, rows in known.items()} == {
        name: [row.key for row in rows] for name, rows in unknown.items()
    }


def test_an_arc_is_its_modules_and_edges():
    spec = resolve({"type": "TorchArcNet", "hid_layers_activation": "relu", **ARC})
    rows = rows_of(spec, 4)
    assert [row.settings for row in rows["module a, layer"]] == [{"layer": "LazyLinear", "out_features": 8}]
    assert [row.parameters for row in rows["module b, layer"]] == [72, 72]
    assert [row.settings["edge"] for row in rows["edge"]] == ["x → a", "a → b", "b → output"]


def test_a_net_of_a_plan_knows_its_parameters():
    [net] = planned_nets(plan_net({"type": "MLPNet", **DENSE}, 4, 2))
    assert (net.parameters, net.title) == (5 * 16 + 17 * 8 + 9 * 2, "MLPNet")
