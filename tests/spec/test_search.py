"""The `search` of a spec: what is varied exists, and what a trial may draw is right."""

import json

import pytest

import slm_net

NET = {
    "type": "MLPNet",
    "hid_layers": [64],
    "hid_layers_activation": "relu",
    "optim_spec": {"name": "Adam", "lr": 0.01},
    "lr_scheduler_spec": {"name": "StepLR", "step_size": 100},
}


def found(search, net=NET, version=4):
    agent = {"algorithm": {"name": "DQN"}, "memory": {"name": "Replay"}, "net": net}
    env = {"name": "CartPole-v1"}
    spec = {"agent": agent, "env": env, "search": search}
    if version == 4:
        spec |= {"agent": [agent], "env": [env]}
    text = json.dumps({"demo": spec}, indent=1)
    return [(p.severity, p.pointer.removeprefix("/demo/search"), p.rule_name) for p in slm_net.validate(text)]


def of_net(**varied):
    return {"agent": [{"net": varied}]}


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


def test_outside_of_the_net_only_the_range_is_checked():
    search = {"agent": [{"algorithm": {"gamma__uniform": [0.9, 0.99], "anything": 1}, "memory": {"x__choice": [1]}}]}
    assert found(search) == []
    search["agent"][0]["algorithm"]["gamma__uniform"] = [0.9]
    assert found(search) == [("error", "/agent/0/algorithm/gamma__uniform", "value-out-of-range")]
