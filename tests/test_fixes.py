"""Whoever follows a fix has a valid spec: every fix of many wrong specs, and of every alias, is applied and checked."""

from __future__ import annotations

import json
import random
from collections import Counter
from copy import deepcopy

import pytest
from damages import DAMAGES, FILES, net_of
from test_messages import NETS, SEARCHES, SPECS, spec

from slm_net.document.specs import read_document
from slm_net.editing.edits import changes_for
from slm_net.editing.fix import fix
from slm_net.problems import ERROR
from slm_net.project.selection import selected
from slm_net.schema import catalogue
from slm_net.schema.catalogue import KIND_OF_KEY
from slm_net.text.mending import applied
from slm_net.validation import Given, examine
from slm_net.wording.aliases import KEYS, NAMES, TYPES
from slm_net.wording.values import values_of

#: How many fixes may follow from a fix: what stood below a wrong key is seen once the key is right.
DEPTH = 3
NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def looked_at(text, name="a.json"):
    document = read_document(text, name)
    return document.source, examine(document, Given()).problems


def kinds(problems, severity=None):
    return Counter((p.rule, p.pointer) for p in problems if severity in (None, p.severity))


def after_fix(source, problem):
    """The text with one problem's fix, and with those of what it brings to light; None if the text cannot have it."""
    if not (changes := changes_for(source, [problem])):
        return None
    text, known = applied(source.text, changes[problem]), kinds(looked_at(source.text, source.file)[1])
    for _ in range(DEPTH):
        source, problems = looked_at(text, source.file)
        new = [p for p in problems if (p.rule, p.pointer) not in known]
        text = applied(text, [change for changes in changes_for(source, new).values() for change in changes])
    return text


def wrong_fixes(text, name="a.json"):
    """The fixes in a text that do not cure their problem, or bring errors; and how many fixes there are."""
    source, problems = looked_at(text, name)
    wrong, fixable = [], [problem for problem in problems if problem.fix]
    for problem in fixable:
        fixed = after_fix(source, problem)
        left = problems if fixed is None else looked_at(fixed, name)[1]
        more, key = kinds(left, ERROR) - kinds(problems, ERROR), (problem.rule, problem.pointer)
        if kinds(left)[key] >= kinds(problems)[key] or more:
            wrong.append((str(problem), problem.fix, more, fixed))
    return wrong, len(fixable)


def as_yaml(data):
    yaml = pytest.importorskip("yaml")
    return yaml.safe_dump(data, sort_keys=False)


@pytest.mark.parametrize("kind", DAMAGES)
def test_fixes_of_damaged_files(kind):
    for file in FILES:
        rng = random.Random(f"{file.name} {kind}")
        data = deepcopy(json.loads(file.read_text()))
        net, _ = net_of(data)
        if net and DAMAGES[kind](net, rng) is not None:
            assert wrong_fixes(json.dumps(data, indent=2))[0] == [], file.name
            assert wrong_fixes(as_yaml(data), "a.yaml")[0] == [], file.name


def test_fixes_of_written_specs():
    count = 0
    for data in (*NETS.values(), *SPECS.values(), *(spec(search=search) for search in SEARCHES.values())):
        for text, name in (
            (json.dumps(data), "a.json"),
            (json.dumps(data, indent=2), "a.json"),
            (as_yaml(data), "a.yaml"),
        ):
            wrong, fixes = wrong_fixes(text, name)
            assert wrong == []
            count += fixes
    assert count > 300


NEEDED = {
    "hid_layers": [8],
    "hid_layers_activation": "relu",
    "conv_hid_layers": [[4, 3]],
    "fc_hid_layers": [8],
    "rnn_hidden_size": 4,
    "seq_len": 2,
    "arc": {},
}


def block_of(net_type, **keys):
    """The smallest right block of a type, with more keys."""
    needed = {key: NEEDED[key] for key in catalogue.needed_keys(net_type)}
    if net_type == "HydraMLPNet":
        needed["hid_layers"] = [[[8]], [8], []]
    return {"type": net_type, **needed, **keys}


def right_value(schema):
    values = values_of(catalogue.expanded(schema))
    return values[0] if values else None


def nets_with(alias, meant):
    """Net blocks that have a key, in the block or in a part of it, under another name and with a right value."""
    for net_type in catalogue.net_types():
        known = catalogue.net_properties(net_type)
        block = block_of(net_type)
        value = block.pop(meant, right_value(known.get(meant, {})))
        if meant != "type" and value is not None and alias not in known:
            yield {**block, alias: value}
    for key, kind in KIND_OF_KEY.items():
        for name in catalogue.names(kind):
            known = catalogue.arguments(kind, name)
            given = {argument: right_value(known[argument]) for argument in catalogue.needed(kind, name)}
            value = given.pop(meant, right_value(known.get(meant, {})))
            if value is not None and alias not in known:
                yield block_of("MLPNet", **{key: {"name": name, **given, alias: value}})


