import copy

import pytest

from slm_net.document.nets import canonical_block, canonical_name, resolve
from slm_net.schema import catalogue

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}


@pytest.mark.parametrize("net_type", [name for name in catalogue.net_types() if name not in catalogue.left_out("net")])
def test_every_key_with_a_default_is_there(net_type):
    properties = catalogue.net_properties(net_type)
    block = {"type": net_type, **{key: properties[key]["examples"][0] for key in catalogue.needed_keys(net_type)}}
    resolved = resolve(block)
    assert set(resolved) == {key for key in properties if key in block or "default" in properties[key]}
    for key, part in properties.items():
        if "default" in part and key not in block:
            assert resolved[key] == part["default"]


@pytest.mark.parametrize(
    ("change", "key", "value"),
    [
        ({"hid_layers_activation": "LEAKYRELU"}, "hid_layers_activation", {"name": "LeakyReLU"}),
        ({"hid_layers_activation": None}, "hid_layers_activation", None),
        (
            {"hid_layers_activation": ["tanh", None, {"name": "elu", "alpha": 2}]},
            "hid_layers_activation",
            [{"name": "Tanh"}, None, {"name": "ELU", "alpha": 2.0}],
        ),
        ({"init_fn": "orthogonal_"}, "init_fn", {"name": "orthogonal_"}),
        ({"init_fn": {"name": "normal_", "std": 0.1}}, "init_fn", {"name": "normal_", "std": 0.1}),
        ({"loss_spec": {"name": "smoothl1loss"}}, "loss_spec", {"name": "SmoothL1Loss"}),
        (
            {"optim_spec": {"name": "Lookahead", "k": 3.0, "momentum": 1, "optimizer": "SGD"}},
            "optim_spec",
            {"name": "Lookahead", "k": 3, "momentum": 1.0, "optimizer": "SGD"},
        ),
        (
            {"lr_scheduler_spec": {"name": "StepLR", "step_size": 10.0}},
            "lr_scheduler_spec",
            {"name": "StepLR", "step_size": 10},
        ),
        ({"hid_layers": [64.0, 32]}, "hid_layers", [64, 32]),
        ({"update_frequency": 0.9}, "update_frequency", 1),
        ({"update_frequency": 100.0}, "update_frequency", 100),
        ({"cuda_id": 1.0}, "cuda_id", 1),
        ({"clip_grad_val": 1}, "clip_grad_val", 1.0),
    ],
)
def test_values_become_canonical(change, key, value):
    found = resolve({**NET, **change})[key]
    assert found == value
    assert key in ("clip_grad_val", "hid_layers_activation") or repr(found) == repr(value)


def test_conv_rows_and_cells():
    net = {
        "type": "ConvNet",
        "conv_hid_layers": [[8.0, [3.0, 3], 1, "same"]],
        "fc_hid_layers": [],
        "hid_layers_activation": None,
    }
    assert repr(resolve(net)["conv_hid_layers"]) == "[[8, [3, 3], 1, 'same']]"
    net = {
        "type": "RecurrentNet",
        "cell_type": "lstm",
        "fc_hid_layers": [],
        "hid_layers_activation": None,
        "rnn_hidden_size": 4.0,
        "seq_len": 2,
    }
    assert (resolve(net)["cell_type"], repr(resolve(net)["rnn_hidden_size"])) == ("LSTM", "4")


def test_keys_of_other_types_are_left_out():
    assert not resolve({**NET, "normalize": True, "conv_hid_layers": [], "$schema": "x"}).keys() & {
        "normalize",
        "conv_hid_layers",
        "$schema",
    }


def test_it_is_a_deep_copy_and_defaults_are_not_shared():
    net = {**NET, "hid_layers": [64]}
    before, first = copy.deepcopy(net), resolve(net)
    first["hid_layers"].append(1)
    first["optim_spec"]["lr"] = 3
    assert net == before
    assert resolve(net)["optim_spec"] == {"name": "Adam"}


def test_wrong_values_stay_as_they_are_until_the_schema_has_spoken():
    block = {"type": "ConvNet", "conv_hid_layers": "x", "fc_hid_layers": [1.5], "cell_type": 3, "typo": 2.0}
    assert canonical_block(block) == block
    assert canonical_name("activation", "nonsense") == "nonsense"
