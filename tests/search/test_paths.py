"""What a search varies is there in the spec, or the nearest path is told."""

import pytest
from search_helpers import NET, found, nested, of_net, problems_of


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


def test_a_block_that_is_null_has_nothing_to_vary():
    problems = found(of_net(lr_scheduler_spec={"gamma__choice": [0.1]}), {**NET, "lr_scheduler_spec": None})
    assert problems == [("error", "/agent/0/net/lr_scheduler_spec/gamma__choice", "unknown-key")]


@pytest.mark.parametrize(
    ("search", "pointer", "hint"),
    [
        ({"agent.0.algorithm.clip_eps__choice": [0.1]}, "/agent.0.algorithm.clip_eps__choice", "expected name, gamma"),
        ({"agent.0.memory.decay__choice": [9]}, "/agent.0.memory.decay__choice", "expected name"),
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
    ("varied", "problems"),
    [
        ("agent.0.algorithm.training_iter__choice", []),
        ("agent.0.memory.max_size__choice", []),
        ("env.0.max_frame__choice", []),
        ("meta.max_session__choice", []),
        ("agent.0.algorithm.lam__choice", [("warning", "unused-key")]),
        ("agent.0.memory.alpha__choice", [("warning", "unused-key")]),
        ("agent.0.algorithm.tau_of_ours__choice", [("warning", "unknown-key")]),
    ],
)
def test_a_known_setting_need_not_be_written_to_be_varied(varied, problems):
    assert found({varied: [1, 2]}) == [(severity, f"/{varied}", rule) for severity, rule in problems]


@pytest.mark.parametrize(
    ("varied", "values", "wrong"),
    [
        ("agent.0.algorithm.gamma__choice", [0.9, 1.5], ["/1"]),
        ("agent.0.algorithm.gamma__uniform", [0.9, 1.0], []),
        ("agent.0.algorithm.gamma__uniform", [0.9, 1.5], ["/1"]),
        ("agent.0.algorithm.explore_var_spec__choice", [None, {"name": "linear_dcay"}], ["/1/name"]),
        ("agent.0.memory.max_size__choice", [0, 9], ["/0"]),
        ("env.0.max_frame__choice", [0, 9], ["/0"]),
        ("meta.max_session__choice", ["one"], ["/0"]),
    ],
)
def test_a_setting_that_is_varied_is_right_if_the_spec_with_it_is(varied, values, wrong):
    assert [row[:2] for row in found({varied: values})] == [("warning", f"/{varied}{rest}") for rest in wrong]