@pytest.mark.parametrize("alias", KEYS)
def test_fixes_of_every_key_of_another_library(alias):
    for meant in KEYS[alias]:
        for net in nets_with(alias, meant):
            wrong, fixes = wrong_fixes(json.dumps(net))
            assert fixes and wrong == [], net


def nets_called(name, meant):
    """Net blocks with a name where it may stand for `meant`."""
    if meant in catalogue.net_types():
        yield {**block_of(meant), "type": name}
    for key, kind in KIND_OF_KEY.items():
        names = {known.casefold(): known for known in catalogue.names(kind)}
        if known := names.get(meant.casefold()):
            needed = {arg: right_value(catalogue.arguments(kind, known)[arg]) for arg in catalogue.needed(kind, known)}
            yield block_of("MLPNet", **{key: {"name": name, **needed}})


@pytest.mark.parametrize("name", [*NAMES, *TYPES])
def test_fixes_of_every_name_of_another_library(name):
    for meant in NAMES.get(name) or [TYPES[name]["type"]]:
        for net in nets_called(name, meant):
            wrong, _ = wrong_fixes(json.dumps(net))
            assert wrong == [], net
            assert examine(read_document(json.dumps(net)), Given()).problems


def mended(data):
    """The data with all fixes, and what is left to say."""
    document = read_document(json.dumps(data, indent=1), "a.json")

    def find(text, bom):
        again = read_document(text, "a.json")
        return again, examine(again, Given()).problems

    fixed = fix(document, examine(document, Given()).problems, find, selected((), ()), unsafe=True)
    return fixed.document.source.data, [problem for problem in fixed.problems if problem.severity == ERROR]


