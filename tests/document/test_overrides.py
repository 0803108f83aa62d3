"""One spec with nothing left to choose, and overrides at their paths."""

import copy

import pytest

from slm_net import SpecError
from slm_net.document.overrides import concrete_spec, override
from slm_net.document.specs import read_document

SPEC = {"agent": {"algorithm": {"name": "DQN"}, "net": {}}, "env": {"name": "${env}", "max_frame": "${frames}"}}


def refusal(*args, **options):
    with pytest.raises(SpecError) as error:
        concrete_spec(*args, **options)
    return error.value.problems


def test_every_unset_variable_is_reported_at_its_place():
    problems = refusal(read_document({"demo": SPEC}))
    assert [(problem.pointer, problem.rule_name) for problem in problems] == [
        ("/demo/env/max_frame", "unset-variable"),
        ("/demo/env/name", "unset-variable"),
    ]


def test_nothing_is_left_to_choose():
    document = read_document({"demo": {**SPEC, "$schema": "x", "spec_params": {"env": ["Pong-v5"]}}, "other": SPEC})
    spec = concrete_spec(document, "demo", {"frames": "1e6"}, {"env.num_envs": 4})
    assert spec == {"name": "demo", "agent": SPEC["agent"], "env": {"name": "Pong-v5", "max_frame": 1e6, "num_envs": 4}}
    assert [problem.rule_name for problem in refusal(document)] == ["which-spec"]


def test_a_bad_override_after_good_variables():
    [problem] = refusal(read_document(SPEC), None, {"env": "x", "frames": 1}, {"agnt.net.gpu": True})
    assert (problem.rule_name, problem.hint) == ("bad-override", "did you mean 'agent'?")


def test_spec_params_that_leave_several_specs():
    spec = {**SPEC, "spec_params": {"env": [f"Game{n}-v5" for n in range(20)], "frames": [1]}}
    [problem] = refusal(read_document(spec))
    assert (problem.rule_name, problem.pointer) == ("which-spec", "/spec_params")
    assert problem.message == "spec_params makes 20 specs of this one" and problem.hint.endswith("Game7-v5, ...")
    assert concrete_spec(read_document(spec), None, {"env": "Game3-v5"})["env"]["max_frame"] == 1


NESTED = {
    "agent": [{"net": {"hid_layers": [64, 32], "optim_spec": {"name": "Adam"}, "a.b": 1}}],
    "env": [{"name": "x"}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("agent.0.net.hid_layers", [8]),
        ("agent[0].net.hid_layers[1]", 16),
        ("agent.0.net.optim_spec.lr", 1e-4),
        ("agent.0.net.a\\.b", 2),
        ("meta", {"max_session": 1}),
    ],
)
def test_a_value_is_put_at_its_path(path, value):
    import pydash

    spec = copy.deepcopy(NESTED)
    override(spec, path, value)
    assert pydash.get(spec, path) == value


def test_only_that_value_changes_and_it_is_copied():
    spec, value = copy.deepcopy(NESTED), [8]
    override(spec, "agent.0.net.hid_layers", value)
    value.append(4)
    wanted = copy.deepcopy(NESTED)
    wanted["agent"][0]["net"]["hid_layers"] = [8]
    assert spec == wanted


@pytest.mark.parametrize(
    ("path", "pointer", "hint"),
    [
        ("agent.1.net.gpu", "/agent", "entries 0 to 0"),
        ("agent.net.gpu", "/agent", "entries 0 to 0"),
        ("agent.0.nett.gpu", "/agent/0", "did you mean 'net'?"),
        ("agent.0.net.hid_layers.2", "/agent/0/net/hid_layers", "entries 0 to 1"),
        ("agent.0.net.hid_layers.-1", "/agent/0/net/hid_layers", "entries 0 to 1"),
        ("agent.0.net.hid_layers.x", "/agent/0/net/hid_layers", "entries 0 to 1"),
        ("env.0.name.x", "/env/0/name", "a plain value is there"),
        ("env.0.name.x.y", "/env/0/name", "a plain value is there"),
        ("", "", ""),
    ],
)
def test_a_path_that_leads_nowhere(path, pointer, hint):
    spec = copy.deepcopy(NESTED)
    with pytest.raises(SpecError) as error:
        override(spec, path, 1)
    [problem] = error.value.problems
    assert (problem.rule_name, problem.pointer) == ("bad-override", pointer)
    assert hint in problem.hint
    assert spec == NESTED
