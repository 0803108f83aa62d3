"""Learning rates, schedules and losses that work, but hardly as they were meant."""

import pytest
import torch

from slm_net import validate
from slm_net.training import build_loss

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def found_in(source):
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in validate(source)]


def spec(net, **env):
    agent = {"algorithm": {"name": "PPO"}, "net": {**NET, "shared": False, "use_same_optim": False, **net}}
    return {"agent": agent, "env": {"name": "NoSuchEnvironment-v0", **env}}


@pytest.mark.parametrize("lr", [1e-8, 1e-300, 1.5, 1e3])
def test_a_learning_rate_that_is_hardly_meant(lr):
    optim_spec = {"name": "Adam", "lr": lr}
    assert found_in({**NET, "optim_spec": optim_spec}) == [("/optim_spec/lr", "unusual-learning-rate", "warning")]
    assert found_in({**NET, "critic_optim_spec": optim_spec})[0][0] == "/critic_optim_spec/lr"


@pytest.mark.parametrize("lr", [1e-7, 3e-4, 1, 1.0])
def test_learning_rates_from_1e_7_to_1_are_usual(lr):
    assert found_in({**NET, "optim_spec": {"name": "Adam", "lr": lr}}) == []


def test_the_rates_of_a_schedule_count_too():
    schedule = {"name": "OneCycleLR", "max_lr": 100, "total_steps": 10}
    assert found_in({**NET, "lr_scheduler_spec": schedule}) == [
        ("/lr_scheduler_spec/max_lr", "unusual-learning-rate", "warning")
    ]


def test_a_rate_that_the_schema_refuses_is_one_problem():
    [(_, rule, severity)] = found_in({**NET, "optim_spec": {"name": "Adam", "lr": -1}})
    assert (rule, severity) == ("value-out-of-range", "error")


@pytest.mark.parametrize(
    ("schedule", "key"),
    [
        ({"name": "LinearToZero", "frame": 1000}, "frame"),
        ({"name": "LinearToMin", "frame": 999.5, "min_factor": 0.1}, "frame"),
        ({"name": "PolynomialLR", "total_iters": 1000, "step_on": "frame"}, "total_iters"),
        ({"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 1000, "step_on": "frame"}, "total_steps"),
    ],
)
def test_a_schedule_that_ends_before_the_training(schedule, key):
    for role in ("", "actor_", "critic_"):
        source = spec({f"{role}lr_scheduler_spec": schedule}, max_frame=2e3)
        place = f"/agent/net/{role}lr_scheduler_spec/{key}"
        assert found_in(source) == [(place, "schedule-ends-early", "warning")]


@pytest.mark.parametrize(
    ("schedule", "env"),
    [
        ({"name": "LinearToZero", "frame": 2000}, {"max_frame": 2e3}),
        ({"name": "LinearToZero", "frame": 3000}, {"max_frame": 2e3}),
        ({"name": "LinearToZero", "frame": 10}, {}),
        ({"name": "LinearToZero", "frame": 10}, {"max_frame": "all"}),
        ({"name": "LinearToZero", "frame": 10, "step_on": "update"}, {"max_frame": 2e3}),
        ({"name": "PolynomialLR", "total_iters": 10}, {"max_frame": 2e3}),  # counts updates
        ({"name": "StepLR", "step_size": 10}, {"max_frame": 2e3}),
    ],
)
def test_schedules_that_last_or_count_something_else(schedule, env):
    assert not [rule for _, rule, _ in found_in(spec({"lr_scheduler_spec": schedule}, **env)) if "early" in rule]


def test_variables_are_filled_in_before_frames_are_compared():
    source = spec({"lr_scheduler_spec": {"name": "LinearToZero", "frame": "${frame}"}}, max_frame="${frames}")
    assert found_in({**source, "spec_params": {"frame": [1e6], "frames": [1e6]}}) == []
    assert found_in({**source, "spec_params": {"frame": [1e6], "frames": [1e6, 1e7]}}) == [
        ("/spec_params/frame/0", "schedule-ends-early", "warning")
    ]


def test_a_list_of_environments_has_its_max_frame_in_the_first():
    source = spec({"lr_scheduler_spec": {"name": "LinearToZero", "frame": 10}})
    source = {"agent": [source["agent"]], "env": [{"name": "NoSuchEnvironment-v0", "max_frame": 20}]}
    assert found_in(source) == [("/agent/0/net/lr_scheduler_spec/frame", "schedule-ends-early", "warning")]


def test_a_target_that_never_moves():
    warning = [("/update_type", "argument-conflict", "warning")]
    assert found_in({**NET, "update_type": "polyak"}) == warning
    for fine in ({"update_type": "polyak", "polyak_coef": 0}, {"update_type": "replace"}, {}):
        assert found_in({**NET, **fine}) == []


@pytest.mark.parametrize(("algorithm", "rules"), [("DQN", ["argument-conflict"]), ("Reinforce", ["unused-key"])])
def test_only_an_algorithm_with_a_target_misses_its_coefficient(algorithm, rules):
    agent = {"algorithm": {"name": algorithm}, "net": {**NET, "update_type": "polyak"}}
    source = {"agent": agent, "env": {"name": "NoSuchEnvironment-v0"}}
    assert [rule for _, rule, _ in found_in(source)] == rules


@pytest.mark.parametrize("gamma", [0.5, 1, 1.1])
def test_a_decay_that_grows(gamma):
    schedule = {"name": "ExponentialLR", "gamma": gamma}
    warning = [("/lr_scheduler_spec/gamma", "value-out-of-range", "warning")]
    assert found_in({**NET, "lr_scheduler_spec": schedule}) == (warning if gamma > 1 else [])


def found_with_loss(loss_spec, out_dim):
    problems = validate({**NET, "loss_spec": loss_spec}, in_dim=4, out_dim=out_dim)
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in problems]


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_one_weight_per_class(name, count):
    loss_spec = {"name": name, "weight": [1.0] * count}
    fits = count == 3
    assert found_with_loss(loss_spec, 3) == ([] if fits else [("/loss_spec/weight", "list-does-not-fit", "error")])
    try:
        build_loss(loss_spec)(torch.rand(5, 3), torch.zeros(5, dtype=torch.long))
    except RuntimeError:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize("key", ["weight", "pos_weight"])
def test_weights_that_are_spread_over_a_batch_may_be_for_its_samples(key):
    for count, expected in ((1, []), (3, []), (2, [(f"/loss_spec/{key}", "list-does-not-fit", "warning")])):
        assert found_with_loss({"name": "BCEWithLogitsLoss", key: [1.0] * count}, 3) == expected


def test_several_outputs_and_unknown_ones():
    loss_spec = {"name": "CrossEntropyLoss", "weight": [1.0, 2.0]}
    assert found_with_loss(loss_spec, [3, 2]) == []
    assert found_with_loss(loss_spec, [3, 4]) != []
    assert found_with_loss(loss_spec, None) == []
    assert found_with_loss({"name": "CrossEntropyLoss", "weight": None}, 3) == []


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"update_type": "polyak", "polyak_coef": 0.995}, ("value-out-of-range", "write 0.005, if 0.995")),
        ({"update_type": "polyak", "polyak_coef": 0.9}, None),
        ({"update_type": "polyak", "polyak_coef": 1.0}, None),
        ({"polyak_coef": 0.005}, ("unused-key", 'write "update_type": "polyak", or remove it')),
        ({"update_type": "replace", "polyak_coef": 0.005}, ("unused-key", 'write "update_type": "polyak"')),
        ({"update_type": "replace", "polyak_coef": 0}, None),
    ],
)
def test_the_share_of_the_trained_net_in_its_target(keys, expected):
    found = [
        (problem.rule_name, problem.severity, problem.pointer, problem.hint) for problem in validate({**NET, **keys})
    ]
    if expected is None:
        assert found == []
    else:
        ((rule, severity, pointer, hint),) = found
        assert (rule, severity, pointer) == (expected[0], "warning", "/polyak_coef") and hint.startswith(expected[1])


