"""Specs of each era in the words and the layout of SLM Lab 5; what stays, and what is told."""

import json

import pytest
from old_specs import FOUR, OLDEST, YAML, errors_in, migrate

from slm_net import load_spec
from slm_net.document.specs import read_document
from slm_net.migration.migrate import migrated
from slm_net.text.comments import comments_in
from slm_net.text.mending import Change

#: What a number of older labs is now.
CONSTANT = {"name": "no_decay", "start_val": 0.2, "end_val": 0.2, "start_step": 0, "end_step": 0}


def data_of(text, file="a.json"):
    [spec] = read_document(text, file).specs
    return spec.data


def spec_with(algorithm="DQN", env=None, meta=None, net=None, memory="Replay", **settings):
    block = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", **(net or {})}
    agent = {"name": "a", "algorithm": {"name": algorithm, **settings}, "memory": {"name": memory}, "net": block}
    env = {"name": "CartPole-v1", "max_frame": 100, **(env or {})}
    return {"agent": agent, "env": env, "meta": {"distributed": False, "max_session": 1, **(meta or {})}}


def migrated_data(**parts):
    text, left = migrate(json.dumps({"one": spec_with(**parts)}, indent=2))
    return data_of(text), left


def test_the_oldest_have_other_words():
    text, left = migrate(OLDEST)
    spec = data_of(text)
    assert spec["agent"]["algorithm"] == {
        "name": "DQN",
        "action_pdtype": "Argmax",
        "action_policy": "epsilon_greedy",
        "explore_var_spec": {
            "name": "linear_decay",
            "start_val": 1.0,
            "end_val": 0.1,
            "start_step": 0,
            "end_step": 10000,
        },
        "gamma": 0.99,
        "training_batch_iter": 4,
        "training_iter": 3,
        "training_frequency": 4,
    }
    assert spec["agent"]["memory"]["name"] == "Replay"
    net = spec["agent"]["net"]
    assert (net["clip_grad_val"], net["polyak_coef"]) == (None, 0.1)
    assert net["lr_scheduler_spec"] == {"name": "LinearToZero", "frame": 20000}
    assert spec["env"] == {"name": "CartPole-v1", "max_t": None, "max_frame": 10000, "normalize_obs": True}
    assert spec["meta"] == {"distributed": "shared", "max_session": 1, "search_resources": {"cpu": 4, "gpu": 0}}
    assert spec["search"] == {"agent": {"net": {"hid_layers__choice": [[32], [64]]}}}
    assert "body" not in spec
    assert {problem.message for problem in left} == {"SLM Lab 5 does not read comments in JSON"}


def test_comments_stay():
    text, _ = migrate(OLDEST)
    assert next(text[extra.start : extra.end] for extra in comments_in(text)) == "// the first one that learned"
    text, _ = migrate(YAML, "a.yaml")
    assert [line.strip() for line in text.splitlines() if "#" in line] == [
        "# for the older lab",
        "# the algorithm",
        "optim_spec: {name: Adam, lr: 0.001}  # slow",
    ]


def test_version_4_becomes_what_5_reads():
    text, left = migrate(FOUR)
    assert left == ()
    assert errors_in(text) == []
    json.loads(text)  # no comma is left
    assert data_of(text)["env"] == {"name": "ALE/Pong-v5", "max_frame": 1e7}
    assert data_of(text)["meta"]["search_resources"] == {"gpu": 1}
    lines = text.splitlines()
    assert '    "agent": {' in lines
    assert (
        '      "algorithm": {"name": "PPO", "gamma": 0.99, "lam": 0.7, "time_horizon": 128, "training_epoch": 4},'
        in lines
    )


def test_yaml_is_migrated_too():
    text, left = migrate(YAML, "a.yaml")
    assert left == ()
    assert load_spec(text)["env"] == {"name": "Pendulum-v1", "max_frame": 10000}
    assert errors_in(text) == []


@pytest.mark.parametrize(("text", "file"), [(OLDEST, "a.json"), (FOUR, "a.json"), (YAML, "a.yaml")])
def test_twice_is_as_good_as_once(text, file):
    once, _ = migrate(text, file)
    assert migrate(once, file)[0] == once


def test_an_object_on_lines_of_its_own_moves_to_the_left():
    text, _ = migrate(OLDEST)
    assert '    "agent": {\n      "name": "DQN",\n      "algorithm": {\n        "name": "DQN",\n' in text
    assert '\n    },\n    "env": {\n      "name": "CartPole-v1",' in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"clip_eps": 0.2}, {"clip_eps_spec": CONSTANT}),
        ({"training_frequency": 64}, {"time_horizon": 64}),
        ({"training_frequency": 64, "time_horizon": 32}, {"time_horizon": 32}),
        ({"use_gae": True, "use_nstep": False, "lam": 0.9}, {"lam": 0.9}),
        ({"use_gae": True, "lam": 0.9, "num_step_returns": 5}, {"lam": 0.9}),
        ({"add_entropy": False, "entropy_coef_spec": {"name": "no_decay", "start_val": 0.1}}, {}),
        ({"continuous_action_clip": 2.0}, {}),
    ],
)
def test_settings_of_ppo(old, new):
    net = {"shared": True, "use_same_optim": True}
    spec, _ = migrated_data(algorithm="PPO", memory="OnPolicyBatchReplay", net=net, **old)
    assert spec["agent"]["algorithm"] == {"name": "PPO", **new}


