"""Rules about one type of net, or a few."""

import pytest
from small_nets import NETS, VALUES, found


@pytest.mark.parametrize("kind", NETS)
def test_small_nets_are_valid(kind):
    assert found(kind) == []


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("key", ["log_std_init", "actor_init_std"])
def test_values_have_no_policy(kind, key):
    assert found(kind, **{key: 0.5}) == [("error", f"/{key}", "argument-conflict")]
    assert found(kind, critic_init_std=1.0) == []


@pytest.mark.parametrize("kind", ["DuelingMLPNet", "DuelingConvNet"])
def test_dueling_output_activation_differs_from_slm_lab(kind):
    assert found(kind, out_layer_activation="tanh") == [("warning", "/out_layer_activation", "argument-conflict")]
    assert found(kind, out_layer_activation=None) == []


@pytest.mark.parametrize(
    ("kind", "key"), [("QMLPNet", "hid_layers"), ("QConvNet", "fc_hid_layers"), ("FiLMQConvNet", "fc_hid_layers")]
)
def test_a_q_net_needs_dense_layers_to_be_of_use(kind, key):
    assert found(kind, **{key: []}) == [("warning", f"/{key}", "wrong-length")]


@pytest.mark.parametrize(
    ("hid_layers", "expected"),
    [
        ([[[7]], [8], []], []),
        ([[[7]], [8], [[8, 5], [8, 4]]], []),
        ([[[7]], [8], [[5], []]], []),
        ([[[7]], [8], [[8, 5]]], []),
        ([[[7]] * 3, [8], []], [("error", "/hid_layers/0", "list-does-not-fit")]),
        ([[[7]], [8], [[5]] * 3], [("error", "/hid_layers/2", "list-does-not-fit")]),
        ([[[7], []], [8], []], [("warning", "/hid_layers/0/1", "wrong-length")]),
        ([[[7, 10**9, 10**9], [6]], [8], []], [("error", "/hid_layers/0/0", "model-too-large")]),
        ([[[7]], [10**9, 10**9], []], [("error", "/hid_layers/1", "model-too-large")]),
        ([[[7]], [8], [[10**9, 10**9], []]], [("error", "/hid_layers/2", "model-too-large")]),
    ],
)
def test_hydra_lists(hid_layers, expected):
    assert found("HydraMLPNet", out_dim=[2, 3], hid_layers=hid_layers) == expected


@pytest.mark.parametrize("hid_layers", [[], [8], [8, 4, 2], [[[8]], [8]]])
def test_a_critics_hydra_needs_its_three_lists(hid_layers):
    problems = found("HydraMLPNet", critic_hid_layers=hid_layers)
    assert any(severity == "error" and pointer.startswith("/critic_hid_layers") for severity, pointer, _ in problems)


def test_hydra_activations_and_log_std():
    listed = found("HydraMLPNet", hid_layers_activation=["relu", "tanh", None])
    assert listed == [("error", "/hid_layers_activation", "list-does-not-fit")]
    tails = [[[7]], [8], [[5], [4]]]
    assert found("HydraMLPNet", out_dim=[3, 3], log_std_init=0.0) == []
    assert found("HydraMLPNet", out_dim=[3, 3], log_std_init=0.0, hid_layers=tails) == [
        ("error", "/hid_layers/2", "argument-conflict")
    ]
