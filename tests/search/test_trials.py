"""What a trial may draw is right."""

import pytest
from search_helpers import CONV, NET, found, of_net, problems_of

from slm_net import validate
from slm_net.search.trials import MOST_SAMPLES, PER_MISTAKE


@pytest.mark.parametrize("optim_spec", ["Adam", "${optim}"])
def test_what_is_no_block_yet_is_not_searched(optim_spec):
    problems = found(of_net(optim_spec={"lr__choice": [0.1, "high"]}), {**NET, "optim_spec": optim_spec})
    assert [pointer for _, pointer, _ in problems] == ["/demo/agent/0/net/optim_spec"]


def test_a_whole_net_is_looked_into_too():
    wrong = found({"agent": [{"net__choice": ["${net}", NET, {"type": "MLPNet", "hid_layers": [8]}, 3]}]})
    assert wrong == []  # not known before the spec is loaded
    wrong = found({"agent": [{"net__choice": [3, NET, {**NET, "hid_layers_activation": ["relu", "tanh"]}]}]})
    assert wrong == [
        ("error", "/agent/0/net__choice/0", "wrong-type"),
        ("error", "/agent/0/net__choice/2/hid_layers_activation", "list-does-not-fit"),
    ]


@pytest.mark.parametrize(
    ("net", "varied", "pointer", "rule", "message"),
    [
        ({"hid_layers_activation": ["relu"]}, {"hid_layers__choice": [[8], [8, 8]]}, "hid_layers__choice/1",
         "list-does-not-fit", "with [8, 8]: "),
        ({}, {"hid_layers_activation__choice": ["relu", ["relu", "tanh"]]}, "hid_layers_activation__choice/1",
         "list-does-not-fit", ""),
        ({"init_fn": "kaiming_normal_"}, {"hid_layers_activation__choice": ["relu", "gelu"]},
         "hid_layers_activation__choice/1", "init-without-gain", 'with "gelu": '),
        ({"optim_spec": {"name": "Adam", "betas": [0.9, 0.99]}}, {"optim_spec.name__choice": ["Adam", "SGD"]},
         "optim_spec.name__choice/1", "unknown-key", "with \"SGD\": 'betas' is not a key of optim_spec"),
        ({"optim_spec": {"name": "SGD"}}, {"optim_spec.nesterov__choice": [False, True]},
         "optim_spec.nesterov__choice/1", "argument-conflict", ""),
        ({}, {"type__choice": ["MLPNet", "QMLPNet"]}, "type__choice/1", "net-does-not-fit-algorithm", ""),
        ({}, {"type__choice": ["MLPNet", "RecurrentNet"]}, "type__choice/1", "missing-key", 'with "RecurrentNet": '),
        (CONV, {"conv_hid_layers__choice": [[[8, 8, 4]], [[8, 90, 4]]]}, "conv_hid_layers__choice/1/0",
         "convolution-does-not-fit", ""),
        (CONV, {"conv_hid_layers.0.1__choice": [8, 90]}, "conv_hid_layers.0.1__choice/1",
         "convolution-does-not-fit", "with 90: "),
    ],
)  # fmt: skip
def test_each_choice_is_checked_by_the_rules(net, varied, pointer, rule, message):
    env = "ALE/Pong-v5" if "conv_hid_layers" in net else "CartPole-v1"
    search = {f"agent.net.{key}": values for key, values in varied.items()}
    problem, *more = problems_of(search, net if "type" in net else {**NET, **net}, 5, env=env)
    assert {(p.pointer, p.rule) for p in more} <= {(problem.pointer, problem.rule)}
    assert (problem.severity, problem.rule_name) == ("error", rule)
    assert problem.pointer == f"/demo/search/agent.net.{pointer}"
    assert problem.message.startswith(message)


def test_what_is_wrong_without_the_search_is_said_once():
    net = {**NET, "hid_layers_activation": ["relu", "tanh"]}
    assert [pointer for _, pointer, _ in found(of_net(dropout__choice=[0.1], hid_layers__choice=[[8, 8]]), net)] == [
        "/demo/agent/0/net/hid_layers_activation"
    ]


@pytest.mark.parametrize("name", ["conv_hid_layers", "rnn_hidden_size"])
def test_keys_of_other_types_are_varied_to_no_effect(name):
    assert found(of_net(**{f"{name}__choice": [8, 16]})) == [
        ("warning", f"/agent/0/net/{name}__choice", "unused-key"),
    ]


