"""The `search` of a spec, in both its forms: what is wrong in it is told at its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_helpers import CONV, NET, found, of_net, problems_of

import slm_net


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
        ({"dropout__uniform": [0.5, 1.5]}, "/dropout__uniform/1", "value-out-of-range"),
    ],
)
def test_a_wrong_search_is_one_error_at_its_place(varied, pointer, rule):
    assert found(of_net(**varied)) == [("error", "/agent/0/net" + pointer, rule)]


def test_the_dotted_form_is_read_too():
    assert found({"agent.0.net.optim_spec.lr__uniform": [0.001, 0.1]}) == []
    assert found({"agent.net.optim_spec.lr__uniform": [0.001, 0.1]}, version=5) == []
    wrong = found({"agent.0.net.optim_spec.lrr__uniform": [0.001, 0.1]})
    assert wrong == [("error", "/agent.0.net.optim_spec.lrr__uniform", "unknown-key")]


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
    wrong = [("warning", "/agent/0/net/hid_layers_activation__choice", "wrong-type")]
    assert found(search) == (wrong if first else [])


def test_objects_are_looked_into_all_the_same():
    wrong = found(of_net(optim_spec__choice=[{"name": "Adam"}, {"name": "SDG"}, {"name": "SGD", "lrr": 0.1}]))
    assert wrong == [
        ("warning", "/agent/0/net/optim_spec__choice", "wrong-type"),
        ("error", "/agent/0/net/optim_spec__choice/1/name", "unknown-name"),
        ("error", "/agent/0/net/optim_spec__choice/2/lrr", "unknown-key"),
    ]


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
