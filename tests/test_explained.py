"""Every value of a resolved agent is explained, once, with the value that is built."""

from pathlib import Path

import pytest

from slm_net.agents.plan import plan_agent
from slm_net.document.specs import read_document
from slm_net.explained import explained
from slm_net.plan import NetPlan, plan_net
from slm_net.problems import SpecError
from slm_net.text.history import HOW

SPECS = sorted((Path(__file__).parents[1] / "specs").iterdir())
NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}


#: The dims of the bare nets that say none.
DIMS = {
    "arc_fusion.yaml": ({"image": (3, 32, 32), "speed": 4}, 2),
    "arc_recurrent.yaml": ((4, 8), 2),
    "arc_residual_mlp.yaml": (8, 4),
    "arc_transformer.yaml": ((8, 4), 2),
    "hydra_mlp.json": ([4, 8], [2, 3]),
    "q_mlp.json": ([11, 3], 1),
    "q_conv.json": ([(4, 84, 84), 6], 1),
    "film_q_conv.json": ([(4, 84, 84), 6], 1),
}


def plan_of(path):
    try:
        return plan_agent(read_document(path))
    except SpecError:  # a bare net
        return plan_net(path, *DIMS[path.name])


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_every_value_is_there_with_its_origin(path):
    plan = plan_of(path)
    sections = explained(plan)
    plans = [plan] if isinstance(plan, NetPlan) else [net for _, net in plan.parts if net]
    assert [section.type for section in sections if section.type] == [net.spec["type"] for net in plans]
    for section, net in zip(sections, plans, strict=False):
        keys = [value.path for value in section.values]
        assert len(keys) == len(set(keys)) and {str(key[0]) for key in keys} == {"in_dim", "out_dim", *net.spec}
        for value in section.values:
            assert value.history and value.history[0].how in HOW and not value.history[0].replaced
            if len(value.path) == 1 and value.path[0] in net.spec:
                assert value.value == net.spec[value.path[0]]


def test_what_the_algorithm_and_the_environment_decide():
    net = {**NET, "shared": False, "log_std_init": 0.5, "critic_init_std": 0.1, "use_same_optim": True}
    spec = {"agent": {"algorithm": {"name": "PPO"}, "net": net}, "env": {"name": "Pendulum-v1"}}
    sections = {section.name: section for section in explained(plan_agent(read_document(spec)))}
    value = {section.name: {value.path: value for value in section.values} for section in sections.values()}
    how = {name: {path: one.history[0].how for path, one in rows.items()} for name, rows in value.items()}
    assert how["net"][("in_dim",)] == "inferred" and "Pendulum-v1" in value["net"][("in_dim",)].history[0].name
    assert how["critic_net"][("log_std_init",)] == "algorithm"
    assert value["critic_net"][("log_std_init",)].history[1].replaced
    assert how["net"][("critic_init_std",)] == "algorithm"
    assert how["net"][("optim_spec", "lr")] == "default" and how["net"][("hid_layers",)] == "written"
    assert value["net"][("optim_spec", "lr")].history[0].name == "Adam"


def test_an_agent_without_nets_has_the_values_around_them():
    spec = {"agent": {"algorithm": {"name": "Random"}, "net": {}}, "env": {"name": "CartPole-v1"}}
    [section] = explained(plan_agent(read_document(spec)))
    assert {value.path for value in section.values} >= {("agent", "algorithm", "name"), ("env", "name")}
