"""Around the nets: slips, settings that nobody reads, values that SLM Lab cannot use, and variables that are none."""

import json

import pytest

import slm_net
from slm_net import validate
from slm_net.document.algorithms import RECIPES
from slm_net.schema import catalogue

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
ENV = {"name": "NoSuchEnvironment-v0"}


def problems_of(agent=None, algorithm=None, memory=None, env=None, version=5, **spec):
    agent = {"algorithm": {"name": "DQN", **(algorithm or {})}, "net": NET, **(agent or {})}
    agent |= {"memory": {"name": "Replay", **memory}} if memory else {}
    env = {**ENV, **(env or {})}
    blocks = {"agent": [agent], "env": [env]} if version == 4 else {"agent": agent, "env": env}
    return validate({"a": {**blocks, **spec}})


def found_in(*args, **parts):
    problems = problems_of(*args, **parts)
    return [(problem.pointer, problem.rule_name, problem.severity, problem.hint) for problem in problems]


@pytest.mark.parametrize(
    ("parts", "pointer", "hint"),
    [
        ({"metas": {}}, "/a/metas", "'meta'"),
        ({"Search": {}}, "/a/Search", "'search'"),
        ({"spec_param": {}}, "/a/spec_param", "'spec_params'"),
        ({"agent": {"memry": {}}}, "/a/agent/memry", "'memory'"),
        ({"agent": {"mem": {}}}, "/a/agent/mem", "'memory'"),
        ({"agent": {"critic_nett": NET}}, "/a/agent/critic_nett", "'critic_net'"),
        ({"algorithm": {"gama": 0.99}}, "/a/agent/algorithm/gama", "'gamma'"),
        ({"algorithm": {"training_frequncy": 4}}, "/a/agent/algorithm/training_frequncy", "'training_frequency'"),
        ({"memory": {"batchsize": 4}}, "/a/agent/memory/batchsize", "'batch_size'"),
        ({"memory": {"buffer_size": 4}}, "/a/agent/memory/buffer_size", "'max_size'"),
        ({"env": {"max_fram": 4}}, "/a/env/max_fram", "'max_frame'"),
        ({"env": {"num_env": 4}}, "/a/env/num_env", "'num_envs'"),
        ({"meta": {"max_trail": 4}}, "/a/meta/max_trail", "'max_trial'"),
        (
            {"algorithm": {"explore_var_spec": {"name": "no_decay", "start_vla": 1}}},
            "/a/agent/algorithm/explore_var_spec/start_vla",
            "'start_val'",
        ),
    ],
)
def test_a_slip_of_a_known_key(parts, pointer, hint):
    assert found_in(**parts) == [(pointer, "unknown-key", "warning", f"did you mean {hint}?")]


@pytest.mark.parametrize(
    ("parts", "pointer", "hint"),
    [
        ({"algorithm": {"name": "SAC"}}, "/a/agent/algorithm/name", "'SoftActorCritic'"),
        ({"algorithm": {"name": "Dqn"}}, "/a/agent/algorithm/name", "'DQN'"),
        ({"algorithm": {"name": "Reinforc"}}, "/a/agent/algorithm/name", "'Reinforce'"),
        ({"memory": {"name": "Repaly"}}, "/a/agent/memory/name", "'Replay'"),
        ({"memory": {"name": "PER"}}, "/a/agent/memory/name", "'PrioritizedReplay'"),
        (
            {"memory": {"name": "OnPolicyReplay", "sil_replay_name": "Repaly"}},
            "/a/agent/memory/sil_replay_name",
            "'Replay'",
        ),
        ({"algorithm": {"action_policy": "epsilon_gredy"}}, "/a/agent/algorithm/action_policy", "'epsilon_greedy'"),
        ({"algorithm": {"action_pdtype": "Categoricl"}}, "/a/agent/algorithm/action_pdtype", "'Categorical'"),
        (
            {"algorithm": {"explore_var_spec": {"name": "linear_dcay"}}},
            "/a/agent/algorithm/explore_var_spec/name",
            "'linear_decay'",
        ),
    ],
)
def test_a_slip_of_a_known_name(parts, pointer, hint):
    assert found_in(**parts) == [(pointer, "unknown-name", "warning", f"did you mean {hint}?")]


def test_another_word_for_the_environment():
    [problem] = validate({"agent": {"algorithm": {"name": "DQN"}, "net": NET}, "enviroment": ENV})
    assert (problem.pointer, problem.hint) == ("/enviroment", "did you mean 'env'?")


