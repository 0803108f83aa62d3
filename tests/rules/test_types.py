import pytest

from slm_net import build_net, validate

ACTIVATION = {"hid_layers_activation": "relu"}
MLP = {"hid_layers": [8], **ACTIVATION}
CONV = {"conv_hid_layers": [[8, 3, 2]], "fc_hid_layers": [8], **ACTIVATION}
NETS = {
    "MLPNet": (MLP, 4),
    "ConvNet": (CONV, (3, 24, 24)),
    "DuelingMLPNet": (MLP, 4),
    "DuelingConvNet": (CONV, (3, 24, 24)),
    "HydraMLPNet": ({"hid_layers": [[[7], [6]], [8], []], **ACTIVATION}, [4, 6]),
    "QMLPNet": (MLP, [4, 2]),
    "QConvNet": (CONV, [[3, 24, 24], 2]),
    "FiLMQConvNet": (CONV, [[3, 24, 24], 2]),
}
VALUES = ["DuelingMLPNet", "DuelingConvNet", "QMLPNet", "QConvNet", "FiLMQConvNet"]


def found(kind, in_dim=None, out_dim=2, **changes):
    """What validation says of a small net: (severity, pointer, rule name)."""
    keys, fits = NETS[kind]
    spec = {"type": kind, **keys, **changes}
    problems = validate(spec, in_dim=fits if in_dim is None else in_dim, out_dim=out_dim)
    return [(problem.severity, problem.pointer, problem.rule_name) for problem in problems]


@pytest.mark.parametrize("kind", NETS)
def test_small_nets_are_valid(kind):
    assert found(kind) == []


BAD_IN_DIMS = {
    "MLPNet": [(4, 84, 84), [4], "4", 0],
    "ConvNet": [4, [4], (4, 0, 84), [[4, 84, 84], 2]],
    "DuelingMLPNet": [(4, 84, 84), [4, 6]],
    "DuelingConvNet": [4, [[3, 24, 24], 2]],
    "HydraMLPNet": [4, [4, 0], [[4], [6]], [True, 4]],
    "QMLPNet": [6, [6], [6, 2, 2], [[3, 24, 24], 2]],
    "QConvNet": [6, [3, 24, 24], [24, 2], [[3, 24, 24], [2]], [[24], 2]],
    "FiLMQConvNet": [6, [3, 24, 24], [24, 2], [[3, 24, 24], 0]],
}


@pytest.mark.parametrize(("kind", "in_dim"), [(kind, dim) for kind, dims in BAD_IN_DIMS.items() for dim in dims])
def test_in_dims_that_do_not_fit(kind, in_dim):
    assert ("error", "/type", "dims-do-not-fit") in found(kind, in_dim)


@pytest.mark.parametrize(
    ("kind", "in_dim", "hint"),
    [
        ("MLPNet", [6], "write 6, not a list"),
        ("MLPNet", (4, 84, 84), "ConvNet takes (4, 84, 84)"),
        ("MLPNet", (4, 6), "RecurrentNet takes (4, 6)"),
        ("ConvNet", 4, "MLPNet takes 4"),
        ("DuelingMLPNet", (4, 84, 84), "DuelingConvNet takes (4, 84, 84)"),
        ("QMLPNet", 4, "[state_dim, action_dim], for example [8, 2]"),
    ],
)
def test_the_type_that_takes_an_in_dim_is_named(kind, in_dim, hint):
    [problem] = validate({"type": kind, **NETS[kind][0]}, in_dim=in_dim)
    assert problem.hint.endswith(hint)


@pytest.mark.parametrize("in_dim", [(84, 84, 12), (64, 64, 9), (24, 24, 3), (210, 160, 3), (7, 7, 3)])
def test_channels_that_stand_last(in_dim):
    assert found("ConvNet", in_dim, conv_hid_layers=[[8, 3]]) == [("error", "/type", "dims-do-not-fit")]


@pytest.mark.parametrize("in_dim", [(12, 8, 4), (16, 5, 4), (7, 7, 20)])
def test_what_may_be_a_board_is_a_warning(in_dim):
    assert found("ConvNet", in_dim, conv_hid_layers=[[8, 3]]) == [("warning", "/type", "dims-do-not-fit")]


@pytest.mark.parametrize("in_dim", [(4, 84, 84), (3, 5, 7), (1, 84, 84), (8, 8, 8), (4, 16), (3, 4, 8, 8)])
def test_channels_that_stand_first(in_dim):
    assert found("ConvNet", in_dim, conv_hid_layers=[[8, 3]]) == []


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("out_dim", [[2], [1, 1], 0, "2"])
def test_values_are_one_output(kind, out_dim):
    assert ("error", "/type", "dims-do-not-fit") in found(kind, out_dim=out_dim)


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("key", ["log_std_init", "actor_init_std"])
def test_values_have_no_policy(kind, key):
    assert found(kind, **{key: 0.5}) == [("error", f"/{key}", "argument-conflict")]
    assert found(kind, critic_init_std=1.0) == []


