"""`load_spec`: one concrete spec, or everything that is wrong with it."""

import json

import pytest

from slm_net import SpecError, load_spec

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
SPEC = {"agent": [{"algorithm": {"name": "DQN"}, "net": NET}], "env": [{"name": "CartPole-v1"}]}


def problems_of(*args, **options):
    with pytest.raises(SpecError) as error:
        load_spec(*args, **options)
    return error.value.problems


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "specs.json"
    path.write_text(json.dumps({"$schema": "spec.schema.json", "a": SPEC, "b": SPEC}, indent=1))
    return path


def test_one_spec_of_a_file_with_its_name(path):
    assert load_spec(path, "a") == {"name": "a", **SPEC}
    assert load_spec(str(path), "b")["name"] == "b"


def test_a_spec_or_a_net_block_is_what_it_is():
    assert load_spec(SPEC) == SPEC
    assert load_spec({**SPEC, "name": "x", "$schema": "y"}) == {**SPEC, "name": "x"}
    assert load_spec(NET) == NET


def test_which_spec_has_to_be_said(path):
    [problem] = problems_of(path)
    assert (problem.rule_name, problem.hint, problem.file) == ("which-spec", "choose one by name: a, b", str(path))
    [problem] = problems_of(path, "c")
    assert problem.rule_name == "which-spec"


def test_all_problems_come_at_once():
    net = {**NET, "gpu": "yes", "typo": 1, "normalize": True}
    problems = problems_of({**SPEC, "agent": [{"algorithm": {"name": "DQN"}, "net": net}]})
    assert [problem.pointer.rpartition("/")[2] for problem in problems] == ["gpu", "normalize", "typo"]
    assert [problem.severity for problem in problems] == ["error", "warning", "error"]


def test_a_mistake_in_another_spec_of_the_file_does_not_matter():
    assert load_spec({"good": SPEC, "bad": {"agent": 3}}, "good")["name"] == "good"


def test_overrides(path):
    spec = load_spec(path, "a", overrides={"agent.0.net.optim_spec": {"name": "Adam"}, "agent.0.net.gpu": "auto"})
    assert spec["agent"][0]["net"] == {**NET, "optim_spec": {"name": "Adam"}, "gpu": "auto"}


@pytest.mark.parametrize(
    ("overrides", "pointer", "rule"),
    [
        ({"agent.0.net.hid_layers": "x"}, "/a/agent/0/net/hid_layers", "wrong-type"),
        ({"agent.0.net.typo": 1}, "/a/agent/0/net/typo", "unknown-key"),
        ({"agent.0.nett.gpu": True}, "/agent/0", "bad-override"),
        ({"agent.0.net.type": "ConvNet"}, "/a/agent/0/net", "missing-key"),
    ],
)
def test_a_bad_override(path, overrides, pointer, rule):
    problem = problems_of(path, "a", overrides=overrides)[0]
    assert (problem.pointer, problem.rule_name) == (pointer, rule)


def test_a_problem_of_an_override_stands_where_the_value_was(path):
    [problem] = problems_of(path, "b", overrides={"agent.0.net.hid_layers.0": 0})
    text = path.read_text().splitlines()
    assert problem.file == str(path) and problem.line > len(text) / 2
    assert text[problem.line - 1].strip() == "64"


def test_an_override_may_mend_what_a_variable_leaves_open():
    spec = {**SPEC, "env": [{"name": "${env}"}]}
    assert load_spec(spec, variables={"env": "CartPole-v1"}, overrides={"env.0.name": "Acrobot-v1"})["env"] == [
        {"name": "Acrobot-v1"}
    ]


def test_the_source_is_not_changed():
    source = json.loads(json.dumps({"a": SPEC}))
    loaded = load_spec(source, overrides={"agent.0.net.gpu": True})
    loaded["agent"][0]["net"]["hid_layers"].append(3)
    assert source == {"a": SPEC}
