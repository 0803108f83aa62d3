"""`load_spec` and plans: one concrete spec with every choice made, or everything that is wrong with it."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from slm_net import SpecError, SpecWarning, build_net, load_spec, validate
from slm_net.document.specs import read_document
from slm_net.plan import check_spec, main_plan, plan_net

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
        ({"agent.0.nett.gpu": True}, "/a/agent/0", "bad-override"),
        ({"agent.0.net.type": "ConvNet"}, "/a/agent/0/net", "missing-key"),
    ],
)
def test_a_bad_override(path, overrides, pointer, rule):
    problem = problems_of(path, "a", overrides=overrides)[0]
    assert (problem.pointer, problem.rule_name) == (pointer, rule)


def test_an_override_may_mend_what_a_variable_leaves_open():
    spec = {**SPEC, "env": [{"name": "${env}"}]}
    assert load_spec(spec, overrides={"env.0.name": "Acrobot-v1"})["env"] == [{"name": "Acrobot-v1"}]


def test_the_source_is_not_changed():
    source = json.loads(json.dumps({"a": SPEC}))
    loaded = load_spec(source, overrides={"agent.0.net.gpu": True})
    loaded["agent"][0]["net"]["hid_layers"].append(3)
    assert source == {"a": SPEC}


BLOCK = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
NAMED = {"agent": {"algorithm": {"name": "DQN"}, "net": BLOCK}, "env": {"name": "CartPole-v1"}}


def test_a_plan_is_the_resolved_spec_and_the_dims():
    plan = plan_net(NAMED)
    assert plan.spec["optim_spec"] == {"name": "Adam"} and plan.spec["hid_layers"] == [8]
    assert (plan.dims.in_dim, plan.dims.out_dim, plan.warnings) == (4, 2, ())
    assert "CartPole-v1" in " ".join(plan.dims.notes)


def test_given_dims_win_over_the_environments():
    assert (plan_net(NAMED, in_dim=7).dims.in_dim, plan_net(NAMED, in_dim=7).dims.out_dim) == (7, 2)
    assert plan_net(NAMED, out_dim=[5]).dims.out_dim == [5]
    assert plan_net(NAMED, env="Acrobot-v1").dims.in_dim == 6


def test_a_spec_without_a_name_is_checked_apart_from_the_others_of_its_file():
    broken = {**NAMED, "agent": {**NAMED["agent"], "net": {**BLOCK, "hid_layers": 8}}}
    assert plan_net({"": NAMED, "broken": broken}, name="").dims.out_dim == 2
    with pytest.raises(SpecError):
        plan_net({"": NAMED, "broken": broken}, name="broken")


def test_equal_requests_share_a_plan_and_others_do_not():
    plan = plan_net(BLOCK, 4, 2)
    assert plan_net(dict(BLOCK), 4, 2) is plan
    assert plan_net(BLOCK, 4, 3) is not plan and plan_net(BLOCK, 4, [2]) is not plan
    assert plan_net({**BLOCK, "dropout": 0}, 4, 2) is not plan


def test_two_specs_that_differ_are_two_plans_whatever_holds_the_numbers():
    class Hidden(list):
        def __repr__(self):
            return "hidden"

    widths = [plan_net({**NET, "hid_layers": Hidden([width])}, 4, 2).spec["hid_layers"] for width in (8, 16)]
    assert widths == [[8], [16]]


def test_an_environment_object_is_looked_at_each_time():
    class Env:
        observation_space, action_space = (
            type("Box", (), {"shape": (3,)})(),
            type("Discrete", (), {"n": 2, "shape": ()})(),
        )

    env = Env()
    assert plan_net(BLOCK, env=env).dims.in_dim == 3
    env.observation_space.shape = (5,)
    assert plan_net(BLOCK, env=env).dims.in_dim == 5


def test_warnings_travel_with_the_plan():
    [warning] = plan_net({**BLOCK, "normalize": True}, 4, 2).warnings
    assert warning.rule_name == "unused-key"


@pytest.mark.parametrize(
    ("block", "key", "pointer", "message"),
    [
        ({**BLOCK, "optim_spec": {"name": "SGD"}}, "optim_spec", "/optim_spec", "optim_spec cannot be built: no"),
        (BLOCK, "optim_spec", "/type", "the net cannot be built: no"),
        (BLOCK, "type", "/type", "the net cannot be built: no"),
        (
            {**BLOCK, "actor_optim_spec": {"name": "SGD"}},
            "optim_spec",
            "/actor_optim_spec",
            "actor_optim_spec cannot be built: no",
        ),
    ],
)
def test_an_error_of_a_part_stands_where_the_part_is_written(block, key, pointer, message):
    text = json.dumps(block, indent=1)
    [problem] = plan_net(text, 4, 2).error(key, "no").problems
    assert (problem.pointer, problem.message, problem.rule_name) == (pointer, message, "argument-conflict")
    assert text.splitlines()[problem.line - 1].strip().startswith(f'"{pointer[1:]}"')


def test_variables_and_overrides_are_planned_as_load_spec_loads_them():
    document = read_document({**NAMED, "env": {"name": "${env}"}})
    plan = main_plan(check_spec(document, variables={"env": "Acrobot-v1"}, overrides={"agent.net.hid_layers": [3]}))
    assert (plan.dims.in_dim, plan.spec["hid_layers"]) == (6, [3])
    with pytest.raises(SpecError) as error:
        check_spec(document, variables={"env": "Acrobot-v1"}, overrides={"agent.net.hid_layers": "x"})
    assert error.value.problems[0].pointer == "/agent/net/hid_layers"


def test_planning_imports_no_torch():
    work = f"import sys\nfrom slm_net.plan import plan_net\nplan_net({NAMED!r})\n"
    code = work + "print(*sorted({'torch', 'gymnasium'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


@pytest.mark.parametrize("place", [lambda spec: spec, lambda spec: {"demo": spec}], ids=["spec", "file"])
def test_a_mistake_in_a_search_does_not_keep_the_spec_from_being_built(place):
    search = {"agent": [{"net": {"update_frequency__choice": [0, 200], "hid_layers__choice": ["many"]}}]}
    spec = place({**SPEC, "search": search})
    problems = validate(spec)
    assert [problem.severity for problem in problems] == ["error", "error"]
    with pytest.warns(SpecWarning) as caught:
        assert build_net(spec).spec["hid_layers"] == [64]
    assert [w.message.problem for w in caught] == [replace(problem, severity="warning") for problem in problems]
    assert load_spec(spec) is not None