@pytest.mark.parametrize("kind", ["DuelingMLPNet", "DuelingConvNet"])
def test_dueling_output_activation_differs_from_slm_lab(kind):
    assert found(kind, out_layer_activation="tanh") == [("warning", "/out_layer_activation", "argument-conflict")]
    assert found(kind, out_layer_activation=None) == []


@pytest.mark.parametrize("kind", VALUES)
def test_one_output_takes_no_list_of_activations(kind):
    assert ("error", "/out_layer_activation", "list-does-not-fit") in found(kind, out_layer_activation=["tanh"])


@pytest.mark.parametrize("kind", ["DuelingConvNet", "QConvNet", "FiLMQConvNet"])
def test_convolutions_fit(kind):
    assert found(kind, conv_hid_layers=[[8, 3, 2], [8, 12]]) == [
        ("error", "/conv_hid_layers/1", "convolution-does-not-fit")
    ]
    channels_last = (24, 24, 3) if kind == "DuelingConvNet" else [(24, 24, 3), 2]
    assert found(kind, channels_last) == [("error", "/type", "dims-do-not-fit")]


@pytest.mark.parametrize(
    ("kind", "key"), [("QMLPNet", "hid_layers"), ("QConvNet", "fc_hid_layers"), ("FiLMQConvNet", "fc_hid_layers")]
)
def test_a_q_net_needs_dense_layers_to_be_of_use(kind, key):
    assert found(kind, **{key: []}) == [("warning", f"/{key}", "wrong-length")]


@pytest.mark.parametrize("kind", ["DuelingMLPNet", "HydraMLPNet", "QMLPNet"])
def test_one_norm(kind):
    assert found(kind, batch_norm=True, layer_norm=True) == [("error", "/layer_norm", "argument-conflict")]


@pytest.mark.parametrize(
    ("hid_layers", "expected"),
    [
        ([[[7]], [8], []], []),
        ([[[7]], [8], [[8, 5], [8, 4]]], []),
        ([[[7]], [8], [[5], []]], []),
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


@pytest.mark.parametrize("out_dim", [2.5, "2", None, [2, "x"], [], True])
def test_an_out_dim_of_another_kind_is_no_crash(out_dim):
    expected = [] if out_dim is None else [("error", "/type", "dims-do-not-fit")]
    assert found("HydraMLPNet", out_dim=out_dim) == expected


@pytest.mark.parametrize(
    ("out_dim", "out_layer_activation", "expected"),
    [
        ([3, 3], ["tanh", "tanh"], [("error", "/out_layer_activation/1", "argument-conflict")]),
        ([3, 3, 1], ["tanh", "relu", None], [("error", "/out_layer_activation/1", "argument-conflict")]),
        ([3, 3], ["tanh", None], []),
        ([2, 1], ["tanh", "tanh"], []),
        ([3, 3], "tanh", []),
    ],
)
def test_a_learned_scale_has_no_activation(out_dim, out_layer_activation, expected):
    keys = {"log_std_init": 0.0, "out_layer_activation": out_layer_activation}
    assert found("MLPNet", out_dim=out_dim, **keys) == expected
    if not expected:
        build_net({"type": "MLPNet", **MLP, **keys}, 4, out_dim)


def test_hydra_activations_and_log_std():
    listed = found("HydraMLPNet", hid_layers_activation=["relu", "tanh", None])
    assert listed == [("error", "/hid_layers_activation", "list-does-not-fit")]
    tails = [[[7]], [8], [[5], [4]]]
    assert found("HydraMLPNet", out_dim=[3, 3], log_std_init=0.0) == []
    assert found("HydraMLPNet", out_dim=[3, 3], log_std_init=0.0, hid_layers=tails) == [
        ("error", "/hid_layers/2", "argument-conflict")
    ]


@pytest.mark.parametrize("kind", ["QMLPNet", "QConvNet", "FiLMQConvNet", "DuelingMLPNet", "DuelingConvNet"])
def test_algorithms_make_their_q_nets_themselves(kind):
    spec = {"agent": [{"algorithm": {"name": "SoftActorCritic"}, "net": {"type": kind, **NETS[kind][0]}}]}
    problems = validate({"sac": spec | {"env": [{"name": "Pendulum-v1"}]}})
    assert ("error", "/sac/agent/0/net/type") in [(problem.severity, problem.pointer) for problem in problems]