def test_the_dims_follow_the_length_of_the_sequences():
    net = {"type": "RecurrentNet", "cell_type": "GRU", "fc_hid_layers": [], "hid_layers_activation": "relu"}
    net |= {"rnn_hidden_size": 8, "seq_len": 4}
    assert found(of_net(seq_len__choice=[2, 4, 8]), net, algorithm="Reinforce") == []


@pytest.mark.parametrize(
    ("varied", "wrong"),
    [
        ({"dropout__uniform": [0, 1]}, []),
        ({"dropout__quniform": [0, 1, 0.1]}, ["1"]),
        ({"optim_spec": {"lr__uniform": [0, 0.01]}}, []),
        ({"optim_spec": {"lr__uniform": [-0.01, 0]}}, ["0", "1"]),
        ({"lr_scheduler_spec": {"step_size__uniform": [10, 100]}}, ["0", "1"]),
        ({"lr_scheduler_spec": {"step_size__randint": [0, 1]}}, ["0", "1"]),
    ],
)
def test_the_ends_of_a_continuous_range_are_not_drawn(varied, wrong):
    problems = found(of_net(**varied))
    assert [pointer.rpartition("/")[2] for _, pointer, _ in problems] == wrong


def test_what_is_too_large_is_found_in_an_arc_too():
    layer = {"LazyConv2d": {"out_channels": 8, "kernel_size": 3}}
    graph = {"input": "x", "modules": {"body": ["x"]}, "output": "body"}
    net = {"type": "TorchArcNet", "arc": {"modules": {"body": {"Sequential": [layer]}}, "graph": graph}}
    varied = {"padding__choice": [0, 20_000], "out_channels__choice": [8, 10**9]}
    search = of_net(arc={"modules": {"body": {"Sequential": [{"LazyConv2d": varied}]}}})
    wrong = found(search, net, env="ALE/Pong-v5")
    assert [(pointer.rpartition("LazyConv2d/")[2], rule) for _, pointer, rule in wrong if "LazyConv2d" in pointer] == [
        ("padding__choice/1", "too-many-activations"),
        ("out_channels__choice/1", "model-too-large"),
    ]


@pytest.mark.parametrize(("batch", "wrong"), [(32, []), ("${batch}", ["/search/agent.net.hid_layers__choice/1/0"])])
def test_a_value_is_too_large_for_the_batch_of_the_spec(batch, wrong):
    agent = {"algorithm": {"name": "DQN"}, "memory": {"name": "Replay", "batch_size": batch}, "net": NET}
    spec = {"agent": agent, "env": {"name": "CartPole-v1"}, "spec_params": {"batch": [10**5]}}
    problems = validate({**spec, "search": {"agent.net.hid_layers__choice": [[8], [10**5]]}})
    assert [problem.pointer for problem in problems if problem.severity == "error"] == wrong


def test_a_huge_search_is_looked_at_in_part_and_says_so():
    choices = [*([index] for index in range(1, 100_000)), "wrong"]
    search = {"agent.0.net.hid_layers__choice": choices, "agent.0.net.lr__choice": [1]}
    assert found(search) == [("error", "/agent.0.net.hid_layers__choice", "file-too-large")]
    keys = {f"agent.0.net.k{index}__choice": [1] for index in range(MOST_SAMPLES)}
    *wrong, (severity, _, rule) = found(keys)
    assert (severity, rule, len(wrong)) == ("error", "file-too-large", -(-MOST_SAMPLES // (1 + PER_MISTAKE)))


@pytest.mark.parametrize("own", [False, True])
def test_no_error_is_lost_among_many_specs(own):
    """The same net is tried once; of 300 that are all their own, each."""
    choices = [index / 1000 for index in range(1, 9)]
    specs = {}
    for index in range(300):
        net = {"type": "MLPNet", "hid_layers": [64 + own * index], "hid_layers_activation": "relu"}
        search = {"agent.net.hid_layers_activation__choice": ["relu"], "agent.net.clip_grad_val__choice": choices}
        agent = {"algorithm": {"name": "DQN"}, "net": {**net, "clip_grad_val": 1}}
        specs[f"s{index}"] = {"agent": agent, "env": {"name": "CartPole-v1"}, "search": search}
    specs["s299"]["search"] = {"agent.net.hid_layers_activation__choice": ["reluu"]}
    [problem] = [problem for problem in validate(specs) if problem.severity == "error"]
    assert problem.pointer == "/s299/search/agent.net.hid_layers_activation__choice/0"