def test_which_returns_count():
    net = {"shared": True, "use_same_optim": True}
    old = {"use_gae": False, "use_nstep": True, "lam": 0.9, "num_step_returns": 5}
    spec, _ = migrated_data(algorithm="ActorCritic", memory="OnPolicyNStepReplay", net=net, **old)
    assert spec["agent"]["algorithm"] == {"name": "ActorCritic", "lam": None, "num_step_returns": 5}
    assert spec["agent"]["memory"] == {"name": "OnPolicyReplay"}


def test_types_that_said_what_is_shared():
    spec, _ = migrated_data(
        algorithm="PPO", memory="OnPolicyBatchReplay", net={"type": "MLPshared", "use_same_optim": True}
    )
    assert (spec["agent"]["net"]["type"], spec["agent"]["net"]["shared"]) == ("MLPNet", True)


@pytest.mark.parametrize(
    ("parts", "place", "words"),
    [
        ({"env": {"name": "Ant-v2"}}, "/one/env/name", "Ant-v5 comes nearest"),
        ({"env": {"name": "RoboschoolHopper-v1"}}, "/one/env/name", "Hopper-v5 comes nearest"),
        ({"env": {"max_tick": 10}, "meta": {"max_tick_unit": "epi"}}, "/one/env/max_tick", "max_frame"),
        ({"env": {"max_epi": 10}}, "/one/env/max_epi", "max_frame"),
        ({"env": {"reward_scale": 0.1}}, "/one/env/reward_scale", "normalize_reward"),
        ({"explore_anneal_epi": 3}, "/one/agent/algorithm/explore_anneal_epi", "explore_var_spec"),
        ({"net": {"optim_spec": {"name": "Lookahead"}}}, "/one/agent/net/optim_spec/name", "inside it"),
    ],
)
def test_what_cannot_be_migrated_is_told_and_left(parts, place, words):
    before = json.dumps({"one": spec_with(**parts)}, indent=2)
    text, left = migrate(before)
    assert text == before
    assert [problem.pointer for problem in left if words in problem.hint] == [place]
    assert all(problem.line for problem in left)


def test_what_is_missing_is_added():
    spec = spec_with()
    del spec["agent"]["name"], spec["meta"]
    text, left = migrate(json.dumps({"one": spec}, indent=2))
    assert data_of(text)["agent"]["name"] == "DQN"
    assert data_of(text)["meta"] == {"distributed": False, "max_session": 1, "max_trial": 1}
    assert left == ()


@pytest.mark.parametrize(
    "env",
    [
        [{"name": "CartPole-v0", "frame_op": "concat", "frame_op_len": 4, "max_frame": 9}],
        [{"name": "PongNoFrameskip-v4", "frame_op": "concat", "frame_op_len": 2, "max_frame": 9}],
        [{"name": "CartPole-v0", "max_frame": 9}, {"name": "CartPole-v0", "max_frame": 9}],
    ],
)
def test_a_spec_whose_nets_would_be_others_stays_as_it_is(env):
    spec = {**spec_with(), "env": env, "body": {}}
    spec["agent"] = [spec["agent"]]
    before = json.dumps({"one": spec, "two": {**spec, "env": [{"name": "CartPole-v0", "max_frame": 9}]}}, indent=2)
    text, left = migrate(before)
    after = json.loads(text)
    assert after["one"] == spec
    assert after["two"]["env"] == {"name": "CartPole-v1", "max_frame": 9}
    assert {problem.spec for problem in left} == {"one"}


def test_values_of_spec_params_are_migrated():
    spec = {**spec_with(env={"name": "${env}"}), "spec_params": {"env": ["CartPole-v0", "MountainCar-v0"]}}
    text, _ = migrate(json.dumps({"one": spec}))
    assert data_of(text)["spec_params"] == {"env": ["CartPole-v1", "MountainCar-v0"]}


def test_observations_are_normalised_by_another_name():
    spec, left = migrated_data(env={"normalize_state": True})
    assert spec["env"] == {"name": "CartPole-v1", "max_frame": 100, "normalize_obs": True}
    assert left == ()


def test_a_change_after_which_nothing_can_be_read_is_not_made():
    document = read_document(FOUR, "a.json")
    found = migrated(document, lambda source, steps: {step: (Change(0, 1, ""),) for step in steps})
    assert found.document.source.text == FOUR
    assert found.done == ()


def test_a_bare_net_has_nothing_to_migrate():
    net = json.dumps({"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"})
    assert migrate(net) == (net, ())
