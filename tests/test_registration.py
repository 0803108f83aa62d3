"""Names of one's own: known at once to validation, hints, defaults, schema and build, and gone when unregistered."""

import re

import pytest
import torch
from torch import nn

import slm_net
import slm_net.slm_lab
from slm_net.problems import SpecError, SpecWarning
from slm_net.registration import REGISTRIES
from slm_net.registry import RegistryError
from slm_net.schema import catalogue
from slm_net.schema.entries import FragmentError

HERE = re.escape(__name__)

NUMBER = {"type": "number", "minimum": 0, "description": "How much.", "default": 0.5}
WIDTH = {"type": "integer", "minimum": 1, "description": "Units.", "examples": [8]}


class Wide(nn.Module):
    def __init__(self, spec, in_dim, out_dim):
        super().__init__()
        self.spec, self.linear = spec, nn.Linear(in_dim, out_dim)

    def forward(self, x):
        return self.linear(x)


class Scaled(nn.Module):
    def __init__(self, much=0.5):
        super().__init__()
        self.much = much

    def forward(self, x, *target):
        return (self.much * x).mean() if target else self.much * x


class Decay(torch.optim.lr_scheduler.ExponentialLR):
    def __init__(self, optimizer, much=0.5):
        super().__init__(optimizer, gamma=much)


class Sgd(torch.optim.SGD):
    def __init__(self, params, lr, much=0.5):
        super().__init__(params, lr, momentum=much)


def fill_(tensor, much=0.5):
    return nn.init.constant_(tensor, much)


@pytest.fixture
def wide():
    fragment = {"properties": {"width": WIDTH, "much": NUMBER}, "required": ["width"], "description": "A wide net."}
    yield slm_net.register_net("WideNet", schema=fragment)(Wide)
    if "WideNet" in catalogue.net_types():
        slm_net.unregister("net", "WideNet")


@pytest.fixture
def parts():
    own = {"properties": {"much": NUMBER}}
    lr = {"type": "number", "exclusiveMinimum": 0, "description": "Learning rate."}
    slm_net.register_activation("Scaled", schema=own)(Scaled)
    slm_net.register_loss("ScaledLoss", schema=own)(Scaled)
    slm_net.register_optimizer("Sgd", schema={"properties": {"lr": lr, "much": NUMBER}, "required": ["lr"]})(Sgd)
    slm_net.register_lr_scheduler("Decay", schema=own)(Decay)
    slm_net.register_init("fill_", schema=own)(fill_)
    yield
    for kind, name in PARTS:
        slm_net.unregister(kind, name)


PARTS = [
    *(("activation", "Scaled"), ("loss", "ScaledLoss"), ("optimizer", "Sgd")),
    *(("lr_scheduler", "Decay"), ("init", "fill_")),
]
MLP = {"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "tanh"}


WRONG_ROLE = ("/critic_much", "value-out-of-range", "error", "for example 0.5")


def told(spec, **dims):
    return [(p.pointer, p.rule_name, p.severity, p.hint) for p in slm_net.validate(spec, **dims)]


def test_a_net_is_built_with_its_defaults(wide):
    assert told({"type": "WideNet", "width": 3}, in_dim=4, out_dim=2) == []
    bundle = slm_net.build_net({"type": "WideNet", "width": 3.0}, in_dim=4, out_dim=2)
    assert isinstance(bundle.model, Wide) and bundle.model(torch.ones(1, 4)).shape == (1, 2)
    assert (bundle.spec["width"], bundle.spec["much"], bundle.spec["clip_grad_val"]) == (3, 0.5, None)
    assert type(bundle.spec["width"]) is int


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        ({"type": "WideNet"}, ("", "missing-key", "error", 'add "width": 8')),
        ({"type": "WideNet", "widht": 3}, ("/widht", "unknown-key", "error", "did you mean 'width'?")),
        ({"type": "WideNet", "width": 0}, ("/width", "value-out-of-range", "error", "for example 8")),
        ({"type": "WideNte", "width": 3}, ("/type", "unknown-name", "error", "did you mean 'WideNet'?")),
        ({"type": "WideNet", "width": 3, "seq_len": 4}, ("/seq_len", "unused-key", "warning", "remove it")),
        ({**MLP, "much": 3}, ("/much", "unused-key", "warning", "remove it")),
        ({"type": "WideNet", "width": 3, "critic_much": -1}, WRONG_ROLE),
    ],
)
def test_mistakes_are_told_as_for_any_net(wide, spec, wrong):
    assert told(spec) == [wrong]


