"""Overrides: each acts at its path, or is refused with what was meant."""

import copy

import pytest

from slm_net import SpecError, SpecWarning, build_net, build_nets, load_spec
from slm_net.document.specs import Spec
from slm_net.problems import BUILD_NET, COMMAND
from slm_net.search.overrides import overridden

NESTED = {
    "agent": [
        {
            "algorithm": {"name": "DQN"},
            "net": {
                "type": "MLPNet",
                "hid_layers": [64, 32],
                "hid_layers_activation": "relu",
                "optim_spec": {"name": "Adam", "lr": 0.01},
                "gpu": "${gpu}",
            },
        }
    ],
    "env": [{"name": "CartPole-v1"}],
}


def after(overrides, data=NESTED, caller=BUILD_NET):
    return overridden(Spec("", (), copy.deepcopy(data)), overrides, caller).data


def refused(overrides, data=NESTED, caller=BUILD_NET):
    with pytest.raises(SpecError) as error:
        after(overrides, data, caller)
    [problem] = error.value.problems
    return problem


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("agent.0.net.hid_layers", [8]),
        ("agent[0].net.hid_layers[1]", 16),
        ("agent.0.net.optim_spec.betas", [0.8, 0.9]),
        ("agent.0.net.gpu", False),
        ("agent.0.memory", {"name": "Replay"}),
        ("agent.0.algorithm.gamma", 0.9),
        ("meta", {"max_session": 1}),
        ("env.0.max_frame", 100),
    ],
)
def test_a_value_is_put_at_its_path(path, value):
    import pydash

    assert pydash.get(after({path: value}), path) == value


def test_a_key_with_a_dot_is_escaped():
    own = copy.deepcopy(NESTED)
    own["agent"][0]["algorithm"] = {"name": "MyOwn", "a.b": 1}
    assert after({"agent.0.algorithm.a\\.b": 2}, own)["agent"][0]["algorithm"]["a.b"] == 2


def test_only_that_value_changes_and_it_is_copied():
    value, data = [8], copy.deepcopy(NESTED)
    changed = after({"agent.0.net.hid_layers": value}, data)
    value.append(4)
    wanted = copy.deepcopy(NESTED)
    wanted["agent"][0]["net"]["hid_layers"] = [8]
    assert changed == wanted and data == NESTED


def test_blocks_that_a_spec_may_have_are_made():
    made = after({"agent.0.net.critic_optim_spec.lr": 0.1, "agent.0.memory.batch_size": 32, "meta.max_trial": 2})
    assert made["agent"][0]["net"]["critic_optim_spec"] == {"name": "Adam", "lr": 0.1}
    assert made["agent"][0]["memory"] == {"batch_size": 32} and made["meta"] == {"max_trial": 2}


@pytest.mark.parametrize(
    ("path", "pointer", "hint"),
    [
        ("lr", "", "did you mean 'agent.0.net.optim_spec.lr'?"),
        ("agent.0.lr", "/agent/0", "did you mean 'agent.0.net.optim_spec.lr'?"),
        ("agent.0.gpu", "/agent/0", "did you mean 'agent.0.net.gpu'?"),
        ("agent.0.momentum", "/agent/0", "did you mean 'agent.0.net.optim_spec.momentum'?"),
        ("agent/0/net/optim_spec/lr", "", "did you mean 'agent.0.net.optim_spec.lr'?"),
        ("agent/net/gpu", "", "did you mean 'agent.0.net.gpu'?"),
        ("agent.1.net.gpu", "/agent", "did you mean 'agent.0.net.gpu'?"),
        ("agent.net.gpu", "/agent", "did you mean 'agent.0.net.gpu'?"),
        ("agent.0.nett.gpu", "/agent/0", "did you mean 'net'?"),
        ("agent.0.net.hid_layers.2", "/agent/0/net/hid_layers", "hid_layers has entries 0 to 1"),
        ("agent.0.net.hid_layers.-1", "/agent/0/net/hid_layers", "hid_layers has entries 0 to 1"),
        ("agent.0.net.type.name", "/agent/0/net/type", 'type is "MLPNet"'),
        ("env.0.name.x", "/env/0/name", '"CartPole-v1"'),
        ("env.0.name.x.y", "/env/0/name", '"CartPole-v1"'),
        ("nothing.like.it", "", "agent"),
        ("agent.0.net.hid_layers.x", "/agent/0/net/hid_layers", "hid_layers has entries 0 to 1"),
        (3, "", "agent"),
        ("", "", ""),
    ],
)
def test_a_path_that_leads_nowhere(path, pointer, hint):
    problem = refused({path: 1})
    assert (problem.rule_name, problem.pointer) == ("bad-override", pointer)
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("path", "rule", "hint"),
    [
        ("agent.0.net.lr", "unknown-key", "it belongs in optim_spec"),
        ("agent.0.net.rnn_hidden_size", "unused-key", "remove it"),
        ("agent.0.net.optim_spec.learning_rate", "unknown-key", "lr"),
    ],
)
def test_a_key_that_the_net_does_not_read(path, rule, hint):
    problem = refused({path: 1})
    assert (problem.rule_name, problem.severity) == (rule, "error")
    assert hint in problem.hint


