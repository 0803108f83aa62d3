import pytest

from slm_net import SpecError
from slm_net.document.concrete import concrete_spec
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
