"""Dims that do not fit a net, and nets that are too large, found by counting."""

from types import SimpleNamespace

import pytest
from small_nets import MLP, NETS, VALUES, found

from slm_net import SpecError, build_net, build_nets, validate
from slm_net.document.nets import resolve
from slm_net.net_types import NET_TYPES

BAD_IN_DIMS = {
    "MLPNet": [(4, 84, 84), [4, 4], [[4]], "4", 0],
    "ConvNet": [4, [4], (4, 0, 84), [[4, 84, 84], 2]],
    "DuelingMLPNet": [(4, 84, 84), [4, 6]],
    "DuelingConvNet": [4, [[3, 24, 24], 2]],
    "HydraMLPNet": [4, [4, 0], [[4, 2], [6]], [True, 4]],
    "QMLPNet": [6, [6], [6, 2, 2], [[3, 24, 24], 2]],
    "QConvNet": [6, [3, 24, 24], [24, 2], [[3, 24, 24], [2, 2]], [[24], 2]],
    "FiLMQConvNet": [6, [3, 24, 24], [24, 2], [[3, 24, 24], 0]],
}


@pytest.mark.parametrize(("kind", "in_dim"), [(kind, dim) for kind, dims in BAD_IN_DIMS.items() for dim in dims])
def test_in_dims_that_do_not_fit(kind, in_dim):
    assert ("error", "/type", "dims-do-not-fit") in found(kind, in_dim)