def test_the_actor_may_have_its_own(wide):
    spec = {"type": "WideNet", "actor_width": 3, "critic_width": 5, "critic_much": 2}
    assert told(spec) == []


def test_names_are_found_and_used(parts):
    spec = {
        **MLP,
        "hid_layers_activation": "SCALED",
        "init_fn": {"name": "fill_", "much": 0.25},
        "loss_spec": {"name": "scaledloss", "much": 3},
        "optim_spec": {"name": "Sgd", "lr": 0.1, "much": 0.75},
        "lr_scheduler_spec": {"name": "Decay", "much": 0.5},
    }
    assert [wrong for wrong in told(spec, in_dim=4, out_dim=2) if wrong[2] == "error"] == []
    bundle = slm_net.build_net(spec, in_dim=4, out_dim=2)
    assert isinstance(bundle.model.model[1], Scaled)
    assert set(bundle.model.model[0].weight.flatten().tolist()) == {0.25}
    assert (bundle.loss_fn.much, bundle.optimizer.defaults["momentum"]) == (3, 0.75)
    bundle.train_step(bundle.loss_fn(bundle.model(torch.ones(2, 4)), torch.ones(2, 2)))
    assert bundle.spec["lr_scheduler_spec"] == {"name": "Decay", "much": 0.5}


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("hid_layers_activation", "scald", "did you mean 'scaled'?"),
        ("init_fn", "fil_", "did you mean 'fill_'?"),
        ("loss_spec", {"name": "ScaledLos"}, "did you mean 'ScaledLoss'?"),
        ("optim_spec", {"name": "Sgdd", "lr": 1}, "did you mean 'Sgd'?"),
        ("lr_scheduler_spec", {"name": "Decai"}, "did you mean 'Decay'?"),
        ("lr_scheduler_spec", {"name": "Decay", "step_no": "frame"}, "did you mean 'step_on'?"),
        ("optim_spec", {"name": "Lookahead", "optimizer": "Sgd", "lr": 0.1, "muhc": 1}, "did you mean 'much'?"),
    ],
)
def test_hints_know_the_names(parts, key, value, hint):
    [(_, _, severity, told_hint)] = told({**MLP, key: value})
    assert (severity, told_hint) == ("error", hint)


def test_lookahead_takes_a_registered_optimizer(parts):
    optim = {"name": "Lookahead", "optimizer": "Sgd", "lr": 0.1, "much": 0.25}
    assert told({**MLP, "optim_spec": optim}) == []
    assert slm_net.build_net({**MLP, "optim_spec": optim}, in_dim=4, out_dim=2).optimizer.defaults["momentum"] == 0.25


def test_unregistering_restores_everything(parts):
    before = {name: catalogue.document(name) for name in ("net", *catalogue.KINDS)}
    spec = {"type": "WideNet", "width": 3}
    assert told(spec)[0][1] == "unknown-name"
    slm_net.register_net("WideNet", schema={"properties": {"width": WIDTH}, "required": ["width"]})(Wide)
    assert told(spec) == []
    slm_net.build_net(spec, in_dim=4, out_dim=2)  # and the plan is cached
    slm_net.unregister("net", "WideNet")
    assert told(spec)[0][1] == "unknown-name"
    with pytest.raises(slm_net.SpecError, match="not a known net type"):
        slm_net.build_net(spec, in_dim=4, out_dim=2)
    assert {name: catalogue.document(name) for name in before} == before
    assert "WideNet" not in REGISTRIES["net"]


def test_a_new_schema_makes_new_plans(wide):
    slm_net.build_net({"type": "WideNet", "width": 3}, in_dim=4, out_dim=2)
    slm_net.unregister("net", "WideNet")
    changed = {"properties": {"width": {**WIDTH, "maximum": 2, "examples": [2]}}, "required": ["width"]}
    slm_net.register_net("WideNet", schema=changed)(Wide)
    with pytest.raises(slm_net.SpecError, match="expected at most 2"):
        slm_net.build_net({"type": "WideNet", "width": 3}, in_dim=4, out_dim=2)