OLD_CONV = {"type": "ConvNet", "hid_layers": [[[4, 3, 1, 0, 1]], [16]], "hid_layers_activation": "relu"}
BOTH = {"conv_hid_layers": [[4, 3, 1, 0, 1]], "fc_hid_layers": [16]}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # of SLM Lab 0 to 3
        ({"polyak_weight": 0.9, "update_type": "polyak"}, {"polyak_coef": 0.1, "update_type": "polyak"}),
        ({"clip_grad": False, "clip_grad_val": 1.0}, {"clip_grad_val": None}),
        ({"clip_grad": True, "clip_grad_val": 1.0}, {"clip_grad_val": 1.0}),
        ({"clip_grad": False}, {"clip_grad_val": None}),
        ({"clip_grad": 0.5}, {"clip_grad_val": 0.5}),
        ({"lr_decay": "no_decay", "lr_decay_frequency": 5, "lr_decay_min_timestep": 9}, {}),
        ({"gpu": True, "decay_lr": "no_decay", "decay_lr_factor": 0.9}, {"gpu": True}),
        ({"optim": {"name": "adam", "lr": 0.02}}, {"optim_spec": {"name": "Adam", "lr": 0.02}}),
        (
            {"optim_actor": {"name": "Adam"}, "optim_critic": {"name": "SGD"}},
            {"actor_optim_spec": {"name": "Adam"}, "critic_optim_spec": {"name": "SGD"}},
        ),
        ({"loss": {"name": "mse_loss"}}, {"loss_spec": {"name": "MSELoss"}}),
        (
            {"lr_scheduler_spec": {"name": "LinearToZero", "total_t": 10}},
            {"lr_scheduler_spec": {"name": "LinearToZero", "frame": 10}},
        ),
        (
            {"lr_scheduler": {"name": "linear_decay", "total_t": 10}},
            {"lr_scheduler_spec": {"name": "LinearToZero", "frame": 10}},
        ),
        (
            {"lr_scheduler_spec": {"name": "CosineAnnealingLR", "total_t": 10}},
            {"lr_scheduler_spec": {"name": "CosineAnnealingLR", "T_max": 10}},
        ),
        ({"type": "MLPNetShared"}, {"type": "MLPNet", "shared": True}),
        ({"type": "MLPNetSeparate"}, {"type": "MLPNet", "shared": False}),
        ({"type": "MLPHeterogenousTails"}, {"type": "MLPNet"}),
        # of other libraries
        ({"learning_rate": 0.01}, {"optim_spec": {"name": "Adam", "lr": 0.01}}),
        ({"lr": 0.01, "optim_spec": {"name": "SGD"}}, {"optim_spec": {"name": "SGD", "lr": 0.01}}),
        ({"optimizer": "adam", "loss": "huber"}, {"optim_spec": {"name": "Adam"}, "loss_spec": {"name": "HuberLoss"}}),
        ({"optim_spec": {"name": "RMSprop", "decay": 0.9}}, {"optim_spec": {"name": "RMSprop", "alpha": 0.9}}),
        ({"tau": 0.005, "update_type": "soft"}, {"polyak_coef": 0.005, "update_type": "polyak"}),
        ({"target_update_interval": 100}, {"update_frequency": 100}),
        ({"max_grad_norm": "0.5"}, {"clip_grad_val": 0.5}),
        (
            {"learning_rate": 0.01, "optimizer_class": "AdamW", "optimizer_kwargs": {"weight_decay": 0.1}},
            {"optim_spec": {"name": "AdamW", "lr": 0.01, "weight_decay": 0.1}},
        ),
        ({"optimizer_kwargs": {"eps": 1e-5}}, {"optim_spec": {"name": "Adam", "eps": 1e-5}}),
        ({"ortho_init": True}, {"init_fn": "orthogonal_"}),
        ({"ortho_init": False}, {}),
        ({"kernel_initializer": "he_normal"}, {"init_fn": "kaiming_normal_"}),
        ({"device": "cuda"}, {"gpu": True}),
        ({"device": "cpu"}, {"gpu": False}),
        ({"device": "cuda:1"}, {"gpu": True, "cuda_id": 1}),
        ({"gpu": "cuda:1"}, {"gpu": True, "cuda_id": 1}),
        ({"hid_layers_activation": "torch.nn.Tanh"}, {"hid_layers_activation": "tanh"}),
    ],
)
def test_what_a_key_of_another_library_means(written, meant):
    data, errors = mended({**NET, **written})
    assert errors == []
    assert data == {**NET, **meant}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"name": "PPO", "ent_coef": 0.01}, {"entropy_coef_spec": {"name": "no_decay", "start_val": 0.01}}),
        ({"name": "PPO", "gae_lambda": 0.9, "gama": 0.9}, {"lam": 0.9, "gamma": 0.9}),
        ({"name": "PPO", "num_step_returns": 4}, {}),
    ],
)
def test_what_is_meant_around_the_net(written, meant):
    net = {**NET, "shared": True, "use_same_optim": False}
    data, errors = mended(spec(agent={"algorithm": written, "net": net}))
    assert data["agent"]["algorithm"] == {"name": "PPO", **meant}
    assert errors == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (OLD_CONV, {"type": "ConvNet", **BOTH, "hid_layers_activation": "relu"}),
        (
            {**OLD_CONV, "type": "ConvNetShared"},
            {"type": "ConvNet", "shared": True, **BOTH, "hid_layers_activation": "relu"},
        ),
        ({"type": "MLPNet", "net_arch": [64], "activation_fn": "torch.nn.ReLU"}, {**NET, "hid_layers": [64]}),
        (
            {"type": "mlp", "units": 64, "activation": "swish"},
            {**NET, "hid_layers": [64], "hid_layers_activation": "silu"},
        ),
        (
            {"type": "MLPNet", "net_arch": {"pi": [64], "vf": [32]}, "hid_layers_activation": "relu"},
            {"type": "MLPNet", "actor_hid_layers": [64], "critic_hid_layers": [32], "hid_layers_activation": "relu"},
        ),
        (
            {"type": "MLPNet", "net_arch": {"pi": [64], "vf": [64]}, "hid_layers_activation": "relu"},
            {**NET, "hid_layers": [64]},
        ),
        (
            {"type": "MLPNet", "num_layers": 2, "hidden_size": 64, "hid_layers_activation": "relu"},
            {**NET, "hid_layers": [64, 64]},
        ),
        (
            {"type": "MultiMLPNet", "hid_layers": [[[8], [8]], [8], []], "hid_layers_activation": "relu"},
            {"type": "HydraMLPNet", "hid_layers": [[[8], [8]], [8], []], "hid_layers_activation": "relu"},
        ),
    ],
)
def test_what_a_net_of_another_library_means(written, meant):
    assert mended(written) == (meant, [])


@pytest.mark.parametrize(
    "written",
    [
        {"lr_decay": "rate_decay", "lr_decay_frequency": 500},
        {"clip_grad": True},
        {"gamma": 0.99},
        {"num_layers": 2, "rnn": "gru"},
        {"kernel_size": 3},
        {"optim_spec": {"name": "Adam", "beta1": 0.9}},
        {"lr_scheduler_spec": "StepLR"},
        {"hid_layer": [4]},
        {"optim_spec": {"name": "Adam", "eps": 1e-8}, "optimizer_kwargs": {"eps": 1e-5}},
    ],
)
def test_what_is_not_certain_is_left_to_the_user(written):
    data, errors = mended({**NET, **written})
    assert data.items() >= written.items() or "num_layers" in written
    assert errors and all(error.hint for error in errors)
