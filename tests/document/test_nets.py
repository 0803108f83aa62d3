"""A net block as the nets that it describes, with defaults, in canonical values."""

import copy

import pytest

from slm_net.document.nets import canonical_block, canonical_name, is_prefixed, keys_of_nets, net_views, resolve
from slm_net.schema import catalogue
from slm_net.text.places import WRONG_TYPE
from slm_net.wording.schema_problems import MISSING_KEY, UNKNOWN_NAME

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}


def views(block, mistakes=(), algorithm="", **dims):
    return list(net_views(block, ("net",), list(mistakes), algorithm=algorithm, **dims))


def test_one_net_has_defaults_beside_what_is_written():
    [view] = views(NET, in_dim=4)
    assert (view.type, view.spec["batch_norm"], view.in_dim) == ("MLPNet", False, 4)
    assert view.at("hid_layers", 0) == ("net", "hid_layers", 0)
    assert view.at("batch_norm") == ("net",)


def test_a_key_counts_when_it_has_a_value_that_is_not_wrong():
    [view] = views(
        {**NET, "gpu": "x"},
        [UNKNOWN_NAME.at(("net", "gpu"), ""), WRONG_TYPE.at(("net", "hid_layers", 0), "")],
    )
    assert view.has("hid_layers_activation", "batch_norm")
    assert not view.has("gpu") and not view.has("hid_layers") and not view.has("seq_len")
    assert not view.has("hid_layers_activation", "gpu")


def test_mistakes_elsewhere_do_not_count():
    [view] = views(NET, [WRONG_TYPE.at(("other", "hid_layers"), ""), MISSING_KEY.at(("net",), "")])
    assert view.has("hid_layers")


def test_two_nets_where_an_actor_critic_has_its_own_keys():
    block = {**NET, "actor_dropout": 0.1, "critic_hid_layers": [8], "critic_typo": 3}
    actor, critic = views(block, [WRONG_TYPE.at(("net", "critic_hid_layers"), "")], "PPO", in_dim=4, out_dim=2)
    assert (actor.spec["dropout"], actor.spec["hid_layers"], actor.in_dim) == (0.1, [64], 4)
    assert (critic.spec["dropout"], critic.spec["hid_layers"]) == (0, [8])
    assert critic.at("hid_layers", 0) == ("net", "critic_hid_layers", 0)
    assert actor.has("hid_layers") and not critic.has("hid_layers")


def test_an_algorithm_without_a_critic_has_one_net():
    assert len(views({**NET, "actor_dropout": 0.1}, algorithm="DQN")) == 1
    assert len(views({**NET, "actor_dropout": 0.1})) == 2
    assert len(views(NET, algorithm="PPO")) >= 1


def test_a_block_without_a_known_type_has_no_view():
    assert views({"type": "x"}) == views({"type": []}) == views({}) == []


def test_prefixed_keys():
    assert is_prefixed("actor_optim_spec") and is_prefixed("critic_gpu")
    assert not is_prefixed("actor_init_std") and not is_prefixed("actor_typo") and not is_prefixed("hid_layers")


def test_keys_of_nets_say_where_a_value_stands():
    assert keys_of_nets({"type": "MLPNet"}, "DQN") == [{"type": "type"}]
    both = keys_of_nets({"gpu": False, "actor_gpu": True}, "ActorCritic")
    assert both == [{"gpu": "actor_gpu"}, {"gpu": "gpu"}]


@pytest.mark.parametrize("net_type", [name for name in catalogue.net_types() if name not in catalogue.left_out("net")])
def test_every_key_with_a_default_is_there(net_type):
    properties = catalogue.net_properties(net_type)
    block = {"type": net_type, **{key: properties[key]["examples"][0] for key in catalogue.needed_keys(net_type)}}
    resolved = resolve(block)
    assert set(resolved) == {key for key in properties if key in block or "default" in properties[key]}
    for key, part in properties.items():
        if "default" in part and key not in block:
            assert resolved[key] == part["default"] or (resolved[key] == {"name": "ReLU"} and part["default"] == "relu")


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
        ({"lr_scheduler_spec": {}}, "lr_scheduler_spec", None),
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