@pytest.mark.parametrize(
    "parts",
    [
        {"note": "ours"},
        {"agent": {"seed": 3, "name": "mine"}},
        {"algorithm": {"gamma": 0.99, "training_frequency": 4}},
        {"algorithm": {"name": "RainbowWithHats", "tau_of_ours": 1, "clip_eps_spec": 3}},
        {"memory": {"name": "OurReplay", "batch_size": "all", "decay_of_ours": 1}},
        {"env": {"render_mode": "human", "exclude_current_positions_from_observation": False, "max_episode_steps": 9}},
        {"memory": {"name": "OnPolicyReplay", "sil_replay_name": "OurReplay", "max_size": 9}},
    ],
)
def test_what_is_ones_own_is_left_alone(parts):
    assert found_in(**parts) == []


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"algorithm": {"tau_of_ours": 1}}, "/a/agent/algorithm/tau_of_ours"),
        ({"memory": {"decay_of_ours": 1}}, "/a/agent/memory/decay_of_ours"),
        ({"meta": {"notes": 1}}, "/a/meta/notes"),
        ({"env": {"gridworld_of_ours": 1}, "version": 4}, "/a/env/0/gridworld_of_ours"),
    ],
)
def test_a_setting_that_nobody_reads(parts, pointer):
    [(found, rule, severity, hint)] = found_in(**parts)
    assert (found, rule, severity) == (pointer, "unknown-key", "warning") and hint.startswith("remove it")


@pytest.mark.parametrize(
    ("parts", "pointer", "hint"),
    [
        ({"algorithm": {"optim_spec": 1}}, "/a/agent/algorithm/optim_spec", "write it into the net block"),
        (
            {"algorithm": {"critic_optim_spec": 1}},
            "/a/agent/algorithm/critic_optim_spec",
            "write it into the net block",
        ),
        ({"algorithm": {"lr": 1}}, "/a/agent/algorithm/lr", "write it into optim_spec of the net"),
        ({"agent": {"lr": 1}}, "/a/agent/lr", "write it into optim_spec of the net"),
        ({"lr": 1}, "/a/lr", "write it into optim_spec of the net"),
        (
            {"memory": {"learning_rate": 1}},
            "/a/agent/memory/learning_rate",
            "write it into optim_spec of the net, as lr",
        ),
        ({"agent": {"gamma": 1}}, "/a/agent/gamma", "write it into algorithm"),
        ({"algorithm": {"batch_size": 1}}, "/a/agent/algorithm/batch_size", "write it into memory"),
        ({"meta": {"max_frame": 1}}, "/a/meta/max_frame", "write it into env"),
        ({"algorithm": {"clip_eps_spec": 1}}, "/a/agent/algorithm/clip_eps_spec", "remove it"),
        ({"memory": {"alpha": 1}}, "/a/agent/memory/alpha", "remove it"),
        ({"memory": {"name": "OnPolicyReplay", "batch_size": 1}}, "/a/agent/memory/batch_size", "remove it"),
        ({"meta": {"search": "RandomSearch"}}, "/a/meta/search", "remove it: SLM Lab 4 and 5 draw at random"),
        ({"env": {"frame_op": "concat"}}, "/a/env/frame_op", "remove it: SLM Lab 5 stacks"),
        ({"env": {"normalize_obs": True}, "version": 4}, "/a/env/0/normalize_obs", 'write "normalize_state"'),
        (
            {"algorithm": {"name": "SoftActorCritic", "symlog": True}, "version": 4},
            "/a/agent/0/algorithm/symlog",
            "remove",
        ),
    ],
)
def test_a_setting_of_something_else(parts, pointer, hint):
    [(found, rule, severity, told)] = found_in(**parts)
    assert (found, rule, severity) == (pointer, "unused-key", "warning") and told.startswith(hint)


@pytest.mark.parametrize(
    ("algorithm", "key", "hint"),
    [
        ("PPO", {"clip_range": 0.2}, 'write "clip_eps_spec": {"name": "no_decay", "start_val": 0.2}'),
        ("PPO", {"ent_coef": 0.01}, 'write "entropy_coef_spec": {"name": "no_decay", "start_val": 0.01}'),
        ("PPO", {"clip_val_loss": True}, "did you mean 'clip_vloss'?"),
        ("PPO", {"n_envs": 8}, "it belongs in env, as 'num_envs'"),
        ("PPO", {"discount": 0.9, "gamma": 0.9}, "'gamma' is there already: remove one of them"),
        ("PPO", {"gama": 0.9, "gamma": 0.9}, "did you mean 'gamma'? It is there already"),
        ("DQN", {"exploration_fraction": 0.1}, 'write "explore_var_spec": {"name": "linear_decay", '),
    ],
)
def test_the_word_of_another_library_in_the_form_of_this_one(algorithm, key, hint):
    net = {**NET, "shared": True, "use_same_optim": False}
    [problem] = problems_of({"net": net} if algorithm == "PPO" else {}, {"name": algorithm, **key})
    assert problem.hint.startswith(hint)
    if problem.hint.startswith("write "):
        written = json.loads("{" + problem.hint.removeprefix("write ") + "}")
        assert problems_of({"net": net} if algorithm == "PPO" else {}, {"name": algorithm, **written}) == []


