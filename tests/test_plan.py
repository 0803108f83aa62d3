"""A plan has every choice made, in plain values, and knows where each came from."""

import json
import subprocess
import sys

import pytest

from slm_net import SpecError
from slm_net.document.specs import read_document
from slm_net.plan import plan_document, plan_net

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
SPEC = {"agent": {"algorithm": {"name": "DQN"}, "net": NET}, "env": {"name": "CartPole-v1"}}


def test_a_plan_is_the_resolved_spec_and_the_dims():
    plan = plan_net(SPEC)
    assert plan.spec["optim_spec"] == {"name": "Adam"} and plan.spec["hid_layers"] == [8]
    assert (plan.dims.in_dim, plan.dims.out_dim, plan.warnings) == (4, 2, ())
    assert "CartPole-v1" in " ".join(plan.dims.notes)


def test_given_dims_win_over_the_environments():
    assert (plan_net(SPEC, in_dim=7).dims.in_dim, plan_net(SPEC, in_dim=7).dims.out_dim) == (7, 2)
    assert plan_net(SPEC, out_dim=[5]).dims.out_dim == [5]
    assert plan_net(SPEC, env="Acrobot-v1").dims.in_dim == 6


def test_a_spec_without_a_name_is_checked_apart_from_the_others_of_its_file():
    broken = {**SPEC, "agent": {**SPEC["agent"], "net": {**NET, "hid_layers": 8}}}
    assert plan_net({"": SPEC, "broken": broken}, name="").dims.out_dim == 2
    with pytest.raises(SpecError):
        plan_net({"": SPEC, "broken": broken}, name="broken")


def test_equal_requests_share_a_plan_and_others_do_not():
    plan = plan_net(NET, 4, 2)
    assert plan_net(dict(NET), 4, 2) is plan
    assert plan_net(NET, 4, 3) is not plan and plan_net(NET, 4, [2]) is not plan
    assert plan_net({**NET, "dropout": 0}, 4, 2) is not plan


def test_an_environment_object_is_looked_at_each_time():
    class Env:
        observation_space, action_space = (
            type("Box", (), {"shape": (3,)})(),
            type("Discrete", (), {"n": 2, "shape": ()})(),
        )

    env = Env()
    assert plan_net(NET, env=env).dims.in_dim == 3
    env.observation_space.shape = (5,)
    assert plan_net(NET, env=env).dims.in_dim == 5


def test_warnings_travel_with_the_plan():
    [warning] = plan_net({**NET, "normalize": True}, 4, 2).warnings
    assert warning.rule_name == "unused-key"


@pytest.mark.parametrize(
    ("block", "key", "pointer", "message"),
    [
        ({**NET, "optim_spec": {"name": "SGD"}}, "optim_spec", "/optim_spec", "optim_spec cannot be built: no"),
        (NET, "optim_spec", "/type", "the net cannot be built: no"),
        (NET, "type", "/type", "the net cannot be built: no"),
        (
            {**NET, "actor_optim_spec": {"name": "SGD"}},
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
    document = read_document({**SPEC, "env": {"name": "${env}"}})
    plan = plan_document(document, variables={"env": "Acrobot-v1"}, overrides={"agent.net.hid_layers": [3]})
    assert (plan.dims.in_dim, plan.spec["hid_layers"]) == (6, [3])
    with pytest.raises(SpecError) as error:
        plan_document(document, variables={"env": "Acrobot-v1"}, overrides={"agent.net.hid_layers": "x"})
    assert error.value.problems[0].pointer == "/agent/net/hid_layers"


def test_planning_imports_no_torch():
    work = f"import sys\nfrom slm_net.plan import plan_net\nplan_net({SPEC!r})\n"
    code = work + "print(*sorted({'torch', 'gymnasium'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
