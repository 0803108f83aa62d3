"""Two specs compared: what is a difference, what is none, and in which words."""

import copy
import html
import json

import pytest

from slm_net.diff.records import ABSENT
from slm_net.diff.report import markdown, text
from slm_net.diff.specs import NOTHING, Given, compared_documents
from slm_net.document.specs import read_document
from slm_net.problems import SpecError

CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[32, 8, 4], [64, 4, 2], [64, 3, 1]],
    "fc_hid_layers": [512],
    "hid_layers_activation": "relu",
    "batch_norm": False,
}
MLP = {"type": "MLPNet", "hid_layers": [64, 32], "hid_layers_activation": "relu"}
PONG = Given(in_dim=[4, 84, 84], out_dim=6)


def spec_of(algorithm="DQN", env="CartPole-v1", net=MLP, **more):
    agent = {"name": "a", "algorithm": {"name": algorithm, "gamma": 0.99}, "memory": {"name": "Replay"}, "net": net}
    return {"one": {"agent": agent, "env": {"name": env, "max_frame": 100}, "meta": {"max_session": 1}, **more}}


def compared(was, now, given=NOTHING, name=None):
    return compared_documents(read_document(was), read_document(now), given, name)


def changes(was, now, given=NOTHING):
    [spec] = compared(was, now, given).specs
    return [(change.what, change.was, change.now, change.parameters) for change in spec.nets[0].changes]


def lines(was, now, given=NOTHING):
    return [line.strip() for line in text(compared(was, now, given)).splitlines()]


def test_a_layer_says_what_it_costs():
    wider = {**CONV, "conv_hid_layers": [[32, 8, 4], [64, 3, 2], [64, 3, 1]]}
    assert changes(CONV, wider, PONG) == [("conv row 2", {"kernel": 4}, {"kernel": 3}, (32832, 18496))]
    assert "conv row 2: kernel 4 → 3, -14,336 parameters" in lines(CONV, wider, PONG)
    assert "net: ConvNet, 1,687,206 → 1,672,870 parameters (-14,336)" in lines(CONV, wider, PONG)


def test_an_inserted_layer_is_one_change():
    longer = {**MLP, "hid_layers": [64, 48, 32]}
    assert changes(MLP, longer, Given(4, 2)) == [
        ("dense row 2", ABSENT, {"units": 48}, (0, 3120)),
        ("dense row 3", {}, {}, (2080, 1568)),
    ]
    assert "dense row 3: it sees 64 → 48, -512 parameters" in lines(MLP, longer, Given(4, 2))
    assert changes(longer, MLP, Given(4, 2))[0] == ("dense row 2", {"units": 48}, ABSENT, (3120, 0))


@pytest.mark.parametrize(
    "written",
    [
        {"optim_spec": {"name": "Adam"}},
        {"optim_spec": {"name": "Adam", "lr": 0.001, "betas": [0.9, 0.999]}},
        {"loss_spec": {"name": "MSELoss"}, "clip_grad_val": None, "hid_layers_activation": "ReLU"},
        {"hid_layers": [64.0, 32], "update_type": "replace", "lr_scheduler_spec": {}},
    ],
)
def test_a_default_that_is_written_is_no_difference(written):
    found = compared(MLP, {**MLP, **written}, Given(4, 2))
    assert not found.differs
    assert text(found) == "the same: nets, and all around them"


def test_a_default_is_called_so():
    written = {**MLP, "optim_spec": {"name": "Adam", "lr": 0.0003}}
    assert "optimizer: lr 0.001 (default) → 0.0003" in lines(MLP, written, Given(4, 2))
    assert "optimizer: lr 0.0003 → 0.001 (default)" in lines(written, MLP, Given(4, 2))


def test_dims_say_why():
    found = lines(spec_of(env="CartPole-v1"), spec_of(env="LunarLander-v3"))
    assert "in_dim 4 → 8, an observation of LunarLander-v3 is a vector of length 8" in found
    assert "out_dim 2 → 4, one value per action of LunarLander-v3 (DQN)" in found or any(
        line.startswith("out_dim 2 → 4, ") for line in found
    )
    assert "name CartPole-v1 → LunarLander-v3" in found


def test_what_is_around_the_nets():
    was, now = spec_of(), spec_of()
    now["one"]["agent"]["algorithm"]["gamma"] = 0.9
    now["one"]["meta"]["max_session"] = True
    del now["one"]["env"]["max_frame"]
    now["one"]["search"] = {"agent.net.optim_spec.lr__uniform": [0.1, 0.2]}
    [spec] = compared(was, now).specs
    assert [(change.part, change.what, change.was, change.now) for change in spec.around] == [
        ("algorithm", "gamma", 0.99, 0.9),
        ("env", "max_frame", 100, ABSENT),
        ("meta", "max_session", 1, True),
        ("search", "search", ABSENT, {"agent.net.optim_spec.lr__uniform": [0.1, 0.2]}),
    ]
    assert spec.unchanged == ("memory", "agent")
    assert not spec.nets_differ