@pytest.mark.parametrize(
    ("parts", "pointer", "rule"),
    [
        ({"algorithm": {"gamma": 1.5}}, "/a/agent/algorithm/gamma", "value-out-of-range"),
        ({"algorithm": {"gamma": "0.99"}}, "/a/agent/algorithm/gamma", "wrong-type"),
        ({"algorithm": {"training_frequency": 0}}, "/a/agent/algorithm/training_frequency", "value-out-of-range"),
        ({"algorithm": {"explore_var_spec": 0.1}}, "/a/agent/algorithm/explore_var_spec", "wrong-type"),
        ({"memory": {"max_size": 0}}, "/a/agent/memory/max_size", "value-out-of-range"),
        (
            {"memory": {"name": "OnPolicyReplay", "sil_replay_name": "Replay", "batch_size": 0}},
            "/a/agent/memory/batch_size",
            "value-out-of-range",
        ),
        ({"env": {"max_t": 0}}, "/a/env/max_t", "value-out-of-range"),
        ({"env": {"reward_scale": "sing"}}, "/a/env/reward_scale", "unknown-name"),
        ({"meta": {"distributed": "sync"}}, "/a/meta/distributed", "unknown-name"),
        ({"meta": {"search_resources": {"cpus": 1}}}, "/a/meta/search_resources/cpus", "unknown-key"),
    ],
)
def test_a_value_that_slm_lab_cannot_use_is_a_warning(parts, pointer, rule):
    assert [row[:3] for row in found_in(**parts)] == [(pointer, rule, "warning")]


def test_a_value_that_the_schema_of_specs_refuses_is_said_once():
    assert [row[:3] for row in found_in(env={"num_envs": 0})] == [("/a/env/num_envs", "value-out-of-range", "error")]


def test_a_variable_may_stand_for_a_setting_but_not_for_its_key():
    [(pointer, rule, *_)] = found_in(
        algorithm={"gamma": "${g}"}, spec_params={"g": [0.9]}, memory={"bathc_size": "${g}"}
    )
    assert (pointer, rule) == ("/a/agent/memory/bathc_size", "unknown-key")


def test_what_stands_beside_a_misspelt_name_is_checked():
    pointers = [row[0] for row in found_in(memory={"name": "Repaly", "batchsize": 4})]
    assert pointers == ["/a/agent/memory/batchsize", "/a/agent/memory/name"]


def test_the_algorithms_with_settings_are_those_with_nets():
    assert sorted(catalogue.names("algorithm")) == sorted(RECIPES)


@pytest.fixture
def mine():
    slm_net.register_algorithm("MyDQN", "DQN", keys={"hats": {"type": "integer", "description": "Hats.", "minimum": 1}})
    slm_net.register_algorithm("MyList", keys=["hats"])
    slm_net.register_algorithm("MyOpen", "DQN")
    yield
    for name in ("MyDQN", "MyList", "MyOpen"):
        slm_net.unregister("algorithm", name)


@pytest.mark.parametrize(
    ("algorithm", "problems"),
    [
        ({"name": "MyDQN", "hats": 3, "gamma": 0.9}, []),
        ({"name": "MyDQN", "hats": 0}, [("/hats", "value-out-of-range")]),
        ({"name": "MyDQN", "hast": 3}, [("/hast", "unknown-key")]),
        ({"name": "MyDNQ", "hats": 3}, [("/name", "unknown-name")]),
        ({"name": "MyList", "hats": "many"}, []),
        ({"name": "MyList", "gloves": 3}, [("/gloves", "unknown-key")]),
        ({"name": "MyOpen", "gloves": 3}, []),
        ({"name": "DQN", "hats": 3}, [("/hats", "unused-key")]),
    ],
)
@pytest.mark.usefixtures("mine")
def test_an_algorithm_of_ones_own(algorithm, problems):
    found = [(row[0].removeprefix("/a/agent/algorithm"), row[1]) for row in found_in(algorithm=algorithm)]
    assert found == problems


# --- variables


@pytest.mark.parametrize("text", ["{env}", "$env", "$(env)", "{{ env }}", "x-{env}-v5"])
def test_a_variable_that_is_not_written_as_one(text):
    agent = {"algorithm": {"name": "DQN"}, "net": NET}
    problems = validate({"agent": agent, "env": {"name": text}, "spec_params": {"env": ["CartPole-v1"]}})
    assert [(p.pointer, p.rule_name, p.severity) for p in problems] == [("/env/name", "unset-variable", "warning")]
    assert "${env}" in problems[0].hint


def test_a_text_in_braces_alone_is_a_variable_whatever_its_name():
    assert found_in(env={"name": "{game}"}) == [("/a/env/name", "unset-variable", "warning", 'write "${game}"')]
    assert found_in(env={"name": "Game{1}-v0"}) == []
    assert found_in(env={"name": "$game"}) == []


def test_values_of_a_variable_that_nothing_uses():
    found = found_in(env={"name": "${env}"}, spec_params={"env": ["CartPole-v1"], "gamma": [0.9]})
    assert found == [("/a/spec_params/gamma", "unused-key", "warning", "remove it")]
    assert found_in(env={"max_frame": "${frames}"}, spec_params={"frames": [9]}) == []
    search = {"agent.algorithm.gamma__choice": "${gammas}"}
    assert found_in(algorithm={"gamma": 0.9}, search=search, spec_params={"gammas": [[0.9, 0.8]]}) == []