@pytest.mark.parametrize(
    ("algorithm", "keys", "place"),
    [
        ("DQN", {"update_type": "replace", "update_frequency": 1}, "/update_frequency"),
        ("DoubleDQN", {"update_frequency": 1}, "/update_frequency"),
        ("SoftActorCritic", {"update_type": "replace"}, "/update_type"),
        ("DQN", {"update_type": "replace", "update_frequency": 2}, None),
        ("DQN", {"update_type": "polyak", "update_frequency": 1, "polyak_coef": 0.1}, None),
        ("DQN", {}, None),
        ("OurDQN", {"update_frequency": 1}, None),
    ],
)
def test_a_target_that_is_copied_at_every_step(algorithm, keys, place):
    problems = validate({"agent": {"algorithm": {"name": algorithm}, "net": {**NET, **keys}}, "env": {}})
    expected = [("value-out-of-range", "warning", f"/agent/net{place}")] if place else []
    assert [(problem.rule_name, problem.severity, problem.pointer) for problem in problems] == expected


RUNNING = {"normalize_obs": "running"}


@pytest.mark.parametrize("net", [RUNNING, {"critic_normalize_obs": "running"}])
def test_observations_that_are_normalised_twice(net):
    [problem] = validate(spec(net, normalize_obs=True))
    [(key, _)] = net.items()
    assert (problem.pointer, problem.rule_name, problem.severity) == (
        f"/agent/net/{key}",
        "normalised-twice",
        "warning",
    )
    assert '"normalize_obs": false in env' in problem.hint
    assert [(edit.path, edit.action) for edit in problem.fix] == [(("agent", "net", key), "remove")]


def test_observations_that_are_normalised_once():
    assert found_in(spec(RUNNING)) == found_in(spec(RUNNING, normalize_obs=False)) == []
    assert found_in(spec({}, normalize_obs=True)) == found_in(RUNNING | NET) == []


@pytest.mark.parametrize(("name", "count"), [("NoSuchEnvironment-v0", 1), ("PongNoFrameskip-v4", 0)])
def test_slm_lab_4_calls_it_normalize_state_and_leaves_it_out_for_atari(name, count):
    new = spec(RUNNING, name=name, normalize_state=True)
    old = {"agent": [new["agent"]], "env": [new["env"]], "body": {"product": "outer", "num": 1}}
    assert [rule for _, rule, _ in found_in(old)].count("normalised-twice") == count


def test_a_searched_value_is_looked_at_too():
    searched = {
        **spec({}, normalize_obs=True),
        "search": {"agent": {"net": {"normalize_obs__choice": [None, "running"]}}},
    }
    assert [rule for _, rule, _ in found_in(searched)] == ["normalised-twice"]