@pytest.mark.parametrize(
    ("kind", "name", "by"),
    [
        ("net", "MLPNet", "slm_net"),
        ("net", "WideNet", rf"{HERE} .slm_net.unregister.'net', 'WideNet'. frees it."),
        ("net", "TorchArcNet", "slm_net"),
        ("net", "conv_layer", "slm_net"),
        ("activation", "relu", "slm_net"),
        ("activation", "SCALED", HERE),
        ("activation", "GLU", "slm_net"),
        ("loss", "mseloss", "slm_net"),
        ("optimizer", "Adam", "slm_net"),
        ("lr_scheduler", "step_on", "slm_net"),
        ("init", "object", "slm_net"),
    ],
)
def test_a_name_is_taken_once(wide, parts, kind, name, by):
    registers = getattr(slm_net, f"register_{kind}")
    with pytest.raises(RegistryError, match=f"'{name}' is taken, by {by}"):
        registers(name, schema={"properties": {}})(Wide)


def test_the_same_once_more_is_refused_too(wide):
    with pytest.raises(RegistryError, match=rf"'WideNet' is registered already, as <class '{HERE}\.Wide'>"):
        fragment = {"properties": {"width": WIDTH, "much": NUMBER}, "required": ["width"], "description": "A wide net."}
        slm_net.register_net("WideNet", schema=fragment)(Wide)


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [("net", "MLPNet", "slm_net's own"), ("net", "Nothing", "no net 'Nothing'"), ("nte", "MLPNet", "no nte 'MLPNet'")],
)
def test_only_what_was_registered_can_be_unregistered(kind, name, text):
    with pytest.raises(RegistryError, match=text):
        slm_net.unregister(kind, name)


def test_the_drop_in_has_the_class(wide):
    from slm_net.slm_lab import v4, v5

    for lab in (v4, v5):
        net = lab.net.WideNet({"type": "WideNet", "width": 3}, 4, 2)
        assert isinstance(net, Wide) and net.width == 3


@pytest.fixture
def framed():
    def frames(in_dim):
        """a pair (frames, features), for example (4, 8)"""
        return isinstance(in_dim, list | tuple) and len(in_dim) == 2

    def count(spec, in_dim, out_dim):
        return in_dim[0] * in_dim[1] * spec["width"]

    schema = {"properties": {"width": WIDTH}, "required": ["width"]}
    slm_net.register_net("FramedNet", schema=schema, in_dim=frames, count=count)(Wide)
    yield
    slm_net.unregister("net", "FramedNet")


def test_a_registered_type_says_what_it_takes_and_how_large_it_is(framed):
    net = {"type": "FramedNet", "width": 10}
    assert slm_net.validate(net) == slm_net.validate(net, in_dim=(4, 8), out_dim=2) == []
    [problem] = slm_net.validate(net, in_dim=8, out_dim=2)
    assert (problem.rule_name, problem.pointer) == ("dims-do-not-fit", "/type")
    assert problem.hint == "in_dim is a pair (frames, features), for example (4, 8); MLPNet takes 8"
    [problem] = slm_net.validate(net, in_dim=(4, 8), out_dim=2, max_params=319)
    assert problem.message == "the net would have 320 parameters"
    with pytest.raises(SpecError, match="FramedNet cannot take in_dim 8"):
        slm_net.build_net(net, in_dim=8, out_dim=2)


def test_what_a_type_says_of_itself_may_fail():
    def deep(in_dim):
        """a list that begins with 3, or 3"""
        return in_dim == 3 or in_dim[0] == 3

    def count(spec, in_dim, out_dim):
        return 1 // 0

    slm_net.register_net("FaultyNet", schema={"properties": {}}, in_dim=deep, count=count)(Wide)
    try:
        [unfit] = slm_net.validate({"type": "FaultyNet"}, in_dim=4, out_dim=2)
        [uncounted] = slm_net.validate({"type": "FaultyNet"}, in_dim=(3,), out_dim=2)
        with pytest.warns(SpecWarning, match="the parameters cannot be counted"):
            slm_net.slm_lab.v4.net.FaultyNet({"type": "FaultyNet"}, 3, 2)
    finally:
        slm_net.unregister("net", "FaultyNet")
    assert (unfit.rule_name, unfit.pointer) == ("dims-do-not-fit", "/type")
    assert (uncounted.rule_name, uncounted.pointer, uncounted.severity) == ("model-too-large", "/type", "warning")
    assert uncounted.message.startswith("the parameters cannot be counted: ZeroDivisionError")


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"in_dim": "vektor"}, "did you mean 'vector'"), ({"in_dim": 4}, "expected vector"), ({"count": 4}, "a function")],
)
def test_what_a_type_says_of_itself_is_checked(facts, words):
    with pytest.raises(FragmentError, match=words):
        slm_net.register_net("OddNet", schema={"properties": {}}, **facts)(Wide)