@pytest.mark.parametrize(
    ("kind", "in_dim", "hint"),
    [
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


@pytest.mark.parametrize(
    ("kind", "in_dim", "built"),
    [
        ("MLPNet", (4,), 4),
        ("DuelingMLPNet", [4.0], 4),
        ("HydraMLPNet", [(4,), 6], [4, 6]),
        ("QMLPNet", [(4,), (2,)], [4, 2]),
        ("QConvNet", ((3, 24, 24), [2]), [(3, 24, 24), 2]),
    ],
)
def test_the_shape_of_a_vector_is_its_length(kind, in_dim, built):
    assert found(kind, in_dim) == []
    out_dim = [2, 2] if kind == "HydraMLPNet" else 1 if kind.startswith("Q") else 2
    assert build_net({"type": kind, **NETS[kind][0]}, in_dim, out_dim, device="cpu").in_dim == built


def test_one_input_of_a_hydra_stays_a_list():
    spec = {"type": "HydraMLPNet", "hid_layers": [[[7]], [8], []], "hid_layers_activation": "relu"}
    assert build_net(spec, (4,), 2, device="cpu").in_dim == [4]


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
def test_one_output_takes_no_list_of_activations(kind):
    assert ("error", "/out_layer_activation", "list-does-not-fit") in found(kind, out_layer_activation=["tanh"])


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


ACT = {"hid_layers_activation": "relu"}
DENSE = {"type": "MLPNet", "hid_layers": [100, 100], **ACT}
HUGE = 10**7
WIDE = {"conv_hid_layers": [[8, 3, 1], [HUGE, 3, 1]], "fc_hid_layers": [HUGE], **ACT}


def arc(body):
    """An arc of one module."""
    return {"modules": {"body": body}, "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"}}


HUGE_NETS = [
    {"type": "MLPNet", "hid_layers": [HUGE, HUGE], **ACT},
    {"type": "DuelingMLPNet", "hid_layers": [HUGE, HUGE], **ACT},
    {"type": "QMLPNet", "hid_layers": [HUGE, HUGE], **ACT},
    {"type": "RecurrentNet", "fc_hid_layers": [], "rnn_hidden_size": HUGE, "seq_len": 4, **ACT},
    {"type": "DuelingRecurrentNet", "fc_hid_layers": [], "rnn_hidden_size": HUGE, "seq_len": 4, **ACT},
    {"type": "HydraMLPNet", "hid_layers": [[[8], [HUGE, HUGE]], [8], [[8], [8], [8]]], **ACT},
    *({"type": kind, **WIDE} for kind in ("ConvNet", "DuelingConvNet", "QConvNet", "FiLMQConvNet")),
    {"type": "TorchArcNet", "arc": arc({"Linear": {"in_features": HUGE, "out_features": HUGE}})},
]


@pytest.mark.parametrize("net", HUGE_NETS, ids=[net["type"] for net in HUGE_NETS])
def test_a_huge_net_is_found_without_dims(net):
    [problem] = [problem for problem in validate(net) if problem.severity == "error"]
    assert problem.rule_name == "model-too-large" and "at least" in problem.message


def test_every_type_is_counted():
    assert {net["type"] for net in HUGE_NETS} == set(NET_TYPES)


@pytest.mark.parametrize("net", HUGE_NETS, ids=[net["type"] for net in HUGE_NETS])
def test_the_smallest_dims_are_dims_of_the_type(net):
    takes = NET_TYPES[net["type"]].takes
    smallest = takes.smallest(net)
    assert takes.fits(smallest) or (net["type"], smallest) == ("TorchArcNet", None)  # the walk does without


def test_the_limit_is_counted_in_parameters():
    spec = resolve(DENSE)
    count = sum(NET_TYPES["MLPNet"].parameters(spec, 4, 2).values())
    assert validate(DENSE, in_dim=4, out_dim=2, max_params=count) == []
    [problem] = validate(DENSE, in_dim=4, out_dim=2, max_params=count - 1)
    assert problem.message == f"the net would have {count:,} parameters"
    assert f"{count - 1:,}" in problem.hint


LINEAR = {"type": "MLPNet", "hid_layers": [], **ACT}


def test_ten_billion_parameters_are_the_most_that_is_built():
    assert validate(LINEAR, in_dim=10**10 - 1, out_dim=1) == []
    assert build_net(LINEAR, 10**10 - 1, 1, device="meta").parameter_count == 10**10
    assert refused(LINEAR, 10**10, 1) == "the net would have 10,000,000,001 parameters, about 40 GB"


def refused(spec, in_dim, out_dim):
    """What `validate` and `build_net` say against a spec, which is one thing and the same."""
    [problem] = validate(spec, in_dim=in_dim, out_dim=out_dim)
    with pytest.raises(SpecError) as error:
        build_net(spec, in_dim, out_dim, device="meta")
    assert error.value.problems == [problem]
    return problem.message


def learning(batch_size=None, minibatch_size=None, net=LINEAR):
    """A spec with the batches of its memory and of its algorithm."""
    memory = {"name": "OnPolicyBatchReplay", **({"batch_size": batch_size} if batch_size else {})}
    algorithm = {"name": "Reinforce", **({"minibatch_size": minibatch_size} if minibatch_size else {})}
    return {"agent": {"algorithm": algorithm, "memory": memory, "net": net}, "env": {"name": "CartPole-v1"}}


def too_many(spec, in_dim, out_dim):
    return [p for p in validate(spec, in_dim=in_dim, out_dim=out_dim) if p.rule_name == "too-many-activations"]


def test_a_billion_activations_are_the_most_of_one_observation():
    assert too_many(learning(10), 1, 10**9) == []
    [problem] = too_many(learning(10), 1, 10**9 + 1)
    assert problem.message == "1,000,000,001 activations would leave its layers for one observation, about 4 GB"
    assert problem.hint == "at most 1,000,000,000 are allowed: make the outputs smaller"


@pytest.mark.parametrize(
    ("spec", "batch"),
    [
        (LINEAR, 32),
        (learning(), 32),
        (learning(batch_size=1000), 1000),
        (learning(minibatch_size=100.0), 100),
        (learning(batch_size=10**5, minibatch_size=20), 10**5),
        (learning(batch_size="many"), 32),
    ],
)
def test_ten_billion_activations_are_the_most_of_a_batch(spec, batch):
    assert too_many(spec, 1, 10**10 // batch) == []
    [problem] = too_many(spec, 1, 10**10 // batch + 1)
    assert problem.message.endswith(f" activations would leave its layers for a batch of {batch:,}, about 40 GB")
    assert problem.hint.startswith("at most 10,000,000,000 are allowed")


def test_what_has_too_many_activations_is_not_built_either():
    wide = {"type": "ConvNet", "conv_hid_layers": [[8, 3], [8, 3, 1, 20000], [8, 3, 20000]], "batch_norm": False}
    assert refused({**wide, "fc_hid_layers": [], **ACT, "normalize": True}, (4, 84, 84), 2).endswith("about 102 GB")


@pytest.mark.parametrize(
    ("net", "pointer"),
    [
        ({"conv_hid_layers": [[8, 3], [8, 3, 1, 20000], [8, 3, 20000]], "fc_hid_layers": []}, "/conv_hid_layers/1"),
        ({"conv_hid_layers": [[8, 3, 80]], "fc_hid_layers": [8, 4 * 10**8]}, "/fc_hid_layers/1"),
    ],
)
def test_the_layer_that_gives_out_too_much_is_told(net, pointer):
    found = too_many({"type": "ConvNet", **net, **ACT, "batch_norm": False}, (4, 84, 84), 2)
    assert [problem.pointer for problem in found] == [pointer]


def test_the_batch_may_be_a_variable_and_what_would_fit_is_said():
    net = {"type": "MLPNet", "hid_layers": [10**5], **ACT}
    spec = learning("${batch}", net=net) | {"spec_params": {"batch": [32, 10**5]}}
    [problem] = too_many(spec, 1, 2)
    assert problem.pointer == "/agent/net/hid_layers/0"
    assert problem.hint == "at most 10,000,000,000 are allowed: make this layer smaller, or the batch 49,999"
    with pytest.raises(SpecError, match="a batch of 100,000"):
        build_net(spec, 1, 2, variables={"batch": 10**5})


def actor_critic(net, env="CartPole-v1", batch_size=None):
    spec = learning(batch_size, net={**net, "shared": False, "use_same_optim": False})
    spec["agent"]["algorithm"]["name"] = "ActorCritic"
    return {**spec, "env": {"name": env}}


def test_the_dims_of_the_critic_count():
    spec = actor_critic({**DENSE, "critic_hid_layers": [10**6]})
    assert validate(spec, max_params=6 * 10**6 + 1) == []
    [large] = validate(spec, max_params=6 * 10**6)
    assert large.message == "the net would have 6,000,001 parameters"
    kernels = {"conv_hid_layers": [[4, 8, 80]], "critic_conv_hid_layers": [[64, 3]], "fc_hid_layers": []}
    net = {"type": "ConvNet", **kernels, "batch_norm": False, "normalize": True, **ACT}
    assert not [p for p in validate(actor_critic(net, "ALE/Pong-v5")) if p.severity == "error"]
    spec = actor_critic(net, "ALE/Pong-v5", batch_size=10**5)
    [wide] = [problem for problem in validate(spec) if problem.severity == "error"]
    assert (wide.pointer, wide.rule_name) == ("/agent/net/critic_conv_hid_layers/0", "too-many-activations")
    with pytest.raises(SpecError, match="critic_conv_hid_layers/0"):
        build_nets(spec)


@pytest.mark.parametrize("count", [1001, 100_000])
def test_more_than_a_thousand_outputs_or_inputs_are_refused(count):
    hydra = {"type": "HydraMLPNet", "hid_layers": [[[8]], [8], []], **ACT}
    assert refused(DENSE, 4, [1] * count) == f"{count:,} outputs"
    assert refused(hydra, [4], [1] * count) == f"{count:,} outputs"
    assert refused(hydra, [4] * count, 2) == f"{count:,} inputs"
    assert refused({**DENSE, "hid_layers": [1] * count}, 4, 2).startswith(f"hid_layers has {count} entries")
    space = SimpleNamespace(shape=(4,)), SimpleNamespace(nvec=[2] * count)
    with pytest.raises(SpecError, match=f"{count:,} outputs"):
        build_net(learning(net=DENSE), env=space)


def test_a_thousand_outputs_are_built_and_one_of_any_width():
    assert build_net(DENSE, 4, [1] * 1000, device="meta").out_dim == [1] * 1000
    assert build_net(DENSE, 4, 100_000, device="meta").out_dim == 100_000
    assert build_net(DENSE, env=(SimpleNamespace(shape=(4,)), SimpleNamespace(n=100_000))).out_dim == 100_000


def test_without_dims_nothing_is_refused_that_a_small_input_makes_fit():
    spec = resolve(DENSE)
    least = sum(NET_TYPES["MLPNet"].parameters(spec, None, None).values())
    assert validate(DENSE, max_params=least) == []
    assert validate(DENSE, max_params=least - 1) != []


def test_the_limit_holds_for_actor_and_critic():
    net = {**DENSE, "shared": False, "use_same_optim": False, "critic_hid_layers": [1000, 1000]}
    spec = {"agent": {"algorithm": {"name": "PPO"}, "net": net}, "env": {"name": "CartPole-v1"}}
    [problem] = validate(spec, max_params=100_000)
    assert problem.pointer == "/agent/net/critic_hid_layers"


@pytest.mark.parametrize("key", ["bidirectional", "layer_norm", "weight_norm", "rnn_num_layers", "cell_type"])
def test_a_size_of_the_wrong_type_is_one_problem(key):
    net = {"type": "RecurrentNet", "fc_hid_layers": [8], "rnn_hidden_size": 8, "seq_len": 4, **ACT, key: "no"}
    [problem] = validate(net, in_dim=(4, 3), out_dim=2)
    assert problem.pointer == f"/{key}"


@pytest.mark.parametrize("width", [1e308, 10**18])
def test_enormous_numbers_are_shown_as_powers_of_ten(width):
    problems = validate({"type": "MLPNet", "hid_layers": [width], **ACT})
    assert all(len(problem.message) < 120 for problem in problems)
    assert any("e+" in problem.message for problem in problems)