def test_all_that_is_wrong_is_told_at_the_override():
    with pytest.raises(SpecError) as error:
        after({"lr": 1, "agent.0.net.gpu": 1, "agnt.x": [2]}, caller=COMMAND)
    assert [problem.file for problem in error.value.problems] == ["--override agnt.x=[2]", "--override lr=1"]
    assert refused({"lr": 1}).file == "overrides['lr']"


def test_what_an_override_makes_wrong_stands_at_the_override():
    """Whether it is the value itself, or something else in the spec that no longer fits."""
    for path, value, pointer in (
        ("agent.0.net.hid_layers_activation", "reluu", "/agent/0/net/hid_layers_activation"),
        ("env.0.name", "ALE/Pong-v5", "/agent/0/net/type"),
    ):
        with pytest.raises(SpecError) as error:
            build_net(NESTED, variables={"gpu": False}, overrides={path: value})
        problem = error.value.problems[0]
        assert (problem.file, problem.line, problem.pointer) == (f"overrides[{path!r}]", 0, pointer)


def test_what_was_wrong_before_stands_where_it_is(tmp_path):
    """An override is no excuse for what is written."""
    file = tmp_path / "a.yaml"
    file.write_text(
        "agent: {algorithm: {name: DQN}, net: {type: MLPNet, hid_layers: [8], hid_layers_activation: relu, "
        "rnn_hidden_size: 2}}\nenv: {name: '${env}'}\n"
    )
    with pytest.warns(SpecWarning, match="a.yaml:1:.*rnn_hidden_size"):
        build_net(file, variables={"env": "CartPole-v1"}, overrides={"agent.net.hid_layers": [4]})


def test_nets_are_built_with_variables_and_overrides():
    spec = copy.deepcopy(NESTED)
    spec["env"][0]["name"] = "${env}"
    given = {"variables": {"env": "Acrobot-v1", "gpu": False}, "overrides": {"agent.0.net.hid_layers": [3]}}
    bundle, nets = build_net(spec, **given), build_nets(spec, **given)
    assert bundle.in_dim == nets["net"].in_dim == 6
    assert bundle.spec["hid_layers"] == nets["target_net"].spec["hid_layers"] == [3]
    assert build_net(spec, variables={"env": "Acrobot-v1", "gpu": False}).spec["hid_layers"] == [64, 32]


def test_a_drawn_trial_is_taken_as_the_search_is():
    """A block that is missing is made; a key that nothing reads changes nothing, and that is told."""
    net = {"critic_optim_spec": {"lr__choice": [0.1]}, "lr_decay_frequency__choice": [1]}
    search = {"agent": [{"net": net, "x__choice": [1]}]}
    trial = {"agent.0.net.critic_optim_spec.lr": 0.1, "agent.0.net.lr_decay_frequency": 1, "agent.0.x": 1}
    spec = copy.deepcopy(NESTED)
    spec["agent"][0]["algorithm"]["name"] = "PPO"
    spec["agent"][0]["net"].update(gpu=False, shared=False, use_same_optim=False)
    with pytest.warns(SpecWarning, match="'lr_decay_frequency' is not a key"):
        loaded = load_spec({**spec, "search": search}, overrides=trial)
    agent = loaded["agent"][0]
    assert agent["x"] == 1 and agent["net"]["critic_optim_spec"]["lr"] == 0.1
    assert "lr_decay_frequency" not in agent["net"]
    with pytest.raises(SpecError):
        load_spec(spec, overrides=trial)


@pytest.mark.parametrize("rows", ["x", None, {"a": 1}, [[1]]])
@pytest.mark.parametrize("optimizer", ["x", 3, [], {"name": 3}, {"name": "SGD", "nesterov": "x"}])
def test_wrong_values_of_variables_beside_an_override(rows, optimizer):
    """What the schema refuses is told as that; no rule stumbles over it."""
    spec = copy.deepcopy(NESTED)
    spec["agent"][0]["net"].update(gpu=False, hid_layers="${rows}", optim_spec="${optimizer}")
    given = {"variables": {"rows": rows, "optimizer": optimizer}, "overrides": {"agent.0.net.clip_grad_val": 1}}
    for build in (load_spec, build_net, build_nets):
        with pytest.raises(SpecError, match="hid_layers"):
            build(spec, **given)
