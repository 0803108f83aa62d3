"""The `search` of a spec: what is varied exists, and what a trial may draw is right."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slm_net
from slm_net.search.trials import MOST_SAMPLES, PER_MISTAKE

NET = {
    "type": "MLPNet",
    "hid_layers": [64],
    "hid_layers_activation": "relu",
    "optim_spec": {"name": "Adam", "lr": 0.01},
    "lr_scheduler_spec": {"name": "StepLR", "step_size": 100},
}
CONV = {"type": "ConvNet", "conv_hid_layers": [[8, 8, 4]], "fc_hid_layers": [], "hid_layers_activation": "relu"}


def problems_of(search, net=NET, version=4, algorithm="DQN", env="CartPole-v1"):
    agent = {"algorithm": {"name": algorithm, "gamma": 0.99}, "memory": {"name": "Replay"}, "net": net}
    env = {"name": env, "num_envs": 4}
    spec = {"agent": agent, "env": env, "meta": {"max_trial": 4}, "search": search}
    if version == 4:
        spec |= {"agent": [agent], "env": [env]}
    return slm_net.validate(json.dumps({"demo": spec}))


def found(search, net=NET, version=4, **others):
    problems = problems_of(search, net, version, **others)
    return [(p.severity, p.pointer.removeprefix("/demo/search"), p.rule_name) for p in problems]


def of_net(**varied):
    return {"agent": [{"net": varied}]}


def nested(path, value):
    """The nested form of a dotted path; entries of lists that are not searched are empty."""
    step, _, rest = path.partition(".")
    below = nested(rest, value) if rest else value
    return [{}] * int(step) + [below] if step.isdigit() else {step: below}


@pytest.mark.parametrize(
    "varied",
    [
        {"hid_layers__choice": [[16], [32, 16]]},
        {"hid_layers__grid_search": [[16], []]},
        {"optim_spec": {"lr__uniform": [0.001, 0.1]}},
        {"optim_spec": {"lr__loguniform": [1e-5, 1e-2], "weight_decay__choice": [0, 0.1]}},
        {"optim_spec": {"lr__normal": [0.01, 0.001]}},
        {"lr_scheduler_spec": {"step_size__randint": [10, 100], "gamma__quniform": [0.1, 0.9, 0.1]}},
        {"update_frequency__qrandint": [100, 1000, 100]},
        {"clip_grad_val__choice": [0.5, None]},
        {"hid_layers_activation__choice": ["relu", "tanh", {"name": "leakyrelu", "negative_slope": 0.2}]},
    ],
)
def test_a_right_search_has_no_problem(varied):
    assert found(of_net(**varied)) == []


@pytest.mark.parametrize(
    ("varied", "pointer", "rule"),
    [
        ({"optm_spec": {"lr__uniform": [0.001, 0.1]}}, "/optm_spec/lr__uniform", "unknown-key"),
        ({"optim_spec": {"lrr__uniform": [0.001, 0.1]}}, "/optim_spec/lrr__uniform", "unknown-key"),
        ({"optim_spec": {"lr": [0.001, 0.1]}}, "/optim_spec/lr", "unknown-name"),
        ({"optim_spec": {"lr__unifrom": [0.001, 0.1]}}, "/optim_spec/lr__unifrom", "unknown-name"),
        ({"optim_spec": {"lr__uniform__choice": [0.1, 0.2]}}, "/optim_spec/lr__uniform__choice", "unknown-name"),
        ({"optim_spec": {"lr__uniform": [0.1, 0.2, 0.3]}}, "/optim_spec/lr__uniform", "value-out-of-range"),
        ({"optim_spec": {"lr__uniform": [0.2, 0.1]}}, "/optim_spec/lr__uniform", "value-out-of-range"),
        ({"optim_spec": {"lr__uniform": ["low", "high"]}}, "/optim_spec/lr__uniform", "value-out-of-range"),
        ({"optim_spec": {"lr__loguniform": [0, 0.1]}}, "/optim_spec/lr__loguniform", "value-out-of-range"),
        ({"optim_spec": {"lr__normal": [0.01, -0.1]}}, "/optim_spec/lr__normal", "value-out-of-range"),
        ({"hid_layers__choice": 16}, "/hid_layers__choice", "value-out-of-range"),
        ({"hid_layers__choice": []}, "/hid_layers__choice", "value-out-of-range"),
        ({"hid_layers__choice": [[16], 32]}, "/hid_layers__choice/1", "wrong-type"),
        ({"hid_layers_activation__choice": ["relu", "reluu"]}, "/hid_layers_activation__choice/1", "unknown-name"),
        ({"optim_spec": {"lr__uniform": [-0.1, 0.1]}}, "/optim_spec/lr__uniform/0", "value-out-of-range"),
        ({"polyak_coef__uniform": [0.5, 1.5]}, "/polyak_coef__uniform/1", "value-out-of-range"),
    ],
)
def test_a_wrong_search_is_one_error_at_its_place(varied, pointer, rule):
    assert found(of_net(**varied)) == [("error", "/agent/0/net" + pointer, rule)]


def test_the_dotted_form_is_read_too():
    assert found({"agent.0.net.optim_spec.lr__uniform": [0.001, 0.1]}) == []
    assert found({"agent.net.optim_spec.lr__uniform": [0.001, 0.1]}, version=5) == []
    wrong = found({"agent.0.net.optim_spec.lrr__uniform": [0.001, 0.1]})
    assert wrong == [("error", "/agent.0.net.optim_spec.lrr__uniform", "unknown-key")]


@pytest.mark.parametrize("key", ["lr_decay_frequency__choice", "clip_grad__choice", "training_iter__choice"])
def test_keys_that_real_files_vary_to_no_effect_are_a_warning(key):
    assert found(of_net(**{key: [1, 2]})) == [("warning", f"/agent/0/net/{key}", "unknown-key")]


def test_a_block_that_the_spec_lacks_is_a_warning_if_nets_have_it():
    net = {key: value for key, value in NET.items() if key != "optim_spec"}
    assert found(of_net(optim_spec={"lr__uniform": [0.1, 0.2]}), net)[0][0] == "warning"


@pytest.mark.parametrize(
    ("version", "target", "hint"),
    [
        (5, "agents.net.hid_layers", "did you mean 'agent'?"),
        (5, "agent.nett.hid_layers", "did you mean 'net'?"),
        (5, "agent.0.net.hid_layers", "did you mean 'agent.net.hid_layers'?"),
        (5, "agent.0.net.dropout", "did you mean 'agent.net.dropout'?"),
        (5, "net.hid_layers", "did you mean 'agent.net.hid_layers'?"),
        (5, "demo.agent.net.hid_layers", "did you mean 'agent.net.hid_layers'?"),
        (5, "hid_layers", "did you mean 'agent.net.hid_layers'?"),
        (5, "agent.algorithm.gama", "did you mean 'gamma'?"),
        (5, "agent.algorithm.name.x", 'name is "DQN"'),
        (5, "agent.memry.batch_size", "did you mean 'memory'?"),
        (5, "env.num_env", "did you mean 'num_envs'?"),
        (5, "meta.max_trail", "did you mean 'max_trial'?"),
        (5, "nothing.like.it", "expected agent, env, meta"),
        (4, "agent.net.hid_layers", "did you mean 'agent.0.net.hid_layers'?"),
        (4, "agent.1.net.hid_layers", "did you mean 'agent.0.net.hid_layers'?"),
        (4, "agent.0.net.learning_rate", "it belongs in optim_spec"),
        (4, "agent.0.net.optim_spec.learning_rate", "did you mean 'lr'?"),
        (4, "agent.0.net.optim_spec.lr.x", "lr is 0.01"),
    ],
)
@pytest.mark.parametrize("is_nested", [False, True])
def test_a_path_that_the_spec_lacks_is_an_error_at_the_key_with_the_nearest_path(version, target, hint, is_nested):
    key = f"{target}__choice"
    problems = problems_of(nested(key, [[8]]) if is_nested else {key: [[8]]}, version=version)
    pointer = key.replace(".", "/") if is_nested else key
    assert [(p.severity, p.pointer, p.rule_name) for p in problems] == [
        ("error", f"/demo/search/{pointer}", "unknown-key")
    ]
    assert problems[0].hint.startswith(hint)


@pytest.mark.parametrize(
    ("target", "values", "problems"),
    [
        ("hid_layers.0__choice", [16, 32], []),
        ("hid_layers.0__choice", [16, "a"], [("error", "/1", "wrong-type")]),
        ("hid_layers.1__choice", [16, 32], [("error", "", "unknown-key")]),
        ("optim_spec.betas.0__uniform", [0.1, 0.9], [("error", "", "unknown-key")]),
        ("optim_spec.lr.x__choice", [1], [("error", "", "unknown-key")]),
        ("0__choice", [1, 2], [("warning", "", "unknown-key")]),
        ("__choice", [1, 2], [("warning", "", "unknown-key")]),
        ("\u00b2__choice", [1, 2], [("warning", "", "unknown-key")]),
        ("9" * 900 + "__choice", [1, 2], [("warning", "", "unknown-key")]),
    ],
)
def test_single_entries_and_what_is_not_there(target, values, problems):
    wrong = found({f"agent.0.net.{target}": values})
    assert wrong == [(severity, f"/agent.0.net.{target}{rest}", rule) for severity, rest, rule in problems]


@pytest.mark.parametrize("optim_spec", ["Adam", "${optim}"])
def test_what_is_no_block_yet_is_not_searched(optim_spec):
    problems = found(of_net(optim_spec={"lr__choice": [0.1, "high"]}), {**NET, "optim_spec": optim_spec})
    assert [pointer for _, pointer, _ in problems] == ["/demo/agent/0/net/optim_spec"]


def test_a_block_that_is_null_has_nothing_to_vary():
    problems = found(of_net(lr_scheduler_spec={"gamma__choice": [0.1]}), {**NET, "lr_scheduler_spec": None})
    assert problems == [("error", "/agent/0/net/lr_scheduler_spec/gamma__choice", "unknown-key")]


@pytest.mark.parametrize(
    ("search", "pointer", "hint"),
    [
        ({"agent.0.algorithm.clip_eps__choice": [0.1]}, "/agent.0.algorithm.clip_eps__choice", "expected name, gamma"),
        ({"agent.0.memory.max_size__choice": [9]}, "/agent.0.memory.max_size__choice", "expected name"),
        (
            {"agent": [{"body": {"lr__choice": [1]}}]},
            "/agent/0/body/lr__choice",
            "did you mean 'agent.0.net.optim_spec",
        ),
        ({"agent.0.critic_net.hid_layers__choice": [[8]]}, "/agent.0.critic_net.hid_layers__choice", "did you mean"),
    ],
)
def test_settings_outside_of_nets_that_are_like_no_other_are_a_warning(search, pointer, hint):
    [problem] = problems_of(search)
    assert (problem.severity, problem.pointer, problem.rule_name) == (
        "warning",
        f"/demo/search{pointer}",
        "unknown-key",
    )
    assert problem.hint.startswith(hint)


def test_what_is_there_can_be_varied_everywhere():
    search = {
        "agent.0.algorithm.gamma__uniform": [0.9, 0.99],
        "agent.0.memory.name__choice": ["Replay"],
        "agent.0.net__choice": ["${net}"],
        "env.0.num_envs__grid_search": [1, 8],
        "meta.max_trial__randint": [1, 8],
    }
    assert found(search) == []
    assert found({"agent": [{"algorithm": {"gamma__uniform": [0.9]}}]}) == [
        ("error", "/agent/0/algorithm/gamma__uniform", "value-out-of-range")
    ]


@pytest.mark.parametrize(
    ("search", "severity", "hint"),
    [
        ({"agent.0.net.optim_spec.lr_uniform": [0.1, 0.2]}, "error", "did you mean 'lr__uniform'?"),
        ({"agent.0.algorithm.gamma": [0.1, 0.2]}, "error", "write 'gamma__choice'"),
        ({"agent.0.algorithm.training_iter_choice": [1, 2]}, "warning", "did you mean 'training_iter__choice'?"),
        ({"agent.0.algorithm.gamma__log_uniform": [0.1, 0.2]}, "error", "did you mean 'loguniform'?"),
    ],
)
def test_a_key_without_a_distribution_is_told_which(search, severity, hint):
    [problem] = problems_of(search)
    assert (problem.severity, problem.rule_name, problem.hint) == (severity, "unknown-name", hint)


@pytest.mark.parametrize("first", [0, 1])
def test_a_list_that_begins_with_an_object_is_no_choice_for_slm_lab(first):
    choices = ["relu", {"name": "leakyrelu"}]
    search = of_net(hid_layers_activation__choice=[choices[first], choices[1 - first]])
    wrong = [("error", "/agent/0/net/hid_layers_activation__choice", "wrong-type")]
    assert found(search) == (wrong if first else [])


def test_objects_are_looked_into_all_the_same():
    wrong = found(of_net(optim_spec__choice=[{"name": "Adam"}, {"name": "SDG"}, {"name": "SGD", "lrr": 0.1}]))
    assert wrong == [
        ("error", "/agent/0/net/optim_spec__choice", "wrong-type"),
        ("error", "/agent/0/net/optim_spec__choice/1/name", "unknown-name"),
        ("error", "/agent/0/net/optim_spec__choice/2/lrr", "unknown-key"),
    ]


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


def test_a_huge_search_is_looked_at_in_part_and_says_so():
    choices = [[8]] * 100_000 + ["wrong"]
    search = {"agent.0.net.hid_layers__choice": choices, "agent.0.net.lr__choice": [1]}
    assert found(search) == [("warning", "/agent.0.net.hid_layers__choice", "file-too-large")]
    keys = {f"agent.0.net.k{index}__choice": [1] for index in range(MOST_SAMPLES)}
    *wrong, (severity, _, rule) = found(keys)
    assert (severity, rule, len(wrong)) == ("warning", "file-too-large", -(-MOST_SAMPLES // (1 + PER_MISTAKE)))


KEYS = [
    "agent",
    "net",
    "algorithm",
    "env",
    "meta",
    "hid_layers__choice",
    "hid_layers",
    "optim_spec",
    "lr__uniform",
    "type__choice",
    "optim_spec__choice",
    "0__choice",
    "betas.0__normal",
    "name__choice",
    "lr_scheduler_spec",
    "step_size__randint",
    "agent.0.net",
    "agent.net.dropout__uniform",
    "net__choice",
    "gamma",
    "seq_len__qrandint",
    "shared__choice",
    "0",
    "1",
    "loss_spec.name__choice",
    "init_fn__choice",
    "a__b__c",
    "__choice",
    "x.__uniform",
    "critic_hid_layers__choice",
    "lr__lognormal",
    "lr__loguniform",
    "weight_decay__qloguniform",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        ["MLPNet", "ConvNet", "HydraMLPNet", "Adam", "SGD", "relu", "${x}", [0, 1], [1, 5], [[8], []], NET]
    ),
)
SEARCHES = st.recursive(
    SCALARS,
    lambda children: st.one_of(
        st.lists(children, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=8)), children, max_size=4),
    ),
    max_leaves=12,
)


@given(SEARCHES, st.sampled_from([NET, CONV, {}, {**NET, "lr_scheduler_spec": None}, {**NET, "optim_spec": "${x}"}]))
def test_whatever_is_searched_never_crashes_and_has_a_place(search: Any, net: dict[str, Any]) -> None:
    agent = {"algorithm": {"name": "PPO"}, "net": net}
    spec = {"agent": [agent], "env": [{"name": "CartPole-v1"}]}
    before = slm_net.validate({"demo": spec})
    problems = slm_net.validate({"demo": {**spec, "search": search}})
    more = [problem for problem in problems if problem not in before]
    assert all(problem.pointer.startswith("/demo/search") for problem in more)