def test_the_layout_is_no_difference():
    four = spec_of(search={"agent": [{"net": {"hid_layers__choice": [[32], [64]]}}]})
    five = copy.deepcopy(four)
    four["one"]["agent"], four["one"]["env"] = [four["one"]["agent"]], [four["one"]["env"]]
    four["one"]["body"] = {"product": "outer", "num": 1}
    five["one"]["search"]["agent"] = five["one"]["search"]["agent"][0]
    assert not compared(four, five).differs


def test_nets_are_compared_one_by_one():
    actor = {**MLP, "shared": False, "use_same_optim": False}
    was, now = spec_of("PPO", net=actor), spec_of("PPO", net={**actor, "critic_hid_layers": [64, 64]})
    [spec] = compared(was, now).specs
    assert [(net.name, net.state) for net in spec.nets] == [("net", "unchanged"), ("critic_net", "changed")]
    [spec] = compared(was, spec_of("PPO", net={**actor, "shared": True})).specs
    assert [(net.name, net.state) for net in spec.nets] == [("net", "changed"), ("critic_net", "removed")]


def test_specs_are_compared_by_name():
    was = {"a": spec_of()["one"], "b": spec_of()["one"], "gone": spec_of()["one"]}
    now = {"a": spec_of()["one"], "b": spec_of("DoubleDQN")["one"], "new": spec_of()["one"]}
    found = compared(was, now)
    assert {spec.name: spec.state for spec in found.specs} == {
        "a": "unchanged",
        "b": "changed",
        "new": "added",
        "gone": "removed",
    }
    assert [spec.name for spec in compared(was, now, name="b").specs] == ["b"]
    with pytest.raises(SpecError, match="there is no spec 'gon'"):
        compared(was, now, name="gon")


def test_specs_of_one_each_need_no_common_name():
    assert not compared(spec_of(), {"two": spec_of()["one"]}).differs


def test_sizes_of_an_unknown_environment_are_left_out():
    was, now = spec_of(env="Mystery-v7"), spec_of(env="Mystery-v7", net={**MLP, "hid_layers": [64, 16]})
    [spec] = compared(was, now).specs
    found = [(change.what, change.parameters) for change in spec.nets[0].changes]
    assert found == [("dense row 2", (2080, 1040))]
    wider = spec_of(env="Mystery-v7", net={**MLP, "hid_layers": [32, 32]})
    [first, _] = compared(was, wider).specs[0].nets[0].changes
    assert (first.what, first.parameters) == ("dense row 1", None)
    assert "sizes are not compared" in lines(was, now)[-1]
    assert not compared(was, was).differs


def test_sizes_that_are_known_of_one_spec_alone_are_no_difference():
    [spec] = compared(spec_of(env="CartPole-v1"), spec_of(env="Mystery-v7")).specs
    assert not spec.nets_differ
    assert [change.what for change in spec.around] == ["name"]


def test_another_optimizer_stands_with_its_arguments():
    was, now = {"name": "Adam", "lr": 0.01}, {"name": "AdamW", "lr": 0.01, "weight_decay": 0.1}
    found = lines({**MLP, "optim_spec": was}, {**MLP, "optim_spec": now}, Given(4, 2))
    assert "optimizer Adam, lr 0.01 → AdamW, lr 0.01, weight_decay 0.1" in found
    found = lines(MLP, {**MLP, "lr_scheduler_spec": {"name": "StepLR", "step_size": 3}}, Given(4, 2))
    assert "lr_scheduler null (default) → StepLR, step_size 3" in found


def test_an_algorithm_without_nets():
    random = {"r": {"agent": {"name": "r", "algorithm": {"name": "Random"}, "net": {}}, "env": {"name": "CartPole-v1"}}}
    assert not compared(random, random).differs


def test_errors_are_raised():
    with pytest.raises(SpecError, match="reluu"):
        compared(spec_of(), spec_of(net={**MLP, "hid_layers_activation": "reluu"}))
    with pytest.raises(SpecError, match="no spec"):
        compared({}, spec_of())


def test_every_key_of_a_net_is_compared():
    """Changed alone, each is found: none is in no part."""
    values = {"dropout": 0.5, "layer_norm": True, "gpu": True, "clip_grad_val": 1.5, "freeze": ["body"], "amp": "bf16"}
    values |= {"lr_scale": {"body": 0.1}, "update_frequency": 7, "log_std_init": -0.5, "weight_norm": True}
    for key, value in values.items():
        found = compared(MLP, {**MLP, key: value}, Given(4, [2, 2]))
        assert found.differs, key
        assert any(change.what == key for change in found.specs[0].nets[0].changes), key


def test_a_mapping_is_as_good_as_a_file(tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(spec_of()), encoding="utf-8")
    assert not compared_documents(read_document(path), read_document(spec_of())).differs


@pytest.mark.parametrize("key", ["hid_layers", "layer_norm"])
def test_layers_that_a_variable_decides_over_are_compared_as_they_are_written(key):
    open_one = {**MLP, "hid_layers": [64, "${k}"]} if key == "hid_layers" else {**MLP, key: "${k}"}
    assert not compared(open_one, open_one).differs
    assert changes(open_one, MLP) == [(key, open_one[key], {**MLP, "layer_norm": False}[key], None)]
    assert "${k}" in html.unescape(markdown(compared(open_one, MLP)))
